"""A person's commission of a month under one provision: each stretch at its own rate, never below zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, plain, to_fen
from rules.kinds.sales import Commission
from rules.provisions import Stretch


@dataclass(frozen=True, slots=True)
class Part:
    """What one stretch is paid for: its base, the whole month's and what the stretches before have of it.

    `by` is the metric that chooses the bracket where it is another than the base; `origin` says in words
    where the base comes from, `elsewhere` where else the month was that reaches the bracket.
    """

    stretch: Stretch[Commission]
    base: Decimal
    whole: Decimal
    below: Decimal
    origin: tuple[str, ...] = ()
    by: Decimal | None = None
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What the refund of an earlier month's sale takes back, in yuan, with its arithmetic."""

    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Commissioned:
    """The commission in yuan, its arithmetic, and the base below zero that the next month starts from."""

    amount: Decimal
    steps: list[str]
    carried: Decimal | None = None


def commissioned(
    parts: Sequence[Part], carried: Decimal, taken: Sequence[TakenBack], *, is_split: bool
) -> Commissioned:
    """The sum over the stretches less what is taken back.

    `carried` (not positive) is what the month before left; the first stretch bears it. A sum below zero is
    carried on as the base that comes to as much at the rate of the last stretch.
    """
    total, steps, unit = ZERO, [], None
    for i, part in enumerate(parts):
        kind = part.stretch.rule.kind
        own, before = (carried, ZERO) if i == 0 else (ZERO, carried)
        base = part.base + own
        amount, found = kind.charge(base, part.by, part.whole + carried, part.below + before)
        total += amount
        unit = amount / base if amount and base else unit or kind.unit
        found[:1] = [f"{step}{part.elsewhere}" for step in found[:1]]
        described = [*part.origin, *([f"减上月结转{plain(-own)}"] if own else []), *found]
        if is_split:
            described = [f"{part.stretch.in_words()}：{'，'.join(described)}＝{amount}元"]
        steps += described
    for each in taken:
        total -= each.amount
        steps.append(each.words)
    if total >= 0:
        return Commissioned(total, steps)
    left = to_fen(total / unit) if unit else None
    words = f"合计{total}元，不为正，不计提成" + (f"，折合基数{plain(left)}转下月" if left else "")
    return Commissioned(ZERO, [*steps, words], left)


def reached(part: Part, carried: Decimal) -> dict[str, str]:
    """What one of a stretch's base is paid: the rate or amount a piece; neither below the lowest bracket."""
    stretch = part.stretch
    bracket = stretch.rule.kind.bracket_at(part.whole + carried if part.by is None else part.by)
    days = {"first": str(stretch.first), "last": str(stretch.last)}
    if bracket is None:
        return days
    return days | ({"piece": str(bracket.piece)} if bracket.rate is None else {"rate": str(bracket.rate)})
