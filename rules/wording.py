"""Figures that a provision's text and its parameters state differently: people sign the text, pay follows the
parameters.

A figure is looked for in the text as it may stand there: 150, 150.00, or as a percentage. What the library's
own text never spells out (a divisor, a default) is not looked for.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.money import plain
from rules.kinds import KINDS, Kind
from rules.kinds.params import money
from rules.models import Provision

NUMBER = re.compile(r"\d+(?:\.\d+)?")
YUAN = re.compile(r"(\d+(?:\.\d+)?)\s*元")
PERCENT = Decimal(100)


def contradictions_of(row: Provision) -> list[str]:
    """In words, where the clause (or title) says another figure than the parameters; empty where none does.

    Of an adopted provision every figure that was changed and still stands in its text as it was; of an own
    one the amounts in yuan, where the text names some and none of them is this one.
    """
    text = f"{row.title} {row.clause}"
    said = {Decimal(each) for each in NUMBER.findall(text)}
    if not said:
        return []
    if row.source is not None and row.source.kind == row.kind:
        return list(_left_behind(dict(_figures(row.source.params)), dict(_figures(row.params)), said))
    in_yuan = {Decimal(each) for each in YUAN.findall(text)}
    return [
        f"数字为{plain(amount)}元，条文写的是{'、'.join(plain(each) for each in sorted(in_yuan))}元"
        for amount in _amounts(row)
        if in_yuan and amount not in in_yuan
    ]


def _left_behind(
    before: Mapping[str, Decimal], after: Mapping[str, Decimal], said: set[Decimal]
) -> Iterator[str]:
    """The figures that were changed while the text goes on saying what they were."""
    for path, now in after.items():
        was = before.get(path)
        if was is None or was == now:
            continue
        for times in (Decimal(1), PERCENT):
            # A figure that stands on another place of the parameters may be what the text means.
            elsewhere = any(value == was for other, value in after.items() if other != path)
            if was * times in said and now * times not in said and not elsewhere:
                unit = "%" if times == PERCENT else ""
                yield f"数字已改为{plain(now * times)}{unit}，条文仍写{plain(was * times)}{unit}"
                break


def _figures(params: Any, path: str = "") -> Iterator[tuple[str, Decimal]]:
    """Every figure of stored parameters by its place."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            yield from _figures(value, f"{path}.{key}")
    elif isinstance(params, list):
        for i, value in enumerate(params):
            yield from _figures(value, f"{path}[{i}]")
    elif isinstance(params, str | int) and not isinstance(params, bool):
        try:
            yield path, Decimal(params)
        except InvalidOperation:
            return


def _amounts(row: Provision) -> Iterator[Decimal]:
    """The amounts in yuan that stand at the top of the parameters."""
    kind: type[Kind] = KINDS[row.kind]
    for name, each in kind.__dataclass_fields__.items():
        value = row.params.get(name)
        if each.metadata.get("reader") is money and value:
            yield Decimal(value)
