"""What the check shows: the first rows as understood, with the names of the people they are about."""

from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from people.documents import masked
from people.models import Department, Staff
from people.rows import NUMBER
from sheets.errors import CellError
from sheets.table import Table
from sheets.values import plain

ROWS_SHOWN = 20
NUMBERS = (NUMBER, "number")  # the fields that say who somebody is
CHARS_SHOWN = 60


def sample(table: Table, department: Department) -> dict[str, Any]:
    """The first rows as parsed: headers of the used columns, and per row its number and (text, is wrong).

    Beside a staff number stands whose it is in the department; one query.
    """
    columns = [column for column in table.profile.columns if column.field in table.present]
    names = dict(Staff.objects.filter(department=department).values_list("number", "name"))
    rows = []
    for number, row in islice(table.raw_rows(), ROWS_SHOWN):
        cells = [
            _shown(row[table.index_of(column.field) or 0], column)
            | {"header": cut(table.header_of(column.field))}
            for column in columns
        ]
        for cell, column in zip(cells, columns, strict=True):
            if column.field in NUMBERS:
                cell["name"] = names.get(cell["text"], "")
        rows.append({"number": number, "cells": cells})
    table.errors.clear()
    return {"headers": [cut(table.header_of(column.field)) for column in columns], "rows": rows}


def _shown(cell: object, column: Any) -> dict[str, Any]:
    try:
        value = column.parser()(cell)
    except CellError:
        return {"text": cut(masked(plain(cell)) if column.private else plain(cell)), "wrong": True}
    if column.private:
        return {"text": cut(masked(value or "")), "wrong": False}
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
        return f"{value.normalize():f}"
    return str(value)


def cut(text: str) -> str:
    """Short enough for a table, without what JSON columns cannot hold."""
    text = text.replace("\x00", "")
    return text if len(text) <= CHARS_SHOWN else f"{text[:CHARS_SHOWN]}…"
