"""What leave and absence may take of a month's pay, all their lines in all departments together; pure.

At a multiple of up to one day's pay a day they take no more than the month pays. Who worked no day of it and
is away at a day's pay or more on all of them is paid nothing and owes nothing. Who is away on more days than
there keeps the share of pay of the days there. What a multiple above 1 takes beyond a day's pay is a fine and
is not looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from core.money import ZERO, to_fen
from rules.kinds.base import Charge, Kind, Taken
from rules.kinds.fines_and_awards import DayPayParams
from rules.provisions import Rule

Charged = tuple[Rule[Kind], Charge]
Paid = Callable[[str], Decimal]  # what the month pays of the amount named `of`


def within_month_pay(
    charges: Sequence[Charged], paid: Paid, *, due: Decimal, to_work: Decimal, unpaid: Decimal
) -> list[Charged]:
    """The charges in their order, the later ones changed where all together take too much or too little.

    `due` and `to_work`: the person's days of the month, paid holidays with and without; `unpaid` those of
    them that proration did not pay.
    """
    found = list(charges)
    for of in sorted({of for rule, charge in charges if charge.taken.amount and (of := _base_of(rule))}):
        ours = [
            place
            for place, (rule, charge) in enumerate(found)
            if _base_of(rule) == of and charge.taken.amount
        ]
        total = sum((found[place][1].taken for place in ours), Taken())
        excess = _total(found, ours) - _most(total, _total(found, ours), paid(of), due, to_work, unpaid)
        for place in reversed(ours):
            if not excess:
                break
            rule, charge = found[place]
            step = min(excess, to_fen(charge.taken.amount))
            excess -= step
            found[place] = rule, _changed(charge, step)
    return found


def _base_of(rule: Rule[Kind]) -> str | None:
    """The pay that the provision takes shares of; none where it names an amount a day."""
    kind = rule.kind
    return kind.of if isinstance(kind, DayPayParams) and kind.day_amount is None else None


def _total(charges: Sequence[Charged], places: Sequence[int]) -> Decimal:
    return sum((to_fen(charges[place][1].taken.amount) for place in places), ZERO)


def _most(
    taken: Taken, total: Decimal, paid: Decimal, due: Decimal, to_work: Decimal, unpaid: Decimal
) -> Decimal:
    """What all lines together take, in yuan."""
    if taken.whole and taken.whole + unpaid >= to_work:
        return paid
    there = due - unpaid - taken.days
    if due > unpaid and taken.days > there:
        return min(total, to_fen(paid - paid * max(there, Decimal(0)) / (due - unpaid)))
    return min(total, paid)


def _changed(charge: Charge, step: Decimal) -> Charge:
    """The charge with `step` yuan less taken (more, where negative), and why."""
    why = "全月没有出勤，扣款等于当月所付" if step < 0 else "扣款不超过这些天在当月所得"
    taken = to_fen(charge.taken.amount)
    return replace(
        charge,
        amount=charge.amount + step,
        steps=(*charge.steps, f"{why}：{taken}元改为{taken - step}元"),
        taken=replace(charge.taken, amount=taken - step),
    )
