"""A daily report of DingTalk or WeCom: punches, shifts that nobody rostered, leave, outings, and what the
days came to.

Everything is written or nothing. What a published roster says of a day stands; a time that a later report
gives takes the place of the earlier one, a blank says nothing. Rows of other people, and days that nobody
rostered, are left out and counted.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from people.models import Account, Department, Staff
from people.rows import ALIAS, NAME, NUMBER, People
from sheets.errors import SheetError
from sheets.loading import Summary
from sheets.table import Table
from shifts.days_owed import DaysOwed
from shifts.imports.approvals import PersonDays
from shifts.imports.common import find_person, some, strangers_left_out
from shifts.imports.leave_words import LeaveWords
from shifts.imports.report_leave import ReportedLeaves
from shifts.imports.report_outings import outings_wanted, store_outings
from shifts.imports.report_punches import store_punches
from shifts.imports.report_rosters import Rosters
from shifts.imports.report_rows import DAY, Key, ReportedDay, RowReader, in_parts
from shifts.imports.totals import totals_of
from shifts.selectors.days_owed import days_owed_of
from shifts.services.derive import Derived, days_derive

Given = tuple[int, Staff, dict[str, Any]]


def load_daily_report(table: Table, *, department: Department, by: Account | None, at: datetime) -> Summary:
    """Write a daily report; the number of queries does not depend on its rows. Raises SheetError(s)."""
    rows, rosters = daily_rows(table, department=department, by=by, at=at)
    rosters.take(rows)
    words = LeaveWords(table)
    person_days = _person_days(rows, rosters)
    leaves = ReportedLeaves(table, department, rows, person_days, words, rosters.added())
    outings = outings_wanted(rows, person_days, words, table.profile.rules["outing"])
    table.check()
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    touched = {*rosters.store(), *store_punches(rows, first, last), *leaves.store()}
    touched |= store_outings(outings, by, at)
    # Leave and outings may begin before the report and end after it.
    span = [first, last, *leaves.days, *(day for _, day in outings)]
    derived = days_derive(department=department, first=min(span), last=max(span), now=at)
    return Summary(
        rows=len(rows),
        created=len(touched),
        changed=derived.changed + derived.removed,
        unchanged=len({row.key for row in rows} - touched),
        months=frozenset(day.replace(day=1) for day in leaves.days | {day for _, day in touched})
        | derived.months,
        notes=tuple(_notes(rows, rosters, derived)),
        totals=totals_of({row.key for row in rows}, leaves.days_by_type()),
    )


def daily_rows(
    table: Table, *, department: Department, by: Account | None, at: datetime
) -> tuple[list[ReportedDay], Rosters]:
    """The good rows of the department's people, read whole, with the rosters of their days, locked.

    Raises SheetErrors for what cannot be read, SheetError where nothing is left to import.
    """
    reader = RowReader(table, at)
    given = _given(table, department, reader)
    if not given:
        table.check()
        raise SheetError("文件里没有本部门的人。请检查部门和文件。")
    days = [each["work_date"] for _, _, each in given]
    rosters = Rosters(table, department, days, by, at)
    rows = _rows(table, reader, rosters, given)
    table.check()
    if not rows and any(reader.has_punch(each) for _, _, each in given):
        raise SheetError("文件没有写班次，部门这些天也没有排班，打卡算不出结果。请先公布排班表，再导入打卡。")
    if not rows:
        raise SheetError("文件里本部门的人没有一天有班次、打卡或审批单。请检查导出的日期范围。")
    return rows, rosters


def _given(table: Table, department: Department, reader: RowReader) -> list[Given]:
    """(row, person, values) of the department's people; the rows of others are left out."""
    found = [
        (number, reader.tidy(dict(zip(table.fields, values, strict=True))))
        for number, values in table.rows(raise_at_end=False)
    ]
    people = People(table, department)
    has_numbers = any(given[NUMBER] for _, given in found)
    strangers: dict[str, list[int]] = defaultdict(list)
    known: list[Given] = []
    for number, given in found:
        who = {name: given.get(name) for name in ((NUMBER, NAME) if has_numbers else (ALIAS, NAME))}
        is_ours, person = find_person(people, number, who, given["work_date"])
        if not is_ours:
            strangers[_called(given)].append(number)
        elif person is not None:
            known.append((number, person, given))
    if strangers:
        strangers_left_out(table, strangers)
    return known


def _called(given: dict[str, Any]) -> str:
    name, number = given.get(NAME) or "", given.get(NUMBER) or given.get(ALIAS) or "没有工号"
    return f"{name}（{number}）" if name else number


def _rows(table: Table, reader: RowReader, rosters: Rosters, given: list[Given]) -> list[ReportedDay]:
    """The good rows that say something of their day, each day once."""
    shown = {number: reader.shift_shown(each) for number, _, each in given}
    rosters.note_hours(shown.values())
    # Where one row of a shift tells of a second coming, all its rows are in two parts.
    parted = {shown[number] for number, _, each in given if each["in_2"] or each["in_2_result"]}
    met: dict[Key, int] = {}
    rows: list[ReportedDay] = []
    for number, person, each in given:
        row = ReportedDay(number, person, each["work_date"])
        text = shown[number]
        if text in reader.rest:
            row.says_shift = True
        elif text:
            hours = rosters.shift(number, row.day, text)
            row.says_shift = hours is not None
            row.hours = hours and in_parts(hours, text in parted)
        if reason := _left_out(reader, rosters, row, each):
            table.leave_out(number, reason)
            continue
        if (earlier := met.setdefault(row.key, number)) != number:
            table.add_error(
                number, "work_date", f"与第 {earlier} 行是同一人同一天", "请核对人和日期", row.day
            )
        elif reader.read(row, each, rosters.times(row), in_parts=rosters.in_parts(row, is_told=bool(parted))):
            rows.append(row)
    return rows


def _left_out(reader: RowReader, rosters: Rosters, row: ReportedDay, given: dict[str, Any]) -> str:
    """Why a day is left out: somebody is not employed, or neither file nor roster has a shift of it."""
    punched, approved = reader.has_punch(given), given["approvals"]
    if not punched and not approved and not row.staff.is_employed_on(row.day):
        return "不在职的日子"
    if row.says_shift or approved or rosters.knows(row.key):
        return ""
    return "没有排班的日子" + ("，打卡没有读取（要计入的请先排班）" if punched else "")


def _person_days(rows: list[ReportedDay], rosters: Rosters) -> dict[int, PersonDays]:
    """The days of everybody who has an approval or an outing, for the hours of these."""
    starts = {row.staff.pk: approval.starts_on for row in rows for approval in row.approvals} | {
        row.staff.pk: row.day for row in rows if row.came_out or row.left_out
    }
    if not starts:
        return {}
    first = min([*starts.values(), *(each.starts_on for row in rows for each in row.approvals)]) - DAY
    owed = days_owed_of(set(starts), first)
    times, added = rosters.by_person(rows), rosters.added()
    return {
        staff_id: PersonDays(times.get(staff_id, {}), _with(owed[staff_id], added.get(staff_id, {})))
        for staff_id in starts
    }


def _with(owed: DaysOwed, parts: dict[date, Any]) -> DaysOwed:
    return DaysOwed(owed.calendar, {**owed.rostered, **parts}, owed.listed)


def _notes(rows: list[ReportedDay], rosters: Rosters, derived: Derived) -> Iterable[str]:
    yield from rosters.notes()
    if unread := sum(row.unread for row in rows):
        yield f"{unread} 张加班、补卡、换班等审批单没有读取，请在系统里登记。"
    if derived.differences:
        numbers = {row.staff.pk: row.staff.number for row in rows}
        told = [f"{numbers.get(each.staff_id, '')} {each.work_date:%m-%d}" for each in derived.differences]
        yield f"{len(told)} 天与录入的结果不同，保留录入的：{some(told)}。"
