"""Which payslips of a month are confirmed as they stand, and which are not."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet

from payroll.models import Payslip, PayslipConfirmation, SettlementPeriod


@dataclass(frozen=True, slots=True)
class Progress:
    """How many payslips of a month there are, how many are confirmed, and how many people can be reminded."""

    people: int
    confirmed: int
    reachable: int

    @property
    def missing(self) -> int:
        return self.people - self.confirmed


def confirmations_of(slips: Iterable[Payslip]) -> dict[int, PayslipConfirmation]:
    """The confirmations that hold, by the id of their payslip; one query."""
    slips = list(slips)
    rows = PayslipConfirmation.objects.filter(
        period__in={each.period_id for each in slips},
        staff__in={each.staff_id for each in slips},
        at__gte=F("period__approved_at"),
    ).order_by("id")
    latest = {(row.period_id, row.staff_id, row.net): row for row in rows}
    return {
        each.pk: latest[each.period_id, each.staff_id, each.net]
        for each in slips
        if (each.period_id, each.staff_id, each.net) in latest
    }


def unconfirmed(period: SettlementPeriod) -> QuerySet[Payslip]:
    """The payslips of a frozen month that nobody has confirmed as they stand, by number."""
    holding = PayslipConfirmation.objects.filter(
        period=period.pk, staff=OuterRef("staff"), net=OuterRef("net"), at__gte=period.approved_at
    )
    return Payslip.objects.filter(~Exists(holding), period=period.pk).order_by("number")


def confirmation_progress(period: SettlementPeriod) -> Progress:
    """Of a frozen month; three queries."""
    missing = unconfirmed(period)
    people = Payslip.objects.filter(period=period.pk).count()
    return Progress(
        people=people,
        confirmed=people - missing.count(),
        reachable=missing.filter(staff__account__is_active=True).count(),
    )
