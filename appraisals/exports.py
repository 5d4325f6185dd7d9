"""Appraisals of a month and grades of a quarter as workbooks."""

import os
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

from appraisals.board import Appraisal
from appraisals.models.grades import quarter_words
from appraisals.quarters import QuarterRow
from core.periods import shift_months
from people.models import Department
from sheets.writing import Sheet, SheetColumn, write_workbook

Target = str | os.PathLike[str] | BinaryIO
TOTALS = (
    SheetColumn("名次", 6, "integer"),
    SheetColumn("工号", 10),
    SheetColumn("姓名", 12),
    SheetColumn("小组", 12),
    SheetColumn("考评方案", 24),
    SheetColumn("总分", 9, "number"),
    SheetColumn("状态", 10),
    SheetColumn("没有总分的原因", 40, "wrapped"),
)
ITEMS = (
    SheetColumn("工号", 10),
    SheetColumn("姓名", 12),
    SheetColumn("项目", 20),
    SheetColumn("来源", 14),
    SheetColumn("数值", 40, "wrapped"),
    SheetColumn("得分", 9, "number"),
    SheetColumn("满分", 9, "number"),
    SheetColumn("权重（%）", 10, "number"),
    SheetColumn("计入总分", 10, "number"),
)


def appraisals_workbook(
    *, department: Department, month: date, rows: Sequence[Appraisal], target: Target
) -> None:
    """Write a month's totals and items to a path or a binary file."""
    heading = f"{department.name} {month:%Y年%m月}考评"
    totals = [
        (
            row.place,
            row.person.number,
            row.person.name,
            row.person.at_end.team,
            f"{row.scheme.code} {row.scheme.title}" if row.scheme else None,
            row.score,
            row.state_label,
            row.why_none,
        )
        for row in rows
    ]
    items = [
        (
            row.person.number,
            row.person.name,
            part.item,
            part.origin,
            part.words,
            part.score,
            part.scale,
            part.weight,
            part.share,
        )
        for row in rows
        for part in row.parts
    ]
    write_workbook(
        target,
        [Sheet("总分", TOTALS, totals, heading=heading), Sheet("分项", ITEMS, items, heading=heading)],
    )


def quarter_workbook(
    *, department: Department, quarter: date, rows: Sequence[QuarterRow], target: Target
) -> None:
    """Write a quarter's grades to a path or a binary file."""
    months = [shift_months(quarter, i) for i in range(3)]
    columns = (
        SheetColumn("工号", 10),
        SheetColumn("姓名", 12),
        SheetColumn("小组", 12),
        *(SheetColumn(f"{month:%Y-%m}", 10, "number") for month in months),
        SheetColumn("平均", 9, "number"),
        SheetColumn("按分数", 8),
        SheetColumn("已定等级", 9),
        SheetColumn("依据", 40, "wrapped"),
        SheetColumn("没有等级的原因", 40, "wrapped"),
    )
    heading = f"{department.name} {quarter_words(quarter)}等级"
    write_workbook(target, [Sheet("季度等级", columns, map(_graded(months), rows), heading=heading)])


def _graded(months: Sequence[date]) -> Any:
    def cells(row: QuarterRow) -> tuple[Any, ...]:
        scores = dict(row.scores)
        held = row.held
        return (
            row.person.number,
            row.person.name,
            row.person.at_end.team,
            *(scores.get(month) for month in months),
            row.average,
            row.proposed,
            held.grade if held else None,
            held.reason if held else None,
            row.why,
        )

    return cells
