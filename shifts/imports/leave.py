"""Spreadsheets of leave; the same person, first day and type again is a correction."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from people.batches import Summary
from people.models import Department, Staff
from rules.periods import days_between
from sheets.table import Table
from shifts.imports.common import check, rows_of, update
from shifts.models import Leave
from shifts.services import MOST_DAYS, check_employed, check_leave_days, leave_end, leaves_overlap
from shifts.services.derive import days_derive

LEAVE_DETAILS = ("days", "certificate", "approved")


def load_leave(table: Table, *, department: Department, at: datetime) -> Summary:
    """Leave in; days that it touches are derived anew."""
    rows = list(rows_of(table, department))
    wanted = [
        (number, leave) for number, person, given in rows if (leave := _leave(table, number, person, given))
    ]
    stored = leave_around(department, [leave for _, leave in wanted])
    known = {(leave.staff_id, leave.starts_on, leave.type): leave for leave in stored}
    replaced = {(leave.staff_id, leave.starts_on, leave.type) for _, leave in wanted}
    kept: dict[int, list[tuple[str, Leave]]] = defaultdict(list)
    for key, leave in known.items():
        if key not in replaced:
            kept[leave.staff_id].append((f"{leave.starts_on:%Y-%m-%d} 起的{leave.get_type_display()}", leave))
    for number, leave in wanted:
        for name, other in kept[leave.staff_id]:
            if leaves_overlap(leave, other) or (other.starts_on, other.type) == (leave.starts_on, leave.type):
                table.add_error(number, "starts_on", f"与{name}重叠", "请更正日期或天数", leave.starts_on)
        kept[leave.staff_id].append((f"第 {number} 行", leave))
    table.check()
    return _store_leave(department, known, [leave for _, leave in wanted], at)


def _leave(table: Table, number: int, person: Staff, given: dict[str, Any]) -> Leave | None:
    """The leave of a row; None when something is wrong with it, which is recorded."""
    found = len(table.errors)
    starts_on, days, ends_on = given["starts_on"], given["days"], given["ends_on"]
    kinds = {label: code for code, label in Leave.Type.choices}
    kind = kinds.get(given["type"], given["type"])
    if kind not in Leave.Type.values:
        table.add_error(number, "type", "没有这种假", f"可以填：{'、'.join(kinds)}", given["type"])
    check(table, number, "starts_on", starts_on, check_employed, person, starts_on)
    check(table, number, "days", days, check_leave_days, days)
    if ends_on and (ends_on < starts_on or days > (ends_on - starts_on).days + 1):
        table.add_error(
            number, "ends_on", f"{starts_on} 至 {ends_on} 没有 {days} 天", "请更正日期或天数", ends_on
        )
    if len(table.errors) > found:
        return None
    leave = Leave(staff=person, starts_on=starts_on, days=days, type=kind)
    # Blank says nothing: no certificate was seen, and leave that was entered was granted.
    leave.certificate = bool(given["certificate"])
    leave.approved = given["approved"] is not False
    return leave


def leave_around(department: Department, wanted: Iterable[Leave]) -> list[Leave]:
    """The stored leave that may overlap the given; one query."""
    spans = [(leave.starts_on, leave_end(leave.starts_on, leave.days)) for leave in wanted]
    if not spans:
        return []
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    near = (first - timedelta(days=MOST_DAYS), last)
    return list(Leave.objects.filter(staff__department=department, starts_on__range=near).order_by("pk"))


def _store_leave(
    department: Department, known: dict[tuple[int, date, str], Leave], wanted: list[Leave], at: datetime
) -> Summary:
    new: list[Leave] = []
    changed: list[Leave] = []
    days: set[date] = set()
    for leave in wanted:
        old = known.get((leave.staff_id, leave.starts_on, leave.type))
        if old is None:
            new.append(leave)
        else:
            before = leave_end(old.starts_on, old.days)
            if not update(old, {name: getattr(leave, name) for name in LEAVE_DETAILS}):
                continue
            changed.append(old)
            days.update(days_between(old.starts_on, before))
        days.update(days_between(leave.starts_on, leave_end(leave.starts_on, leave.days)))
    Leave.objects.bulk_create(new, batch_size=2000)
    Leave.objects.bulk_update(changed, LEAVE_DETAILS, batch_size=2000)
    if days:
        # Days of rest do not count, so leave may reach further than its days.
        last = max(days) + (max(days) - min(days)) + timedelta(days=7)
        days |= days_derive(department=department, first=min(days), last=last, now=at).months
    return Summary(
        rows=len(wanted),
        created=len(new),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(day.replace(day=1) for day in days),
    )
