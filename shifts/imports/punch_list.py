"""Punches one a row, as a clock or an app lists them: derivation finds the shift that each is of."""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from core.copying import copy_lines
from people.models import Department, Staff
from people.rows import ALIAS, NAME, NUMBER, People
from sheets.errors import CellError, SheetError
from sheets.loading import Summary
from sheets.table import Table
from sheets.values import moment as read_moment
from shifts.imports.common import check, find_person, line, some, strangers_left_out
from shifts.imports.daily_cells import moment_of
from shifts.imports.totals import totals_of
from shifts.models import Punch, RosterDay
from shifts.services import check_employed
from shifts.services.derive import days_derive

DAY = timedelta(days=1)
_COLUMNS = "staff_id, at, source, work_date, is_in"
_TIME = re.compile(r"(?:次日|当日)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?")
_TIMES = re.compile(rf"(?:{_TIME.pattern}[\s;；,，、|]*)+")
_MISSING = "没有打卡时间的"
_VOID = "无效的打卡"
Mark = tuple[int, datetime, date | None, bool | None]


def load_punches(table: Table, *, department: Department, at: datetime) -> Summary:
    """Add the punches that are not there yet; the days around them are derived anew."""
    marks, people, read = _marks(table, department, at)
    table.check()
    if not marks:
        raise SheetError("文件里没有本部门的人的打卡。请检查部门和文件。")
    stored = set(
        Punch.objects.filter(
            staff__in=people,
            source=Punch.Source.FILE,
            at__range=(min(mark[1] for mark in marks), max(mark[1] for mark in marks)),
        ).values_list("staff_id", "at", "work_date", "is_in")
    )
    new = [mark for mark in marks if mark not in stored]
    if new:
        lines = [line(mark[0], mark[1], Punch.Source.FILE.value, *mark[2:]) for mark in new]
        copy_lines(Punch._meta.db_table, _COLUMNS, "".join(lines))
    days = {mark[2] or timezone.localdate(mark[1]) for mark in marks}
    # After midnight a punch may be of the shift of the day before.
    first, last = min(days) - DAY, max(days)
    derived = days_derive(department=department, first=first, last=last, now=at, staff=people.values())
    keys = {(mark[0], mark[2] or timezone.localdate(mark[1])) for mark in marks}
    return Summary(
        rows=read,
        created=len(new),
        changed=derived.changed + derived.removed,
        unchanged=len(marks) - len(new),
        months=frozenset(derived.months | {day.replace(day=1) for day in days if new}),
        notes=tuple(_notes(keys, people)),
        totals=totals_of(keys, {}),
    )


def _marks(
    table: Table, department: Department, at: datetime
) -> tuple[dict[Mark, None], dict[int, Staff], int]:
    """(the punches of the department's people, each once; these people; how many rows were read)."""
    people = People(table, department)
    rules = table.profile.rules
    found = [
        (number, dict(zip(table.fields, values, strict=True)))
        for number, values in table.rows(raise_at_end=False)
    ]
    has_numbers = any(given[NUMBER] for _, given in found)
    strangers: dict[str, list[int]] = defaultdict(list)
    marks: dict[Mark, None] = {}
    known: dict[int, Staff] = {}
    read = 0
    for number, given in found:
        if reason := _left_out(given, rules):
            table.leave_out(number, reason)
            continue
        moments = _clocked(table, number, given, at)
        who = {name: given.get(name) for name in ((NUMBER, NAME) if has_numbers else (ALIAS, NAME))}
        on = given["work_date"] or (timezone.localdate(moments[0]) if moments else None)
        is_ours, person = find_person(people, number, who, on)
        if not is_ours:
            strangers[given.get(NAME) or given.get(NUMBER) or given.get(ALIAS) or "没有姓名"].append(number)
        elif person is not None and moments and on is not None:
            check(table, number, "clocked_at", moments[0], _employed_about, person, on)
            way = (given["way"] or "").strip()
            is_in = True if way in rules["ways_in"] else False if way in rules["ways_out"] else None
            for moment in moments:
                marks[person.pk, moment, given["work_date"], is_in] = None
            known[person.pk] = person
            read += 1
    if strangers:
        strangers_left_out(table, strangers)
    return marks, known, read


def _left_out(given: dict[str, Any], rules: Any) -> str:
    """Why a row is no punch; blank where it is one."""
    if (given["clocked_at"] or "").strip() in ("", *rules["blanks"]):
        return _MISSING
    is_void = (given["result"] or "").startswith(tuple(rules["void_results"]))
    return _VOID if is_void or given["is_valid"] is False else ""


def _clocked(table: Table, number: int, given: dict[str, Any], at: datetime) -> list[datetime]:
    """The moments of a row: date and time in one cell, or times beside a date. None where one is wrong."""
    shown, on = given["clocked_at"].strip(), given["clocked_on"] or given["work_date"]
    try:
        if on is not None and _TIMES.fullmatch(shown):
            found = [moment_of(each, on, None) for each in _TIME.findall(shown)]
        else:
            naive = read_moment(shown)
            found = [timezone.make_aware(naive) if naive else None]
        moments = [each for each in found if each is not None]
        if any(each > at for each in moments):
            raise CellError("这个时间还没到", "请检查日期和时间")
    except CellError as error:
        table.add_error(number, "clocked_at", error.message, error.remedy, shown)
        return []
    return moments


def _employed_about(person: Staff, day: date) -> None:
    """Who has left may still clock out of the last night shift."""
    if not person.is_employed_on(day - DAY):
        check_employed(person, day)


def _notes(keys: set[tuple[int, date]], people: dict[int, Staff]) -> list[str]:
    """The days with punches of which nobody has a shift: they come to nothing until they are rostered."""
    days = [day for _, day in keys]
    rostered = set(
        RosterDay.objects.filter(
            staff__in=people, work_date__range=(min(days) - DAY, max(days)), pattern__isnull=False
        ).values_list("staff_id", "work_date")
    )
    bare = sorted(
        (people[staff_id].number, day)
        for staff_id, day in keys
        if not {(staff_id, day), (staff_id, day - DAY)} & rostered
    )
    if not bare:
        return []
    told = some([f"{number} {day:%m-%d}" for number, day in bare])
    return [f"{len(bare)} 天有打卡、没有排班，排班以后才算得出迟到和缺卡：{told}。"]
