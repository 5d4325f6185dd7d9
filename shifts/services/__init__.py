"""Every write about shifts, one module per noun."""

from shifts.services.attendance import attendance_month_set, attendance_record, check_attendance
from shifts.services.common import check_employed
from shifts.services.derive import attendance_derive
from shifts.services.leave import check_leave_days, leave_record, leaves_overlap

__all__ = [
    "attendance_derive",
    "attendance_month_set",
    "attendance_record",
    "check_attendance",
    "check_employed",
    "check_leave_days",
    "leave_record",
    "leaves_overlap",
]
