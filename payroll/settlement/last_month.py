"""What the targets of somebody's last month let be paid: they decide what comes after leaving, too."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from commissions import contributions as commissions
from commissions.order_sums import reader_of
from core.periods import first_of
from payroll.settlement.base_pay import base_pay_sum
from payroll.settlement.months import load_month
from people.models import Department
from people.terms import PersonMonth
from rules.kinds.target import Target
from rules.lines import Line, SettlementFailure
from rules.provisions import Month, has_kind


@dataclass
class LastMonths:
    """The last months of those who left before `month`; each is read once, and only where it has targets."""

    month: Month
    _read: dict[date, commissions.CommissionFacts] = field(default_factory=dict)

    def gated(self, person: PersonMonth, lines: Sequence[Line]) -> list[Line]:
        """The lines after leaving, nothing under what a target of the last month held back.

        What a missed target never paid is not charged either. SettlementFailure where that cannot be told.
        """
        left_on = person.left_on
        if left_on is None or not any(line.amount for line in lines):
            return list(lines)
        if not any(has_kind(rule, Target) for rule in self.month.timeline.on(left_on)):
            return list(lines)
        facts = self._facts(first_of(left_on))
        try:
            return facts.targets.gated(facts.month.people[person.staff_id], lines)
        except SettlementFailure as failure:  # what is missing is that month's, not for this one's pages
            raise SettlementFailure(failure.reason, failure.remedy) from failure

    def _facts(self, first: date) -> commissions.CommissionFacts:
        if first not in self._read:
            department = Department.objects.get(pk=self.month.department_id)
            left = [
                each.staff_id
                for each in self.month.people.values()
                if each.left_on and first_of(each.left_on) == first
            ]
            then = load_month(department, first, also=left)
            self._read[first] = commissions.load(then, {}, reader_of(left), base_pay_sum=base_pay_sum)
        return self._read[first]
