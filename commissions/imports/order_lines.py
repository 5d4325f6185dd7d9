"""From orders to lines that PostgreSQL's COPY takes, each formatted once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from commissions.attribution import CONFLICT, NOBODY, EmployedStaff
from commissions.imports.order_grouping import OrderGroups
from commissions.imports.order_rows import NULL, ZERO
from people.models import Department
from sheets.values import plain

BATCH = 40_000
ORDER_COLUMNS = (
    "department_id, shop, order_no, ordered_at, paid_at, amount, remark, agent_id, attribution, reason, as_of"
)
REFUND_COLUMNS = "shop, order_no, refunded, refunded_at, row"
VOID_COLUMNS = "shop, order_no"


@dataclass
class Batch:
    """Lines of ORDER_COLUMNS, of REFUND_COLUMNS for refund totals (row NULL) and for refunds with a row of
    their own, of VOID_COLUMNS for orders that were closed before they counted; no order twice.

    `months` are those of the payments (first days).
    """

    orders: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    months: set[date] = field(default_factory=set)
    has_returns: bool = False


class OrderLines:
    """The orders of `groups` with their agents; `conflicts` are those (shop, number) with two numbers.

    `paid` orders come to `sales` and `refunds` yuan.
    """

    def __init__(self, groups: OrderGroups, *, department: Department, roster: EmployedStaff) -> None:
        self.groups = groups
        self.roster = roster
        self.conflicts: list[tuple[str, str]] = []
        self.paid = 0
        self.sales = self.refunds = ZERO
        self._department = department.pk

    def batches(self) -> Iterator[Batch]:
        """Up to BATCH orders at a time."""
        batch = Batch()
        months, as_of = _Months(), self.groups.rows.as_of
        agent_of, department, end = self.roster.agent_of, self._department, f"\t{as_of}\n"
        at_mark = self.groups.rows.place_of("mark") if self.roster.reads_marks else None
        for order in self.groups.orders():
            shop, number, paid_on = order.shop, order.order_no, order.paid_on
            key = f"{shop}\t{number}\t"
            if "\\" in key:
                key = _escaped(key)
            if order.returns:
                self._put_returns(batch, order.returns, key)
                if order.is_return:
                    continue
            paid_at, amount, remark = order.paid_at, order.amount, order.remark
            mark = "" if at_mark is None else plain(order.cells[at_mark])
            agent, basis, reason = (
                agent_of(remark, paid_on or order.made_on or as_of, mark) if remark else NOBODY
            )
            if basis is CONFLICT[1]:
                self.conflicts.append((shop, number))
            if order.is_void:
                batch.voids.append(f"{key[:-1]}\n")
                paid_on, paid_at = None, NULL
            if paid_on:
                batch.months.add(months[paid_on])
                self.paid += 1
                self.sales += amount
                if order.refund:
                    self.refunds += order.refund
                    batch.refunds.append(f"{key}{order.refund!s}\t{order.refunded_at}\t{NULL}\n")
            else:
                amount = ZERO  # ordered and never paid
            if "\\" in remark:
                remark = _escaped(remark)
            batch.orders.append(
                f"{department}\t{key}{order.made_at}\t{paid_at}\t{amount!s}\t{remark}\t"
                f"{agent or NULL}\t{basis}\t{reason}{end}"
            )
            if len(batch.orders) == BATCH:
                yield batch
                batch = Batch()
        yield batch

    def _put_returns(self, batch: Batch, returns: list[tuple[str, Decimal, int]], key: str) -> None:
        """One line for each moment."""
        batch.has_returns = True
        by_moment: dict[str, tuple] = {}
        for moment, amount, row in returns:
            self.refunds += amount
            before = by_moment.get(moment, (ZERO, row))
            by_moment[moment] = (before[0] + amount, before[1])
        batch.refunds += [
            f"{key}{amount!s}\t{moment}\t{row}\n" for moment, (amount, row) in by_moment.items()
        ]


class _Months(dict[date, date]):
    """Day → first of its month."""

    def __missing__(self, day: date) -> date:
        return self.setdefault(day, day.replace(day=1))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")
