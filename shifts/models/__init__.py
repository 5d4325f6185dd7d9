"""Who works when, what the clock said, and what a day came to."""

from shifts.models.attendance import Attendance, AttendanceMonth, Leave
from shifts.models.clock import Correction, OfficeNetwork, Outing, Overtime, Punch
from shifts.models.duties import DutyRecord, DutySwap, DutyTurn, DutyWaiver
from shifts.models.files import Attachment
from shifts.models.handover import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from shifts.models.leave import LeaveRequest
from shifts.models.memos import Memo, Suggestion
from shifts.models.roster import PatternHours, Roster, RosterChange, RosterDay, ShiftPattern, Swap

__all__ = [
    "Attachment",
    "Attendance",
    "AttendanceMonth",
    "Correction",
    "DutyRecord",
    "DutySwap",
    "DutyTurn",
    "DutyWaiver",
    "HandoverEntry",
    "HandoverItem",
    "HandoverReview",
    "HandoverSignature",
    "Leave",
    "LeaveRequest",
    "Memo",
    "OfficeNetwork",
    "Outing",
    "Overtime",
    "PatternHours",
    "Punch",
    "Roster",
    "RosterChange",
    "RosterDay",
    "ShiftPattern",
    "Suggestion",
    "Swap",
]
