"""What the check shows: the first rows as understood, and a workbook of the rows that cannot be taken."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sheets.errors import CellError, RowError
from sheets.table import Table
from sheets.values import plain
from sheets.writing import Sheet, SheetColumn, write_workbook

ROWS_SHOWN = 20
CHARS_SHOWN = 60


def sample(table: Table) -> dict[str, Any]:
    """The first rows as parsed: headers of the used columns, and per row its number and (text, is wrong)."""
    columns = [column for column in table.profile.columns if column.field in table.present]
    rows = []
    for number, row in islice(table.raw_rows(), ROWS_SHOWN):
        cells = [
            _shown(row[table.index_of(column.field) or 0], column)
            | {"header": cut(table.header_of(column.field))}
            for column in columns
        ]
        rows.append({"number": number, "cells": cells})
    table.errors.clear()
    return {"headers": [cut(table.header_of(column.field)) for column in columns], "rows": rows}


def _shown(cell: object, column: Any) -> dict[str, Any]:
    try:
        value = column.parser()(cell)
    except CellError:
        return {"text": cut(plain(cell)), "wrong": True}
    # A choice is shown as it was written, not as its code.
    return {"text": cut(plain(cell) if column.type == "choice" else _text(value)), "wrong": False}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "~".join(map(_text, value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def cut(text: str) -> str:
    """Short enough for a table, without what JSON columns cannot hold."""
    text = text.replace("\x00", "")
    return text if len(text) <= CHARS_SHOWN else f"{text[:CHARS_SHOWN]}…"


def write_error_sheet(path: Path, table: Table, errors: tuple[RowError, ...]) -> None:
    """The bad rows as they are in the file, what is wrong with each in the last column."""
    told: dict[int, list[str]] = defaultdict(list)
    for error in errors:
        told[error.row].append(str(error))
    width = table.header.width
    header: list[str] = []
    rows: list[list[Any]] = []
    left = set(told)
    for number, row in table.source.rows():
        if number == table.header.row_number:
            header = [plain(cell) for cell in row]
        elif number in left:
            left.discard(number)
            cells = [_cell(cell) for cell in row[:width]]
            rows.append([*cells, *[None] * (width - len(cells)), "\n".join(told[number])])
        if not left:
            break
    columns = [SheetColumn(title or f"第 {index} 列") for index, title in enumerate(header, 1)]
    columns.append(SheetColumn("问题", width=60, format="wrapped"))
    write_workbook(path, [Sheet("问题", columns, rows)])


def _cell(cell: object) -> object:
    if cell is None or isinstance(cell, str | bool | int | float | Decimal | datetime | date):
        return cell
    return str(cell)  # times of day
