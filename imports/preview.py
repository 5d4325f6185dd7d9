"""What the check shows: the first rows as understood."""

from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sheets.errors import CellError
from sheets.table import Table
from sheets.values import plain

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
