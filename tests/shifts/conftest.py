"""A department with two agents, and a way to bring it files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from imports.batches import ImportReport, run_import
from people.models import Department
from shifts.imports import attendance_loader, leave_loader
from tests import factories
from tests.factories import WHEN

Bring = Callable[..., ImportReport]


@pytest.fixture
def department(db: None) -> Department:
    made = factories.department("D1")
    factories.staff(made, "1001")
    factories.staff(made, "1002", hired_on=date(2026, 10, 5))
    return made


@pytest.fixture
def bring(department: Department, tmp_path: Path) -> Bring:
    """`bring(kind, header, *rows)` imports a file of these lines and returns the report."""

    def import_lines(kind: str, *lines: str, **options: Any) -> ImportReport:
        path = tmp_path / f"{kind}.csv"
        path.write_text("\n".join(lines), encoding="gb18030")
        at = options.pop("at", WHEN)
        loader = {
            "attendance": attendance_loader(department=department, by=None, at=at),
            "leave": leave_loader(department=department, at=at),
        }[kind]
        return run_import(
            department=department,
            kind=kind,
            path=path,
            profile=None,
            by=None,
            at=at,
            load=loader,
            **{"dry_run": False, **options},
        )

    return import_lines


@pytest.fixture
def bring_book(department: Department, tmp_path: Path) -> Bring:
    """`bring_book(kind, {sheet: rows})` imports a workbook; a row is text with | between its cells."""

    def import_book(kind: str, sheets: dict[str, list[str]], **options: Any) -> ImportReport:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append([cell or None for cell in row.split("|")])
        path = tmp_path / options.pop("file_name", f"{kind}.xlsx")
        book.save(path)
        loader = {
            "attendance": attendance_loader(department=department, by=None, at=WHEN),
            "leave": leave_loader(department=department, at=WHEN),
        }[kind]
        return run_import(
            department=department,
            kind=kind,
            path=path,
            profile=None,
            by=None,
            at=WHEN,
            load=loader,
            **{"dry_run": False, **options},
        )

    return import_book
