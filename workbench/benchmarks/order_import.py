"""The import of an order file against its floor: COPY of the same rows into identical tables.

Everything happens in one transaction that is rolled back; deferred foreign keys are checked before its end,
in the import as in the floor.
"""

import random
import resource
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commissions.imports import orders_loader
from imports.batches import run_import
from people.models import Department, Staff
from people.services import department_create
from workbench.benchmarks.settlement import check_constraints

MONTH = datetime(2026, 9, 1)
MONTH_SECONDS = 30 * 24 * 60 * 60
AGENTS = 100
HEADER = (
    "订单编号,买家会员名,总金额,买家实际支付金额,退款金额,订单状态,"
    "订单创建时间,订单付款时间,订单备注,店铺名称\r\n"
)
TABLES = ("commissions_order", "commissions_refund")
_FOREIGN_KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass
"""


def run(rows: int, *, items: int = 1) -> dict[str, Any]:
    """Import a generated export of so many rows, `items` to an order, then COPY as many rows.

    Seconds by the clock; `queries` are the import's statements besides COPY, `peak_mb` the process's
    largest resident size in MB.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with transaction.atomic():
                result = _measure(Path(folder), rows, items)
                transaction.set_rollback(True)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM {', '.join(TABLES)}")
    return result


def _measure(folder: Path, rows: int, items: int) -> dict[str, Any]:
    file = folder / "orders.csv"
    write_export(file, rows, items=items)
    department = make_department()
    queries = 0

    def counted(execute: Any, *args: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*args)

    started = time.perf_counter()
    with connection.execute_wrapper(counted):
        import_export(file, department)
        check_constraints()
    seconds = time.perf_counter() - started
    floor_seconds = sum(_copy_again(folder, table, department, items) for table in TABLES)
    return {
        "seconds": round(seconds, 2),
        "floor_seconds": round(floor_seconds, 2),
        "ratio": round(seconds / floor_seconds, 2),
        "queries": queries,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def import_export(file: Path, department: Department) -> None:
    """The import itself, as a page or a command has it."""
    run_import(
        department=department,
        kind="orders",
        path=file,
        profile="taobao",
        by=None,
        at=timezone.now(),
        dry_run=False,
        load=orders_loader(department=department, as_of=date(2026, 10, 1)),
    )


def make_department() -> Department:
    code = f"benchmark-{time.time_ns()}"
    department = department_create(code=code, name="导入测量", caps=False)
    hired = date(2020, 1, 1)
    Staff.objects.bulk_create(
        Staff(department=department, number=str(1000 + n), name=f"客服{n}", hired_on=hired, joined_on=hired)
        for n in range(AGENTS)
    )
    return department


def write_export(path: Path, rows: int, *, items: int = 1) -> None:
    """Orders of a month as the seller centre exports them; one in ten unpaid, one in twelve refunded.

    An order has `items` rows below each other, each with amounts of its own.
    """
    chance = random.Random(1)
    made, is_paid, remark = MONTH, True, ""
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(HEADER)
        for number in range(rows):
            if number % items == 0:
                made = MONTH + timedelta(seconds=chance.randrange(MONTH_SECONDS - 60))
                is_paid = chance.random() < 0.9
            total = chance.randrange(100, 100_000 // items) * items + number % items
            refund = chance.randrange(1, total) if is_paid and chance.random() < 0.08 else 0
            kept = total - refund if is_paid else 0
            paid = f"{made + timedelta(seconds=60):%Y-%m-%d %H:%M:%S}" if is_paid else ""
            if number % items == 0:
                remark = "加急"
                if chance.random() < 0.85:
                    remark = f"工号{1000 + chance.randrange(AGENTS)} 改地址"
            file.write(
                f'="{4_000_000_000_000_000_000 + number // items * 7}",买家{number},{_yuan(total)},'
                f"{_yuan(kept)},{_yuan(refund)},{'交易成功' if is_paid else '交易关闭'},"
                f"{made:%Y-%m-%d %H:%M:%S},{paid},{remark},旗舰店\r\n"
            )


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def _copy_again(folder: Path, table: str, department: Department, items: int) -> float:
    """Seconds to COPY the department's rows, each order `items` times under numbers of their own, into a
    table with the same columns, indexes and constraints."""
    twin, file = f"benchmark_{table}", folder / f"{table}.copy"
    path = "order_id IN (SELECT id FROM commissions_order WHERE {})" if table != TABLES[0] else "{}"
    where = path.format(f"department_id = {department.pk}")
    with connection.cursor() as cursor:
        with file.open("wb") as output:
            cursor.copy_expert(
                f"COPY (SELECT {_columns(table, items)} FROM {table}, generate_series(1, {items}) AS item"
                f" WHERE {where}) TO STDOUT",
                output,
                1 << 18,
            )
        cursor.execute(_FOREIGN_KEYS, [table])
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute(f"CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)")
        for key in keys:
            cursor.execute(f"ALTER TABLE {twin} ADD {key}")
        started = time.perf_counter()
        with file.open("rb") as source:
            cursor.copy_expert(f"COPY {twin} FROM STDIN", source, 1 << 18)
        check_constraints()
        return time.perf_counter() - started


def _columns(table: str, items: int) -> str:
    """The columns of a table in their order for COPY, so that each row may be written `items` times."""
    own = {"id": f"id * {items} + item", "order_no": "order_no || '-' || item"} if items > 1 else {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        return ", ".join(own.get(column.name, column.name) for column in cursor.description)
