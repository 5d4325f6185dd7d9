"""What the guards cost: import and settlement as the application with all triggers, as the owner without.

Both take turns on the same data of one run. Without means without all triggers of ours: those that refuse,
those that keep what rows were, those that note what an import wrote. Foreign keys hold in both.
Each measure happens in one transaction that is rolled back; it keeps the tables with triggers to itself.
"""

import gc
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from core.grants import grants_apply
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from workbench.benchmarks import order_import, settlement
from workbench.benchmarks.attendance import taken_back
from workbench.benchmarks.settlement import MONTH, check_constraints, timed

ROUNDS = 7


def run(*, staff: int, orders: int, role: str, rounds: int = ROUNDS) -> dict[str, Any]:
    """Median seconds with and without the guards, and their ratio, of an import and of a settlement.

    `role` is the application's in the database. Of the settlement's month `staff` people have `orders`
    orders; the file that is imported has as many.
    """
    try:
        return {
            "import": _of_import(orders, role, rounds),
            "settlement": _of_settlement(staff, orders, role, rounds),
        }
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join((*order_import.TABLES, *settlement.TABLES))}")


def _of_import(orders: int, role: str, rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, _kept_to_itself():
        file = Path(folder) / "orders.csv"
        order_import.write_export(file, orders)
        department = order_import.make_department()
        result = _compared(lambda: order_import.import_export(file, department), role, rounds)
    return result


def _of_settlement(staff: int, orders: int, role: str, rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with _kept_to_itself():
        period = period_open(department=settlement.generate(staff, orders), month=MONTH)
        result = _compared(lambda: draft_write(period=period, by=None, at=timezone.now()), role, rounds)
    return result


@contextmanager
def _kept_to_itself() -> Iterator[None]:
    """What is written inside is taken back; meanwhile nobody else writes, nor does autovacuum tidy up."""
    with taken_back():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN SHARE ROW EXCLUSIVE MODE")
        yield


def _tables() -> list[str]:
    """The tables with triggers of ours; those of foreign keys are PostgreSQL's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        )
        return [table for (table,) in cursor.fetchall()]


def _compared(work: Callable[[], object], role: str, rounds: int) -> dict[str, Any]:
    """The medians of so many rounds each; whichever went second goes first in the next round.

    A round before them is not counted: it reads cold files.
    """
    grants_apply(connection, role=role)
    check_constraints()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds + 1):
        for is_guarded in (number % 2 == 0, number % 2 == 1):
            taken = _seconds_of(work, role if is_guarded else None)
            if number:
                seconds[is_guarded].append(taken)
    guarded, bare = (statistics.median(seconds[each]) for each in (True, False))
    return {
        "seconds": round(guarded, 3),
        "without_seconds": round(bare, 3),
        "ratio": round(guarded / bare, 3),
    }


def _seconds_of(work: Callable[[], object], role: str | None) -> float:
    """As the role with the guards, or without either; what was switched off comes back with the rollback."""
    with taken_back():
        with connection.cursor() as cursor:
            if role:
                cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            else:
                for table in _tables():
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        # Python would look through everything every few rounds, and the time would be some round's.
        gc.collect()
        with timed() as done:
            work()
    return done.seconds
