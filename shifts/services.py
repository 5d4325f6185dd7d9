"""Every write about attendance and leave, one fact at a time; imports write many."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from people.models import Account, FactChange, Staff
from people.services import facts_changed
from rules.kinds.base import FactRefused
from rules.periods import first_of
from shifts.models import Attendance, AttendanceMonth, Leave

MINUTES_A_DAY = 24 * 60
MOST_DAYS = 366


def check_employed(staff: Staff, day: date) -> None:
    """FactRefused where the person does not work in the department on that day."""
    if not staff.is_employed_on(day):
        until = f"{staff.left_on:%Y-%m-%d}" if staff.left_on else "今"
        raise FactRefused(
            f"{staff} 在 {day:%Y-%m-%d} 不在职（{staff.joined_on:%Y-%m-%d} 至 {until}）；检查工号与日期"
        )


def check_attendance(*, late_minutes: int, early_minutes: int, absent_days: Decimal) -> None:
    """FactRefused where a figure is impossible."""
    for label, minutes in (("迟到", late_minutes), ("早退", early_minutes)):
        if not 0 <= minutes <= MINUTES_A_DAY:
            raise FactRefused(f"{label}分钟{minutes}应在0与{MINUTES_A_DAY}之间；检查分钟数")
    if not 0 <= absent_days <= 1:
        raise FactRefused(f"旷工天数{absent_days}应在0与1之间；按每天一行填写")


@transaction.atomic
def attendance_record(
    *,
    staff: Staff,
    work_date: date,
    late_minutes: int = 0,
    early_minutes: int = 0,
    absent_days: Decimal = Decimal(0),
    by: Account | None,
    at: datetime,
) -> Attendance:
    """Say what a day came to, in place of what was known of it. FactRefused for impossible figures."""
    check_employed(staff, work_date)
    figures = {"late_minutes": late_minutes, "early_minutes": early_minutes, "absent_days": absent_days}
    check_attendance(late_minutes=late_minutes, early_minutes=early_minutes, absent_days=absent_days)
    row, _ = Attendance.objects.update_or_create(staff=staff, work_date=work_date, defaults=figures)
    _changed(staff, [work_date], FactChange.Source.ATTENDANCE, by=by, at=at)
    return row


@transaction.atomic
def attendance_month_set(
    *, staff: Staff, month: date, coverage: str, by: Account | None, at: datetime
) -> AttendanceMonth:
    """Say how a person's attendance rows of a month are to be read."""
    row, _ = AttendanceMonth.objects.update_or_create(
        staff=staff, month=first_of(month), defaults={"coverage": coverage}
    )
    _changed(staff, [month], FactChange.Source.ATTENDANCE, by=by, at=at)
    return row


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
    _changed(staff, [starts_on, ends_on], FactChange.Source.LEAVE, by=by, at=at)
    return row


def _changed(
    staff: Staff, days: list[date], source: FactChange.Source, *, by: Account | None, at: datetime
) -> None:
    facts_changed(department=staff.department, months=days, source=source, by=by, at=at, note=str(staff))
