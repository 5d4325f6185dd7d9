"""What of a payslip's lines is income that is taxed; pure.

Wages are taxed as they are paid. What was not earned through absence or leave is no income; of other
deductions the tax's provision says by their basis which reduce it (`before_tax`). Losses and fines are paid
out of taxed money: 个人所得税法 6 names nothing of the kind to deduct.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from payroll.models import PayLine
from payroll.settlement.payslip_drafts import ANNUAL_BONUS, DEBT, DraftLine, Nature
from rules.kinds.labels import BASIS_LABELS
from rules.lines import UNEARNED
from statutory.models import AnnualBonus

Column = PayLine.Column


@dataclass(frozen=True, slots=True)
class Taxable:
    """The income of a payment in yuan, of either sign; what reduced it and what did not, with the reasons."""

    income: Decimal
    reduced: tuple[str, ...]
    after_tax: tuple[str, ...]


def taxable(lines: Iterable[DraftLine], before_tax: Collection[str]) -> Taxable:
    """The taxable income of some lines; `before_tax`: the bases whose deductions reduce it."""
    income = ZERO
    reduced: list[str] = []
    after_tax: list[str] = []
    for each in lines:
        line = each.line
        if not line.amount or not _is_looked_at(each):
            continue
        counted, why = _counted(each, before_tax)
        income += counted
        rest = line.amount - counted
        if line.amount < 0 and counted:
            reduced.append(f"{line.title}{counted}元：{why}")
        if rest:
            after_tax.append(f"{line.title}{rest}元：{why if not counted else '其余是罚款，税后扣'}")
    return Taxable(income, tuple(reduced), tuple(after_tax))


def _is_looked_at(each: DraftLine) -> bool:
    """Money lent is no income, and paying it back reduces none; a bonus taxed apart has its own tax."""
    line = each.line
    if each.nature == Nature.DEBT or line.code == DEBT or line.column in PayLine.STATUTORY:
        return False
    return not (line.code == ANNUAL_BONUS and line.trace["bonus"]["taxed"] == AnnualBonus.Method.APART.label)


def _counted(each: DraftLine, before_tax: Collection[str]) -> tuple[Decimal, str]:
    """How much of a line counts as income, signed, and why that much."""
    line = each.line
    basis = BASIS_LABELS.get(line.basis, line.basis)
    if line.basis in before_tax:
        return line.amount, f"{basis}类扣款减少收入"
    unearned = line.trace.get(UNEARNED)
    if line.amount < 0:
        if unearned is not None:
            return -min(max(Decimal(unearned), ZERO), -line.amount), "没有挣到的工资不是收入"
        if line.column == Column.LEAVE:
            return line.amount, "没有挣到的工资不是收入"
        fallen = _earned(each, "before") - _earned(each, "after")
        if fallen > 0:
            return -min(fallen, -line.amount), "收回的工资减少收入"
        return ZERO, f"{basis}类扣款在税后扣"
    if unearned is None and each.nature == Nature.ADJUSTMENT:
        taken = max(ZERO, -Decimal(line.trace.get("adjustment", {}).get("before") or 0))
        return line.amount - min(line.amount, taken), f"退回的{basis}类扣款原在税后扣，不是收入"
    return line.amount, "工资"


def _earned(each: DraftLine, when: str) -> Decimal:
    """What an adjusted provision paid, before or after; nothing where it took."""
    if each.nature != Nature.ADJUSTMENT:
        return ZERO
    return max(ZERO, Decimal(each.line.trace.get("adjustment", {}).get(when) or 0))
