"""Spreadsheets of attendance figures and of leave; each loader writes one parsed table or raises."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from people.batches import Load, Summary
from people.models import Department, Staff
from rules.kinds.base import FactRefused
from rules.periods import days_between
from sheets.table import Table
from shifts.models import Attendance, Leave
from shifts.services import (
    MOST_DAYS,
    check_attendance,
    check_employed,
    check_leave_days,
    leave_end,
    leaves_overlap,
)

FIGURES = ("late_minutes", "early_minutes", "absent_days")
LEAVE_DETAILS = ("days", "certificate", "approved")
_CENT = Decimal("0.01")


def attendance_loader(*, department: Department) -> Load:
    """A loader of attendance figures, one row a person and day; a day that is known already is corrected."""
    return partial(_load_attendance, department=department)


def leave_loader(*, department: Department) -> Load:
    """A loader of leave; the same person, first day and type again is a correction."""
    return partial(_load_leave, department=department)


def _load_attendance(table: Table, *, department: Department) -> Summary:
    rows = list(_rows(table, department))
    met: dict[tuple[int, date], int] = {}
    wanted: list[tuple[tuple[int, date], dict[str, Any]]] = []
    for number, person, given in rows:
        key = (person.pk, given["work_date"])
        figures = {name: given[name] or 0 for name in FIGURES if name in table.present}
        if (first := met.setdefault(key, number)) != number:
            table.add_error(
                number, "work_date", f"与第 {first} 行是同一人同一天", "请只保留一行", given["work_date"]
            )
        elif _fits(table, number, person, given, figures):
            wanted.append((key, figures))
    table.check()
    days = [day for (_, day), _ in wanted]
    stored = {
        (row.staff_id, row.work_date): row
        for row in Attendance.objects.filter(
            staff__department=department, work_date__range=(min(days), max(days))
        )
    }
    new = [Attendance(staff_id=key[0], work_date=key[1], **f) for key, f in wanted if key not in stored]
    changed = [stored[key] for key, figures in wanted if key in stored and _update(stored[key], figures)]
    Attendance.objects.bulk_create(new, batch_size=2000)
    Attendance.objects.bulk_update(changed, FIGURES, batch_size=2000)
    return Summary(
        rows=len(rows),
        created=len(new),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(row.work_date.replace(day=1) for row in [*new, *changed]),
    )


def _fits(table: Table, number: int, person: Staff, given: dict[str, Any], figures: dict[str, Any]) -> bool:
    """Whether the row may be stored; what is wrong with it is recorded."""
    found = len(table.errors)
    _check(table, number, "work_date", given["work_date"], check_employed, person, given["work_date"])
    nothing = {"late_minutes": 0, "early_minutes": 0, "absent_days": Decimal(0)}
    for name, value in figures.items():
        _check(table, number, name, value, check_attendance, **{**nothing, name: value})
    absent = Decimal(figures.get("absent_days", 0))
    if absent != absent.quantize(_CENT):
        table.add_error(number, "absent_days", "小数超过两位", "请最多写两位小数", absent)
    return len(table.errors) == found


def _load_leave(table: Table, *, department: Department) -> Summary:
    rows = list(_rows(table, department))
    wanted = [
        (number, leave) for number, person, given in rows if (leave := _leave(table, number, person, given))
    ]
    stored = _leave_around(department, [leave for _, leave in wanted])
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
    return _store_leave(known, [leave for _, leave in wanted])


def _leave(table: Table, number: int, person: Staff, given: dict[str, Any]) -> Leave | None:
    """The leave of a row; None when something is wrong with it, which is recorded."""
    found = len(table.errors)
    starts_on, days, ends_on = given["starts_on"], given["days"], given["ends_on"]
    kinds = {label: code for code, label in Leave.Type.choices}
    kind = kinds.get(given["type"], given["type"])
    if kind not in Leave.Type.values:
        table.add_error(number, "type", "没有这种假", f"可以填：{'、'.join(kinds)}", given["type"])
    _check(table, number, "starts_on", starts_on, check_employed, person, starts_on)
    _check(table, number, "days", days, check_leave_days, days)
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


def _leave_around(department: Department, wanted: Iterable[Leave]) -> list[Leave]:
    """The stored leave that may overlap the given; one query."""
    spans = [(leave.starts_on, leave_end(leave.starts_on, leave.days)) for leave in wanted]
    if not spans:
        return []
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    near = (first - timedelta(days=MOST_DAYS), last)
    return list(Leave.objects.filter(staff__department=department, starts_on__range=near).order_by("pk"))


def _store_leave(known: dict[tuple[int, date, str], Leave], wanted: list[Leave]) -> Summary:
    new: list[Leave] = []
    changed: list[Leave] = []
    days: set[date] = set()
    for leave in wanted:
        old = known.get((leave.staff_id, leave.starts_on, leave.type))
        if old is None:
            new.append(leave)
        else:
            before = leave_end(old.starts_on, old.days)
            if not _update(old, {name: getattr(leave, name) for name in LEAVE_DETAILS}):
                continue
            changed.append(old)
            days.update(days_between(old.starts_on, before))
        days.update(days_between(leave.starts_on, leave_end(leave.starts_on, leave.days)))
    Leave.objects.bulk_create(new, batch_size=2000)
    Leave.objects.bulk_update(changed, LEAVE_DETAILS, batch_size=2000)
    return Summary(
        rows=len(wanted),
        created=len(new),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(day.replace(day=1) for day in days),
    )


def _rows(table: Table, department: Department) -> Iterator[tuple[int, Staff, dict[str, Any]]]:
    """(row, person, values by field) of the good rows; an unknown number is recorded."""
    staff = {each.number: each for each in Staff.objects.filter(department=department)}
    for number, values in table.rows(raise_at_end=False):
        given = dict(zip(table.fields, values, strict=True))
        person = staff.get(given["staff_number"])
        if person is None:
            table.add_error(
                number,
                "staff_number",
                "本部门没有此工号",
                "请改正工号，或者先导入员工",
                given["staff_number"],
            )
        else:
            yield number, person, given


def _check(
    table: Table, number: int, field: str, value: object, check: Any, *args: Any, **figures: Any
) -> None:
    """Record the refusal of a service's check, whose message is “what is wrong；what to do”."""
    try:
        check(*args, **figures)
    except FactRefused as refused:
        message, _, remedy = str(refused).rpartition("；")
        table.add_error(number, field, message, remedy, value)


def _update(row: Attendance | Leave, values: dict[str, Any]) -> bool:
    """Set the values; whether anything changed."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
