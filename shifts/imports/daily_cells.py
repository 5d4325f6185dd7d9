"""The cells of a daily report: shifts and clock times, as they are written."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone

from sheets.errors import CellError
from shifts.models.roster import ShiftTimes

_CLOCK = re.compile(r"(当日|次日)?\s*(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?", re.ASCII)
_HOURS = re.compile(
    r"(\d{1,2}[:：]\d{2})\s*(?:-|~|—|–|至|到)+\s*(次日|当日)?\s*(\d{1,2}[:：]\d{2})", re.ASCII
)
_SHIFT_REMEDY = "请写成“白班 08:30-17:30”或“晚班 17:30-次日01:00”，不上班的写“休息”"
_CLOCK_REMEDY = "请写成 08:30 或“次日 01:07”，没有打卡的留空"


@dataclass(frozen=True, slots=True)
class ReportedShift:
    """A shift as the report writes it: its name and the clock times of its one or two parts.

    `in_parts`: each of its two parts is clocked by itself. Of one in three parts only the ends are kept.
    """

    name: str
    starts_at: time
    ends_at: time
    break_starts_at: time | None = None
    break_ends_at: time | None = None
    in_parts: bool = False

    def in_words(self) -> str:
        ends = [self.starts_at, self.ends_at]
        if self.in_parts and self.break_starts_at and self.break_ends_at:
            ends[1:1] = [self.break_starts_at, self.break_ends_at]
        return "-".join(f"{each:%H:%M}" for each in ends)


@lru_cache(maxsize=4096)
def shift_of(text: str) -> ReportedShift | None:
    """The shift of a text with its hours, None for one that names none. CellError for hours that are none."""
    parts = list(_HOURS.finditer(text))
    if not parts:
        return None
    clocks = [time_of(each, _SHIFT_REMEDY) for part in parts for each in (part[1], part[3])]
    name = text[: parts[0].start()].strip(" :：(（") or f"{clocks[0]:%H:%M}-{clocks[-1]:%H:%M}"
    pause = clocks[1:3] if len(parts) == 2 else [None, None]
    return ReportedShift(name[:32], clocks[0], clocks[-1], *pause)


def moment_of(shown: str | None, day: date, due: datetime | None) -> datetime | None:
    """When somebody clocked, None without a punch. CellError where it cannot be read.

    `due`: when the shift begins or ends; a time that does not say 次日 is the one nearest to it.
    """
    text = (shown or "").strip()
    if not text:
        return None
    days, clock = _clock(text)
    at = _midnight(day) + clock
    if days is not None:
        return at + timedelta(days=days)
    next_day = at + timedelta(days=1)
    return next_day if due and abs(next_day - due) < abs(at - due) else at


@lru_cache(maxsize=8192)
def _clock(text: str) -> tuple[int | None, timedelta]:
    """(days later, where it says so; the time since midnight)."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise CellError("看不懂这个时间", _CLOCK_REMEDY)
    at = time_of(f"{match[2]}:{match[3]}", _CLOCK_REMEDY)
    said = {"次日": 1, "当日": 0}.get(match[1])
    return said, timedelta(hours=at.hour, minutes=at.minute)


@lru_cache(maxsize=512)
def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def time_of(shown: str, remedy: str) -> time:
    """A time of day, 24:00 as midnight. CellError where there is none such."""
    hours, minutes = shown.replace("：", ":").split(":")
    try:
        return time(int(hours) % 24 if hours == "24" else int(hours), int(minutes))
    except ValueError:
        raise CellError(f"没有 {shown} 这个时间", remedy) from None


@lru_cache(maxsize=8192)
def span_of(hours: ReportedShift, day: date) -> ShiftTimes:
    """When the shift of a day begins and ends; what is not after its start is on the next day."""
    start = timezone.make_aware(datetime.combine(day, hours.starts_at))

    def after(clock: time | None) -> datetime | None:
        if clock is None:
            return None
        moment = timezone.make_aware(datetime.combine(day, clock))
        return moment if moment > start else moment + timedelta(days=1)

    end = after(hours.ends_at)
    assert end is not None
    return ShiftTimes(start, end, after(hours.break_starts_at), after(hours.break_ends_at))
