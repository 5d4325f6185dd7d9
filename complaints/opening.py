"""On which days and hours a department works: its dated hours, the public holidays, its rosters; pure.

Every span of time is half-open: a moment at which work ends is outside.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from core.periods import days_between, first_of
from shifts.planning.holidays import CalendarDay, HolidayCalendar, calendar_of

DAY = timedelta(days=1)
MONDAY = 1

Span = tuple[datetime, datetime]
# What is rostered in a month, by the day on which it begins; nothing where no roster is published.
Rostered = Callable[[date], Mapping[date, Sequence[Span]]]


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of work from a day on: for each weekday (1 to 7) intervals (start, end).

    An end at or before the start is on the next day. With `holidays` public holidays are off and make-up
    workdays are worked as Mondays are, where Mondays are worked at all. ValueError without any interval.
    """

    from_on: date
    intervals: Mapping[int, Sequence[tuple[time, time]]]
    holidays: bool = True

    def __post_init__(self) -> None:
        if not any(self.intervals.values()):
            raise ValueError("hours without any interval never come to an end")

    def on(self, day: date, known: CalendarDay) -> Sequence[tuple[time, time]]:
        """The intervals that begin on a day, of which the calendar says what is `known`."""
        weekday = day.isoweekday()
        if self.holidays:
            if known.is_holiday:
                return ()
            if known.is_make_up and self.intervals.get(MONDAY):
                weekday = MONDAY
        return self.intervals.get(weekday, ())


# A department that never wrote down its hours.
USUAL = Hours(date.min, {weekday: ((time(9), time(18)),) for weekday in range(1, 6)})
USUAL_NOTE = "部门没有登记工作时间，按周一至周五09:00–18:00、法定节假日休息计"


def intervals_of(hours: Iterable[Mapping[str, Any]]) -> dict[int, list[tuple[time, time]]]:
    """The intervals by weekday of stored hours ({weekdays, start, end}; complaints.OpeningHours)."""
    found: dict[int, list[tuple[time, time]]] = {}
    for each in hours:
        for weekday in each["weekdays"]:
            found.setdefault(weekday, []).append(
                (time.fromisoformat(each["start"]), time.fromisoformat(each["end"]))
            )
    return found


@dataclass(slots=True)
class WorkingDays:
    """A department's working time; `hours` are ordered as they were written down, the latest of a day holds.

    With `rostered` the department works when its published rosters say so, and by its hours in months without
    one. What was looked up is kept, so that many deadlines over the same days cost little.
    """

    hours: Sequence[Hours] = ()
    rostered: Rostered | None = None
    calendar: HolidayCalendar = field(default_factory=HolidayCalendar)
    _begin: list[date] = field(init=False)
    _spans: dict[date, Sequence[Span]] = field(init=False, default_factory=dict)
    _months: dict[date, Mapping[date, Sequence[Span]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # The sort is stable: of two from the same day the later written stays last.
        self.hours = sorted(self.hours, key=lambda each: each.from_on)
        self._begin = [each.from_on for each in self.hours]

    def is_workday(self, day: date) -> bool:
        """Whether work begins on a day."""
        return bool(self._spans_of(day))

    def windows(self, first: date, last: date) -> list[Span]:
        """The hours worked from `first` to `last`, both included: merged, sorted, cut where the days end."""
        since, until = midnight(first), midnight(last + DAY)
        spans = [span for day in days_between(first - DAY, last) for span in self._spans_of(day)]
        return merged((max(start, since), min(end, until)) for start, end in spans)

    def words_of(self, day: date) -> str:
        """What is special about a day: 周末, 国庆节, 国庆节调休上班; nothing of an ordinary one."""
        return self.calendar[day].words

    def notes_of(self, first: date, last: date) -> tuple[str, ...]:
        """What is not known for sure about the days from `first` to `last`, in Chinese."""
        found: dict[str, None] = {}
        for day in days_between(first, last):
            if self._shifts(day):
                continue
            if self.rostered is not None:
                found[f"{day.year}年{day.month}月的排班表尚未公布，按工作时间计"] = None
            hours = self._hours(day)
            if hours is USUAL:
                found[USUAL_NOTE] = None
            if hours.holidays:
                found.update(dict.fromkeys(calendar_of(day, day, self.calendar.notices).notes))
        return tuple(found)

    def _spans_of(self, day: date) -> Sequence[Span]:
        if (known := self._spans.get(day)) is None:
            if shifts := self._shifts(day):
                known = shifts.get(day, ())
            else:
                known = [
                    _span(day, start, end) for start, end in self._hours(day).on(day, self.calendar[day])
                ]
            self._spans[day] = known
        return known

    def _shifts(self, day: date) -> Mapping[date, Sequence[Span]]:
        if self.rostered is None:
            return {}
        month = first_of(day)
        if month not in self._months:
            self._months[month] = self.rostered(month)
        return self._months[month]

    def _hours(self, day: date) -> Hours:
        place = bisect_right(self._begin, day)
        return self.hours[place - 1] if place else USUAL


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch or overlap made one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _span(day: date, start: time, end: time) -> Span:
    begin, finish = (timezone.make_aware(datetime.combine(day, each)) for each in (start, end))
    return begin, finish if finish > begin else finish + DAY
