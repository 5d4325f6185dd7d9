"""Spreadsheets of leave; the same person, first day, type and half again is a correction."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from people.models import Department, Staff
from rules.leave_types import LEAVE_LABELS, LEAVE_WORDS
from sheets.loading import Summary
from sheets.table import Table
from sheets.values import choice
from shifts.days_owed import DaysOwed
from shifts.imports.common import check, rows_of, update
from shifts.models import Leave
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave import leaves_near, longest_reach
from shifts.selectors.leave_rules import NaturalLeave
from shifts.services import check_employed, check_leave_days, leaves_overlap
from shifts.services.derive import days_derive
from shifts.services.leave import days_of_leave

LEAVE_DETAILS = ("days", "certificate", "approved", "natural")
LeaveKey = tuple[int, date, str, str, datetime | None]  # person, first day, type, half, from when
leave_type = choice(LEAVE_WORDS, is_open=True)
HALVES = {"上午": Leave.Half.FIRST, "下午": Leave.Half.SECOND} | {half.label: half for half in Leave.Half}


def load_leave(table: Table, *, department: Department, at: datetime) -> Summary:
    """Leave in; days that it touches are derived anew."""
    rows = list(rows_of(table, department))
    wanted = [
        (number, leave) for number, person, given in rows if (leave := _leave(table, number, person, given))
    ]
    ends_on = {number: given["ends_on"] for number, _, given in rows}
    stored = leave_around(department, [leave for _, leave in wanted])
    owed = owed_of_leave([*stored, *(leave for _, leave in wanted)])
    natural = NaturalLeave(department)
    for number, leave in wanted:
        leave.natural = natural.counts(leave.staff_id, leave.type, leave.starts_on) or reaches_beyond(
            leave, ends_on.get(number), owed[leave.staff_id]
        )
    known = {key_of(leave): leave for leave in stored}
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
    table.check()
    return _store_leave(department, known, [leave for _, leave in wanted], owed, at)


def _leave(table: Table, number: int, person: Staff, given: dict[str, Any]) -> Leave | None:
    """The leave of a row; None when something is wrong with it, which is recorded."""
    found = len(table.errors)
    starts_on, days, ends_on = given["starts_on"], given["days"], given["ends_on"]
    kind = leave_type(given["type"])
    if kind not in LEAVE_LABELS:
        known = "、".join(LEAVE_LABELS.values())
        table.add_error(number, "type", "没有这种假", f"可以填：{known}", given["type"])
    check(table, number, "starts_on", starts_on, check_employed, person, starts_on)
    check(table, number, "days", days, check_leave_days, days)
    if ends_on and (ends_on < starts_on or days > (ends_on - starts_on).days + 1):
        table.add_error(
            number, "ends_on", f"{starts_on} 至 {ends_on} 没有 {days} 天", "请更正日期或天数", ends_on
        )
    half = (given["half"] or "").strip()
    if half and half not in HALVES:
        table.add_error(number, "half", "没有这种半天", f"可以填：{'、'.join(HALVES)}", half)
    if len(table.errors) > found:
        return None
    leave = Leave(staff=person, starts_on=starts_on, days=days, type=kind)
    leave.half = HALVES[half] if half and days % 1 else ""
    # Blank says nothing: no certificate was seen, and leave that was entered was granted.
    leave.certificate = bool(given["certificate"])
    leave.approved = given["approved"] is not False
    return leave


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
    at: datetime,
) -> Summary:
    new: list[Leave] = []
    changed: list[Leave] = []
    days: set[date] = set()
    for leave in wanted:
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
        created=len(new),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(day.replace(day=1) for day in days),
    )


def _days_of(leave: Leave, owed: dict[int, DaysOwed]) -> set[date]:
    return {day for day, _ in days_of_leave(leave, owed[leave.staff_id])} or {leave.starts_on}
