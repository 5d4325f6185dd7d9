"""Who works when, what the clock said, and what a day came to."""

from shifts.models.attendance import Attendance, AttendanceMonth, Leave
from shifts.models.clock import Correction, OfficeNetwork, Outing, Overtime, Punch
from shifts.models.holidays import HolidayNotice
from shifts.models.leave import LeaveCorrection, LeaveRequest
from shifts.models.roster import PatternHours, Roster, RosterChange, RosterDay, ShiftPattern, Swap

__all__ = [
    "Attendance",
    "AttendanceMonth",
    "Correction",
    "HolidayNotice",
    "Leave",
    "LeaveCorrection",
    "LeaveRequest",
    "OfficeNetwork",
    "Outing",
    "Overtime",
    "PatternHours",
    "Punch",
    "Roster",
    "RosterChange",
    "RosterDay",
    "ShiftPattern",
    "Swap",
]
