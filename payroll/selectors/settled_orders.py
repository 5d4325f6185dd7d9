"""The orders of somebody's month one by one, as settled or so far: what each brought, what was given back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, overload

from django.db import connection

from commissions.order_sums import EVENTS, events_between
from core.money import percent
from core.periods import shift_months
from payroll.models import Payslip
from people.models import Staff


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in the month, in yuan: paid in it, refunded in it; of a shared one the own part."""

    order_no: str
    shop: str
    paid_at: datetime | None
    attribution: str
    paid: Decimal
    refunded: Decimal
    share: Decimal | None = None

    @property
    def shared(self) -> str:
        """What part of a shared order is the person's, as the order stands now; else nothing."""
        return f"共享订单，份额{percent(self.share)}" if self.share is not None and self.share < 1 else ""

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunded


class Orders(Sequence[OrderRow]):
    """Orders as a Paginator takes them, the latest first; `events` is SQL of (staff_id, order_id, amount)."""

    def __init__(self, events: str, params: Sequence[Any]) -> None:
        self._events, self._params = events, list(params)
        self._totals: tuple[int, Decimal, Decimal] | None = None

    @property
    def totals(self) -> tuple[int, Decimal, Decimal]:
        """How many orders, what was paid and what was refunded; one query, remembered."""
        if self._totals is None:
            sql = f"""
                SELECT count(DISTINCT order_id), coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
                    coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)
                FROM ({self._events}) events
            """
            ((count, paid, refunded),) = self._read(sql, [])
            self._totals = int(count), paid, refunded
        return self._totals

    def __len__(self) -> int:
        return self.totals[0]

    @overload
    def __getitem__(self, index: int) -> OrderRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[OrderRow]: ...

    def __getitem__(self, index: int | slice) -> OrderRow | list[OrderRow]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start = index.start or 0
        sql = f"""
            SELECT o.order_no, o.shop, o.paid_at, o.attribution, each.paid, each.refunded, part.share
            FROM (
                SELECT order_id, min(staff_id) AS staff_id,
                    coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS paid,
                    coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunded
                FROM ({self._events}) events GROUP BY order_id
            ) each JOIN commissions_order o ON o.id = each.order_id
            LEFT JOIN commissions_ordershare part
                ON part.split_id = o.split_id AND part.staff_id = each.staff_id
            ORDER BY o.paid_at DESC NULLS LAST, o.id DESC LIMIT %s OFFSET %s
        """
        limit = None if index.stop is None else index.stop - start
        return [OrderRow(*row) for row in self._read(sql, [limit, start])]

    def _read(self, sql: str, more: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [*self._params, *more])
            return cursor.fetchall()


def orders_settled(slips: Collection[Payslip]) -> Orders:
    """The orders that these payslips were settled on."""
    events = """
        SELECT s.staff_id, u.order_id, u.amount
        FROM payroll_settledorders s
        JOIN unnest(%s::bigint[], %s::bigint[]) AS slip (period_id, staff_id)
            ON slip.period_id = s.period_id AND slip.staff_id = s.staff_id
        CROSS JOIN unnest(s.order_ids, s.amounts) AS u (order_id, amount)
    """
    return Orders(events, [[each.period_id for each in slips], [each.staff_id for each in slips]])


def orders_so_far(staff: Staff, month: date) -> Orders:
    """The person's payments and refunds of a month as they stand now."""
    events = f"SELECT agent_id AS staff_id, order_id, amount FROM ({EVENTS}) events WHERE agent_id = %s"
    between = events_between(staff.department_id, month, shift_months(month, 1))
    return Orders(events, [*between, staff.pk])
