"""Sums of orders and refunds per person, read set-wise: whole months, parts of them, days of sale."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from core.periods import shift_months
from rules.kinds.params import DayRange
from rules.kinds.sales import Commission
from rules.provisions import Month

Excludes = tuple[DayRange, ...]
Cut = tuple[Excludes, date]  # what happened before a day, without the payments of excluded days
Rows = Iterable[Sequence[Any]]
RefundsBySale = dict[tuple[int, Excludes], dict[date, Decimal]]
DAY = timedelta(days=1)
CONDITIONS = 4  # how often `sum_columns` repeats its condition
# Runs the aggregate; settlement wraps it to store each person's orders in the same pass.
Reader = Callable[[str, list[Any], list[str]], Rows]


@dataclass(slots=True)
class Sums:
    """What a person's orders of a month come to, in yuan and orders."""

    sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    orders: Decimal = Decimal(0)  # of a shared one its share

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.sales - other.sales, self.refunds - other.refunds, self.orders - other.orders)

    def value(self, code: str) -> Decimal:
        if code == "net_sales":
            return self.sales - self.refunds
        return {"sales": self.sales, "refunds": self.refunds, "orders": self.orders}[code]


@dataclass(slots=True)
class OrderFacts:
    """Sums per person, whole and per set of excluded days; None is nobody's orders.

    `before` has the same up to the days on which some commission changes.
    """

    whole: dict[int | None, Sums] = field(default_factory=dict)
    excluding: dict[Excludes, dict[int | None, Sums]] = field(default_factory=dict)
    before: dict[Cut, dict[int | None, Sums]] = field(default_factory=dict)

    def of(self, staff_id: int, exclude: Excludes = ()) -> Sums:
        sums = self.excluding[exclude] if exclude else self.whole
        return sums.get(staff_id) or Sums()

    def until(self, staff_id: int, exclude: Excludes, day: date) -> Sums:
        """What happened in the month before a day on which some commission changes."""
        return self.before[exclude, day].get(staff_id) or Sums()


def moment(day: date) -> datetime:
    """Midnight (Asia/Shanghai) at which a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def execute(sql: str, params: list[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


# An order counts in the month of its payment, a refund in the month of its own moment (`at`).
_PAID = "o.department_id = %s AND o.paid_at >= %s AND o.paid_at < %s"
_REFUNDED = "o.department_id = %s AND r.refunded_at >= %s AND r.refunded_at < %s AND o.paid_at IS NOT NULL"

# Of a shared order and of each of its refunds everybody has a part to the fen: rounded down, what is left
# over to the largest remainders (as `core.money.split`), by staff number where they are alike.
_PARTS = f"""
    SELECT agent_id, order_id, share, is_refund, paid_at, at,
        sign(amount) * (cents + CASE WHEN place <= fen - total THEN 1 ELSE 0 END) / 100 AS amount
    FROM (
        SELECT *, sum(cents) OVER event AS total, row_number() OVER (
            event ORDER BY fen * share - cents DESC, number, agent_id
        ) AS place
        FROM (
            SELECT part.staff_id AS agent_id, staff.number, part.share, shared.*,
                abs(shared.amount) * 100 AS fen, floor(abs(shared.amount) * 100 * part.share) AS cents
            FROM (
                SELECT o.id AS order_id, NULL::bigint AS refund_id, o.split_id, o.amount,
                    FALSE AS is_refund, o.paid_at, o.paid_at AS at
                FROM commissions_order o WHERE {_PAID} AND o.split_id IS NOT NULL
                UNION ALL
                SELECT o.id, r.id, o.split_id, -r.amount, TRUE, o.paid_at, r.refunded_at
                FROM commissions_order o JOIN commissions_refund r ON r.order_id = o.id
                WHERE {_REFUNDED} AND o.split_id IS NOT NULL
            ) shared
            JOIN commissions_ordershare part ON part.split_id = shared.split_id
            JOIN people_staff staff ON staff.id = part.staff_id
        ) rounded_down
        WINDOW event AS (PARTITION BY order_id, refund_id)
    ) placed
"""
EVENTS = f"""
    SELECT o.agent_id, o.id AS order_id, o.amount, NULL::numeric AS share,
        FALSE AS is_refund, o.paid_at, o.paid_at AS at
    FROM commissions_order o
    WHERE {_PAID} AND o.split_id IS NULL
    UNION ALL
    SELECT o.agent_id, o.id, -r.amount, NULL, TRUE, o.paid_at, r.refunded_at
    FROM commissions_refund r JOIN commissions_order o ON o.id = r.order_id
    WHERE {_REFUNDED} AND o.split_id IS NULL
    UNION ALL
    SELECT agent_id, order_id, amount, share, is_refund, paid_at, at FROM ({_PARTS}) parts
"""


def event_params(month: Month, first: date, last: date) -> list[Any]:
    """Parameters of EVENTS for payments and refunds from `first` to the end of `last`'s month."""
    return events_between(month.department_id, first, shift_months(last, 1))


def events_between(department_id: int, first: date, end: date) -> list[Any]:
    """Parameters of EVENTS for a department's payments and refunds from `first` to the day before `end`."""
    return [department_id, moment(first), moment(end)] * 4


def sum_columns(condition: str = "TRUE") -> list[str]:
    """SQL of sales, refunds and the number of orders among the events for which `condition` holds.

    Of a shared order its share is counted.
    """
    paid = f"NOT is_refund AND {condition}"
    return [
        f"coalesce(sum(amount) FILTER (WHERE {paid}), 0)",
        f"coalesce(-sum(amount) FILTER (WHERE is_refund AND {condition}), 0)",
        f"count(*) FILTER (WHERE share IS NULL AND {paid}) + coalesce(sum(share) FILTER (WHERE {paid}), 0)",
    ]


def plain_reader(sql: str, params: list[Any], columns: list[str]) -> Rows:
    """Read the named columns of the aggregate; PostgreSQL drops what nobody reads."""
    return execute(f"SELECT {', '.join(columns)} FROM ({sql}) summed", params)


def reader_of(staff: Collection[int]) -> Reader:
    """Reads the sums of some people only; PostgreSQL then looks at their orders only."""

    def read(sql: str, params: list[Any], columns: list[str]) -> Rows:
        wanted = f"SELECT {', '.join(columns)} FROM ({sql}) summed WHERE staff_id = ANY(%s)"
        return execute(wanted, [*params, list(staff)])

    return read


def read_orders(
    month: Month, excludes: Sequence[Excludes], read: Reader, cuts: Sequence[Cut] = ()
) -> OrderFacts:
    """Sums of the month's orders per person in one pass over them, whole and up to each of `cuts`.

    `read` gets SQL that yields staff_id, order_ids, amounts and the sums, and the names of the columns
    that it must return.
    """
    sums, params = sum_columns(), []
    for exclude in excludes:
        condition, bounds = outside(exclude)
        sums += sum_columns(condition)
        params += bounds * CONDITIONS
    for exclude, day in cuts:
        condition, bounds = outside(exclude) if exclude else ("TRUE", [])
        sums += sum_columns(f"{condition} AND at < %s")
        params += [*bounds, moment(day)] * CONDITIONS
    names = [f"s{i}" for i in range(len(sums))]
    sql = f"""
        SELECT agent_id AS staff_id,
            array_agg(order_id) FILTER (WHERE agent_id IS NOT NULL) AS order_ids,
            array_agg(amount) FILTER (WHERE agent_id IS NOT NULL) AS amounts,
            {", ".join(f"{each} AS {name}" for each, name in zip(sums, names, strict=True))}
        FROM ({EVENTS}) events GROUP BY agent_id
    """
    facts = OrderFacts(excluding={exclude: {} for exclude in excludes}, before={cut: {} for cut in cuts})
    parts = [facts.whole, *facts.excluding.values(), *facts.before.values()]
    rows = read(sql, params + event_params(month, month.first, month.first), ["staff_id", *names])
    for staff_id, *values in rows:
        for i, part in enumerate(parts):
            part[staff_id] = Sums(*values[3 * i : 3 * i + 3])
    return facts


def cuts_of(month: Month) -> list[Cut]:
    """The days on which a commission begins, ends or changes for somebody within the employment."""
    cuts: dict[Cut, None] = {}
    for person in month.people.values():
        for each in month.stretches(person, Commission) if person.in_month else ():
            if each.first > person.first:
                cuts[each.rule.kind.exclude, each.first] = None
            if each.last < person.last:
                cuts[each.rule.kind.exclude, each.last + DAY] = None
    return list(cuts)


def read_refunds_by_sale(month: Month, excludes: Sequence[Excludes]) -> RefundsBySale:
    """The month's refunds per person, set of excluded days and day of the sale; one query a set."""
    found: RefundsBySale = defaultdict(dict)
    for exclude in excludes:
        condition, bounds = outside(exclude) if exclude else ("TRUE", [])
        sql = f"""
            SELECT agent_id, (paid_at AT TIME ZONE 'Asia/Shanghai')::date, -sum(amount)
            FROM ({EVENTS}) events
            WHERE is_refund AND agent_id IS NOT NULL AND {condition} GROUP BY 1, 2 ORDER BY 2
        """
        for staff_id, sold_on, amount in execute(
            sql, [*event_params(month, month.first, month.first), *bounds]
        ):
            found[staff_id, exclude][sold_on] = amount
    return found


def outside(exclude: Excludes) -> tuple[str, list[Any]]:
    """SQL that holds for payments outside the excluded days, with its parameters.

    A refund in this month may belong to a payment of earlier years, so days of every year are compared
    by month and day.
    """
    local = "(paid_at AT TIME ZONE 'Asia/Shanghai')::date"
    parts: list[str] = []
    params: list[Any] = []
    for days in exclude:
        if days.first[0] is not None:
            parts.append(f"{local} BETWEEN %s AND %s")
            params += [date(*days.first), date(*days.last)]  # type: ignore[arg-type]
        else:
            joint = "AND" if days.first[1:] <= days.last[1:] else "OR"
            parts.append(f"(to_char({local}, 'MM-DD') >= %s {joint} to_char({local}, 'MM-DD') <= %s)")
            params += ["{:02d}-{:02d}".format(*end[1:]) for end in (days.first, days.last)]
    return f"NOT ({' OR '.join(parts)})", params


def sums_between(department_id: int, staff: Collection[int], first: date, end: date) -> dict[int, Sums]:
    """Sums of some people's orders and refunds from `first` to the day before `end`; one query."""
    sql = f"""
        SELECT agent_id, {", ".join(sum_columns())} FROM ({EVENTS}) events
        WHERE agent_id = ANY(%s) GROUP BY agent_id
    """
    rows = execute(sql, [*events_between(department_id, first, end), list(staff)])
    return {staff_id: Sums(*sums) for staff_id, *sums in rows}


def read_past_sums(month: Month, earliest: date, exclude: Excludes = ()) -> dict[date, dict[int, Sums]]:
    """Sums of orders per earlier month and person from `earliest` to the month before; one query."""
    params = event_params(month, earliest, shift_months(month.first, -1))
    condition, bounds = outside(exclude) if exclude else ("TRUE", [])
    sql = f"""
        SELECT date_trunc('month', at AT TIME ZONE 'Asia/Shanghai')::date, agent_id,
            {", ".join(sum_columns())}
        FROM ({EVENTS}) events WHERE agent_id IS NOT NULL AND {condition} GROUP BY 1, 2
    """
    found: dict[date, dict[int, Sums]] = defaultdict(dict)
    for in_month, staff_id, *sums in execute(sql, [*params, *bounds]):
        found[in_month][staff_id] = Sums(*sums)
    return found
