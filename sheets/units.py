"""Rows below the names of a header that are part of it: units, and what a column is made of."""

import re

from sheets.reading import Row
from sheets.values import key_of, plain

_UNITS = frozenset(
    {
        "元",
        "角",
        "分",
        "万元",
        "rmb",
        "cny",
        "秒",
        "分钟",
        "小时",
        "时",
        "天",
        "日",
        "周",
        "月",
        "年",
        "s",
        "min",
        "h",
    }
    | {"次", "人", "个", "件", "条", "笔", "单", "%", "‰", "百分比"}
)
_DIGIT = re.compile(r"\d").search


def is_units(row: Row) -> bool:
    """Whether every filled cell of the row is a unit: (元)、分钟、次."""
    keys = [key_of(cell).strip("()[]/") for cell in row if plain(cell)]
    return bool(keys) and all(key in _UNITS for key in keys)


def is_note(row: Row) -> bool:
    """Whether the row says something and has no figure: what the columns above it are made of."""
    cells = [text for cell in row if (text := plain(cell))]
    return bool(cells) and not any(_DIGIT(text) for text in cells)
