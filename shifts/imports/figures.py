"""Spreadsheets of attendance figures, one row a person and day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from people.models import Department, Staff
from sheets.errors import SheetError
from sheets.loading import Summary
from sheets.table import Table
from shifts.imports.common import check, rows_of, update
from shifts.imports.totals import totals_of
from shifts.models import Attendance
from shifts.services import check_attendance, check_employed

FIGURES = ("late_minutes", "early_minutes", "absent_days")
# A file speaks of the whole day: what of it the clock knew to be in the second part of a shift is void.
OF_SECOND = {"late_minutes": "second_late_minutes", "early_minutes": "second_early_minutes"}
_CENT = Decimal("0.01")


def load_figures(table: Table, *, department: Department) -> Summary:
    """What somebody says of days takes the place of what the clock said."""
    rows = list(rows_of(table, department))
    met: dict[tuple[int, date], int] = {}
    wanted: list[tuple[tuple[int, date], dict[str, Any]]] = []
    for number, person, given in rows:
        key = (person.pk, given["work_date"])
        figures = {name: given[name] or 0 for name in FIGURES if name in table.present}
        if (first := met.setdefault(key, number)) != number:
            table.add_error(
                number, "work_date", f"与第 {first} 行是同一人同一天", "请核对人和日期", given["work_date"]
            )
        elif _fits(table, number, person, given, figures):
            wanted.append((key, figures))
    table.check()
    if not wanted:
        raise SheetError("文件里没有本部门的人。请检查部门和文件。")
    return store_figures(department, dict(wanted), rows=len(rows))


def store_figures(
    department: Department,
    wanted: Mapping[tuple[int, date], dict[str, Any]],
    *,
    rows: int,
    notes: tuple[str, ...] = (),
) -> Summary:
    """Write the figures of people's days; a figure that is not given stays as it is."""
    days = [day for _, day in wanted]
    stored = {
        (row.staff_id, row.work_date): row
        for row in Attendance.objects.filter(
            staff__department=department, work_date__range=(min(days), max(days))
        )
    }
    entered = {
        key: {
            **{OF_SECOND[name]: 0 for name in figures.keys() & OF_SECOND.keys()},
            **figures,
            "source": Attendance.Source.ENTERED,
        }
        for key, figures in wanted.items()
    }
    new = [
        Attendance(staff_id=key[0], work_date=key[1], **figures)
        for key, figures in entered.items()
        if key not in stored
    ]
    changed = [
        stored[key] for key, figures in entered.items() if key in stored and update(stored[key], figures)
    ]
    Attendance.objects.bulk_create(new, batch_size=2000)
    fields = [*FIGURES, *OF_SECOND.values(), "missing_punches", "source"]
    Attendance.objects.bulk_update(changed, fields, batch_size=2000)
    return Summary(
        rows=rows,
        created=len(new),
        changed=len(changed),
        unchanged=len(wanted) - len(new) - len(changed),
        months=frozenset(row.work_date.replace(day=1) for row in [*new, *changed]),
        notes=notes,
        totals=totals_of(wanted.keys(), {}),
    )


def _fits(table: Table, number: int, person: Staff, given: dict[str, Any], figures: dict[str, Any]) -> bool:
    """Whether the row may be stored; what is wrong with it is recorded."""
    found = len(table.errors)
    check(table, number, "work_date", given["work_date"], check_employed, person, given["work_date"])
    nothing = {"late_minutes": 0, "early_minutes": 0, "absent_days": Decimal(0)}
    for name, value in figures.items():
        check(table, number, name, value, check_attendance, **{**nothing, name: value})
    absent = Decimal(figures.get("absent_days", 0))
    if absent != absent.quantize(_CENT):
        table.add_error(number, "absent_days", "小数超过两位", "请最多写两位小数", absent)
    return len(table.errors) == found
