"""WeCom's monthly report: a row a person, a column a day with what it came to in words.

Minutes late and early, absence and missing punches go in as figures of the day; leave stands there without
its approval and is told, not read.
"""

import re
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from people.models import Department, Staff
from people.rows import ALIAS, NAME, NUMBER, People
from rules.leave_types import LEAVE_WORDS
from sheets.errors import CellError, SheetError
from sheets.loading import Summary
from sheets.questions import Question
from sheets.table import Table
from sheets.values import key_of, month, plain
from shifts.imports.common import check, find_person, some, strangers_left_out
from shifts.imports.figures import store_figures
from shifts.services import check_employed

NORMAL, ABSENT, REST = "normal", "absent", "rest"
_DAY = re.compile(r"(?:\d{1,2}[-/.月])?(\d{1,2})[日号]?(?:星期|周|礼拜)?[一二三四五六日天]?")
_STATE = re.compile(
    r"(?P<word>[^\d\s;；,，:：（）()\-—]+)\s*(?P<length>\d+(?:\.\d+)?)?\s*(?P<unit>分钟|小时|天|次)?"
)
_IN_BRACKETS = re.compile(r"\([^)]*\d[^)]*\)")
_TIMES = re.compile(r"(?:次日|当日)?\s*\d{1,2}:\d{2}(?::\d{2})?")
_A_DAY = Decimal(480)  # minutes
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Day:
    """What a day came to, by its words; `leave`: it says leave too."""

    late_minutes: int = 0
    early_minutes: int = 0
    absent_days: Decimal = Decimal(0)
    missing_punches: int = 0
    leave: bool = False

    @property
    def figures(self) -> dict[str, Any]:
        return {
            "late_minutes": self.late_minutes,
            "early_minutes": self.early_minutes,
            "absent_days": min(self.absent_days, Decimal(1)),
            "missing_punches": self.missing_punches,
        }


def load_monthly(table: Table, *, department: Department) -> Summary:
    """Write the days of a monthly report. Raises SheetError(s)."""
    days = _days(table)
    states = _States(table)
    people = People(table, department)
    strangers: dict[str, list[int]] = defaultdict(list)
    wanted: dict[tuple[int, date], dict[str, Any]] = {}
    with_leave: list[str] = []
    for number, cells in table.raw_rows():
        person = _person(table, people, number, cells, days, strangers)
        for index, day in days.items() if person else ():
            try:
                came_to = states.read(plain(cells[index]))
            except CellError as error:
                table.add_error(number, NAME, error.message, error.remedy, cells[index], index)
                continue
            if came_to is not None and person is not None:
                # Of who came back within the month each day is of the employment that it was.
                person = people.numbered(person.number, day) or person
                check(table, number, NAME, day, check_employed, person, day)
                wanted[person.pk, day] = came_to.figures
                if came_to.leave:
                    with_leave.append(f"{person.number} {day:%m-%d}")
    if strangers:
        strangers_left_out(table, strangers)
    table.check()
    if not wanted:
        raise SheetError("文件里没有本部门的人的出勤。请检查部门和文件。")
    notes = []
    if with_leave:
        told = some(with_leave)
        notes.append(f"{len(with_leave)} 天写着请假，月报没有审批单，请另外导入请假审批：{told}。")
    return store_figures(department, wanted, rows=len(wanted), notes=tuple(notes))


def _person(
    table: Table,
    people: People,
    number: int,
    cells: list[Any],
    days: dict[int, date],
    strangers: dict[str, list[int]],
) -> Staff | None:
    who = {
        field: plain(cells[index]) or None
        for field in (NUMBER, ALIAS, NAME)
        if (index := table.index_of(field)) is not None
    }
    if not who.get(NUMBER):
        who.pop(NUMBER, None)
    is_ours, person = find_person(people, number, who, min(days.values()))
    if not is_ours:
        strangers[who.get(NAME) or who.get(ALIAS) or "没有姓名"].append(number)
    return person


def _days(table: Table) -> dict[int, date]:
    """The columns that are days: index → day. SheetError where there are none or their month is unknown."""
    found: dict[int, int] = {}
    placed = {placed.index for placed in table.header.placed}
    for index, key in enumerate(table.header.repeats[-1]):
        if index not in placed and (match := _DAY.fullmatch(key)):
            found[index] = int(match[1])
    if not found:
        raise SheetError("月报里没有每天的列。请在企业微信导出月报时保留每日的考勤结果，或者导出日报。")
    first = table.period[0].replace(day=1) if table.period else _asked_month(table)
    last = monthrange(first.year, first.month)[1]
    return {index: first.replace(day=number) for index, number in found.items() if 1 <= number <= last}


def _asked_month(table: Table) -> date:
    question = Question("month", "月报没有写年月，是哪个月的？", hint="写成 2026-10", is_kept=False)
    answer = table.ask(question)
    table.check()
    found = month(answer)
    if found is None:
        raise SheetError(f"“{answer}”不是月份。请写成 2026-10。")
    return found


class _States:
    """The words of days; one that is not known is asked about once."""

    def __init__(self, table: Table) -> None:
        rules = table.profile.rules
        self._table = table
        self._normal = tuple(map(key_of, rules["normal"]))
        self._rest = frozenset(map(key_of, rules["rest"]))
        self._leave = tuple(map(key_of, LEAVE_WORDS))

    def read(self, shown: str) -> Day | None:
        """What a day came to; None for one that was not to be worked. CellError for words without figures."""
        key = key_of(shown)
        bare = _TIMES.sub("", key).strip("-—;,")
        if not bare or bare in self._rest or any(bare.startswith(f"{word};") for word in self._rest):
            return None
        day = Day()
        for match in _STATE.finditer(_TIMES.sub("", _IN_BRACKETS.sub(_length_only, key))):
            if self._add(day, match) == REST:
                return None
        return day

    def _add(self, day: Day, match: re.Match[str]) -> str:
        word, length = match["word"], match["length"]
        if word.endswith(("迟到", "早退")):
            if length is None or match["unit"] == "次":
                raise CellError(f"只写着{word}，没有写几分钟", "请写成“迟到10分钟”，或者导入日报")
            minutes = int(Decimal(length) * (60 if match["unit"] == "小时" else 1))
            if word.endswith("迟到"):
                day.late_minutes += minutes
            else:
                day.early_minutes += minutes
        elif word.startswith("旷工"):
            day.absent_days += _part(length, match["unit"])
        elif word.endswith("缺卡"):
            day.missing_punches += 1
        elif word.startswith(self._leave) or word.endswith("假"):
            day.leave = True
        elif not word.startswith(self._normal) and word not in ("申请", "打卡"):
            return self._asked(day, word)
        return NORMAL

    def _asked(self, day: Day, word: str) -> str:
        choices = ((NORMAL, "正常出勤"), (REST, "休息或没有排班"), (ABSENT, "旷工一天"))
        answer = self._table.ask(Question(f"state:{word}", f"月报里的“{word}”算什么？", choices))
        if answer == ABSENT:
            day.absent_days += 1
        return answer or NORMAL


def _length_only(match: re.Match[str]) -> str:
    """Of what stands in brackets a length is kept: 迟到(10分钟)."""
    inner = match[0].strip("()")
    return inner if re.fullmatch(r"\d+(?:\.\d+)?(?:分钟|小时|天)", inner) else ""


def _part(length: str | None, unit: str | None) -> Decimal:
    if length is None or unit == "次":
        return Decimal(1)
    minutes = {"分钟": Decimal(1), "小时": Decimal(60)}.get(unit or "", _A_DAY)
    return min((Decimal(length) * minutes / _A_DAY).quantize(_CENT, ROUND_HALF_UP), Decimal(1))
