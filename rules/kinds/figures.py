"""Each figure of a provision in words, one by one: for differences between versions."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from rules.kinds.labels import BLANK, WEEKDAYS, figure, in_clock, in_percent, in_yuan, keyed
from rules.kinds.params import (
    Choice,
    DayRange,
    Either,
    Keyed,
    Many,
    Nested,
    OpenChoice,
    Reader,
    clock_time,
    money,
    month_day,
    rate,
    signed_money,
    weekday,
)

NOTHING = "无"


def figures_of(params: Any) -> dict[str, str]:
    """The parameters of a kind (or of a table within it) by their Chinese names, each in words."""
    return {
        each.metadata["label"]: figure_in_words(each.metadata["reader"], getattr(params, each.name))
        if getattr(params, each.name) is not None
        else (BLANK if _is_open(each) else NOTHING)
        for each in dataclasses.fields(params)
    }


def figure_in_words(reader: Reader, value: Any) -> str:
    """A value that `reader` has read, as people say it."""
    if value is None:
        return BLANK
    match reader:
        case Choice() | OpenChoice():
            return reader.labels.get(value, value)
        case Many():
            return "、".join(figure_in_words(reader.reader, each) for each in value) or NOTHING
        case Keyed():
            rows = [
                f"{keyed(key, reader.labels)} {figure_in_words(reader.reader, each)}"
                for key, each in value.items()
            ]
            return "；".join(rows) or NOTHING
        case Either():
            return _either(reader.readers, value)
        case Nested():
            return _row(value)
    if reader in (money, signed_money):
        return in_yuan(value)
    if reader is rate:
        return in_percent(value)
    if reader is clock_time:
        return in_clock(value)
    if reader is weekday:
        return WEEKDAYS[value]
    if reader is month_day:
        return "{}月{}日".format(*value)
    return _plain(value)


def _either(readers: Mapping[str, Reader], value: Any) -> str:
    for reader in readers.values():
        if (
            (isinstance(reader, Nested) and isinstance(value, reader.cls))
            or (isinstance(reader, Many) and isinstance(value, tuple))
            or (isinstance(reader, Keyed) and isinstance(value, dict))
            or (isinstance(reader, Choice) and isinstance(value, str))
        ):
            return figure_in_words(reader, value)
    return _plain(value)


def _row(value: Any) -> str:
    """A row of a table as one phrase: what is at its default is left out."""
    if hasattr(value, "in_words"):
        return str(value.in_words())
    return "，".join(
        f"{each.metadata['label']}{figure_in_words(each.metadata['reader'], getattr(value, each.name))}"
        for each in dataclasses.fields(value)
        if getattr(value, each.name) != each.default
    )


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, DayRange):
        return value.in_words()
    return value if isinstance(value, str) else figure(value)


def _is_open(each: "dataclasses.Field[Any]") -> bool:
    """Whether an empty value of the field is a figure left open."""
    return each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
