"""Spreadsheets of attendance and of leave; each loader writes one parsed table or raises."""

from datetime import datetime
from functools import partial

from people.models import Account, Department
from sheets.loading import Load, Summary
from sheets.table import Table
from shifts.imports.daily_report import load_daily_report
from shifts.imports.figures import load_figures
from shifts.imports.leave import load_leave
from shifts.imports.monthly import load_monthly
from shifts.imports.punch_list import load_punches

DAILY = ("dingtalk", "wecom_daily")


def attendance_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """A loader of attendance: figures, daily and monthly reports, punches one a row."""
    return partial(_load_attendance, department=department, by=by, at=at)


def leave_loader(*, department: Department, at: datetime) -> Load:
    """A loader of leave; days whose shifts have ended by `at` are derived anew."""
    return partial(load_leave, department=department, at=at)


def _load_attendance(table: Table, *, department: Department, by: Account | None, at: datetime) -> Summary:
    if table.profile.name in DAILY:
        return load_daily_report(table, department=department, by=by, at=at)
    if table.profile.name == "punches":
        return load_punches(table, department=department, at=at)
    if table.profile.name == "wecom_monthly":
        return load_monthly(table, department=department)
    return load_figures(table, department=department)
