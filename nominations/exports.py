"""The honour roll of a year as a workbook."""

import os
from collections.abc import Collection, Iterable, Iterator
from typing import Any, BinaryIO

from nominations.letters import prize_in_words
from nominations.models import Nomination
from people.models import Department
from sheets.writing import Sheet, SheetColumn, write_workbook

COLUMNS = ("月份", "奖项", "工号", "姓名", "名次", "奖励", "证书编号", "评定")
WIDTHS = (10, 24, 12, 12, 8, 28, 22, 40)


def honours_export(
    *,
    department: Department,
    year: int,
    rows: Collection[Nomination],
    seen: Collection[int],
    target: str | os.PathLike[str] | BinaryIO,
) -> None:
    """Write the year's awards, a row each, to a path or a binary file; the prizes of `seen` staff alone."""
    write_workbook(target, [_sheet(department, year, rows, seen)])


def _sheet(department: Department, year: int, rows: Iterable[Nomination], seen: Collection[int]) -> Sheet:
    return Sheet(
        title=f"{year}年荣誉榜",
        columns=[SheetColumn(name, width=width) for name, width in zip(COLUMNS, WIDTHS, strict=True)],
        rows=_rows(rows, seen),
        heading=f"{department.name}{year}年荣誉榜",
    )


def _rows(rows: Iterable[Nomination], seen: Collection[int]) -> Iterator[list[Any]]:
    for each in rows:
        yield [
            f"{each.month:%Y-%m}",
            each.provision.title,
            each.staff.number,
            each.staff.name,
            each.place,
            prize_in_words(each) if each.staff_id in seen else None,
            each.number,
            each.decision,
        ]
