"""What shifts refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class NotEmployed(Refused):
    """Something about a day on which the person does not work in the department."""


class AttendanceRefused(Refused):
    """Figures or times of a day that cannot be so."""


class LeaveRefused(Refused):
    """Leave that cannot be taken, asked for or decided so."""


class HolidaysRefused(Refused):
    """A notice about public holidays that cannot be so."""


class RosterRefused(Refused):
    """A pattern, roster or swap that cannot be so."""
