"""Approvals as the reports of DingTalk and WeCom write them beside a day, and the days that they are of.

A leave by the hour takes its hours of a day of eight, or of the shift where that is shorter or much longer:
a shift of nine hours has a break that nobody wrote.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from sheets.errors import CellError
from shifts.days_owed import DaysOwed
from shifts.imports.daily_cells import time_of
from shifts.models import Leave
from shifts.models.roster import ShiftTimes
from shifts.selectors.rosters import USUAL_HOURS

DAY = timedelta(days=1)
HALF, WHOLE = Decimal("0.5"), Decimal(1)
MORNING, AFTERNOON = "上午", "下午"
HALVES = {MORNING: Leave.Half.FIRST, AFTERNOON: Leave.Half.SECOND}
# A shift up to an hour longer than eight has its break in it.
_WITH_BREAK = Decimal(9)
_CENT = Decimal("0.01")


def _day_pattern(end: str) -> str:
    return (
        rf"(?:(?P<{end}_year>\d{{4}})[-/.年])?(?P<{end}_month>\d{{1,2}})[-/.月](?P<{end}_day>\d{{1,2}})日?"
        rf"\s*(?P<{end}_clock>上午|下午|{_CLOCK})?"
    )


_CLOCK = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_FROM, _TO = _day_pattern("from"), _day_pattern("to")
_LENGTH = (
    r"(?:(?P<days>\d{1,4}(?:\.\d{1,4})?)\s*天)?\s*(?:(?P<hours>\d{1,4}(?:\.\d{1,4})?)\s*个?小时)?"
    r"\s*(?:(?P<minutes>\d{1,5}(?:\.\d{1,4})?)\s*分钟)?"
)
_LABEL = r"(?P<label>[^\d\s；;，,、。（()）]+?)"
# 外出9.0小时（11/5 09:00 - 11/5 18:00）
_WECOM = re.compile(rf"{_LABEL}\s*{_LENGTH}\s*[（(]\s*{_FROM}\s*[-~至到]\s*{_TO}\s*[）)]")
# 事假10-09 08:30到10-09 13:30 4小时
_DINGTALK = re.compile(rf"{_LABEL}\s*{_FROM}\s*[到至~—]\s*(?:{_TO}|(?P<until>{_CLOCK}))\s*{_LENGTH}")
_PIECES = re.compile(r"[；;，,、。\s]+")
_IN_BRACKETS = re.compile(r"[（(][^）)]*[）)]")
_FIGURES = re.compile(r"[\d:：/.\-~到至天小时分钟]+")
_REMEDY = "请写成“事假 02-01 到 02-01 1天”或“外出 02-01 13:30到02-01 17:30 4小时”，几张单子用分号隔开"


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: its first and last day, with 上午, 下午 or the time where it says so, and its length."""

    label: str
    starts_on: date
    begins: str
    ends_on: date
    ends: str
    days: Decimal | None = None
    hours: Decimal | None = None

    @property
    def is_timed(self) -> bool:
        return ":" in self.begins and ":" in self.ends

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when, of one that has its times."""
        return _at(self.starts_on, self.begins), _at(self.ends_on, self.ends)


@dataclass(frozen=True, slots=True)
class ReportedLeave:
    """Leave that an approval grants; `half` of a shift where it is half a day and says which."""

    type: str
    starts_on: date
    days: Decimal
    half: str = ""
    ends_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonDays:
    """What somebody's days are: their shifts as far as roster or report tell, else those that are owed."""

    times: Mapping[date, ShiftTimes | None]
    owed: DaysOwed

    def of(self, day: date) -> ShiftTimes | None:
        """The shift of a day, the usual one where nobody tells; None for a day of rest."""
        if day in self.times:
            return self.times[day]
        if self.owed.is_rest(day):
            return None
        return ShiftTimes(_at(day, "09:00"), _at(day, "18:00"))

    def worth(self, day: date) -> Decimal:
        """The part of a day that there is to be taken of it."""
        return self.owed.to_work(day) or WHOLE

    def hours_of(self, day: date) -> Decimal:
        """How many hours of leave are a day of it."""
        times = self.times.get(day)
        if times is None:
            return USUAL_HOURS
        length = times.ends_at - times.starts_at
        if times.break_starts_at is not None and times.break_ends_at is not None:
            length -= times.break_ends_at - times.break_starts_at
        hours = Decimal(int(length.total_seconds())) / 3600
        return USUAL_HOURS if USUAL_HOURS <= hours <= _WITH_BREAK else hours


def approvals_of(shown: str | None, day: date, unread: Sequence[str]) -> tuple[list[Approval], int]:
    """(the approvals of a row, how many are of what is not read: `unread` are the beginnings of their names).

    CellError where something cannot be read. A year that is not written is the one nearest to `day`.
    """
    text = (shown or "").strip()
    if not text.strip("-—"):
        return [], 0
    found: list[Approval] = []
    others = 0
    for pattern in (_WECOM, _DINGTALK):
        for match in pattern.finditer(text):
            if match["label"].startswith(tuple(unread)):
                others += 1
            else:
                found.append(_approval(match, day))
        text = pattern.sub(" ", text)
    for piece in _PIECES.split(_IN_BRACKETS.sub("", text)):
        if piece.startswith(tuple(unread)):
            others += 1
        elif piece and not _FIGURES.fullmatch(piece):
            raise CellError("看不懂这张审批单", _REMEDY)
    return found, others


def _approval(match: re.Match[str], near: date) -> Approval:
    given = match.groupdict()
    starts_on = _day(given, "from", near)
    ends_on = starts_on if given.get("until") else _day(given, "to", near)
    hours = Decimal(given["hours"]) if given["hours"] else None
    if given["minutes"]:
        hours = (hours or Decimal(0)) + Decimal(given["minutes"]) / 60
    approval = Approval(
        label=given["label"],
        starts_on=starts_on,
        begins=_clock(given["from_clock"]),
        ends_on=ends_on,
        ends=_clock(given.get("until") or given["to_clock"]),
        days=Decimal(given["days"]) if given["days"] else None,
        hours=hours,
    )
    if ends_on < starts_on or (approval.is_timed and approval.span[0] >= approval.span[1]):
        raise CellError("结束早于开始", _REMEDY)
    return approval


def leaves_of(
    approval: Approval, kind: str, days: PersonDays, *, is_natural: bool = False
) -> list[ReportedLeave]:
    """The leave that an approval of a type of leave grants. CellError where its length cannot be.

    `is_natural`: every day counts, so that from one day to another it is all of them.
    """
    start, end = approval.starts_on, approval.ends_on
    if is_natural and approval.is_timed and approval.days is None and start < end:
        return [ReportedLeave(kind, start, Decimal((end - start).days + 1), ends_on=end)]
    if approval.is_timed and approval.days is None:
        return _by_the_hour(approval, kind, days)
    if approval.hours is not None and approval.days is None:
        part = approval.hours / days.hours_of(approval.starts_on)
        approval = _lasting(approval, min(part, WHOLE) if approval.starts_on == approval.ends_on else part)
    elif approval.hours is not None and approval.days is not None:
        approval = _lasting(approval, approval.days + approval.hours / USUAL_HOURS)
    return _by_the_day(approval, kind)


def _lasting(approval: Approval, days: Decimal) -> Approval:
    cents = max(days.quantize(_CENT, ROUND_HALF_UP), _CENT)
    return Approval(
        approval.label, approval.starts_on, approval.begins, approval.ends_on, approval.ends, cents
    )


def _by_the_day(approval: Approval, kind: str) -> list[ReportedLeave]:
    start, end, begins = approval.starts_on, approval.ends_on, approval.begins
    days = approval.days
    if days is None:
        days = Decimal((end - start).days + 1)
        days -= HALF * (begins == AFTERNOON) + HALF * (approval.ends == MORNING)
    if not 0 < days <= (end - start).days + 1:
        raise CellError(f"{start} 至 {end} 没有 {days} 天", _REMEDY)
    if days < 1:
        half = HALVES.get(begins, "") if days == HALF else ""
        return [ReportedLeave(kind, start, days, half)]
    if begins == AFTERNOON and days % 1 == HALF:
        first = ReportedLeave(kind, start, HALF, Leave.Half.SECOND)
        return [first, ReportedLeave(kind, start + DAY, days - HALF, ends_on=end)]
    return [ReportedLeave(kind, start, days, ends_on=end)]


def _by_the_hour(approval: Approval, kind: str, days: PersonDays) -> list[ReportedLeave]:
    """Leave from one moment to another: of each shift that it touches its part, of whole ones the day."""
    start, end = approval.span
    if approval.hours is not None and approval.hours * 3600 > int((end - start).total_seconds()):
        raise CellError(f"{start:%m-%d %H:%M} 至 {end:%m-%d %H:%M} 没有 {approval.hours} 小时", _REMEDY)
    touched = list(_touched(start, end, days))
    whole = [day for day, _, _, is_whole in touched if is_whole]
    parts = [(day, since, until) for day, since, until, is_whole in touched if not is_whole]
    if not touched:  # beyond every shift: it is of the day on which it begins
        parts = [(approval.starts_on, start, end)]
    found = [ReportedLeave(kind, run[0], sum(map(days.worth, run), Decimal(0))) for run in _runs(whole, days)]
    there = sum(((until - since) for _, since, until in parts), timedelta())
    left = None
    if approval.hours is not None:
        left = approval.hours - sum((days.hours_of(day) for day in whole), Decimal(0))
    for day, since, until in parts:
        hours = Decimal(int((until - since).total_seconds())) / 3600
        if left is not None and left > 0:
            hours = min(hours, left * Decimal((until - since) / there))
        part = min((hours / days.hours_of(day)).quantize(_CENT, ROUND_HALF_UP), days.worth(day))
        found.append(ReportedLeave(kind, day, max(part, _CENT), starts_at=since, ends_at=until))
    return found


def _touched(
    start: datetime, end: datetime, days: PersonDays
) -> Iterator[tuple[date, datetime, datetime, bool]]:
    """(work_date, since, until, whether that is all of it) of each shift between two moments."""
    day = timezone.localdate(start) - DAY
    while day <= timezone.localdate(end):
        times = days.of(day)
        if times is not None:
            since, until = max(start, times.starts_at), min(end, times.ends_at)
            if since < until:
                yield day, since, until, (since, until) == (times.starts_at, times.ends_at)
        day += DAY


def _runs(whole: Sequence[date], days: PersonDays) -> list[list[date]]:
    """Days of leave that follow one another, rest between them aside."""
    runs: list[list[date]] = []
    for day in whole:
        since = runs[-1][-1] + DAY if runs else day
        if not runs or any(days.of(since + DAY * i) is not None for i in range((day - since).days)):
            runs.append([])
        runs[-1].append(day)
    return runs


def outings_of(approval: Approval, days: PersonDays) -> list[tuple[date, datetime, datetime]]:
    """(work_date, from, until) of each shift that an approved outing or business trip is in."""
    if approval.is_timed:
        start, end = approval.span
    else:
        start = _moment(approval.starts_on, approval.begins, days, is_end=False)
        end = _moment(approval.ends_on, approval.ends, days, is_end=True)
    return [
        (day, since, until)
        for day, since, until, _ in _touched(start, end, days)
        if approval.is_timed or day >= approval.starts_on
    ]


def _moment(day: date, half: str, days: PersonDays, *, is_end: bool) -> datetime:
    """When the half of a day begins or ends: by its shift, else at noon; without a half the day itself."""
    if ":" in half:
        return _at(day, half)
    times = days.of(day)
    cut = middle_of(times) if times else _at(day, "12:00")
    if is_end:
        return cut if half == MORNING else (times.ends_at if times else _at(day + DAY, "00:00"))
    return cut if half == AFTERNOON else (times.starts_at if times else _at(day, "00:00"))


def middle_of(times: ShiftTimes) -> datetime:
    """Where a shift is in two: at the end of its break, else in its middle."""
    return times.break_ends_at or times.starts_at + (times.ends_at - times.starts_at) / 2


def _day(given: Mapping[str, str | None], end: str, near: date) -> date:
    year, month, day = (given[f"{end}_{part}"] for part in ("year", "month", "day"))
    found = []
    for each in [int(year)] if year else [near.year - 1, near.year, near.year + 1]:
        try:
            found.append(date(each, int(month or 0), int(day or 0)))
        except ValueError:
            continue
    if not found:
        raise CellError(f"没有 {month}-{day} 这一天", _REMEDY)
    return min(found, key=lambda each: abs(each - near))


def _clock(shown: str | None) -> str:
    """上午 or 下午 as it is, a time as 08:30."""
    return (shown or "").replace("：", ":")


def _at(day: date, clock: str) -> datetime:
    hours, minutes = clock.split(":")[:2]
    on = day + DAY if int(hours) == 24 else day
    return timezone.make_aware(datetime.combine(on, time_of(f"{hours}:{minutes}", _REMEDY)))
