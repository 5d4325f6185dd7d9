"""When a clock runs out: calendar time, working days and hours, pauses; pure, with the arithmetic in words.

A day of working time is a whole working day of 24 hours: n working days end at the same time of the n-th one
after the day of the start. Working hours run in opening hours only.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from django.utils import timezone

from complaints.opening import DAY, Span, merged, midnight
from rules.kinds.cases import CALENDARS, CASE_EVENTS, CaseDeadline

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
REMIND_BEFORE = (48, 24)  # hours before the end of so many days, where the policy names none
SHOWN_FIRST, SHOWN_LAST = 7, 3  # of the days of a long time

T = TypeVar("T")
Pieces = Callable[[date], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock runs out, the arithmetic day by day, and what is not known for sure; both in Chinese."""

    at: datetime
    steps: tuple[str, ...]
    notes: tuple[str, ...]


class WorkingTime(Protocol):
    """On which days and hours it is worked (complaints/opening.py)."""

    def is_workday(self, day: date) -> bool: ...

    def windows(self, first: date, last: date) -> list[Span]: ...

    def words_of(self, day: date) -> str: ...

    def notes_of(self, first: date, last: date) -> tuple[str, ...]: ...


def due_of(
    deadline: CaseDeadline, start: datetime, pauses: Sequence[tuple[datetime, datetime]], time: WorkingTime
) -> Due:
    """When a clock that started at `start` runs out.

    `pauses` are those that have ended; they may overlap and touch. One that begins when the time is over
    moves nothing, and no clock runs out while it is paused. Without `ends: day` it ends at the same second.
    """
    start = timezone.localtime(start)
    measure = _measure_of(deadline, time)
    end, steps = measure.end_of(start)
    year = start.year
    for begin, finish in _pauses(pauses, start):
        last = _last(deadline, end)
        if begin >= last:
            break
        step = f"{_moment(begin, year)} 至 {_moment(finish, year)} 暂停"
        # From its end until the end of the day a clock has no time of its own left that a pause could stop.
        lost = measure.between(begin, finish) if begin < end else NOTHING
        if lost:
            end = measure.later(end, lost)
            step += f"，顺延{measure.said(lost)}，到 {_moment(end, year)}"
        elif begin >= end and finish > last:
            end = measure.later(finish, NOTHING)
            step += f"，恢复后到 {_day(end.date(), year)}"
        else:
            step += "，不顺延" if begin >= end else f"，不在{measure.unit}内，不顺延"
        steps.append(step)
    at = _last(deadline, end)
    steps.append(f"{_moment(at, year)} 到期")
    notes = () if deadline.calendar == "calendar" else time.notes_of(start.date(), at.date())
    return Due(at, (f"{_moment(start, year)} {CASE_EVENTS[deadline.from_]}", *steps), notes)


def alarms_of(
    deadline: CaseDeadline, due_at: datetime, start: datetime, time: WorkingTime
) -> list[tuple[str, datetime]]:
    """(level, at) in the order in which they ring: `before-N` (N hours before), `due`, `after-1` and so on.

    `time` says when somebody is there to be reminded. Of reminders for the same moment the last one stays;
    one that would come at the start or before it is left out. After the end a group is told each working day
    or day, for hours after each such number of hours.
    """
    due_at, start = timezone.localtime(due_at), timezone.localtime(start)
    before: dict[datetime, str] = {}
    latest = start
    for level, at in sorted(_reminders(deadline, due_at, time), key=lambda each: each[1]):
        if start < at < due_at:
            latest = max(latest, _while_open(at, start, due_at, time))
            before[latest] = level
    alarms = [(level, at) for at, level in before.items()]
    alarms.append(("due", due_at))
    measure, at = _measure_of(deadline, time), due_at
    for place in range(1, len(deadline.escalate)):
        at = measure.later(at, DAY if deadline.hours is None else deadline.hours * HOUR)
        alarms.append((f"after-{place}", at))
    return alarms


def _reminders(deadline: CaseDeadline, due_at: datetime, time: WorkingTime) -> Iterator[tuple[str, datetime]]:
    if deadline.remind_before or deadline.hours is None:
        for hours in deadline.remind_before or REMIND_BEFORE:
            yield f"before-{hours}", due_at - hours * HOUR
        return
    half = deadline.hours * HOUR / 2
    is_working = deadline.calendar != "calendar"
    yield f"before-{half / HOUR:g}", _earlier(due_at, half, time) if is_working else due_at - half


def _while_open(at: datetime, start: datetime, due_at: datetime, time: WorkingTime) -> datetime:
    """The moment, or when work begins: last before it since the start, else next after it before the end.

    A reminder that comes early still leaves time to act; one on the last morning hardly does. Where nobody
    begins work between the start and the end, the moment stays as it is.
    """
    windows = time.windows(start.date(), due_at.date() + DAY)
    if any(begin <= at < end for begin, end in windows):
        return at
    begins = [begin for begin, _ in windows if start < begin < due_at]
    earlier = [begin for begin in begins if begin < at]
    return earlier[-1] if earlier else next((begin for begin in begins if begin > at), at)


@dataclass(frozen=True, slots=True)
class _Always:
    """Time that runs day and night."""

    deadline: CaseDeadline
    unit: str = CALENDARS["calendar"]

    def end_of(self, start: datetime) -> tuple[datetime, list[str]]:
        if self.deadline.days is None:
            assert self.deadline.hours is not None  # else the provision is inert
            end = start + self.deadline.hours * HOUR
            return end, [f"{self.deadline.hours}小时到 {_moment(end, start.year)}"]
        steps = _short(
            range(1, self.deadline.days + 1), lambda n: f"第{n}天到 {_moment(start + n * DAY, start.year)}"
        )
        return start + self.deadline.days * DAY, steps

    def between(self, start: datetime, end: datetime) -> timedelta:
        return end - start

    def later(self, at: datetime, span: timedelta) -> datetime:
        return at + span

    def said(self, span: timedelta) -> str:
        return _length(span, DAY)


@dataclass(frozen=True, slots=True)
class _Workdays:
    """Time that runs around the clock on working days; it ends on one."""

    days: int
    time: WorkingTime
    unit: str

    def end_of(self, start: datetime) -> tuple[datetime, list[str]]:
        day, counted = start.date(), 0
        runs: list[tuple[date, date, int]] = []  # of days off, or one working day with its number
        while counted < self.days:
            day += DAY
            if self.time.is_workday(day):
                counted += 1
                runs.append((day, day, counted))
            elif runs and not runs[-1][2] and self.time.words_of(runs[-1][0]) == self.time.words_of(day):
                runs[-1] = runs[-1][0], day, 0
            else:
                runs.append((day, day, 0))
        steps = ["当天不计，自次日起数", *_short(runs, lambda run: self._said(*run, start.year))]
        return start + (day - start.date()), steps

    def between(self, start: datetime, end: datetime) -> timedelta:
        return _between(self._pieces, start, end)

    def later(self, at: datetime, span: timedelta) -> datetime:
        # What is over at midnight ends as the next working day begins.
        return _later(self._pieces, _later(self._pieces, at, span), NOTHING)

    def said(self, span: timedelta) -> str:
        return _length(span, DAY)

    def _pieces(self, day: date) -> Sequence[Span]:
        return [(midnight(day), midnight(day + DAY))] if self.time.is_workday(day) else ()

    def _said(self, first: date, last: date, number: int, year: int) -> str:
        words = self.time.words_of(first)
        named = _day(first, year) + (f"至{_day(last, year)}" if last > first else "")
        named += f"（{words}）" if words else " "
        return named + (f"第{number}个{self.unit}" if number else "休息")


@dataclass(frozen=True, slots=True)
class _OpeningHours:
    """Time that runs while it is worked."""

    span: timedelta
    time: WorkingTime
    unit: str

    def end_of(self, start: datetime) -> tuple[datetime, list[str]]:
        runs: list[tuple[datetime, datetime, timedelta]] = []  # (from, to, counted so far)
        left = self.span
        onward = _onward(self._pieces, start)
        while left:
            begin, end = next(onward)
            taken = min(left, end - begin)
            left -= taken
            runs.append((begin, begin + taken, self.span - left))
        steps = []
        if runs[0][0] > start:
            steps.append(f"不在{self.unit}内，{_moment(runs[0][0], start.year)} 起计")
        steps += _short(runs, lambda run: self._said(*run, start.year))
        return runs[-1][1], steps

    def between(self, start: datetime, end: datetime) -> timedelta:
        return _between(self._pieces, start, end)

    def later(self, at: datetime, span: timedelta) -> datetime:
        return _later(self._pieces, at, span)

    def said(self, span: timedelta) -> str:
        return _length(span, HOUR)

    def _pieces(self, day: date) -> Sequence[Span]:
        return self.time.windows(day, day)

    def _said(self, begin: datetime, end: datetime, counted: timedelta, year: int) -> str:
        until = f"{end:%H:%M}" if end.date() == begin.date() else "24:00"
        words = self.time.words_of(begin.date())
        day = _day(begin.date(), year) + (f"（{words}）" if words else " ")
        return f"{day}{begin:%H:%M}–{until}，累计{self.said(counted)}"


def _measure_of(deadline: CaseDeadline, time: WorkingTime) -> "_Always | _Workdays | _OpeningHours":
    if deadline.calendar == "calendar":
        return _Always(deadline)
    if deadline.days is not None:
        return _Workdays(deadline.days, time, "工作日" if deadline.calendar == "business" else "排班日")
    assert deadline.hours is not None  # else the provision is inert
    return _OpeningHours(deadline.hours * HOUR, time, CALENDARS[deadline.calendar])


def _last(deadline: CaseDeadline, end: datetime) -> datetime:
    return midnight(end.date() + DAY) - MINUTE if deadline.ends == "day" else end


def _pauses(pauses: Sequence[Span], start: datetime) -> list[Span]:
    if not pauses:
        return []
    local = ((timezone.localtime(begin), timezone.localtime(finish)) for begin, finish in pauses)
    return merged((max(begin, start), finish) for begin, finish in local)


def _onward(pieces: Pieces, at: datetime) -> Iterator[Span]:
    """What is left of the pieces from a moment on; does not end."""
    day = at.date()
    while True:
        for begin, end in pieces(day):
            if end > at:
                yield max(begin, at), end
        day += DAY


def _later(pieces: Pieces, at: datetime, span: timedelta) -> datetime:
    """The first moment at which so much of the pieces has passed; with nothing, at which one runs."""
    onward = _onward(pieces, at)
    begin, end = next(onward)
    while end - begin < span:
        span -= end - begin
        begin, end = next(onward)
    return begin + span


def _earlier(at: datetime, span: timedelta, time: WorkingTime) -> datetime:
    """The last moment from which so much is worked until `at`."""
    day = at.date()
    while True:
        for begin, end in reversed(time.windows(day, day)):
            worked = min(end, at) - begin
            if worked >= span:
                return begin + worked - span
            span -= max(worked, NOTHING)
        day -= DAY


def _between(pieces: Pieces, start: datetime, end: datetime) -> timedelta:
    total = NOTHING
    day = start.date()
    while day <= end.date():
        for begin, finish in pieces(day):
            total += max(NOTHING, min(finish, end) - max(begin, start))
        day += DAY
    return total


def _short(rows: Sequence[T], said: Callable[[T], str]) -> list[str]:
    """A line for each row; of many only the first and last."""
    if len(rows) <= SHOWN_FIRST + SHOWN_LAST + 1:
        return [said(row) for row in rows]
    return [*map(said, rows[:SHOWN_FIRST]), "……", *map(said, rows[-SHOWN_LAST:])]


def _day(day: date, year: int) -> str:
    return f"{day.month}月{day.day}日" if day.year == year else f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime, year: int) -> str:
    return f"{_day(at.date(), year)} {at:%H:%M}"


def _length(span: timedelta, largest: timedelta) -> str:
    """So many days, hours and minutes; no days where hours are the largest unit."""
    words = ""
    for unit, name in ((DAY, "天"), (HOUR, "小时"), (MINUTE, "分钟")):
        if unit <= largest and span >= unit:
            words += f"{span // unit}{name}"
            span %= unit
    return words or "不到1分钟"
