"""The cells of DingTalk's daily report: shifts, clock times and approved leave, as they are written."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from rules.leave_types import LEAVE_WORDS
from sheets.errors import CellError
from shifts.models import Leave
from shifts.models.roster import ShiftTimes

REST = frozenset({"休息", "休", "排休", "轮休", "公休", "休息日"})
NO_PUNCH = frozenset({"", "缺卡", "未打卡", "-", "--", "无"})
# Approvals that are no leave; they are asked for in the system itself.
NOT_LEAVE = ("外出", "出差", "外勤", "加班", "补卡", "换班", "调班")

_CLOCK = re.compile(r"(当日|次日)?\s*(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?", re.ASCII)
_HOURS = re.compile(
    r"(\d{1,2}[:：]\d{2})\s*(?:-|~|—|–|至|到)+\s*(次日|当日)?\s*(\d{1,2}[:：]\d{2})", re.ASCII
)
_DAY = r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?\s*(上午|下午|\d{1,2}[:：]\d{2})?"
_APPROVAL = re.compile(
    rf"(?P<type>[^\d\s]+?)\s*{_DAY}\s*(?:到|至|~|—)\s*{_DAY}\s*(?P<length>\d+(?:\.\d+)?)\s*(?P<unit>天|小时)"
)
_SHIFT_REMEDY = "请写成“白班 08:30-17:30”或“晚班 17:30-次日01:00”，不上班的写“休息”"
_CLOCK_REMEDY = "请写成 08:30 或“次日 01:07”，没有打卡的留空"
_APPROVAL_REMEDY = "请写成“事假 02-01 到 02-01 1天”，几张单子用分号隔开"


@dataclass(frozen=True, slots=True)
class ReportedShift:
    """A shift as the report writes it: its name and the clock times of its one or two parts.

    `in_parts`: each of its two parts is clocked by itself.
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


@dataclass(frozen=True, slots=True)
class ReportedLeave:
    """Leave that an approval grants; `half` of a shift where it is half a day and says which."""

    type: str
    starts_on: date
    days: Decimal
    half: str = ""


def shift_of(shown: str) -> ReportedShift | None:
    """The shift, None for a day of rest. CellError where it cannot be read."""
    text = shown.strip()
    if text in REST:
        return None
    parts = list(_HOURS.finditer(text))
    if not 1 <= len(parts) <= 2:
        raise CellError("看不懂这个班次", _SHIFT_REMEDY)
    clocks = [_time(each, _SHIFT_REMEDY) for part in parts for each in (part[1], part[3])]
    name = text[: parts[0].start()].strip(" :：(（") or f"{clocks[0]:%H:%M}-{clocks[-1]:%H:%M}"
    pause = clocks[1:3] if len(parts) == 2 else [None, None]
    return ReportedShift(name[:32], clocks[0], clocks[-1], *pause)


def moment_of(shown: str | None, day: date, due: datetime | None) -> datetime | None:
    """When somebody clocked, None without a punch. CellError where it cannot be read.

    `due`: when the shift begins or ends; a time that does not say 次日 is the one nearest to it.
    """
    text = (shown or "").strip()
    if text in NO_PUNCH:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise CellError("看不懂这个时间", _CLOCK_REMEDY)
    at = timezone.make_aware(datetime.combine(day, _time(f"{match[2]}:{match[3]}", _CLOCK_REMEDY)))
    next_day = at + timedelta(days=1)
    if match[1] == "次日":
        return next_day
    return next_day if not match[1] and due and abs(next_day - due) < abs(at - due) else at


def leave_of(shown: str | None, day: date) -> tuple[list[ReportedLeave], int]:
    """(leave that the approvals of a row grant, how many approvals are no leave).

    CellError where something cannot be read. A year that is not written is the one nearest to `day`.
    """
    text = (shown or "").strip()
    found: list[ReportedLeave] = []
    others = 0
    rest = text
    for match in _APPROVAL.finditer(text):
        rest = rest.replace(match[0], "", 1)
        label = match["type"].strip("；;，,、。")
        if label.startswith(NOT_LEAVE):
            others += 1
        else:
            found += _leave(label, match, day)
    rest = re.sub(r"[；;，,、。\s]", "", rest)
    if rest.startswith(NOT_LEAVE):
        others += 1
    elif rest:
        raise CellError("看不懂这张审批单", _APPROVAL_REMEDY)
    return found, others


def _leave(label: str, match: re.Match[str], day: date) -> list[ReportedLeave]:
    kind = LEAVE_WORDS.get(label)
    if kind is None:
        known = "、".join(LEAVE_WORDS)
        raise CellError(f"没有“{label}”这种假", f"可以写：{known}")
    if match["unit"] == "小时":
        raise CellError("请假按小时写，折不成天数", "请把审批单的时长改成天数，半天写 0.5天")
    _, *groups = match.groups()
    start, end = _day(groups[:3], day), _day(groups[4:7], day)
    days, begins = Decimal(match["length"]), groups[3] or ""
    if not 0 < days <= (end - start).days + 1:
        raise CellError(f"{start} 至 {end} 没有 {days} 天", _APPROVAL_REMEDY)
    if days < 1:
        half = {"上午": Leave.Half.FIRST, "下午": Leave.Half.SECOND}.get(begins, "")
        return [ReportedLeave(kind, start, days, half if days == Decimal("0.5") else "")]
    if begins == "下午" and days % 1 == Decimal("0.5"):
        first = ReportedLeave(kind, start, Decimal("0.5"), Leave.Half.SECOND)
        return [first, ReportedLeave(kind, start + timedelta(days=1), days - first.days)]
    return [ReportedLeave(kind, start, days)]


def _day(parts: "list[str | None]", near: date) -> date:
    year, month, day = parts
    years = [int(year)] if year else [near.year - 1, near.year, near.year + 1]
    found = []
    for each in years:
        try:
            found.append(date(each, int(month or 0), int(day or 0)))
        except ValueError:
            continue
    if not found:
        raise CellError(f"没有 {month}-{day} 这一天", _APPROVAL_REMEDY)
    return min(found, key=lambda each: abs(each - near))


def _time(shown: str, remedy: str) -> time:
    hours, minutes = shown.replace("：", ":").split(":")
    try:
        return time(int(hours) % 24 if hours == "24" else int(hours), int(minutes))
    except ValueError:
        raise CellError(f"没有 {shown} 这个时间", remedy) from None


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
