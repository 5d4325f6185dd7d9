"""Settlement of a generated month against its floor: one pass over the same orders, COPY of the same rows.

Everything happens in one transaction that is rolled back: ledgers cannot be deleted afterwards.
"""

import io
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commissions.order_sums import EVENTS, event_params
from payroll.models import PayLine, SettlementPeriod
from payroll.settlement.draft import draft_write
from payroll.settlement.months import load_month
from payroll.settlement.storage import draft_delete
from payroll.workflow import period_open
from penalties.services import IncidentFact, incidents_confirm, incidents_record
from people.models import Account, Department, Staff, Term
from people.services import department_create
from rules.services import version_publish

MONTH = date(2026, 10, 1)
TABLES = ("payroll_payslip", "payroll_payline", "payroll_settledorders")
TIERS = ("junior", "intermediate", "senior")
PROVISIONS: list[dict[str, Any]] = [
    {
        "code": "b-pay",
        "title": "级别工资",
        "kind": "base_pay",
        "params": {"by": "tier", "table": {"junior": "2200", "intermediate": "2500", "senior": "3000"}},
    },
    {
        "code": "b-comm",
        "title": "销售提成",
        "kind": "commission",
        "params": {
            "measure": "net_sales",
            "by": "conversion_rate",
            "brackets": [{"from": "0", "rate": "0.01"}, {"above": "0.70", "rate": "0.015"}],
        },
    },
    {
        "code": "b-top",
        "title": "销售名次奖",
        "kind": "ranked_award",
        "params": {"metric": "net_sales", "places": ["500", "300", "100"]},
    },
    {
        "code": "b-speed",
        "title": "响应评分奖",
        "kind": "score_award",
        "params": {"by": "satisfaction", "brackets": [{"from": "0.9", "amount": "100"}]},
    },
    {"code": "b-house", "title": "住房补贴", "kind": "allowance", "params": {"amount": "200"}},
    {"code": "b-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "300"}},
    {"code": "b-full", "title": "全勤奖", "kind": "full_attendance", "params": {"amount": "100"}},
    {"code": "b-idea", "title": "合理化建议", "kind": "award", "params": {"amount": "20"}},
    {"code": "b-fine", "title": "记录疏漏", "kind": "fine", "params": {"amount": "10"}},
    {
        "code": "b-complaint",
        "title": "买家投诉",
        "kind": "escalating_fine",
        "params": {"steps": ["50", "100"], "after": "double"},
    },
]


class _RollBack(Exception):
    """Ends the benchmark's transaction."""


@dataclass(slots=True)
class Timed:
    seconds: float = 0.0
    queries: int = 0


@contextmanager
def timed() -> Iterator[Timed]:
    """Seconds and queries of a block, deferred constraints included."""
    result = Timed()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result.queries += 1
        return execute(sql, params, many, context)

    begun = time.perf_counter()
    with connection.execute_wrapper(count):
        yield result
    check_constraints()
    result.seconds = time.perf_counter() - begun


def check_constraints() -> None:
    """Check now what PostgreSQL would otherwise check at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def run(*, staff: int, orders: int) -> dict[str, Any]:
    """Seconds of a settlement of so many people and orders, of its floor, their ratio, queries, peak MB."""
    result: dict[str, Any] = {}
    try:
        with transaction.atomic():
            department = generate(staff, orders)
            check_constraints()
            period = period_open(department=department, month=MONTH)
            with timed() as settled:
                draft_write(period=period, by=None, at=timezone.now())
            peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            floor = min(floor_seconds(period) for _ in range(2))
            result = {
                "seconds": round(settled.seconds, 3),
                "floor_seconds": round(floor, 3),
                "ratio": round(settled.seconds / floor, 2),
                "queries": settled.queries,
                "peak_mb": round(peak_mb),
                "lines": PayLine.objects.filter(payslip__period=period).count(),
            }
            raise _RollBack
    except _RollBack:
        return result


def generate(
    staff: int,
    orders: int,
    *,
    code: str = "benchmark-settlement",
    provisions: Sequence[dict[str, Any]] = PROVISIONS,
) -> Department:
    """A department of `staff` people with a month of orders, metrics, and incidents for a third of them."""
    now = timezone.now()
    department = department_create(code=code, name=code)
    by = Account.objects.create(username=code)
    version_publish(
        department=department, effective_on=MONTH, rulebooks=[], provisions=provisions, by=by, at=now
    )
    people = Staff.objects.bulk_create(
        Staff(
            department=department,
            number=f"{10000 + i}",
            name=f"员工{i}",
            hired_on=date(2024, 1, 1),
            joined_on=date(2024, 1, 1),
        )
        for i in range(staff)
    )
    Term.objects.bulk_create(
        Term(staff=person, valid=(date(2024, 1, 1), None), role="agent", tier=TIERS[i % 3])
        for i, person in enumerate(people)
    )
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, [department.pk, people[0].pk, staff, people[0].pk, staff, orders])
        cursor.execute(REFUNDS, [department.pk])
        for code, low, spread in (("conversion_rate", "0.6", "0.2"), ("satisfaction", "0.8", "0.2")):
            cursor.execute(METRICS, [MONTH, code, low, spread, MONTH, department.pk])
        cursor.execute("ANALYZE commissions_order, commissions_refund, commissions_metric, people_staff")
    generate_incidents(department, people, by)
    return department


def generate_incidents(department: Department, people: list[Staff], by: Account) -> None:
    """Two fines and a complaint for a third of the people, three suggestions for everybody."""
    facts = [
        IncidentFact(staff=person, code=code, work_date=MONTH.replace(day=day))
        for i, person in enumerate(people)
        for code, day in (
            *(("b-idea", day) for day in (5, 12, 20)),
            *((("b-fine", 6), ("b-fine", 9), ("b-complaint", 15)) if i % 3 == 0 else ()),
        )
    ]
    incidents = incidents_record(department=department, facts=facts, by=by, at=timezone.now())
    incidents_confirm(incidents=incidents, by=by, at=timezone.now())


ORDERS = """
    INSERT INTO commissions_order
        (department_id, shop, order_no, paid_at, amount, remark, agent_id, attribution, as_of)
    SELECT %s, '', i::text, timestamptz '2026-10-01 00:00+08' + (i %% 2678400) * interval '1 second',
        (10 + i %% 300)::numeric(12, 2), (SELECT number FROM people_staff WHERE id = %s + i %% %s),
        %s + i %% %s, 'remark', date '2026-10-31'
    FROM generate_series(1, %s) i
"""
REFUNDS = """
    INSERT INTO commissions_refund (order_id, amount, refunded_at, as_of)
    SELECT id, amount, paid_at, as_of FROM commissions_order WHERE department_id = %s AND id %% 20 = 0
"""
METRICS = """
    INSERT INTO commissions_metric (department_id, staff_id, month, code, value, as_of, source, at)
    SELECT department_id, id, %s, %s, (%s::numeric + %s::numeric * (id %% 100) / 100), %s, 'benchmark', now()
    FROM people_staff WHERE department_id = %s
"""


def floor_seconds(period: SettlementPeriod) -> float:
    """One SQL pass that aggregates the same orders and refunds, and COPY of the same rows back in place."""
    month = load_month(period.department, period.month)
    rows = {table: dump(table, period) for table in TABLES}
    draft_delete(period)
    check_constraints()
    with timed() as floor, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT agent_id, sum(amount), count(*) FROM ({EVENTS}) events GROUP BY agent_id",
            event_params(month, month.first, month.first),
        )
        cursor.fetchall()
        for table, data in rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.BytesIO(data))
    return floor.seconds


def dump(table: str, period: SettlementPeriod) -> bytes:
    """The stored rows of the period in COPY's text format."""
    key = "payslip_id IN (SELECT id FROM payroll_payslip WHERE period_id = {0})"
    where = key if table == "payroll_payline" else "period_id = {0}"
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE {where.format(period.pk)}) TO STDOUT", buffer)
    return buffer.getvalue()
