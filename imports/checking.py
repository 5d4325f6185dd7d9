"""The two things that a worker does with an upload: find out what it is and would do, and import it."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.runs import die_with_the_worker
from imports import files, mending, preview
from imports.batches import ImportReport, header_mappings, run_import
from imports.explaining import recognised
from imports.kinds import default_options, kinds_open_to, loader_of, profile_of
from imports.models import Upload
from imports.progress import Progress
from people.documents import masked
from people.models import Account
from sheets.columns import money_unread
from sheets.errors import SheetError, SheetErrors
from sheets.headers import HEADER, said_as
from sheets.marking import write_marked
from sheets.profiles import header_key
from sheets.questions import QuestionsOpen
from sheets.reading import Row
from sheets.recognition import Recognised, recognise
from sheets.table import Table
from sheets.values import plain

MOST_UNKNOWN = 100
LONGEST_HEADER = 255
SAMPLES = 3
LIKE_A_NUMBER = re.compile(r"[0-9A-Za-z .]{15,}", re.ASCII).fullmatch
State = Upload.State
KEPT = ("kind", "profile", "options", "state", "message", "found", "batch", "step", "rows_read")


def check(upload: Upload, progress: Progress, *, by: Account, at: datetime) -> None:
    """Recognise the file and, when all its headers are understood, try it out; saves what was found."""
    upload.found, upload.message = {}, ""
    files.errors_path_of(upload).unlink(missing_ok=True)
    try:
        _recognise(upload, by)
        if upload.state == State.CHECKING:
            _try(upload, progress, by=by, at=at)
    except SheetError as error:
        _note(upload, progress, error)
    _save(upload)


def store(upload: Upload, progress: Progress, *, by: Account, at: datetime) -> None:
    """Import the upload; its state and the data change in one transaction, so a second run finds it done."""
    try:
        with transaction.atomic():
            die_with_the_worker()
            report = _run(upload, progress, dry_run=False, by=by, at=at)
            upload.state, upload.batch = State.DONE, report.batch
            if report.repeats:
                upload.message = "\n".join(report.lines())
            upload.found = {"lines": report.lines()}
            if not _save(upload):
                transaction.set_rollback(True)
            elif report.batch and progress.table:
                mending.close_mended(upload, progress.table, by=by, at=at)
    except SheetError as error:  # something else was stored since the check
        _note(upload, progress, error)
        _save(upload)


def _save(upload: Upload) -> bool:
    return keep(upload, **{name: getattr(upload, name) for name in KEPT})


def keep(upload: Upload, **fields: Any) -> bool:
    """Write down what became of an upload, while it is still worked on under the job that was taken.

    Of one that was given up meanwhile nothing stays, neither in the row nor on the disk.
    """
    if Upload.objects.filter(pk=upload.pk, job=upload.job, state__in=Upload.WORKING).update(**fields):
        return True
    files.errors_path_of(upload).unlink(missing_ok=True)
    return False


def _recognise(upload: Upload, by: Account) -> None:
    """Set kind, profile and the headers that people have to explain; asks where that is not clear."""
    department = upload.department
    kinds = kinds_open_to(by, department)
    mappings = {
        (kind, profile): mapping
        for kind in kinds
        for profile, mapping in header_mappings(department, kind).items()
    }
    chosen = (upload.kind, upload.profile) if upload.kind else None
    path = files.path_of(upload)
    found = recognise(path, kinds=kinds, chosen=chosen, mappings=mappings)
    if found.header is None:
        upload.state = State.ASKING
        upload.found = {
            "candidates": [f"{each.kind}.{each.name}" for each in found.candidates],
            "foreign": list(found.foreign),
        }
        return
    upload.kind, upload.profile = found.header.profile.kind, found.header.profile.name
    if not upload.options:
        upload.options = default_options(upload.kind, timezone.localdate(upload.at))
    upload.found = {"headers": _own_headers(upload, found), "known": _known_fields(upload, found)}
    if found.header.unknown:
        _ask_for_headers(upload)
    elif found.header.problems:
        title = found.header.profile.title
        problems = "\n".join(found.header.problems)
        raise SheetError(f"表头（第 {found.header.row_number} 行，按「{title}」读取）有问题：\n{problems}")


def _own_headers(upload: Upload, found: Recognised) -> list[dict[str, Any]]:
    """The headers of the file that its profile does not list, with the first values below each; `alike` where
    it may be money that would go unread."""
    assert found.header is not None
    listed = profile_of(upload)
    known = listed.by_key().keys() | listed.ignored
    below = [each for each in found.top if each[0] > found.header.last_row]
    alike = {question.key for question in money_unread(found.header, below, upload.answers)}
    own: dict[str, dict[str, Any]] = {}
    for index, names in enumerate(found.header.names):
        keys = [header_key(name) for name in names]
        if not names or any(key in known or listed.ignores(key) for key in keys):
            continue
        shown = {
            "key": keys[0],
            "header": preview.cut(names[0]),
            "samples": _samples([cells for _, cells in below], index, is_private=upload.kind == "staff"),
            "alike": f"{HEADER}{said_as(names[0])}" in alike,
        }
        own.setdefault(keys[0], shown)
    return list(own.values())


def _samples(below: list[Row], index: int, *, is_private: bool) -> list[str]:
    """The first values below a header; of a staff list not the full numbers of documents and accounts, which
    may stand under any name."""
    values = [preview.cut(plain(cells[index])) for cells in below if len(cells) > index]
    shown = [masked(value) if is_private and LIKE_A_NUMBER(value) else value for value in values]
    return [value for value in shown if value][:SAMPLES]


def _known_fields(upload: Upload, found: Recognised) -> list[str]:
    """The fields that the profile's own headers fill: nothing else may be mapped to them."""
    assert found.header is not None
    listed = profile_of(upload).by_key()
    placed = found.header.placed
    return [each.column.field for each in placed if each.parts or header_key(each.header) in listed]


def _ask_for_headers(upload: Upload) -> None:
    headers = upload.found["headers"]
    if len(headers) > MOST_UNKNOWN:
        raise SheetError(f"有 {len(headers)} 个不认识的表头，多半不是这种表格。请检查文件，或者换一种类别。")
    longest = max(len(each["key"]) for each in headers)
    if longest > LONGEST_HEADER:
        raise SheetError(f"有一个表头长达 {longest} 个字。请检查第一行是不是表头，或者缩短它。")
    upload.state = State.MAPPING


def _try(upload: Upload, progress: Progress, *, by: Account, at: datetime) -> None:
    with transaction.atomic():
        die_with_the_worker()
        report = _run(upload, progress, dry_run=True, by=by, at=at)
    upload.found["lines"] = report.lines()[:1] if report.repeats else report.outcome()
    upload.found["recognised"] = [list(each) for each in report.recognised]
    upload.found["totals"] = [list(each) for each in report.summary.totals]
    upload.found["skipped"] = list(report.skipped)
    upload.found["notes"] = list(report.summary.notes[: len(report.summary.notes) - len(report.skipped)])
    upload.found["rows"] = report.summary.rows
    upload.state = State.READY
    if progress.table:
        upload.found["warnings"] = mending.left_out(upload, progress.table, by=by)
    if report.repeats:
        upload.state, upload.message = State.INVALID, "\n".join(report.lines())


def _run(upload: Upload, progress: Progress, *, dry_run: bool, by: Account, at: datetime) -> ImportReport:
    def watch(table: Table) -> None:
        if dry_run:
            upload.found["sample"] = preview.sample(table, upload.department)
        progress.watch(table)

    return run_import(
        department=upload.department,
        kind=upload.kind,
        path=files.path_of(upload),
        profile=upload.profile,
        by=by,
        at=at,
        dry_run=dry_run,
        load=loader_of(upload, by=by, at=at),
        file_name=upload.file_name,
        answers=upload.answers,
        watch=watch,
    )


def _note(upload: Upload, progress: Progress, error: SheetError) -> None:
    """What keeps the file from being used: questions, bad cells, or the file itself."""
    upload.found["recognised"] = [list(each) for each in recognised(progress.table)] if progress.table else []
    if isinstance(error, QuestionsOpen):
        upload.state = State.QUESTIONS
        upload.found["questions"] = [asdict(each) for each in error.questions]
    elif isinstance(error, SheetErrors):
        _note_errors(upload, progress, error)
    else:
        upload.state, upload.message = State.INVALID, str(error)


def _note_errors(upload: Upload, progress: Progress, error: SheetErrors) -> None:
    """Keep the bad cells for the page, and write the file again with them marked."""
    upload.state = State.INVALID
    upload.message = f"文件里有 {len(error.errors)} 处错误，没有导入任何数据。"
    if not error.complete:
        upload.message = (
            f"错误太多，只列出前 {len(error.errors)} 处，没有导入任何数据。请先改正这些再重新上传。"
        )
    upload.found["errors"] = [
        {"row": each.row, "place": each.place, "column": each.column, "message": each.message}
        | {"value": each.value.replace("\x00", ""), "remedy": each.remedy}
        for each in error.errors
    ]
    if progress.table is None:
        return
    progress.step = "写问题表"
    try:
        upload.found["rows"] = progress.table.count()
        write_marked(files.errors_path_of(upload), progress.table, error.errors)
    except SheetError as broken:  # below the last row that was looked at
        upload.message += f"\n{broken}"
