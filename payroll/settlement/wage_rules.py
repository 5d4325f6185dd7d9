"""What the department does not take from wages is left out before anything else is limited."""

from collections.abc import Iterable, Mapping

from core.money import ZERO
from payroll.settlement.payslip_drafts import DraftLine
from penalties.models import WageRule


def leave_out(lines: Iterable[DraftLine], wage_rules: Mapping[str, WageRule]) -> None:
    """Set deductions under provisions that may not take from wages to nothing, in place, and say why.

    Nothing of them waits for a later month.
    """
    for each in lines:
        rule = wage_rules.get(each.line.code)
        if rule is None or rule.from_wages or each.line.amount >= 0:
            continue
        each.line.trace["not_from_wages"] = {
            "amount": str(each.line.amount),
            "reason": rule.reason,
            "recorded_by": str(rule.by or "系统"),
            "month": f"{rule.month:%Y-%m}",
        }
        each.line.reason += f"；{-each.line.amount}元不从工资扣（自{rule.month:%Y年%m月}起，{rule.reason}）"
        each.line.amount = each.full_amount = ZERO
