"""The limits that are applied last: how much a month may take, and what waits for the next.

Sources: the department's statutory caps (architecture, settlement 6). Compensation of loss takes at most
a share of the month's gross (a fifth where the department has set none); the net pay does not fall below the
local minimum wage.
"""

from collections.abc import Sequence
from decimal import Decimal

from core.money import plain, to_fen
from payroll.settlement.payslip_drafts import DraftLine
from rules.models import ProvisionFields

Basis = ProvisionFields.Basis
HOLDABLE = {Basis.LOSS, Basis.PERFORMANCE, Basis.DISCIPLINE}


def apply_caps(lines: Sequence[DraftLine], minimum_wage: Decimal, loss_percent: Decimal) -> None:
    """Hold back what exceeds the limits, in place: reduces the lines' amounts and says so in their reasons.

    First losses above `loss_percent` of the gross; then, while the net is below `minimum_wage` (yuan a
    month), losses and after them performance and discipline, newest first. What is held back is the
    difference to `full_amount` and is carried to the next month.
    """
    gross = sum((each.line.amount for each in lines if each.line.amount > 0), Decimal(0))
    holdable = [each for each in lines if each.line.amount < 0 and each.line.basis in HOLDABLE]
    # Of one day the line recorded last is the newest.
    newest_first = sorted(holdable, key=lambda each: each.line.on)[::-1]
    losses = [each for each in newest_first if each.line.basis == Basis.LOSS]
    limit = to_fen(gross * loss_percent / 100)
    excess = -sum((each.line.amount for each in losses), Decimal(0)) - limit
    hold(losses, excess, f"赔偿每月不超过应发{gross}元的{plain(loss_percent)}%即{limit}元")

    net = sum((each.line.amount for each in lines), Decimal(0))
    others = [each for each in newest_first if each.line.basis != Basis.LOSS]
    hold([*losses, *others], minimum_wage - net, f"扣后实发不低于最低工资{minimum_wage}元")


def hold(candidates: Sequence[DraftLine], excess: Decimal, why: str, *, waits: bool = True) -> None:
    """Take `excess` yuan out of the candidates, in their order, as far as they reach.

    What is taken out waits for the next month, or else is let go: nobody will ask for it again.
    """
    for each in candidates:
        if excess <= 0:
            return
        held = min(-each.line.amount, excess)
        if not held:
            continue
        each.line.amount += held
        excess -= held
        each.line.reason += f"；{why}，本月扣{-each.line.amount}元"
        limits = each.line.trace.setdefault("caps", [])
        limits.append({"limit": why, "held": str(held), "taken": str(-each.line.amount)})
        if waits:
            each.line.reason += f"，余{-each.held}元转下月"
        else:
            each.full_amount += held
            each.line.trace["let_go"] = str(held)
            each.line.reason += f"，其余{held}元不再扣"
