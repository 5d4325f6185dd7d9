"""What changed from one month's pay to the next, per person and line, from stored lines only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, overload

from django.db import connection

from core.periods import shift_months
from payroll.models import PayLine, SettlementPeriod
from people.models import Staff
from people.selectors import person_matches

# A manual line has a code of its own every month: it is told by its title.
_LINES = """
    SELECT s.staff_id, l.nature,
        CASE WHEN l.nature = 'manual' THEN l.title ELSE l.code END AS key,
        sum(l.amount) AS amount, max(l.title) AS title,
        string_agg(l.reason, '；' ORDER BY l.position) AS reason
    FROM payroll_payline l JOIN payroll_payslip s ON s.id = l.payslip_id
    WHERE s.period_id = %(period)s GROUP BY 1, 2, 3
"""

_DIFFERENCES = f"""
    FROM ({_LINES.replace("%(period)s", "%(now)s")}) n
    FULL JOIN ({_LINES.replace("%(period)s", "%(before)s")}) b USING (staff_id, nature, key)
    JOIN people_staff staff ON staff.id = staff_id
    LEFT JOIN payroll_payslip slip ON slip.staff_id = staff.id AND slip.period_id = %(now)s
    WHERE coalesce(n.amount, 0) <> coalesce(b.amount, 0)
        AND (%(found)s::bigint[] IS NULL OR staff.id = ANY(%(found)s::bigint[]))
"""

_ROWS = f"""
    SELECT staff.number, staff.name, slip.number, coalesce(n.title, b.title), nature,
        coalesce(b.amount, 0), coalesce(n.amount, 0), coalesce(n.reason, ''), coalesce(b.reason, ''),
        coalesce(slip.failure, '')
    {_DIFFERENCES}
    ORDER BY abs(coalesce(n.amount, 0) - coalesce(b.amount, 0)) DESC, staff.number, key, nature
    LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One person's line in both months, in yuan; `slip` is the number on this month's payslip, if any."""

    number: str
    name: str
    slip: str | None
    title: str
    nature: str
    before: Decimal
    now: Decimal
    reason: str
    reason_before: str
    failure: str

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def nature_label(self) -> str:
        return PayLine.Nature(self.nature).label


class Differences(Sequence[Difference]):
    """The differences, the largest first, as a Paginator takes them: one query to count, one a page."""

    def __init__(self, period: SettlementPeriod, before: SettlementPeriod, sought: str = "") -> None:
        staff = Staff.objects.filter(person_matches(sought), department=period.department_id)
        found = list(staff.order_by().values_list("pk", flat=True)) if sought else None
        self._given: dict[str, Any] = {"now": period.pk, "before": before.pk, "found": found}

    def __len__(self) -> int:
        return int(self._read(f"SELECT count(*) {_DIFFERENCES}", {})[0][0])

    @overload
    def __getitem__(self, index: int) -> Difference: ...

    @overload
    def __getitem__(self, index: slice) -> list[Difference]: ...

    def __getitem__(self, index: int | slice) -> Difference | list[Difference]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop = index.start or 0, index.stop
        limit = None if stop is None else stop - start
        return [Difference(*row) for row in self._read(_ROWS, {"limit": limit, "offset": start})]

    def _read(self, sql: str, more: dict[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._given | more)
            return cursor.fetchall()


def period_before(period: SettlementPeriod) -> SettlementPeriod | None:
    """The month before, where there is a draft or more of it."""
    return SettlementPeriod.objects.filter(
        department=period.department_id, month=shift_months(period.month, -1), facts_read_at__isnull=False
    ).first()
