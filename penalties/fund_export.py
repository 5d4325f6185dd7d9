"""The fund's book as a workbook: what came in, what went out, what was left, and the counts."""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils import timezone

from core.money import ZERO
from penalties.fund import book_lines
from penalties.models import FundCount
from people.models import Department
from sheets.writing import Sheet, SheetColumn, write_workbook

BOOK = (
    SheetColumn("日期", format="date"),
    SheetColumn("种类", 14),
    SheetColumn("摘要", 40, "wrapped"),
    SheetColumn("收入", format="money"),
    SheetColumn("支出", format="money"),
    SheetColumn("结余", format="money"),
    SheetColumn("其中现金", format="money"),
    SheetColumn("登记人", 14),
)
COUNTS = (
    SheetColumn("盘点时间", format="datetime"),
    SheetColumn("实有现金", format="money"),
    SheetColumn("账面现金", format="money"),
    SheetColumn("差额", format="money"),
    SheetColumn("差额说明", 40, "wrapped"),
    SheetColumn("盘点人", 14),
    SheetColumn("见证人", 14),
    SheetColumn("见证"),
    SheetColumn("见证人的话", 40, "wrapped"),
)


def fund_export(*, department: Department, target: str | os.PathLike[str] | BinaryIO) -> None:
    """Write the whole book, oldest first, and every count; four queries."""
    heading = f"{department.name}基金"
    write_workbook(
        target,
        [
            Sheet("基金账", BOOK, _lines(department), heading=heading),
            Sheet("盘点", COUNTS, _counts(department), heading=heading),
        ],
    )


def _lines(department: Department) -> Iterator[list[Any]]:
    left = cash = ZERO
    for row in book_lines(department).order_by("on", "id"):
        left += row.change
        cash += row.moved
        yield [
            row.on,
            row.get_kind_display(),
            row.text,
            row.change if row.change > 0 else None,
            -row.change if row.change < 0 else None,
            left,
            cash,
            str(row.by or "系统"),
        ]


def _counts(department: Department) -> Iterator[list[Any]]:
    rows = FundCount.objects.filter(department=department).select_related("counted_by", "witness")
    for row in rows.order_by("id"):
        yield [
            timezone.localtime(row.counted_at).replace(tzinfo=None),
            row.counted,
            row.booked,
            row.difference,
            row.explanation,
            str(row.counted_by),
            str(row.witness),
            row.get_state_display(),
            row.word,
        ]
