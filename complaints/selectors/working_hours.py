"""A department's working time as its opening hours and published rosters have it."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from complaints.models import OpeningHours
from complaints.opening import Hours, Span, WorkingDays, intervals_of
from core.periods import last_of
from people.models import Department
from shifts.models.roster import ShiftTimes
from shifts.planning.holidays import HolidayCalendar
from shifts.selectors.days_owed import notices
from shifts.selectors.rosters import shifts_between


def working_time_of(department: Department, calendar: str) -> WorkingDays:
    """The working time by which a clock of the department runs and reminds.

    `calendar` is one of rules.kinds.cases.CALENDARS: for `roster` the published rosters, else the opening
    hours. Two queries, and for `roster` one more for each month that is looked at, as it is looked at.
    """
    rows = OpeningHours.objects.filter(department=department).order_by("from_on", "id")
    hours = [Hours(row.from_on, intervals_of(row.hours), row.holidays) for row in rows]
    holidays = HolidayCalendar(notices=notices())
    if calendar != "roster":
        return WorkingDays(hours, calendar=holidays)
    return WorkingDays(hours, lambda month: _rostered(department, month), holidays)


def _rostered(department: Department, month: date) -> dict[date, list[Span]]:
    shifts = shifts_between(department, month, last_of(month))
    return {day: [span for each in of_day for span in _spans(each)] for day, of_day in shifts.items()}


def _spans(shift: ShiftTimes) -> Sequence[Span]:
    start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    if shift.break_starts_at is None or shift.break_ends_at is None:
        return [(start, end)]
    pause = timezone.localtime(shift.break_starts_at), timezone.localtime(shift.break_ends_at)
    return [(start, pause[0]), (pause[1], end)]
