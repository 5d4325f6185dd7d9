"""A sweep over open cases against its floor: one indexed scan of what is due, COPY of the same events.

Everything happens in one transaction that is rolled back. Deriving where all clocks stand is measured against
reading what they were told.
"""

import io
import resource
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from complaints.clocks import states_of
from complaints.models import Alarm, Case, Clock, ClockEvent
from complaints.services.sweep import sweep
from people.models import Account, Staff
from people.services import department_create
from workbench.benchmarks.attendance import taken_back
from workbench.benchmarks.settlement import check_constraints, timed

NOW = datetime(2026, 10, 15, 4, tzinfo=UTC)
REPEATS = 3
HOLDERS = 50
CASES = """
    INSERT INTO complaints_case (
        department_id, number, type_code, title, received_at, channel, cause, product, customer_key, card,
        state, step, key, recorded_at, holder_id
    )
    SELECT %(department)s, 'b-' || n, '', '投诉' || n,
        %(now)s::timestamptz - (n %% 10 + 1) * interval '1 day',
        'phone', '', '', '', '{}', 'open', 'handle', 'benchmark-' || n, %(now)s,
        (%(holders)s)[n %% array_length(%(holders)s, 1) + 1]
    FROM generate_series(1, %(open)s) n
"""
CLOCKS = """
    INSERT INTO complaints_clock (case_id, code, title, policy, round)
    SELECT id, 'b-week', '7天结案', '{"days": 7}', 1 FROM complaints_case WHERE department_id = %(department)s
"""
EVENTS = """
    INSERT INTO complaints_clockevent (clock_id, kind, at, due_at, level, reason, recorded_at)
    SELECT clock.id, told.kind, c.received_at + told.after, c.received_at + told.due, '', told.reason, %(now)s
    FROM complaints_clock clock JOIN complaints_case c ON c.id = clock.case_id,
        (VALUES ('started', interval '0', interval '7 days', ''),
            ('paused', interval '1 hour', NULL, '等客户'),
            ('resumed', interval '3 hours', interval '7 days 2 hours', '')) told (kind, after, due, reason)
    WHERE c.department_id = %(department)s ORDER BY clock.id, told.after
"""
# Of the ten days over which cases came in, those of two have a reminder due and those of three are over.
ALARMS = """
    INSERT INTO complaints_alarm (clock_id, level, at, due_at)
    SELECT clock.id, told.level, due.at - told.before, due.at
    FROM complaints_clock clock JOIN complaints_case c ON c.id = clock.case_id,
        LATERAL (SELECT c.received_at + interval '7 days 2 hours' AS at) due,
        (VALUES ('before-48', interval '48 hours'), ('before-24', interval '24 hours'),
            ('due', interval '-1 minute'), ('after-1', interval '-1 day')) told (level, before)
    WHERE c.department_id = %(department)s
"""
SCAN = "SELECT id, clock_id, level, at, due_at FROM complaints_alarm WHERE at <= %(now)s ORDER BY at"
TOLD = """
    SELECT clock_id, kind, at, due_at FROM complaints_clockevent WHERE kind <> 'rang' ORDER BY clock_id, id
"""


def run(open_cases: int) -> dict[str, Any]:
    """Seconds of a sweep over so many open cases, of its floor, their ratio; the same of deriving all clocks.

    `idle_queries`: how many queries a sweep costs that finds nothing due.
    """
    sweeps, floors, derived, read = [], [], [], []
    with taken_back():
        generate(open_cases)
        for _ in range(REPEATS):
            with taken_back():
                with timed() as swept:
                    rung = sweep(at=NOW)
                sweeps.append(swept)
                with timed() as idle:
                    sweep(at=NOW)
                stored = dump()
            with taken_back():
                floors.append(floor_seconds(stored))
            with timed() as deriving:
                clocks = sum(1 for _ in states_of(read_told()))
            derived.append(deriving.seconds)
            with timed() as reading:
                read_told()
            read.append(reading.seconds)
    best = min(sweeps, key=lambda each: each.seconds)
    return {
        "seconds": round(best.seconds, 3),
        "floor_seconds": round(min(floors), 3),
        "ratio": round(best.seconds / min(floors), 2),
        "queries": best.queries,
        # Within this transaction a sweep has a savepoint, which is set and given up.
        "idle_queries": idle.queries - 2,
        "rung": rung,
        "derive_seconds": round(min(derived), 3),
        "read_seconds": round(min(read), 3),
        "derive_ratio": round(min(derived) / min(read), 2),
        "clocks": clocks,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def generate(open_cases: int) -> None:
    """A department with so many open cases, received over ten days, each on a clock of seven days."""
    department = department_create(code="benchmark-complaints", name="基准部门")
    hired = NOW.date() - timedelta(days=500)
    accounts = Account.objects.bulk_create(Account(username=f"benchmark-{i}") for i in range(HOLDERS))
    Staff.objects.bulk_create(
        Staff(
            department=department,
            number=f"{10000 + i}",
            name=f"员工{i}",
            hired_on=hired,
            joined_on=hired,
            account=account,
        )
        for i, account in enumerate(accounts)
    )
    holders = list(Staff.objects.filter(department=department).values_list("pk", flat=True))
    given: dict[str, Any] = {"department": department.pk, "open": open_cases, "now": NOW, "holders": holders}
    with connection.cursor() as cursor:
        for sql in (CASES, CLOCKS, EVENTS, ALARMS):
            cursor.execute(sql, given)
        tables = ", ".join(each._meta.db_table for each in (Case, Clock, ClockEvent, Alarm))
        check_constraints()
        cursor.execute(f"ANALYZE {tables}")


def read_told() -> list[Any]:
    """What all clocks were told, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        return cursor.fetchall()


def dump() -> bytes:
    """What rang, in COPY's text format."""
    data = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT * FROM complaints_clockevent WHERE kind = 'rang') TO STDOUT", data)
    return data.getvalue()


def floor_seconds(stored: bytes) -> float:
    """One scan of what is due by its index, and the same events copied into their table."""
    with timed() as floor, connection.cursor() as cursor:
        cursor.execute(SCAN, {"now": NOW})
        cursor.fetchall()
        cursor.copy_expert("COPY complaints_clockevent FROM STDIN", io.BytesIO(stored))
    return floor.seconds
