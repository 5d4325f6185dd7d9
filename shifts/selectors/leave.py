"""Who is away when, and who is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet

from people.models import Account, Department
from people.selectors import departments_where, staff_visible_to
from rules.kinds.attendance import leave_dates
from rules.periods import first_of, last_of
from shifts.models import Leave
from shifts.models.leave import shown
from shifts.selectors.rosters import rest_days

LONGEST = timedelta(days=732)  # days of rest within it counted


@dataclass(frozen=True, slots=True)
class Away:
    """A leave and the days of a month that it takes."""

    leave: Leave
    days: Sequence[tuple[date, Decimal]]

    @property
    def in_month(self) -> Decimal:
        return sum((part for _, part in self.days), Decimal(0))

    @property
    def days_shown(self) -> str:
        return shown(self.leave.days)

    @property
    def in_month_shown(self) -> str:
        return shown(self.in_month)


def departments_with_leave_shown(account: Account) -> QuerySet[Department]:
    """Where an account sees who is away: as who decides, looks after the staff, or sees everybody's pay."""
    actions = "decide_requests", "manage_staff", "view_pay"
    places = Q()
    for action in actions:
        places |= Q(pk__in=departments_where(account, action))
    return Department.objects.filter(places)


def away_in(month: date, leaves: "QuerySet[Leave]") -> list[Away]:
    """Which of the leaves take days of a month, by day and number; two queries."""
    first, last = first_of(month), last_of(month)
    near = leaves.filter(starts_on__range=(first - LONGEST, last)).select_related("staff", "request")
    reaching = [each for each in near if each.starts_on + timedelta(days=2 * int(each.days) + 14) >= first]
    several = {each.staff_id for each in reaching if each.days > 1}
    earliest = min((each.starts_on for each in reaching), default=first)
    rest = rest_days(several, earliest) if several else {}
    found = []
    for each in reaching:
        days = [
            (day, part)
            for day, part in leave_dates(each.starts_on, each.days, rest=rest.get(each.staff_id, frozenset()))
            if first <= day <= last
        ]
        if days:
            found.append(Away(each, days))
    return sorted(found, key=lambda away: (away.leave.starts_on, away.leave.staff.number))


def leaves_shown_to(account: Account) -> "QuerySet[Leave]":
    """The leave of whom an account sees, in the departments where it is shown leave."""
    return Leave.objects.filter(
        staff__department__in=departments_with_leave_shown(account), staff__in=staff_visible_to(account)
    )
