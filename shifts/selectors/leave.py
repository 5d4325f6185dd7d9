"""Who is away when, and who is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast

from core.periods import first_of, last_of
from people.models import Account, Department
from people.selectors import departments_where, staff_visible_to
from rules.kinds.leave import leave_dates
from shifts.models import Leave, Roster, RosterDay
from shifts.models.leave import shown
from shifts.selectors.rosters import rest_days

LONGEST = timedelta(days=732)  # days of rest within it counted
REST = 31  # days of rest that a leave reaches over at most, beside one for each of its days


@dataclass(frozen=True, slots=True)
class LeaveInMonth:
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


def away_in(month: date, leaves: "QuerySet[Leave]") -> list[LeaveInMonth]:
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
            found.append(LeaveInMonth(each, days))
    return sorted(found, key=lambda away: (away.leave.starts_on, away.leave.staff.number))


def leaves_shown_to(account: Account) -> "QuerySet[Leave]":
    """The leave of whom an account sees, in the departments where it is shown leave."""
    return Leave.objects.filter(
        staff__department__in=departments_with_leave_shown(account), staff__in=staff_visible_to(account)
    )


def leaves_near(first: Any, last: Any) -> "QuerySet[Leave]":
    """The leave that may take a day from `first` to `last`, as far as days of rest may stretch it.

    Granted or not. The days are dates, or those of a row around: `OuterRef("work_date")`.
    """
    reach = _plain(F("starts_on"), "+", Cast(F("days") * 2 + REST, IntegerField()), DateField())
    return Leave.objects.alias(reach=reach).filter(starts_on__lte=last, reach__gte=first)


def longest_reach(leave: Leave) -> date:
    """The last day that a leave may take, as far as days of rest may stretch it."""
    return leave.starts_on + timedelta(days=2 * int(leave.days) + REST)


def leaves_taking() -> QuerySet[Any]:
    """Approved leave that takes the day of the roster around, for an `Exists`, as `leave_dates` counts:
    `left` is how much of the leave that day is the first of, from 1 on it takes the day whole."""
    rest = RosterDay.objects.filter(
        staff=OuterRef("staff"),
        roster__state=Roster.State.PUBLISHED,
        pattern__isnull=True,
        work_date__gte=OuterRef("starts_on"),
        work_date__lt=OuterRef(OuterRef("work_date")),
    )
    counted = rest.order_by().annotate(count=Func("pk", function="count")).values("count")
    passed = _plain(OuterRef("work_date"), "-", F("starts_on"), IntegerField())
    left = F("days") - passed + Subquery(counted, output_field=IntegerField())
    rows = leaves_near(OuterRef("work_date"), OuterRef("work_date"))
    return (
        rows.filter(staff=OuterRef("staff"), approved=True)
        .alias(left=ExpressionWrapper(left, output_field=DecimalField()))
        .filter(left__gt=0)
    )


def _plain(one: Any, sign: str, other: Any, output_field: Any) -> Func:
    """Dates reckoned in whole days, as PostgreSQL does; Django would make intervals of them."""
    return Func(one, other, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=output_field)


DAY = timedelta(days=1)


def days_worked(days: QuerySet[RosterDay]) -> QuerySet[RosterDay]:
    """Of roster days those with a published shift that no approved leave takes whole."""
    shifts = days.filter(roster__state=Roster.State.PUBLISHED, pattern__isnull=False)
    return shifts.exclude(Exists(leaves_taking().filter(left__gte=1)))
