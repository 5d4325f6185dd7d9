"""Leave as it is recorded: its days, and that a person's leaves do not overlap."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from people.models import Account, FactChange, Staff
from rules.kinds.base import FactRefused
from shifts.models import Leave
from shifts.services.common import check_employed, months_touched

MOST_DAYS = 366


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


@transaction.atomic
def leave_record(
    *,
    staff: Staff,
    starts_on: date,
    days: Decimal,
    type: str,
    certificate: bool = False,
    approved: bool = True,
    note: str = "",
    by: Account | None,
    at: datetime,
) -> Leave:
    """Record leave of `days` rostered days from a day on; FactRefused where it overlaps other leave."""
    check_employed(staff, starts_on)
    check_leave_days(days)
    ends_on = leave_end(starts_on, days)
    Staff.objects.select_for_update().get(pk=staff.pk)
    earlier = Leave.objects.filter(
        staff=staff, starts_on__lte=ends_on, starts_on__gte=starts_on - timedelta(days=MOST_DAYS)
    )
    row = Leave(
        staff=staff,
        starts_on=starts_on,
        days=days,
        type=type,
        certificate=certificate,
        approved=approved,
        note=note,
    )
    for other in earlier:
        if leaves_overlap(row, other):
            raise FactRefused(
                f"与{other.starts_on:%Y-%m-%d}起的{other.get_type_display()}{other.days}天重叠；更正日期或天数"
            )
    row.save(force_insert=True)
    months_touched(staff, [starts_on, ends_on], FactChange.Source.LEAVE, by=by, at=at)
    return row
