"""What a person's commission of a month comes to with the orders that are in so far; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commissions.contributions import load
from commissions.order_sums import reader_of
from core.money import ZERO
from core.periods import shift_months
from payroll.models import SettlementPeriod
from payroll.settlement.base_pay import base_pay_sum
from payroll.settlement.bases import bases_followed
from payroll.settlement.carry import bases_elsewhere, stored_bases
from payroll.settlement.months import load_month
from people.models import Staff
from rules.kinds.sales import Commission
from rules.lines import Line, SettlementFailure


@dataclass(frozen=True, slots=True)
class SoFar:
    """The lines so far, or why they cannot be told yet and what is missing."""

    lines: Sequence[Line] = ()
    failure: str = ""
    remedy: str = ""

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


def commission_so_far(staff: Staff, month: date) -> SoFar:
    """Commission and guarantee of the month as it would be settled now; awards are left out, and a target
    that cannot be told yet holds nothing back.

    At most thirteen queries; of the orders only the person's own are read, for who is paid by the team's
    those of all.
    """
    department = staff.department
    facts_of = load_month(department, month)
    person = facts_of.people.get(staff.pk)
    if person is None:
        return SoFar()
    period = SettlementPeriod(department=department, month=month)
    left = {**stored_bases(period, shift_months(month, -1)), **bases_elsewhere(facts_of)}
    carried, _ = bases_followed(facts_of, left)
    # A share of what is sold together needs the orders of everybody.
    shares = any(each.rule.kind.is_common for each in facts_of.stretches(person, Commission))
    read = None if shares else reader_of([staff.pk])
    facts = load(facts_of, carried, read, base_pay_sum=base_pay_sum)
    try:
        return SoFar(facts.lines_so_far(person))
    except SettlementFailure as failure:
        return SoFar(failure=failure.reason, remedy=failure.remedy)
