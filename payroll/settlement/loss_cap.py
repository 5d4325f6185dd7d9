"""The limit of a loss_share itself: so much of the month's performance bonus, month by month (s000-09-21c).

It holds in every department, also where the statutory caps are off, and comes before them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.money import ZERO, percent, to_fen
from payroll.settlement.payslip_drafts import PERFORMANCE_BONUS, DraftLine, Nature, hold
from rules.kinds.cases import LossShare


def apply_loss_caps(lines: Sequence[DraftLine], shares: Mapping[str, LossShare]) -> None:
    """Hold back, in place, what exceeds each provision's own limit; `shares` by code.

    All lines of a code count together, this month's, adjustments and what was carried here; what an
    adjustment pays back makes room. The oldest are taken first. What exceeds waits for the next month; under
    a provision without `carry` it is let go, except what was carried here by another limit.
    """
    bonus = sum((each.line.amount for each in lines if each.line.code == PERFORMANCE_BONUS), ZERO)
    for code, kind in shares.items():
        own = [each for each in lines if each.line.code == code]
        if own:
            _apply(own, kind, max(bonus, ZERO))


def _apply(own: Sequence[DraftLine], kind: LossShare, bonus: Decimal) -> None:
    limit = to_fen(bonus * kind.cap_rate)
    why = f"每月至多扣绩效奖金{bonus}元的{percent(kind.cap_rate)}即{limit}元" if bonus else "本月没有绩效奖金"
    taken = [each for each in own if each.line.amount < 0]
    # Of one day the line recorded last is the newest.
    newest_first = sorted(taken, key=lambda each: each.line.on)[::-1]
    excess = -sum((each.line.amount for each in own), ZERO) - limit
    if kind.carry:
        hold(newest_first, excess, why)
        return
    new = [each for each in newest_first if each.nature != Nature.CARRY]
    exceeds = min(max(excess, ZERO), -sum((each.line.amount for each in new), ZERO))
    hold(new, exceeds, why, waits=False)
    hold([each for each in newest_first if each.nature == Nature.CARRY], excess - exceeds, why)
