"""Reading which days people owe: published rosters, days listed in attendance, the calendar."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import CharField, DecimalField, Value
from django.db.models.functions import Coalesce

from shifts.days_owed import NONE, DaysOwed
from shifts.models import Attendance, HolidayNotice, Roster, RosterDay
from shifts.planning.holidays import HolidayCalendar, Notices, PublishedYear

_PART = DecimalField(max_digits=3, decimal_places=2)


def notices() -> Notices:
    """The notices about public holidays that were entered; one query."""
    return {
        year: PublishedYear(frozenset(off), frozenset(worked))
        for year, off, worked in HolidayNotice.objects.values_list("year", "off", "worked")
    }


def days_owed_of(staff_ids: Iterable[int], first: date, last: date = date.max) -> dict[int, DaysOwed]:
    """Which days these people owe from `first` on; two queries, none for nobody.

    Beyond the days of their rosters and attendance the calendar says.
    """
    ids = list(staff_ids)
    rostered: dict[int, dict[date, Decimal]] = defaultdict(dict)
    listed: dict[int, set[date]] = defaultdict(set)
    if not ids:
        return {}
    rows = RosterDay.objects.filter(
        staff__in=ids, roster__state=Roster.State.PUBLISHED, work_date__range=(first, last)
    ).order_by()
    days = Attendance.objects.filter(
        staff__in=ids, source=Attendance.Source.ENTERED, work_date__range=(first, last)
    ).order_by()
    said = rows.annotate(
        part=Coalesce("pattern__day_part", Value(NONE), output_field=_PART), by=Value("roster", CharField())
    ).values_list("staff_id", "work_date", "part", "by")
    entered = days.annotate(part=Value(NONE, _PART), by=Value("attendance", CharField())).values_list(
        "staff_id", "work_date", "part", "by"
    )
    for staff_id, day, part, by in said.union(entered, all=True):
        if by == "roster":
            rostered[staff_id][day] = part
        else:
            listed[staff_id].add(day)
    calendar = HolidayCalendar(notices=notices())
    of_calendar = DaysOwed(calendar)
    return {
        each: DaysOwed(calendar, rostered.get(each, {}), listed.get(each, frozenset()))
        if each in rostered or each in listed
        else of_calendar
        for each in ids
    }
