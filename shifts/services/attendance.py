"""What somebody's days came to, said by hand; derivation writes the others."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.periods import first_of
from people.models import Account, FactChange, Staff
from shifts.errors import AttendanceRefused
from shifts.models import Attendance, AttendanceMonth
from shifts.services.common import check_employed, months_touched

MINUTES_A_DAY = 24 * 60


def check_attendance(*, late_minutes: int, early_minutes: int, absent_days: Decimal) -> None:
    """AttendanceRefused where a figure is impossible."""
    for label, minutes in (("迟到", late_minutes), ("早退", early_minutes)):
        if not 0 <= minutes <= MINUTES_A_DAY:
            raise AttendanceRefused(f"{label}分钟{minutes}应在0与{MINUTES_A_DAY}之间；检查分钟数")
    if not 0 <= absent_days <= 1:
        raise AttendanceRefused(f"旷工天数{absent_days}应在0与1之间；按每天一行填写")


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
    """Say what a day came to, in place of what was known of it. AttendanceRefused for impossible figures."""
    check_employed(staff, work_date)
    figures = {
        "late_minutes": late_minutes,
        "early_minutes": early_minutes,
        "absent_days": absent_days,
        "second_late_minutes": 0,  # whoever says it by hand speaks of the whole day
        "second_early_minutes": 0,
        "source": Attendance.Source.ENTERED,
    }
    check_attendance(late_minutes=late_minutes, early_minutes=early_minutes, absent_days=absent_days)
    row, _ = Attendance.objects.update_or_create(staff=staff, work_date=work_date, defaults=figures)
    months_touched(staff, [work_date], FactChange.Source.ATTENDANCE, by=by, at=at)
    return row


@transaction.atomic
def attendance_month_set(
    *, staff: Staff, month: date, coverage: str, by: Account | None, at: datetime
) -> AttendanceMonth:
    """Say how a person's attendance rows of a month are to be read."""
    row, _ = AttendanceMonth.objects.update_or_create(
        staff=staff, month=first_of(month), defaults={"coverage": coverage}
    )
    months_touched(staff, [month], FactChange.Source.ATTENDANCE, by=by, at=at)
    return row
