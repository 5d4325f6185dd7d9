"""Leave as it is recorded: its days, and that a person's leaves do not overlap."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from people.models import Account, FactChange, Staff
from rules.kinds.attendance import leave_dates
from rules.kinds.base import FactRefused
from shifts.models import Leave, LeaveRequest
from shifts.models.leave import shown
from shifts.selectors.rosters import rest_days
from shifts.services.common import check_employed, months_touched

MOST_DAYS = 366
# Days of rest within a leave make it reach further than its days.
LONGEST = timedelta(days=2 * MOST_DAYS)


def leave_end(starts_on: date, days: Decimal) -> date:
    """The last day of a leave whose days follow one another."""
    return starts_on + timedelta(days=int(days.to_integral_value(rounding="ROUND_CEILING")) - 1)


def check_leave_days(days: Decimal) -> None:
    """FactRefused where a leave cannot have so many days."""
    if not 0 < days <= MOST_DAYS or days != days.quantize(Decimal("0.01")):
        raise FactRefused(f"请假天数{days}应大于0、不超过{MOST_DAYS}、最多两位小数；检查天数")


def leaves_overlap(one: Leave, other: Leave) -> bool:
    """Whether two leaves of a person share days; parts of one day that come to no more than it do not."""
    if one.starts_on == other.starts_on and one.days + other.days <= 1:
        return False
    return one.starts_on <= leave_end(other.starts_on, other.days) and other.starts_on <= leave_end(
        one.starts_on, one.days
    )


def overlapping(
    staff: Staff, wanted: Leave | LeaveRequest, rest: Container[date]
) -> Leave | LeaveRequest | None:
    """Leave or an undecided request of the person that takes the same days, but for `wanted`; two queries.

    Days of rest are none of leave. Two parts of a day may stand beside each other if they are of two types,
    come to no more than the day, and are not said to be the same half.
    """
    taken = dict(leave_dates(wanted.starts_on, wanted.days, rest=rest))
    span = {"staff": staff, "starts_on__lte": max(taken), "starts_on__gte": wanted.starts_on - LONGEST}
    leaves = Leave.objects.filter(**span)
    requests = LeaveRequest.objects.filter(**span, state=LeaveRequest.State.ASKED)
    if isinstance(wanted, LeaveRequest):
        requests = requests.exclude(pk=wanted.pk)
    others: list[Leave | LeaveRequest] = [*leaves, *requests]
    for other in others:
        if (other.starts_on, other.type) == (wanted.starts_on, wanted.type):
            return other
        is_same_half = bool(wanted.half) and wanted.half == other.half
        for day, part in leave_dates(other.starts_on, other.days, rest=rest):
            if day in taken and (part + taken[day] > 1 or is_same_half):
                return other
    return None


def refusal(other: Leave | LeaveRequest) -> FactRefused:
    waiting = "待审批的" if isinstance(other, LeaveRequest) else ""
    return FactRefused(
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
    """Record leave of `days` rostered days from a day on; FactRefused where it overlaps other leave.

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
