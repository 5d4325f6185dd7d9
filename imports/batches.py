"""One import of one spreadsheet: everything or nothing, told in words; shared by every kind of import.

An app brings a loader, a function from the parsed table to a Summary; `run_import` does the rest.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from imports.explaining import Facts, recognised
from imports.models import Answer, HeaderMapping
from payroll.selectors.periods import frozen_months
from people.models import Account, Department, FactChange, ImportBatch
from people.row_changes import rows_recorded
from people.services import facts_changed
from sheets.loading import SHEET_KINDS, Load, Summary
from sheets.table import Table, read_table

# The source of the facts that a kind of spreadsheet brings.
_NAMED_OTHERWISE = {
    "incidents": FactChange.Source.INCIDENT,
    "bases": FactChange.Source.CONTRIBUTION_BASE,
    "deductions": FactChange.Source.TAX,
    "tax_openings": FactChange.Source.TAX,
}
SOURCES = {kind: _NAMED_OTHERWISE.get(kind) or FactChange.Source(kind) for kind in SHEET_KINDS}


@dataclass(frozen=True)
class ImportReport:
    """What came of one import, stored as `batch`: None in a dry run or where it `repeats` an earlier one.

    `recognised` says what the file was taken for, `skipped` (the last of the notes) what was not read of it.
    """

    kind: str
    file_name: str
    profile: str
    summary: Summary
    is_dry_run: bool = False
    repeats: ImportBatch | None = None
    batch: ImportBatch | None = None
    recognised: Facts = ()
    skipped: tuple[str, ...] = ()

    def explained(self) -> list[str]:
        """What the file is taken for, and the report."""
        return [*(f"{label}：{value}" for label, value in self.recognised), *self.lines()]

    def lines(self) -> list[str]:
        """The report in Chinese, for a command's output or a page."""
        if self.repeats is not None:
            before = timezone.localtime(self.repeats.at)
            return [
                f"{self.file_name} 与 {before:%Y-%m-%d %H:%M} 导入的 {self.repeats.file_name} 内容相同，"
                "没有改动任何数据。"
            ]
        done = self.summary
        lines = self.outcome()
        if done.totals:
            lines.append(f"合计：{'；'.join(f'{label} {value}' for label, value in done.totals)}。")
        lines += [f"注意：{note}" for note in done.notes]
        if self.is_dry_run:
            lines.append("试运行：以上改动没有保存。")
        return lines

    def outcome(self) -> list[str]:
        """How many rows did what, and which months they touch."""
        done = self.summary
        lines = [
            f"{SHEET_KINDS[self.kind]}：{self.file_name}（格式 {self.profile}）共 {done.rows} 行，"
            f"新增 {done.created}，变更 {done.changed}，未变 {done.unchanged}。"
        ]
        if done.months:
            lines.append(f"涉及月份：{_spoken(done.months)}。")
        return lines


def _spoken(months: Iterable[date]) -> str:
    """Months in words, runs of them by their ends: 2026-01、2026-03至2026-10."""
    runs: list[list[int]] = []
    for index in sorted({day.year * 12 + day.month - 1 for day in months}):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    ends = [dict.fromkeys(f"{i // 12}-{i % 12 + 1:02}" for i in (run[0], run[-1])) for run in runs]
    return "、".join("至".join(each) for each in ends)


def header_mappings(department: Department, kind: str) -> dict[str, dict[str, str | None]]:
    """What the department's own headers mean, by profile: header (as compared) → field, None to ignore."""
    mappings: dict[str, dict[str, str | None]] = {}
    for row in HeaderMapping.objects.filter(department=department, kind=kind, forgotten_at=None):
        mappings.setdefault(row.profile, {})[row.header] = row.field or None
    return mappings


def remembered_answers(department: Department, kind: str) -> dict[str, str]:
    """What the department answered to the questions of files of a kind: key of the question → answer."""
    known = Answer.objects.filter(department=department, kind=kind, forgotten_at=None)
    return dict(known.values_list("key", "value"))


def run_import(
    *,
    department: Department,
    kind: str,
    path: str | os.PathLike[str] | BinaryIO,
    profile: str | None,
    by: Account | None,
    at: datetime,
    dry_run: bool,
    load: Load,
    file_name: str = "",
    answers: Mapping[str, str] | None = None,
    watch: Callable[[Table], object] | None = None,
) -> ImportReport:
    """Read the file, let `load` write it and record the batch and the touched months, in one transaction.

    Headers of the department's own are read, and questions answered, as remembered; `answers` (key →
    answer) come on top and are remembered once the file is stored. `watch` is given the opened table,
    whose `read_to` says how far the reading is.

    The latest file (by its SHA-256) a second time changes nothing and is reported as a repetition; so
    do rows that say nothing new, whichever file they come from.
    Imports of one department wait for each other. Raises SheetError when the file cannot be used,
    SheetErrors with every bad row (`table.add_error` and `table.check` in the loader) and QuestionsOpen for
    what has to be answered first (`table.ask`); then nothing changed.
    """
    name = file_name or (Path(path).name if isinstance(path, str | os.PathLike) else "上传的文件")
    table = read_table(
        path,
        kind=kind,
        profile=profile,
        mappings=header_mappings(department, kind),
        answers=remembered_answers(department, kind) | dict(answers or {}),
        file_name=name,
    )
    if watch:
        watch(table)
    known = recognised(table)
    with transaction.atomic():
        Department.objects.select_for_update(no_key=True).get(pk=department.pk)
        # Only the latest file counts as a repetition: after another one, an earlier file may correct it.
        earlier = ImportBatch.objects.filter(department=department, kind=kind, undone_at__isnull=True).first()
        if earlier is not None and earlier.digest == table.digest:
            done = Summary(rows=earlier.rows, unchanged=earlier.rows)
            return ImportReport(kind, name, table.profile.name, done, dry_run, earlier, recognised=known)
        batch = _begun(department, kind, table, name, by=by, at=at)
        with rows_recorded(batch.pk):
            summary = load(table)
            table.check()
            for finish in table.at_end:
                finish(by=by, at=at)
        skipped = (*table.left_out_notes(), *filter(None, [table.unread_note()]))
        told = (*frozen_months(department, summary.months), *summary.notes, *skipped)
        summary = replace(summary, notes=told)
        _finish(batch, summary)
        _remember(department, kind, table, by=by, at=at)
        if dry_run:
            transaction.set_rollback(True)
    stored = None if dry_run else batch
    return ImportReport(kind, name, table.profile.name, summary, dry_run, None, stored, known, skipped)


def _begun(
    department: Department, kind: str, table: Table, name: str, *, by: Account | None, at: datetime
) -> ImportBatch:
    return ImportBatch.objects.create(
        department=department,
        kind=kind,
        digest=table.digest,
        profile=table.profile.name,
        file_name=name[:255],
        rows=0,
        by=by,
        at=at,
    )


def _remember(department: Department, kind: str, table: Table, *, by: Account | None, at: datetime) -> None:
    """Keep the answers that this file needed, for the next ones; who first gave an answer stays."""
    remembered = remembered_answers(department, kind) if table.answered else {}
    Answer.objects.bulk_create(
        [
            Answer(
                department=department,
                kind=kind,
                key=question.key,
                text=question.text,
                value=table.answers[question.key],
                choices=[list(each) for each in question.choices],
                by=by,
                at=at,
            )
            for question in table.answered.values()
            if question.is_kept and remembered.get(question.key) != table.answers[question.key]
        ],
        update_conflicts=True,
        unique_fields=["department", "kind", "key"],
        update_fields=["text", "value", "choices", "by", "at", "forgotten_at"],
    )


def _finish(batch: ImportBatch, summary: Summary) -> None:
    batch.rows = summary.rows
    batch.summary = {
        "created": summary.created,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "months": sorted({f"{day:%Y-%m}" for day in summary.months}),
        "notes": list(summary.notes),
        "totals": [list(each) for each in summary.totals],
    }
    batch.save(update_fields=["rows", "summary"])
    facts_changed(
        department=batch.department,
        months=summary.months,
        source=SOURCES[batch.kind],
        by=batch.by,
        at=batch.at,
        note=f"导入 {batch.file_name}",
    )
