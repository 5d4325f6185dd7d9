"""A file of orders against the stored ones, set-wise: what is new, what changed, what was refunded since.

A batch goes by COPY into the table itself. Where that meets an order that is stored already, the batch
is staged and compared instead. No statement is run per row.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from psycopg2.errors import UniqueViolation

from commissions.attribution import REASON, Evidence
from commissions.imports.order_lines import ORDER_COLUMNS, REFUND_COLUMNS, VOID_COLUMNS, Batch
from core.copying import copy_lines
from people.models import Department
from rules.kinds.attribution import OF_REMARK, OrderAttribution

SHOWN = 20  # of the orders that a report lists
EARLIEST = date(1970, 1, 1)  # before any order

# `staged_refund`: refund totals, and refunds that have a row of their own (`row`); `known_order`: the orders
# of a batch that are stored already; `returned_order`: those to which a refund of its own row was added.
_CREATE = """
DROP TABLE IF EXISTS staged_order, staged_refund, staged_void, known_order, returned_order;
CREATE TEMPORARY TABLE staged_order (LIKE commissions_order) ON COMMIT DROP;
ALTER TABLE staged_order DROP COLUMN id;
CREATE TEMPORARY TABLE staged_refund (
    shop varchar(64) NOT NULL,
    order_no varchar(64) NOT NULL,
    refunded numeric(12, 2) NOT NULL,
    refunded_at timestamptz,
    row integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_void (shop varchar(64) NOT NULL, order_no varchar(64) NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE known_order (
    LIKE commissions_order,
    old_paid_at timestamptz,
    old_amount numeric(12, 2) NOT NULL,
    rise numeric(12, 2) NOT NULL,
    refunded_at timestamptz,
    is_changed boolean NOT NULL,
    is_outdated boolean NOT NULL
) ON COMMIT DROP;
CREATE TEMPORARY TABLE returned_order (id bigint PRIMARY KEY) ON COMMIT DROP;
"""

# Whether the test that gave the stored order to somebody comes before the one that the file's remark meets.
_COMES_FIRST = f"""coalesce((
    SELECT array_position(told.tests, {REASON}) < array_position(told.tests, staged.reason::text)
    FROM (
        SELECT string_to_array(tests, ',') AS tests FROM unnest(%(since)s::date[], %(tests)s::text[])
            AS test (since, tests)
        WHERE since <= (coalesce(staged.paid_at, stored.paid_at) AT TIME ZONE 'Asia/Shanghai')::date
        ORDER BY since DESC LIMIT 1
    ) told
), true)"""

# What the export has no column for stays as it is: order time, remark, refunds (then an amount that is what
# the shop kept lacks the refunds known already). What a test found that comes before those of the remark
# (usually an attribution file and an accepted claim) wins over it, and a conflict holds until the remark
# changes. What is stored from a later export is left alone.
# An order that counted and is void now keeps its payment and is given back as a whole; what was given back
# for that alone (`closed_refund`) comes again where a later export says that the order counts.
_KNOWN = f"""
INSERT INTO known_order (department_id, shop, order_no, as_of, id, ordered_at, paid_at, amount, remark,
    agent_id, attribution, reason, closed_refund, old_paid_at, old_amount, rise, refunded_at, is_changed,
    is_outdated)
SELECT department_id, shop, order_no, staged.as_of, stored.id, next.*,
    CASE WHEN void.order_no IS NOT NULL THEN nullif(greatest(whole.refunded - past.shown, 0), 0) END,
    stored.paid_at, stored.amount, whole.refunded - past.refunded, refund.refunded_at,
    (next.ordered_at, next.paid_at, next.amount, next.remark, next.agent_id, next.attribution)
        IS DISTINCT FROM (stored.ordered_at, stored.paid_at, stored.amount, stored.remark,
            stored.agent_id, stored.attribution),
    stored.as_of > staged.as_of
FROM staged_order staged
JOIN commissions_order stored USING (department_id, shop, order_no)
LEFT JOIN staged_void void USING (shop, order_no)
LEFT JOIN (
    SELECT shop, order_no, sum(refunded) AS refunded,
        sum(refunded) FILTER (WHERE row IS NULL) AS total,
        max(refunded_at) FILTER (WHERE row IS NULL) AS refunded_at
    FROM staged_refund GROUP BY shop, order_no
) refund USING (shop, order_no)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS refunded,
        coalesce(sum(amount), 0) - coalesce(stored.closed_refund, 0) AS shown
    FROM commissions_refund WHERE order_id = stored.id
) past
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN void.order_no IS NOT NULL THEN
            CASE WHEN stored.paid_at IS NULL THEN 0 ELSE stored.amount END
        WHEN %(has_refund)s THEN coalesce(refund.refunded, 0)
        ELSE greatest(refund.refunded, past.shown)
    END AS refunded
) whole
CROSS JOIN LATERAL (
    SELECT NOT %(has_remark)s
        OR stored.attribution IN ('file', 'claim', 'assigned')
            AND (%(is_usual)s OR stored.attribution = 'assigned' OR staged.agent_id IS NULL OR {_COMES_FIRST})
        OR (stored.attribution = 'conflict' AND stored.remark = staged.remark) AS agent,
        void.order_no IS NOT NULL AND stored.paid_at IS NOT NULL AS payment
) keeps
CROSS JOIN LATERAL (
    SELECT coalesce(staged.ordered_at, stored.ordered_at) AS ordered_at,
        CASE WHEN keeps.payment THEN stored.paid_at ELSE staged.paid_at END AS paid_at,
        CASE WHEN keeps.payment THEN stored.amount ELSE staged.amount
            + CASE WHEN %(is_kept)s AND NOT %(has_refund)s AND staged.paid_at IS NOT NULL
                THEN greatest(past.shown - coalesce(refund.total, 0), 0) ELSE 0 END
        END::numeric(12, 2) AS amount,
        CASE WHEN %(has_remark)s THEN staged.remark ELSE stored.remark END AS remark,
        CASE WHEN keeps.agent THEN stored.agent_id ELSE staged.agent_id END AS agent_id,
        CASE WHEN keeps.agent THEN stored.attribution ELSE staged.attribution END AS attribution,
        CASE WHEN keeps.agent THEN stored.reason ELSE staged.reason END AS reason
) next
"""

_INSERT_ORDERS = f"""
INSERT INTO commissions_order ({ORDER_COLUMNS})
SELECT {ORDER_COLUMNS} FROM staged_order
WHERE NOT EXISTS (
    SELECT FROM known_order
    WHERE known_order.shop = staged_order.shop AND known_order.order_no = staged_order.order_no
)
"""

_UPDATE_ORDERS = """
UPDATE commissions_order SET ordered_at = next.ordered_at, paid_at = next.paid_at, amount = next.amount,
    remark = next.remark, agent_id = next.agent_id, attribution = next.attribution, reason = next.reason,
    as_of = next.as_of, closed_refund = next.closed_refund
FROM known_order next
WHERE commissions_order.id = next.id AND NOT next.is_outdated
    AND (next.is_changed OR (next.closed_refund, next.reason)
        IS DISTINCT FROM (commissions_order.closed_refund, commissions_order.reason))
"""

# A refund with a row of its own is found again by its moment: what is stored of that moment is not added
# once more. An older export may add one, as far as the order is not given back yet, and changes none. Orders
# of this import itself are all above `before` and get theirs with the other refunds.
_RETURNS = """
WITH refund AS (
    INSERT INTO commissions_refund (order_id, amount, refunded_at, as_of)
    SELECT stored.id, staged.refunded - coalesce(past.refunded, 0), moment.at, %(as_of)s
    FROM staged_refund staged
    JOIN commissions_order stored USING (shop, order_no)
    CROSS JOIN LATERAL (SELECT coalesce(staged.refunded_at, stored.paid_at) AS at) moment
    CROSS JOIN LATERAL (
        SELECT sum(amount) AS refunded FROM commissions_refund
        WHERE order_id = stored.id AND refunded_at = moment.at
    ) past
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS refunded FROM commissions_refund WHERE order_id = stored.id
    ) whole
    WHERE staged.row IS NOT NULL AND stored.department_id = %(department)s AND stored.id <= %(before)s
        AND stored.paid_at IS NOT NULL AND (
            stored.as_of <= %(as_of)s
            OR past.refunded IS NULL AND whole.refunded + staged.refunded <= stored.amount
        )
        AND staged.refunded <> coalesce(past.refunded, 0)
    RETURNING order_id, refunded_at
), noted AS (INSERT INTO returned_order SELECT DISTINCT order_id FROM refund ON CONFLICT DO NOTHING)
SELECT DISTINCT date_trunc('month', refunded_at AT TIME ZONE 'Asia/Shanghai')::date FROM refund
"""

# Refunds of orders that nobody ever paid, as far as the files say.
_UNPAID_RETURNS = """
SELECT staged.row, staged.order_no, staged.refunded FROM staged_refund staged
WHERE staged.row IS NOT NULL AND NOT EXISTS (
    SELECT FROM commissions_order stored
    WHERE stored.department_id = %(department)s AND stored.shop = staged.shop
        AND stored.order_no = staged.order_no AND stored.paid_at IS NOT NULL
) ORDER BY staged.row LIMIT 200
"""

# A refund counts at its own moment; without one at the payment, or at the export's date where only a
# later export shows it (rule-kinds, From orders and metrics). `id + 0` is not looked up by the key, under
# which every batch would pass over all orders of the import.
_INSERT_REFUNDS = """
WITH refund AS (
    INSERT INTO commissions_refund (order_id, amount, refunded_at, as_of)
    SELECT id, refunded, coalesce(refunded_at, paid_at), as_of
    FROM staged_refund JOIN commissions_order USING (shop, order_no)
    WHERE department_id = %(department)s AND id + 0 > %(before)s AND paid_at IS NOT NULL
    UNION ALL
    SELECT id, rise, coalesce(
            CASE WHEN rise > 0 THEN refunded_at END,
            CASE WHEN old_paid_at IS NULL THEN paid_at END,
            greatest(as_of::timestamp AT TIME ZONE 'Asia/Shanghai', paid_at)
        ), as_of
    FROM known_order WHERE rise <> 0 AND NOT is_outdated
    RETURNING refunded_at
)
SELECT DISTINCT date_trunc('month', refunded_at AT TIME ZONE 'Asia/Shanghai')::date FROM refund
"""

_COUNTS = """
SELECT count(*) FILTER (WHERE is_returned OR NOT is_outdated AND is_different),
    count(*) FILTER (WHERE is_outdated AND is_different)
FROM known_order
CROSS JOIN LATERAL (
    SELECT is_changed OR rise <> 0 AS is_different, id IN (SELECT id FROM returned_order) AS is_returned
) what
"""

# Neither a correction nor a later instalment says which of them it is.
_MOVED = """
SELECT order_no, old_amount, amount FROM known_order
WHERE old_paid_at IS NOT NULL AND paid_at IS NOT NULL AND old_paid_at <> paid_at AND old_amount <> amount
    AND NOT is_outdated ORDER BY order_no
"""

_MONTHS = """
SELECT date_trunc('month', paid_at AT TIME ZONE 'Asia/Shanghai')::date FROM (
    SELECT paid_at FROM staged_order WHERE NOT EXISTS (
        SELECT FROM known_order
        WHERE known_order.shop = staged_order.shop AND known_order.order_no = staged_order.order_no
    )
    UNION ALL SELECT paid_at FROM known_order WHERE is_changed AND NOT is_outdated
    UNION ALL SELECT old_paid_at FROM known_order WHERE is_changed AND NOT is_outdated
) touched WHERE paid_at IS NOT NULL GROUP BY 1
"""

_CONFLICTS = """
SELECT order_no FROM commissions_order JOIN unnest(%(shops)s, %(numbers)s) AS candidate (shop, order_no)
    USING (shop, order_no)
WHERE department_id = %(department)s AND attribution = 'conflict' ORDER BY order_no
"""

# The same number under a named shop and under none is most likely one order that counts twice.
_SHOPLESS = """
SELECT bare.order_no FROM commissions_order bare
JOIN commissions_order named ON named.department_id = bare.department_id AND named.order_no = bare.order_no
WHERE bare.department_id = %(department)s AND bare.shop = '' AND named.shop > ''
    AND EXISTS (SELECT FROM commissions_order WHERE department_id = %(department)s AND shop > '')
ORDER BY bare.order_no LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Export:
    """What the whole file has in common: whether it has remarks and refund totals, and what its amounts are.

    `is_kept` says that a paid amount is what the shop kept, less refunds; `as_of` is the day of the export;
    `tests` say which evidence of whose an order is comes first.
    """

    department: Department
    has_refund: bool
    has_remark: bool
    is_kept: bool
    as_of: date
    tests: Evidence


@dataclass
class Stored:
    """What came of the batches so far; `outdated` were left alone because a later export is stored.

    `moved` are orders whose payment has another moment and amount (number, before, now), `unpaid` refunds of
    orders that were never paid (row, number, amount).
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    outdated: int = 0
    months: set[date] = field(default_factory=set)
    moved: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    unpaid: list[tuple[int, str, Decimal]] = field(default_factory=list)


class Staging:
    """The temporary tables of one import, and what was done with them.

    The caller holds the department's lock, so that orders with a key above `before` are the import's own.
    An order comes in one batch only.
    """

    def __init__(self, export: Export) -> None:
        self.done = Stored()
        _run(_CREATE)
        ((before,),) = _rows("SELECT nextval('commissions_order_id_seq')")
        stretches = export.tests.stretches()
        self._given = {
            "is_usual": all(_comes_last(kind) for _, kind in stretches),
            "since": [max(since, EARLIEST) for since, _ in stretches],
            "tests": [",".join(kind.tests) for _, kind in stretches],
            "department": export.department.pk,
            "has_refund": export.has_refund,
            "has_remark": export.has_remark,
            "is_kept": export.is_kept,
            "as_of": export.as_of,
            "before": before,
        }

    def store(self, batch: Batch) -> None:
        """Write a batch of orders and their refunds."""
        lines = "".join(batch.orders)
        copy_lines("staged_refund", REFUND_COLUMNS, "".join(batch.refunds))
        if batch.has_returns:
            self.done.months.update(month for (month,) in _rows(_RETURNS, self._given))
        try:
            with transaction.atomic():
                copy_lines("commissions_order", ORDER_COLUMNS, lines)
        except UniqueViolation:
            copy_lines("staged_order", ORDER_COLUMNS, lines)
            copy_lines("staged_void", VOID_COLUMNS, "".join(batch.voids))
            _run("ANALYZE staged_order, staged_refund, staged_void")
            self._compare(len(batch.orders))
        else:
            self.done.created += len(batch.orders)
            self.done.months |= batch.months
        self.done.months.update(month for (month,) in _rows(_INSERT_REFUNDS, self._given))
        if batch.has_returns:
            self._finish_returns()
        _run("TRUNCATE staged_order, staged_refund, staged_void, known_order, returned_order")

    def _compare(self, count: int) -> None:
        """Insert what is new in the staged batch and update what changed."""
        known = _run(_KNOWN, self._given)
        _run("ANALYZE known_order")
        self.done.months.update(month for (month,) in _rows(_MONTHS))
        _run(_INSERT_ORDERS)
        _run(_UPDATE_ORDERS)
        ((changed, outdated),) = _rows(_COUNTS)
        self.done.moved += _rows(_MOVED)
        self.done.created += count - known
        self.done.changed += changed
        self.done.outdated += outdated
        self.done.unchanged += known - changed

    def _finish_returns(self) -> None:
        """Count the orders of which only a refund came, and note the refunds of none."""
        ((changed,),) = _rows(
            "SELECT count(*) FROM returned_order WHERE id NOT IN (SELECT id FROM known_order)"
        )
        self.done.changed += changed
        self.done.unpaid += _rows(_UNPAID_RETURNS, self._given)


def _comes_last(kind: OrderAttribution) -> bool:
    """Whether the remark decides only where nothing else does."""
    others = [i for i, test in enumerate(kind.tests) if test not in OF_REMARK]
    return not others or all(i > max(others) for i, test in enumerate(kind.tests) if test in OF_REMARK)


def conflicts_among(department: Department, orders: list[tuple[str, str]]) -> list[str]:
    """Which of the orders (shop, number) are in conflict as stored: their numbers."""
    if not orders:
        return []
    shops, numbers = zip(*orders, strict=True)
    given = {"department": department.pk, "shops": list(shops), "numbers": list(numbers)}
    return [number for (number,) in _rows(_CONFLICTS, given)]


def shopless(department: Department) -> list[str]:
    """Order numbers that the department has both with a shop and without; at most SHOWN."""
    return [number for (number,) in _rows(_SHOPLESS, {"department": department.pk, "shown": SHOWN})]


def _run(sql: str, given: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.rowcount


def _rows(sql: str, given: dict[str, Any] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
