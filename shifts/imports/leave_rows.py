"""The rows of a leave file: HR's own list, or what the approvals of DingTalk and WeCom are exported as."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from people.models import Department, Staff
from people.rows import ALIAS, NAME, NUMBER, People
from sheets.errors import CellError
from sheets.questions import Question
from sheets.table import Table
from sheets.values import day as read_day
from sheets.values import quantity
from shifts.imports.approvals import Approval
from shifts.imports.common import find_person, strangers_left_out
from shifts.selectors.rosters import USUAL_HOURS

_WHEN = re.compile(r"(.*?)\s*(上午|下午|(?:[T\s]\s*)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?", re.DOTALL)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(天|日|小时|个小时|h|分钟)?", re.IGNORECASE)
_HOURS = {"小时", "个小时", "h"}
_SOME_HOURS = Decimal(2)  # the breaks that a day may have
_HALF_A_DAY = Decimal(5)
_TOO_LONG = Decimal(10_000)
DAYS, HOURS = "day", "hour"
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A good row; `approval`: from when until when, how long; `ends_on`: what the file says of its end."""

    number: int
    staff: Staff
    given: dict[str, Any]
    approval: Approval
    ends_on: date | None

    @property
    def is_plain(self) -> bool:
        """Whether it is so many days from a day on, and no more is said."""
        return self.approval.hours is None and not (self.approval.begins or self.approval.ends)


def leave_rows(table: Table, department: Department) -> Iterator[LeaveRow]:
    """The good rows; what is wrong is recorded, what is not granted or of other people is left out."""
    people = People(table, department)
    is_export = table.profile.name != "default"
    found = [
        (number, dict(zip(table.fields, values, strict=True)))
        for number, values in table.rows(raise_at_end=False)
    ]
    has_numbers = any(given[NUMBER] for _, given in found)
    strangers: dict[str, list[int]] = defaultdict(list)
    for number, given in found:
        if is_export and not _is_granted(table, number, given):
            continue
        starts = _when(table, number, given, "starts_on")
        ends = _when(table, number, given, "ends_on") if given["ends_on"] else None
        if is_export:
            who = {name: given.get(name) for name in ((NUMBER, NAME) if has_numbers else (ALIAS, NAME))}
            is_ours, person = find_person(people, number, who, starts and starts[0])
            if not is_ours:
                strangers[given.get(NAME) or given.get(NUMBER) or "没有姓名"].append(number)
                continue
        else:
            person = people.of(number, given, starts and starts[0])
        if person is None or starts is None or (given["ends_on"] and ends is None):
            continue
        approval = _approval(table, number, given, starts, ends)
        if approval is not None:
            yield LeaveRow(number, person, given, approval, ends and ends[0])
    if strangers:
        strangers_left_out(table, strangers)


def _is_granted(table: Table, number: int, given: dict[str, Any]) -> bool:
    """Whether an approval was granted; what was withdrawn, refused or still waits is left out."""
    rules = table.profile.rules
    said = [text for name in ("result", "state") if (text := (given.get(name) or "").strip().strip("-—"))]
    void = next((text for text in said if text in rules["left_out"]), None)
    if void is None and said and not any(text in rules["granted"] for text in said):
        question = Question(
            f"approval:{said[0][:_LONGEST]}",
            f"审批单写着“{said[0]}”，算不算批准？",
            (("granted", "算批准"), ("void", "不算，不导入")),
        )
        void = said[0] if table.ask(question) == "void" else None
    if void is not None:
        table.leave_out(number, f"{void}的审批单")
    return void is None


def _when(table: Table, number: int, given: dict[str, Any], field: str) -> tuple[date, str] | None:
    """(day, 上午, 下午 or the time where the cell says it); None where it is wrong, which is recorded."""
    shown = (given[field] or "").strip()
    match = _WHEN.fullmatch(shown)
    assert match is not None
    clock = (match[2] or "").strip("T ").replace("：", ":")
    try:
        day = read_day(match[1])
        if day is None:
            raise CellError("不是日期", "请写成 2020-02-21 的形式")
    except CellError as error:
        table.add_error(number, field, error.message, error.remedy, shown)
        return None
    # A date of a spreadsheet reads as midnight.
    return day, "" if clock == "00:00:00" else clock


def _approval(
    table: Table, number: int, given: dict[str, Any], starts: tuple[date, str], ends: tuple[date, str] | None
) -> Approval | None:
    """The leave of a row; None where it is wrong or asked about."""
    (starts_on, begins), (ends_on, until) = starts, ends or (starts[0], "")
    if ends_on < starts_on:
        table.add_error(number, "ends_on", "结束早于开始", "请更正日期", ends_on)
        return None
    bare = Approval(given["type"], starts_on, begins, ends_on, until)
    try:
        if bare.is_timed and bare.span[0] >= bare.span[1]:
            raise CellError("结束早于开始", "请更正时间")
    except CellError as error:
        table.add_error(number, "ends_on", error.message, error.remedy, given["ends_on"])
        return None
    length = _length(table, number, given, bare)
    if length is None:
        return None
    amount, unit = length
    if unit == HOURS:
        return Approval(given["type"], starts_on, begins, ends_on, until, hours=amount)
    return Approval(given["type"], starts_on, begins, ends_on, until, days=amount)


def _length(
    table: Table, number: int, given: dict[str, Any], bare: Approval
) -> tuple[Decimal | None, str] | None:
    """(how long, in which unit), nothing but the unit where start and end say it; None where it is wrong."""
    for field, unit in (("days", DAYS), ("hours", HOURS), ("length", "")):
        shown = (given.get(field) or "").strip()
        if not shown:
            continue
        match = _LENGTH.fullmatch(shown)
        try:
            amount = Decimal(match[1]) if match else quantity(shown)
        except CellError as error:
            table.add_error(number, field, error.message, error.remedy, shown)
            return None
        assert amount is not None
        if amount >= _TOO_LONG:
            table.add_error(number, field, "时长太长", "请更正时长", shown)
            return None
        written = (match and match[2]) or (given.get("unit") or "").strip()
        if written == "分钟":
            return amount / 60, HOURS
        if written:
            return amount, HOURS if written.lower() in _HOURS else DAYS
        unit = unit or _unit(amount, bare) or _asked(table, field, shown, bare)
        return (amount, unit) if unit else None
    if bare.is_timed:
        return None, HOURS
    if given["ends_on"]:
        return None, DAYS
    table.add_error(number, "days", "不能为空", "请填写天数，按小时请的填小时", "")
    return None


def _unit(amount: Decimal, bare: Approval) -> str:
    """The unit of a bare figure, where start and end leave one only."""
    if not bare.is_timed:
        span = (bare.ends_on - bare.starts_on).days + 1
        return DAYS if amount <= span else HOURS
    hours = Decimal(int((bare.span[1] - bare.span[0]).total_seconds())) / 3600
    as_hours = hours - (_SOME_HOURS if hours > _HALF_A_DAY else 1) <= amount <= hours
    most = amount * USUAL_HOURS
    as_days = amount <= 1 and most - 1 <= hours <= most + _SOME_HOURS
    if bare.starts_on != bare.ends_on:
        as_days = amount <= (bare.ends_on - bare.starts_on).days + 1
        as_hours = not as_days
    if as_hours == as_days:
        return ""
    return HOURS if as_hours else DAYS


def _asked(table: Table, field: str, shown: str, bare: Approval) -> str:
    header = table.header_of(field)
    sample = f"{bare.starts_on} {bare.begins} 至 {bare.ends_on} {bare.ends}，{header} {shown}"
    question = Question(
        f"leave_unit:{header[:_LONGEST]}",
        f"「{header}」的单位是天还是小时？",
        ((DAYS, "天"), (HOURS, "小时")),
        (sample,),
    )
    return table.ask(question) or ""
