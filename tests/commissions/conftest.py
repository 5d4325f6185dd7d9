"""A department with two agents, and a way to bring it files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from commissions.imports import attribution_loader, metrics_loader, orders_loader
from imports.batches import ImportReport, run_import
from people.models import Department
from tests import factories
from tests.factories import WHEN

AS_OF = date(2026, 10, 15)
Bring = Callable[..., ImportReport]


@pytest.fixture
def department(db: None) -> Department:
    made = factories.department("D1")
    for number in ("1001", "1002"):
        factories.staff(made, number)
    return made


@pytest.fixture
def bring(department: Department, tmp_path: Path) -> Bring:
    """`bring(kind, header, *rows, …)` imports a file of these lines and returns the report."""

    def import_lines(
        kind: str,
        *lines: str,
        as_of: date = AS_OF,
        shop: str = "",
        encoding: str = "utf-8",
        file: Path | None = None,
        **options: Any,
    ) -> ImportReport:
        path = file or tmp_path / f"{kind}.csv"
        if file is None:
            path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
        load = {
            "orders": lambda: orders_loader(department=department, as_of=as_of, shop=shop),
            "attribution": lambda: attribution_loader(department=department, by=None, at=WHEN),
            "metrics": lambda: metrics_loader(department=department, by=None, at=WHEN),
        }[kind]()
        given = {"profile": None, "by": None, "at": WHEN, "dry_run": False, **options}
        return run_import(department=department, kind=kind, path=path, load=load, **given)

    return import_lines
