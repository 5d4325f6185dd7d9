"""Payslips of the same people in other departments of the employer, on which a draft's tax depends."""

from dataclasses import dataclass

from django.db.models import Q

from core.periods import first_of, last_of
from payroll.models import Payslip, SettlementPeriod, Withholding
from people.models import Department
from people.one_person import other_rows


@dataclass(frozen=True, slots=True)
class OtherPayments:
    """`before`: slips of the same month of who came from there, not frozen or computed since; `since`:
    withholdings of the year that were approved after the draft was read.
    """

    before: list[Payslip]
    since: list[Withholding]


def other_payments(period: SettlementPeriod) -> OtherPayments:
    """Five queries at most; none where the department is an employer of its own."""
    nothing = OtherPayments([], [])
    employer = period.department.employer_id
    if employer is None:
        return nothing
    others = Department.objects.filter(employer=employer).exclude(pk=period.department_id)
    departments = list(others.values_list("pk", flat=True))
    taken = Q(withholdings__isnull=False) | Q(employer_costs__isnull=False)
    slips = period.payslips.filter(taken).distinct().values_list("staff_id", "staff__joined_on")
    joined = dict(slips) if departments else {}
    rows = other_rows(joined)
    if not rows:
        return nothing
    there = Payslip.objects.filter(staff__in=rows, period__department__in=departments)
    of_month = there.filter(period__month=period.month).select_related("period__department", "staff")
    before = [
        slip
        for slip in of_month
        if slip.staff.joined_on < joined[rows[slip.staff_id]] and not _stands(slip.period, period)
    ]
    taxed = Withholding.objects.filter(
        payslip__in=there,
        payslip__period__state__in=SettlementPeriod.FROZEN,
        payslip__period__approved_at__gt=period.facts_read_at,
        paid_on__range=(period.pays_on.replace(month=1, day=1), last_of(first_of(period.pays_on))),
    )
    return OtherPayments(before, list(taxed.select_related("payslip__period__department")))


def reckoned_from(period: SettlementPeriod) -> Payslip | None:
    """A frozen payslip of the month, in another department of the employer, whose contributions and tax are
    reckoned from one of this period's; three queries at most.
    """
    employer = period.department.employer_id
    if employer is None:
        return None
    joined = dict(period.payslips.values_list("staff_id", "staff__joined_on"))
    rows = other_rows(joined)
    there = Payslip.objects.filter(
        Q(withholdings__isnull=False) | Q(employer_costs__isnull=False),
        staff__in=rows,
        period__month=period.month,
        period__department__employer=employer,
        period__state__in=SettlementPeriod.FROZEN,
    ).exclude(period=period)
    slips = there.select_related("period__department", "staff").distinct() if rows else []
    return next((slip for slip in slips if slip.staff.joined_on > joined[rows[slip.staff_id]]), None)


def _stands(other: SettlementPeriod, period: SettlementPeriod) -> bool:
    """Whether another department's month is frozen as it was when the draft was read."""
    if not other.is_frozen or other.facts_read_at is None or period.facts_read_at is None:
        return False
    return other.facts_read_at <= period.facts_read_at
