"""What an import of attendance or leave comes to, in days and minutes."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from shifts.models import Attendance
from shifts.models.leave import shown

Totals = tuple[tuple[str, str], ...]


def totals_of(keys: Collection[tuple[int, date]], leave: Mapping[str, Decimal]) -> Totals:
    """Of these people's days (person, work_date) as they are stored, and of leave by its types; one query."""
    days = [day for _, day in keys]
    people = {staff_id for staff_id, _ in keys}
    rows = Attendance.objects.filter(staff__in=people, work_date__range=(min(days), max(days)))
    sums = rows.aggregate(*(Sum(name) for name in ("late_minutes", "absent_days", "missing_punches")))
    late, absent, missing = sums.values()
    return (
        ("人", f"{len(people)} 人"),
        ("考勤", f"{len(keys)} 天"),
        ("迟到", f"{late or 0} 分钟"),
        ("旷工", f"{shown(absent or Decimal(0))} 天"),
        ("缺卡", f"{missing or 0} 次"),
        *leave_totals(leave),
    )


def leave_totals(leave: Mapping[str, Decimal]) -> Totals:
    """Days of leave by what their type is called."""
    return tuple((label, f"{shown(days)} 天") for label, days in leave.items() if days)
