"""A department's board of the ladder as a workbook."""

import os
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from people.models import Department, Staff
from promotions.board import STATES, Standing
from sheets.writing import Sheet, SheetColumn, write_workbook

COLUMNS = (
    SheetColumn("工号", 12),
    SheetColumn("姓名", 12),
    SheetColumn("职级", 12),
    SheetColumn("现职级起", format="date"),
    SheetColumn("下一级", 16),
    SheetColumn("晋升", 10),
    SheetColumn("还差几项", format="integer"),
    SheetColumn("还差什么", 60, "wrapped"),
    SheetColumn("最早日期", format="date"),
    SheetColumn("降级", 60, "wrapped"),
    SheetColumn("状态", 20),
)


def board_export(
    *,
    department: Department,
    on: date,
    rows: Sequence[tuple[Staff, Standing]],
    target: str | os.PathLike[str] | BinaryIO,
) -> None:
    """Write the board as it is filtered; no query."""
    heading = f"{department.name}晋升 截至{on:%Y-%m-%d}"
    write_workbook(target, [Sheet("晋升", COLUMNS, _rows(rows), heading=heading)])


def _rows(rows: Sequence[tuple[Staff, Standing]]) -> Iterator[list[Any]]:
    for staff, row in rows:
        nearest = row.nearest
        yield [
            staff.number,
            staff.name,
            row.level,
            nearest.since if nearest else None,
            nearest.to_label if nearest else "",
            nearest.verdict.label if nearest else "",
            None if nearest is None else 0 if nearest.is_met else nearest.lacking,
            "" if nearest is None or nearest.is_met else _told(nearest.unmet),
            nearest.earliest if nearest else None,
            "；".join(f"{rung.label}：{_told(rung.triggers)}" for rung in row.risks),
            "、".join(label for state, label in STATES.items() if state in row.states),
        ]


def _told(answers: Sequence[Any]) -> str:
    return "；".join(f"{each.criterion.in_words()}（{each.evidence}）" for each in answers)
