"""Who is away when, and who is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
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
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from core.periods import days_between, first_of, last_of
from people.models import Account, Department
from people.selectors import departments_where, staff_visible_to
from shifts.models import Leave, Roster, RosterDay
from shifts.models.leave import shown
from shifts.planning.holidays import calendar_of
from shifts.selectors.days_owed import days_owed_of, notices

LONGEST = timedelta(days=732)  # days of rest within it counted
_PARTS = DecimalField(max_digits=7, decimal_places=2)
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
    """Which of the leaves take days of a month, by day and number; three queries."""
    first, last = first_of(month), last_of(month)
    near = leaves.filter(starts_on__range=(first - LONGEST, last)).select_related("staff", "request")
    reaching = [each for each in near if each.starts_on + timedelta(days=2 * int(each.days) + 14) >= first]
    earliest = min((each.starts_on for each in reaching), default=first)
    owed = days_owed_of({each.staff_id for each in reaching}, earliest, last)
    found = []
    for each in reaching:
        days = [
            (day, part)
            for day, part in owed[each.staff_id].leave(each.starts_on, each.days, natural=each.natural)
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


def leaves_taking(first: date, last: date) -> QuerySet[Any]:
    """Approved leave that takes the day of the roster around, for an `Exists`, as `DaysOwed.leave` counts.

    `left` is how much of the leave that day is the first of: from the day's own part on it takes the day
    whole. The days of the roster lie from `first` to `last`. One query beforehand.
    """
    begin = first - LONGEST
    calendar = calendar_of(begin, last, notices())
    off = [day for day in days_between(begin, last) if calendar[day].is_off]
    # Days since the leave began on which nothing is owed: those off, corrected by what rosters say of them.
    rows = RosterDay.objects.filter(
        staff=OuterRef("staff"),
        roster__state=Roster.State.PUBLISHED,
        work_date__gte=OuterRef("starts_on"),
        work_date__lt=OuterRef(OuterRef("work_date")),
    )
    is_off = Case(When(work_date__in=off, then=Value(1)), default=Value(0))
    unlike = rows.order_by().annotate(
        sum=Func(Value(1) - Coalesce("pattern__day_part", Decimal(0)) - is_off, function="sum")
    )
    before = (_count(off, OuterRef("work_date")) - _count(off, F("starts_on"))) + Coalesce(
        Subquery(unlike.values("sum"), output_field=_PARTS), Decimal(0)
    )
    rest = Case(When(natural=True, then=Decimal(0)), default=_as_parts(before))
    passed = _plain(OuterRef("work_date"), "-", F("starts_on"), IntegerField())
    near = leaves_near(OuterRef("work_date"), OuterRef("work_date"))
    return (
        near.filter(staff=OuterRef("staff"), approved=True)
        .alias(left=_as_parts(F("days") - passed + rest))
        .filter(left__gt=0)
    )


def _as_parts(expression: Any) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=_PARTS)


def _count(days: list[date], before: Any) -> Func:
    """How many of the days, which are in order, lie before one."""
    array = Value(days, output_field=ArrayField(DateField()))
    return Func(
        _plain(before, "-", Value(1), DateField()), array, function="width_bucket", output_field=_PARTS
    )


def _plain(one: Any, sign: str, other: Any, output_field: Any) -> Func:
    """Dates reckoned in whole days, as PostgreSQL does; Django would make intervals of them."""
    return Func(one, other, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=output_field)


def days_worked(days: QuerySet[RosterDay], taking: QuerySet[Any]) -> QuerySet[RosterDay]:
    """Of roster days those with a published shift that no leave of `taking` (`leaves_taking`) takes whole."""
    shifts = days.filter(roster__state=Roster.State.PUBLISHED, pattern__isnull=False)
    return shifts.exclude(Exists(taking.filter(left__gte=OuterRef("pattern__day_part"))))
