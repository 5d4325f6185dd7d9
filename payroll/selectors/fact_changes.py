"""Whose facts changed: read from the rows that were written, and from the notes of single changes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.db import connection

from commissions.order_sums import moment
from core.periods import shift_months
from people.models import FactChange, Staff

Source = FactChange.Source
# Of a shared order and its refunds everybody who has a part.
ORDERS = """
    (SELECT id, agent_id, paid_at FROM commissions_order
    UNION ALL
    SELECT o.id, part.staff_id, o.paid_at
    FROM commissions_order o JOIN commissions_ordershare part ON part.split_id = o.split_id)
"""
REFUNDS = f"""
    (SELECT r.id, o.agent_id, r.refunded_at FROM commissions_refund r JOIN {ORDERS} o ON o.id = r.order_id)
"""
TERMS = "(SELECT id, staff_id, lower(valid) AS starts_on FROM people_term)"
# By source: the table whose rows are recorded, what is read as it, whose a row is, and its day or moment.
ROWS: dict[str, list[tuple[str, str, str, str]]] = {
    Source.STAFF: [("people_term", TERMS, "staff_id", "starts_on")],
    Source.INCIDENT: [("penalties_incident", "penalties_incident", "staff_id", "work_date")],
    Source.ATTENDANCE: [("shifts_attendance", "shifts_attendance", "staff_id", "work_date")],
    Source.LEAVE: [("shifts_leave", "shifts_leave", "staff_id", "starts_on")],
    Source.METRICS: [("commissions_metric", "commissions_metric", "staff_id", "month")],
    Source.ORDERS: [
        ("commissions_order", ORDERS, "agent_id", "paid_at"),
        ("commissions_refund", REFUNDS, "agent_id", "refunded_at"),
    ],
    Source.ATTRIBUTION: [("commissions_order", ORDERS, "agent_id", "paid_at")],
}
MOMENTS = ("paid_at", "refunded_at")

# A change that was recorded before a look at the facts but committed after it is not missed.
OVERLAP = timedelta(days=1)


def people_changed(
    department_id: int, changes: Sequence[FactChange], *, until: date
) -> dict[str, dict[int, str]]:
    """By source, whose facts these changes touched: names ("1001 陈晓") by staff id.

    Those whom a note names, and those whose rows of the first changed month up to `until` were written since
    the first change; of orders the agents, where they have any. A query a source, two for orders, and one.
    """
    found: dict[str, dict[int, str]] = defaultdict(dict)
    if not changes:
        return found
    since = min(each.at for each in changes) - timedelta(minutes=1)
    for source in {each.source for each in changes} & ROWS.keys():
        first = min(each.month for each in changes if each.source == source)
        for table, rows, owner, day in ROWS[source]:
            ends = (first, shift_months(until, 1))
            begin, end = [moment(each) for each in ends] if day in MOMENTS else ends
            with connection.cursor() as cursor:
                cursor.execute(
                    f"""
                    SELECT DISTINCT s.id, s.number, s.name
                    FROM people_rowchange c
                    JOIN {rows} t
                        ON t.id <@ coalesce(c.created, '{{}}') OR t.id <@ coalesce(c.changed, '{{}}')
                    JOIN people_staff s ON s.id = t.{owner}
                    WHERE c.table_name = %s AND c.at >= %s AND s.department_id = %s
                        AND t.{day} >= %s AND t.{day} < %s
                    """,
                    [table, since, department_id, begin, end],
                )
                found[source] |= {pk: f"{number} {name}" for pk, number, name in cursor.fetchall()}
    for source, staff_id, who in _noted(department_id, changes):
        found[source][staff_id] = who
    return found


def _noted(department_id: int, changes: Sequence[FactChange]) -> Iterator[tuple[str, int, str]]:
    """Source, staff id and name of whom a note names, at its beginning or after ： or 、; one query."""
    parts = [(each.source, part) for each in changes for part in re.split("[：、]", each.note)]
    numbers = {part.split(" ")[0] for _, part in parts if " " in part}
    if not numbers:
        return
    staff = Staff.objects.filter(department=department_id, number__in=numbers)
    named = list(staff.values_list("pk", "number", "name"))  # who came back has two rows
    for source, part in parts:
        for pk, number, name in named:
            if part.startswith(f"{number} {name}"):
                yield source, pk, f"{number} {name}"
