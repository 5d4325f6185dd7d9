"""Spreadsheets of attendance and of leave; each loader writes one parsed table or raises."""

from datetime import datetime
from functools import partial

from people.models import Account, Department
from sheets.loading import Load, Summary
from sheets.table import Table
from shifts.imports.dingtalk import load_daily_report
from shifts.imports.figures import load_figures
from shifts.imports.leave import load_leave


def attendance_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """A loader of attendance, of figures or of a daily report of punches, one row a person and day."""
    return partial(_load_attendance, department=department, by=by, at=at)


def leave_loader(*, department: Department, at: datetime) -> Load:
    """A loader of leave; days whose shifts have ended by `at` are derived anew."""
    return partial(load_leave, department=department, at=at)


def _load_attendance(table: Table, *, department: Department, by: Account | None, at: datetime) -> Summary:
    if table.profile.name == "dingtalk":
        return load_daily_report(table, department=department, by=by, at=at)
    return load_figures(table, department=department)
