"""Leave as it is recorded: its days, and that a person's leaves do not overlap."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from people.models import Account, FactChange, Staff
from rules.kinds.leave import leave_dates
from shifts.errors import LeaveRefused
from shifts.models import Leave, LeaveRequest
from shifts.models.leave import shown
from shifts.selectors.rosters import rest_days
from shifts.services.common import check_employed, months_touched

MOST_DAYS = 366
# Days of rest within a leave make it reach further than its days.
LONGEST = timedelta(days=2 * MOST_DAYS)


def check_leave_days(days: Decimal) -> None:
    """LeaveRefused where a leave cannot have so many days."""
    if not 0 < days <= MOST_DAYS or days != days.quantize(Decimal("0.01")):
        raise LeaveRefused(f"请假天数{days}应大于0、不超过{MOST_DAYS}、最多两位小数；检查天数")


def leaves_overlap(one: Leave | LeaveRequest, other: Leave | LeaveRequest, rest: Container[date]) -> bool:
    """Whether two leaves of a person collide, by the days that they take; days of rest are none of leave.

    One type begins once a day. Two parts of a day may stand beside each other if they come to no more than
    the day and are not said to be the same half.
    """
    if (other.starts_on, other.type) == (one.starts_on, one.type):
        return True
    is_same_half = bool(one.half) and one.half == other.half
    taken = dict(leave_dates(one.starts_on, one.days, rest=rest))
    return any(
        day in taken and (part + taken[day] > 1 or is_same_half)
        for day, part in leave_dates(other.starts_on, other.days, rest=rest)
    )


def overlapping(
    staff: Staff, wanted: Leave | LeaveRequest, rest: Container[date]
) -> Leave | LeaveRequest | None:
    """The person's leave or undecided request that collides with `wanted`, but for itself; two queries."""
    ends_on = leave_dates(wanted.starts_on, wanted.days, rest=rest)[-1][0]
    span = {"staff": staff, "starts_on__lte": ends_on, "starts_on__gte": wanted.starts_on - LONGEST}
    leaves = Leave.objects.filter(**span)
    requests = LeaveRequest.objects.filter(**span, state=LeaveRequest.State.ASKED)
    if isinstance(wanted, LeaveRequest):
        requests = requests.exclude(pk=wanted.pk)
    others: list[Leave | LeaveRequest] = [*leaves, *requests]
    return next((other for other in others if leaves_overlap(wanted, other, rest)), None)


def refusal(other: Leave | LeaveRequest) -> LeaveRefused:
    waiting = "待审批的" if isinstance(other, LeaveRequest) else ""
    return LeaveRefused(
        f"与{waiting}{other.starts_on:%Y-%m-%d}起的{other.get_type_display()}"
        f"{shown(other.days)}天重叠；更正日期或天数"
    )


@transaction.atomic
def leave_record(
    *,
    staff: Staff,
    starts_on: date,
    days: Decimal,
    type: str,
    half: str = "",
    certificate: bool = False,
    approved: bool = True,
    note: str = "",
    request: LeaveRequest | None = None,
    by: Account | None,
    at: datetime,
) -> Leave:
    """Record leave of `days` rostered days from a day on; LeaveRefused where it overlaps other leave.

    `request`: the one that is being approved, which of course takes the same days.
    """
    check_employed(staff, starts_on)
    check_leave_days(days)
    Staff.objects.select_for_update().get(pk=staff.pk)
    row = Leave(
        staff=staff,
        starts_on=starts_on,
        days=days,
        type=type,
        half=half,
        certificate=certificate,
        approved=approved,
        note=note,
    )
    rest = rest_days([staff.pk], starts_on - LONGEST)[staff.pk]
    other = overlapping(staff, request or row, rest)
    if other is not None:
        raise refusal(other)
    row.save(force_insert=True)
    touched = [day for day, _ in leave_dates(starts_on, days, rest=rest)]
    months_touched(staff, touched, FactChange.Source.LEAVE, by=by, at=at)
    return row
