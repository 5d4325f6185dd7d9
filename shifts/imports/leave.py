"""Spreadsheets of leave; the same person, first day, type and half again is a correction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from people.models import Department
from rules.leave_types import LEAVE_LABELS
from sheets.errors import CellError, SheetError
from sheets.loading import Summary
from sheets.table import Table
from shifts.days_owed import DaysOwed
from shifts.imports.approvals import PersonDays, ReportedLeave, leaves_of
from shifts.imports.common import check, update
from shifts.imports.leave_rows import LeaveRow, leave_rows
from shifts.imports.leave_words import NO_LEAVE, OUTING, LeaveWords
from shifts.imports.report_outings import outings_wanted, store_outings
from shifts.imports.report_rows import Key, ReportedDay
from shifts.imports.totals import leave_totals
from shifts.models import Leave
from shifts.models.roster import ShiftTimes
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave import leaves_near, longest_reach
from shifts.selectors.leave_rules import NaturalLeave
from shifts.selectors.rosters import roster_days_of
from shifts.services import check_employed, check_leave_days, leaves_overlap
from shifts.services.derive import days_derive
from shifts.services.leave import days_of_leave
from shifts.services.leave_balances import beyond_balance

LEAVE_DETAILS = ("days", "half", "certificate", "approved", "natural", "starts_at", "ends_at")
DAY = timedelta(days=1)
LeaveKey = tuple[int, date, str, str, datetime | None]  # person, first day, type, half, from when
HALVES = {"上午": Leave.Half.FIRST, "下午": Leave.Half.SECOND} | {half.label: half for half in Leave.Half}


def load_leave(table: Table, *, department: Department, at: datetime) -> Summary:
    """Leave in; days that it touches are derived anew."""
    rows = list(leave_rows(table, department))
    words, days = LeaveWords(table), _person_days(rows)
    outings: list[ReportedDay] = []
    natural = NaturalLeave(department)
    wanted = [
        (row.number, leave)
        for row in rows
        for leave in _leaves(table, row, words, days[row.staff.pk], natural, outings)
    ]
    ends_on = {row.number: row.ends_on for row in rows}
    stored = leave_around(department, [leave for _, leave in wanted])
    owed = owed_of_leave([*stored, *(leave for _, leave in wanted)])
    for number, leave in wanted:
        leave.natural = natural.counts(leave.staff_id, leave.type, leave.starts_on) or reaches_beyond(
            leave, None if leave.starts_at else ends_on.get(number), owed[leave.staff_id]
        )
    known = _known(stored, [leave for _, leave in wanted])
    replaced = {key_of(leave) for _, leave in wanted}
    kept: dict[int, list[tuple[str, Leave]]] = defaultdict(list)
    for key, leave in known.items():
        if key not in replaced:
            kept[leave.staff_id].append((f"{leave.starts_on:%Y-%m-%d} 起的{leave.get_type_display()}", leave))
    for number, leave in wanted:
        for name, other in kept[leave.staff_id]:
            if leaves_overlap(leave, other, owed[leave.staff_id]):
                table.add_error(number, "starts_on", f"与{name}重叠", "请更正日期或天数", leave.starts_on)
        kept[leave.staff_id].append((f"第 {number} 行", leave))
    for number, leave, told in beyond_balance(wanted, [known[key] for key in replaced & known.keys()], owed):
        table.add_error(number, "days", told, "请更正天数，或先更正这个人的余额", leave.days)
    table.check()
    if not wanted and not outings:
        raise SheetError("文件里没有本部门已批准的请假。请检查部门和文件。")
    excused = outings_wanted(outings, days, words, ())
    touched = store_outings(excused, None, at)
    done = _store_leave(department, known, [leave for _, leave in wanted], owed, touched, at)
    return replace(done, rows=len(rows))


def _person_days(rows: Sequence[LeaveRow]) -> dict[int, PersonDays]:
    """The days of these people, as rostered or owed, around what they ask for; three queries."""
    if not rows:
        return {}
    people = {row.staff.pk for row in rows}
    first = min(row.approval.starts_on for row in rows) - DAY
    last = max(row.approval.ends_on for row in rows) + DAY
    times: dict[int, dict[date, ShiftTimes | None]] = defaultdict(dict)
    for each in roster_days_of(people, first, last):
        times[each.staff_id][each.work_date] = each.times
    owed = days_owed_of(people, first)
    return {staff_id: PersonDays(times[staff_id], owed[staff_id]) for staff_id in people}


def _leaves(
    table: Table,
    row: LeaveRow,
    words: LeaveWords,
    days: PersonDays,
    natural: NaturalLeave,
    outings: list[ReportedDay],
) -> list[Leave]:
    """The leave of a row; nothing where something is wrong with it, which is recorded, or it is none.

    What is no leave but an outing by the department's word goes into `outings`.
    """
    found = len(table.errors)
    given, approval = row.given, row.approval
    kind = words.of(given["type"])
    check(table, row.number, "starts_on", approval.starts_on, check_employed, row.staff, approval.starts_on)
    if kind == NO_LEAVE:
        table.leave_out(row.number, f"不算请假的（{given['type']}）")
    if kind == OUTING:
        outings.append(ReportedDay(row.number, row.staff, approval.starts_on, approvals=[approval]))
    if kind not in LEAVE_LABELS or len(table.errors) > found:
        return []
    half = (given.get("half") or "").strip()
    if half and half not in HALVES:
        table.add_error(row.number, "half", "没有这种半天", f"可以填：{'、'.join(HALVES)}", half)
        return []
    try:
        if row.is_plain and row.ends_on is None and approval.days is not None:
            said = [ReportedLeave(kind, approval.starts_on, approval.days)]
        else:
            every_day = natural.counts(row.staff.pk, kind, approval.starts_on)
            said = leaves_of(approval, kind, days, is_natural=every_day)
    except CellError as error:
        table.add_error(row.number, "ends_on", error.message, "请更正日期或天数", row.ends_on)
        return []
    leaves = []
    for each in said:
        check(table, row.number, "days", each.days, check_leave_days, each.days)
        leave = Leave(staff=row.staff, type=kind, starts_on=each.starts_on, days=each.days)
        leave.half = HALVES[half] if half and each.days % 1 and not each.starts_at else each.half
        leave.starts_at, leave.ends_at = each.starts_at, each.ends_at
        # Blank says nothing: no certificate was seen, and leave that was entered was granted.
        leave.certificate = bool(given.get("certificate"))
        leave.approved = given.get("approved") is not False
        leaves.append(leave)
    return leaves if len(table.errors) == found else []


def _known(stored: Iterable[Leave], wanted: Iterable[Leave]) -> dict[LeaveKey, Leave]:
    """The stored leave by its key; what did not say its half or hours, by those of the same days of leave."""
    known = {key_of(leave): leave for leave in stored}
    for leave in wanted:
        unsaid = (leave.staff_id, leave.starts_on, leave.type, "", None)
        old = known.get(unsaid)
        if old is not None and old.days == leave.days and key_of(leave) not in known:
            known[key_of(leave)] = known.pop(unsaid)
    return known


def leave_around(department: Department, wanted: Iterable[Leave]) -> list[Leave]:
    """The stored leave that may overlap the given; one query."""
    spans = [(leave.starts_on, longest_reach(leave)) for leave in wanted]
    if not spans:
        return []
    near = leaves_near(min(start for start, _ in spans), max(end for _, end in spans))
    return list(near.filter(staff__department=department).order_by("pk"))


def owed_of_leave(leaves: Collection[Leave]) -> dict[int, DaysOwed]:
    """The days owed, by person, that these leaves may reach over; two queries."""
    first = min((leave.starts_on for leave in leaves), default=date.max)
    return days_owed_of({leave.staff_id for leave in leaves}, first)


def reaches_beyond(leave: Leave, ends_on: date | None, owed: DaysOwed) -> bool:
    """Whether so many days owed end after the last day that a file says: then it counted natural ones."""
    return ends_on is not None and owed.last_of_leave(leave.starts_on, leave.days) > ends_on


def key_of(leave: Leave) -> LeaveKey:
    return leave.staff_id, leave.starts_on, leave.type, leave.half, leave.starts_at


def _store_leave(
    department: Department,
    known: dict[LeaveKey, Leave],
    wanted: list[Leave],
    owed: dict[int, DaysOwed],
    outings: Collection[Key],
    at: datetime,
) -> Summary:
    new: list[Leave] = []
    changed: list[Leave] = []
    days: set[date] = {day for _, day in outings}
    by_type: dict[str, Decimal] = defaultdict(Decimal)
    for leave in wanted:
        by_type[leave.get_type_display()] += leave.days
        old = known.get(key_of(leave))
        if old is None:
            new.append(leave)
        else:
            before = _days_of(old, owed)
            if not update(old, {name: getattr(leave, name) for name in LEAVE_DETAILS}):
                continue
            changed.append(old)
            days.update(before)
        days.update(_days_of(leave, owed))
    Leave.objects.bulk_create(new, batch_size=2000)
    Leave.objects.bulk_update(changed, LEAVE_DETAILS, batch_size=2000)
    if days:
        days |= days_derive(department=department, first=min(days), last=max(days), now=at).months
    return Summary(
        rows=len(wanted),
        created=len(new) + len(outings),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(day.replace(day=1) for day in days),
        totals=(("人", f"{len({leave.staff_id for leave in wanted})} 人"), *leave_totals(by_type)),
    )


def _days_of(leave: Leave, owed: dict[int, DaysOwed]) -> set[date]:
    return {day for day, _ in days_of_leave(leave, owed[leave.staff_id])} or {leave.starts_on}
