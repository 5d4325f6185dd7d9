"""Rows under a layout as the file that the bureau or the bank takes, and the digest that names them."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

from core.money import FEN
from payroll.errors import FilingRefused
from payroll.filings.layouts import Layout
from people.sealing import digests
from sheets.writing import Sheet, SheetColumn, write_workbook

Values = Mapping[str, Any]  # by a column's source
_STYLES = {"text": "text", "code": "code", "amount": "amount", "amount_text": "code"}
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program takes for a formula


@dataclass(frozen=True, slots=True)
class Written:
    """A file to download: its name, and what is in it."""

    name: str
    layout: Layout
    rows: Sequence[Sequence[Any]]

    def write(self, *, target: BinaryIO) -> None:
        file_write(self.layout, self.rows, target=target)


def cells_of(layout: Layout, values: Values) -> list[Any]:
    """One row of the file: text, and Decimal with two places where the layout has a number."""
    cells: list[Any] = []
    for column in layout.columns:
        head, _, rest = column.source.partition(".")
        value = rest if head == "fixed" else values.get(column.source)
        match value, column.format:
            case Decimal(), "amount":
                cells.append(value.quantize(FEN))
            case Decimal(), _:
                cells.append(f"{value:.2f}")
            case None, _:
                cells.append(None)
            case _:
                cells.append(str(value))
    return cells


def digests_of(layout: Layout, rows: Iterable[Sequence[Any]]) -> list[str]:
    """The digests of what the file says, under every data key, the newest first.

    Not of a workbook's own bytes, which also tell when it was written. A plain hash would give the numbers
    in the file away to whoever tries them all.
    """
    told = [layout.code, *([None if cell is None else str(cell) for cell in row] for row in rows)]
    return digests(json.dumps(told, ensure_ascii=False))


def file_write(layout: Layout, rows: Sequence[Sequence[Any]], *, target: BinaryIO) -> None:
    """Write the file. Text stays text in a workbook; FilingRefused where a CSV cannot keep it so."""
    if not layout.is_csv:
        columns = [SheetColumn(each.header, format=_STYLES[each.format]) for each in layout.columns]
        write_workbook(target, [Sheet(layout.sheet, columns, rows, heading=layout.name)])
        return
    check_csv(layout, rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([each.header for each in layout.columns])
    writer.writerows(rows)
    target.write(text.getvalue().encode(layout.encoding))


def check_csv(layout: Layout, rows: Sequence[Sequence[Any]]) -> None:
    """FilingRefused for a cell that a spreadsheet program would take for a formula: CSV has no text cells."""
    for number, row in enumerate(rows, 1):
        for column, cell in zip(layout.columns, row, strict=True):
            if isinstance(cell, str) and cell.startswith(_DANGEROUS):
                raise FilingRefused(
                    f"第{number}笔的{column.header}以“{cell[0]}”开头，CSV里会被当作公式",
                    "请更正员工的姓名或账户，或改用XLSX版式",
                )
