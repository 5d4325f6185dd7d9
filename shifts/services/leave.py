"""Leave as it is recorded: its days, and that a person's leaves do not overlap."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from people.models import Account, FactChange, Staff
from shifts.days_owed import DayPart, DaysOwed
from shifts.errors import LeaveRefused
from shifts.models import Leave, LeaveRequest
from shifts.models.leave import shown
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave_rules import LeaveRules
from shifts.services.common import check_employed, months_touched

MOST_DAYS = 366
# Days of rest within a leave make it reach further than its days.
LONGEST = timedelta(days=2 * MOST_DAYS)


def check_leave_days(days: Decimal) -> None:
    """LeaveRefused where a leave cannot have so many days."""
    if not 0 < days <= MOST_DAYS or days != days.quantize(Decimal("0.01")):
        raise LeaveRefused(f"请假天数{days}应大于0、不超过{MOST_DAYS}、最多两位小数；检查天数")


def days_of_leave(leave: Leave | LeaveRequest, owed: DaysOwed) -> list[DayPart]:
    """The days owed that a leave takes."""
    return owed.leave(leave.starts_on, leave.days, natural=leave.natural)


def leaves_overlap(one: Leave | LeaveRequest, other: Leave | LeaveRequest, owed: DaysOwed) -> bool:
    """Whether two leaves of a person collide, by the days owed that they take.

    Two parts of a day may stand beside each other if they come to no more than the day and are not said to
    be the same half. One type begins once a day and half. Leaves by the hour collide by their hours.
    """
    if isinstance(one, Leave) and isinstance(other, Leave) and one.starts_at and other.starts_at:
        assert one.ends_at is not None and other.ends_at is not None
        return one.starts_at < other.ends_at and other.starts_at < one.ends_at
    is_same_half = bool(one.half) and one.half == other.half
    if (other.starts_on, other.type, other.half) == (one.starts_on, one.type, one.half):
        return True
    taken = dict(days_of_leave(one, owed))
    return any(
        day in taken and (part + taken[day] > owed.to_work(day) or is_same_half)
        for day, part in days_of_leave(other, owed)
    )


def overlapping(staff: Staff, wanted: Leave | LeaveRequest, owed: DaysOwed) -> Leave | LeaveRequest | None:
    """The person's leave or undecided request that collides with `wanted`, but for itself; two queries."""
    ends_on = owed.last_of_leave(wanted.starts_on, wanted.days, natural=wanted.natural)
    span = {"staff": staff, "starts_on__lte": ends_on, "starts_on__gte": wanted.starts_on - LONGEST}
    leaves = Leave.objects.filter(**span)
    requests = LeaveRequest.objects.filter(**span, state=LeaveRequest.State.ASKED)
    if isinstance(wanted, LeaveRequest):
        requests = requests.exclude(pk=wanted.pk)
    others: list[Leave | LeaveRequest] = [*leaves, *requests]
    return next((other for other in others if leaves_overlap(wanted, other, owed)), None)


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
    """Record leave of `days` days owed from a day on; LeaveRefused where it overlaps other leave.

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
        natural=request.natural if request else LeaveRules(staff).is_natural(type, starts_on),
    )
    owed = days_owed_of([staff.pk], starts_on - LONGEST)[staff.pk]
    other = overlapping(staff, request or row, owed)
    if other is not None:
        raise refusal(other)
    row.save(force_insert=True)
    touched = [day for day, _ in days_of_leave(row, owed)]
    months_touched(staff, touched or [starts_on], FactChange.Source.LEAVE, by=by, at=at)
    return row
