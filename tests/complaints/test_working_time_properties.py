"""Random hours, pauses and policies: every deadline agrees with counting minute by minute."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from chinese_calendar import get_holiday_detail
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.opening import Hours, WorkingDays
from complaints.working_time import alarms_of, due_of
from rules.kinds.cases import CaseDeadline

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Pauses = list[tuple[datetime, datetime]]
FIRST = datetime(2026, 9, 24)  # Mid-Autumn, National Day and two make-up workdays lie ahead


@dataclass(frozen=True)
class Open:
    """Intervals (weekday, start in minutes of the day, length in minutes), told plainly."""

    intervals: tuple[tuple[int, int, int], ...]
    holidays: bool

    def on(self, day: date) -> list[tuple[int, int]]:
        weekday = day.isoweekday()
        if self.holidays:
            is_off, name = get_holiday_detail(day)
            if name and is_off:
                return []
            if name and any(each == 1 for each, _, _ in self.intervals):
                weekday = 1
        return [(start, length) for each, start, length in self.intervals if each == weekday]

    def as_hours(self) -> Hours:
        found: dict[int, list[tuple[time, time]]] = {}
        for weekday, start, length in self.intervals:
            end = (start + length) % 1440
            found.setdefault(weekday, []).append((time(*divmod(start, 60)), time(*divmod(end, 60))))
        return Hours(date(2026, 1, 1), found, self.holidays)


@st.composite
def opens(draw: st.DrawFn) -> Open:
    interval = st.tuples(st.integers(0, 95), st.integers(8, 96))  # quarters of an hour
    found = [
        (weekday, start * 15, length * 15)
        for start, length in draw(st.lists(interval, min_size=1, max_size=3))
        for weekday in draw(st.sets(st.integers(1, 7), min_size=2))
    ]
    return Open(tuple(found), draw(st.booleans()))


@st.composite
def policies(draw: st.DrawFn) -> CaseDeadline:
    size = draw(st.sampled_from([{"days": n} for n in (1, 2, 3, 5)] + [{"hours": n} for n in (1, 2, 5, 9)]))
    calendar, ends = (draw(st.sampled_from(each)) for each in (("calendar", "business"), ("moment", "day")))
    return CaseDeadline(**size, calendar=calendar, ends=ends)


starts = st.integers(1, 18 * 1440).map(lambda minutes: FIRST + minutes * MINUTE)
pauses_of = st.lists(st.tuples(st.integers(-600, 8000), st.integers(0, 4000)), max_size=3)


def plainly(policy: CaseDeadline, start: datetime, pauses: Pauses, at: Open) -> datetime:
    """Counts minutes. Working days: as many minutes of them as lie before the same time of the n-th."""

    def is_paused(minute: datetime) -> bool:
        return any(begin <= minute < end for begin, end in pauses)

    @cache
    def spans(day: date) -> list[tuple[datetime, datetime]]:
        begin = datetime.combine(day, time.min)
        return [(begin + s * MINUTE, begin + (s + n) * MINUTE) for s, n in at.on(day)]

    def is_open(minute: datetime) -> bool:
        nearby = [*spans(minute.date()), *spans(minute.date() - DAY)]
        return any(begin <= minute < end for begin, end in nearby)

    def is_workday(minute: datetime) -> bool:
        return bool(spans(minute.date()))

    runs: Callable[[datetime], bool] = lambda minute: True  # noqa: E731
    may_end = runs
    if policy.hours is not None:
        left = policy.hours * 60
        runs = is_open if policy.calendar == "business" else runs
    elif policy.calendar == "calendar":
        left = policy.days * 1440
    else:
        runs = may_end = is_workday
        nth, counted = start, 0
        while counted < policy.days:
            nth += DAY
            counted += is_workday(nth)
        left = sum(is_workday(start + n * MINUTE) for n in range((nth - start) // MINUTE))
    end = start
    while left > 0 or not may_end(end) or (is_paused(end - MINUTE) and is_paused(end)):
        left -= runs(end) and not is_paused(end)
        end += MINUTE
    if policy.ends == "moment":
        return end
    last = datetime.combine(end.date(), time(23, 59))
    while is_paused(last - MINUTE) and is_paused(last):
        end = last
        while is_paused(end) or not runs(end):
            end += MINUTE
        last = datetime.combine(end.date(), time(23, 59))
    return last


@settings(deadline=None)
@given(opens(), policies(), starts, pauses_of)
def test_a_deadline_is_what_counting_the_minutes_gives(
    at: Open, policy: CaseDeadline, start: datetime, given_pauses: list[tuple[int, int]]
) -> None:
    pauses = [(start + begin * MINUTE, start + (begin + length) * MINUTE) for begin, length in given_pauses]
    aware = [(timezone.make_aware(begin), timezone.make_aware(end)) for begin, end in pauses]
    found = due_of(policy, timezone.make_aware(start), aware, WorkingDays([at.as_hours()]))
    assert timezone.make_naive(found.at) == plainly(policy, start, pauses, at)


@settings(deadline=None)
@given(opens(), policies(), starts)
def test_reminders_come_between_start_and_end_and_in_hours_where_somebody_comes(
    at: Open, policy: CaseDeadline, start: datetime
) -> None:
    working, begin = WorkingDays([at.as_hours()]), timezone.make_aware(start)
    end = due_of(policy, begin, [], working).at
    rings = alarms_of(policy, end, begin, working)
    times = [when for _, when in rings]
    assert rings[-1] == ("due", end)
    assert times == sorted(set(times)) and times[0] > begin
    windows = working.windows(begin.date(), end.date())
    if any(begin < opening < end for opening, _ in windows[1:]):
        assert all(any(o <= when < c for o, c in windows) for when in times[:-1])
