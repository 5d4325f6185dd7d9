"""A payslip in the order in which the law takes from it, with what each part comes to.

Gross, what reduces the taxable pay, insurance, fund, income tax, what is taken after tax, net
(个人所得税法 6; 社会保险法 60).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from core.money import ZERO
from core.templatetags.ui import money
from payroll.models import EmployerCost, PayLine, Payslip, Withholding
from payroll.settlement.law.years import OPENING
from payroll.traces import UNTOLD, trace_html
from rules.kinds.labels import DEDUCTION_LABELS
from rules.kinds.statutory import IncomeTax
from rules.lines import UNEARNED

Column = PayLine.Column
# What is deducted of a year by kind, and what figures of before kefu brought along (`law/years.py`).
_DEDUCTIONS = DEDUCTION_LABELS | {OPENING: "期初带入的扣除"}


class Part(models.TextChoices):
    """The parts of a payslip in their order; those that the law takes are named as their columns are."""

    GROSS = "gross", "应发"
    BEFORE_TAX = "before_tax", "税前扣减"
    SOCIAL = "social", "社保个人"
    FUND = "fund", "公积金个人"
    TAX = "tax", "个税"
    AFTER_TAX = "after_tax", "税后扣款"


@dataclass(frozen=True, slots=True)
class Statutory:
    """What stands beside a payslip's lines where the law takes of it: its tax, and what the employer pays."""

    withholdings: Sequence[Withholding]
    costs: Sequence[EmployerCost]

    @property
    def cost_total(self) -> Decimal:
        """What the employer pays beside the payslip, in yuan."""
        return sum((each.amount for each in self.costs), ZERO)


def statutory_of(slip: Payslip) -> Statutory:
    """Two queries, none where they were fetched beforehand."""
    return Statutory(list(slip.withholdings.all()), list(slip.employer_costs.all()))


def is_statutory(lines: Iterable[PayLine], beside: Statutory) -> bool:
    """Whether the law takes of this payslip; elsewhere it has no parts."""
    return bool(beside.withholdings or beside.costs) or any(
        each.column in PayLine.STATUTORY for each in lines
    )


def bases_before_tax(beside: Statutory) -> Collection[str]:
    """The bases whose deductions reduce taxable pay, as the provision of the tax had them."""
    for row in beside.withholdings:
        if "before_tax" in row.trace:
            return tuple(row.trace["before_tax"])
    return IncomeTax.before_tax


def part_of(line: PayLine, before_tax: Collection[str]) -> Part:
    """Where a line stands, as a whole; of one that is partly a fine the tax tells both parts.

    Pay not earned through absence or leave reduces the taxable pay always.
    """
    if line.column in PayLine.STATUTORY:
        return Part(line.column)
    if line.nature == PayLine.Nature.DEBT:
        return Part.AFTER_TAX
    if (line.amount or line.full_amount) >= 0:
        return Part.GROSS
    if line.basis in before_tax:
        return Part.BEFORE_TAX
    unearned = line.trace.get(UNEARNED)
    is_unearned = line.column == Column.LEAVE if unearned is None else Decimal(unearned) > 0
    return Part.BEFORE_TAX if is_unearned else Part.AFTER_TAX


def part_sums(lines: Iterable[PayLine], beside: Statutory) -> dict[Part, Decimal]:
    """What each part comes to, in yuan, in their order; together they are the net pay."""
    before_tax = bases_before_tax(beside)
    sums = dict.fromkeys(Part, ZERO)
    for line in lines:
        sums[part_of(line, before_tax)] += line.amount
    return sums


@dataclass(frozen=True, slots=True)
class TaxView:
    """The tax of one payment as it is told: what it adds to the year, and the year.

    Steps and evidence stand with the tax line; of a payment without one they stand here.
    """

    withholding: Withholding
    payment: list[tuple[str, Any]]
    year: list[tuple[str, Any]]
    arithmetic: list[str]
    rest: Any


def tax_view(row: Withholding) -> TaxView:
    """A stored withholding, nothing recomputed."""
    told = {} if row.tax else row.trace
    rest = {key: value for key, value in told.items() if value and key not in {"arithmetic", *UNTOLD}}
    if cited := rest.get("provision"):
        rest["provision"] = f"{cited['code']} {cited['title']}，第{cited['version']}版"
    payment = [
        ("发放日期", f"{row.paid_on}（税款所属{row.paid_on:%Y年%m月}）"),
        ("本期收入", money(row.income)),
        ("本期社保个人", money(row.social) if row.social else ""),
        ("本期公积金个人", money(row.fund) if row.fund else ""),
        ("留待以后冲减", money(row.shortfall) if row.shortfall else ""),
    ]
    year: list[tuple[str, Any]] = []
    if row.kind == Withholding.Kind.WAGES:
        deductions = {_DEDUCTIONS[key]: value for key, value in row.year_deductions.items()}
        year = [
            ("累计收入", money(row.year_income)),
            ("累计减除费用", f"{money(row.year_allowance)}（{row.months}个月）"),
            ("累计社保公积金", money(row.year_contributions)),
            *((f"累计{label}", money(Decimal(value))) for label, value in deductions.items()),
            ("累计应纳税所得额", money(taxable_of_year(row))),
            ("此前已预扣", money(row.year_withheld - row.tax)),
        ]
    return TaxView(
        withholding=row,
        payment=[(label, value) for label, value in payment if value != ""],
        year=year,
        arithmetic=list(told.get("arithmetic") or []),
        rest=trace_html(rest) if rest else "",
    )


def taxable_of_year(row: Withholding) -> Decimal:
    """The year's taxable income up to a payment of wages, in yuan; not below zero."""
    deductions = sum((Decimal(value) for value in row.year_deductions.values()), ZERO)
    return max(ZERO, row.year_income - row.year_allowance - row.year_contributions - deductions)
