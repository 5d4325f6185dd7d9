"""Declarations as a workbook, and the empty sheets that are filled in and imported."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from django.utils import timezone

from people.models import Department, Staff
from sheets.profiles import all_profiles
from sheets.writing import Sheet, SheetColumn, write_workbook
from statutory.selectors.declared import Noun, Told, told

Target = str | os.PathLike[str] | BinaryIO
COLUMNS = (
    SheetColumn("工号", 12),
    SheetColumn("姓名", 12),
    SheetColumn("项目", 20),
    SheetColumn("金额", format="money"),
    SheetColumn("期间", 22),
    SheetColumn("说明", 50, "wrapped"),
    SheetColumn("登记人", 12),
    SheetColumn("登记时间", format="datetime"),
    SheetColumn("撤回时间", format="datetime"),
)
SHEETS = {"base": "bases", "deduction": "deductions", "opening": "tax_openings"}  # whose sheets come in


def declared_export(noun: Noun, department: Department, rows: Iterable[Any], *, target: Target) -> None:
    """Write a list as it is filtered; one query."""
    heading = f"{department.name}{noun.label}"
    write_workbook(target, [Sheet(noun.label, COLUMNS, _rows(map(told, rows)), heading=heading)])


def template_export(noun: Noun, staff: Sequence[Staff], *, target: Target) -> None:
    """Write the sheet that is filled in and imported, with everybody's number and name; no query."""
    profile = next(each for each in all_profiles() if (each.kind, each.name) == (SHEETS[noun.key], "default"))
    columns = [column for column in profile.columns if column.field != "staff_alias"]
    rows = ([each.number, each.name, *([None] * (len(columns) - 2))] for each in staff)
    heads = [SheetColumn(column.title, max(12, 2 * len(column.title) + 2)) for column in columns]
    write_workbook(target, [Sheet(noun.label, heads, rows)])


def _rows(rows: Iterable[Told]) -> Iterator[list[Any]]:
    for each in rows:
        row = each.row
        yield [
            row.staff.number,
            row.staff.name,
            each.what,
            each.amount,
            each.months,
            each.note,
            str(row.by or "系统"),
            _moment(row.at),
            _moment(row.withdrawn_at),
        ]


def _moment(moment: Any) -> Any:
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None
