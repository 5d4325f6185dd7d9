"""A roster as a workbook: who works when, how many there are, what is broken."""

import os
from typing import BinaryIO

from sheets.writing import Sheet, SheetColumn, write_workbook
from shifts.planning.grid import grid_of
from shifts.planning.plan import Plan


def roster_export(*, plan: Plan, title: str, target: str | os.PathLike[str] | BinaryIO) -> None:
    """Write the plan to a path or a binary file."""
    grid = grid_of(plan, plan.people)
    days = [SheetColumn(f"{head.day.day}日{head.weekday}", 6) for head in grid.heads]
    people = Sheet(
        title="排班",
        heading=title,
        columns=[
            SheetColumn("工号", 10),
            SheetColumn("姓名", 11),
            *days,
            SheetColumn("上班", 7, "integer"),
            SheetColumn("晚班", 7, "integer"),
            SheetColumn("休息", 7, "integer"),
            SheetColumn("工时", 8),
        ],
        rows=(
            [
                row.person.number,
                row.person.name,
                *(cell.code or (f"假（{cell.away}）" if cell.away else None) for cell in row.cells),
                row.counts.work,
                row.counts.evenings,
                row.counts.rest,
                row.counts.hours,
            ]
            for row in grid.rows
        ),
    )
    cover = Sheet(
        title="在岗人数",
        heading=title,
        columns=[SheetColumn("班次", 12), *(SheetColumn(each.header, 6, "integer") for each in days)],
        rows=([each.shift.name, *(count for count, _ in each.days)] for each in grid.covers),
    )
    broken = Sheet(
        title="提示",
        heading=title,
        columns=[SheetColumn("提示", 90, "wrapped")],
        rows=([words] for words in [*grid.notes, *grid.findings]),
    )
    write_workbook(target, [people, cover, broken])
