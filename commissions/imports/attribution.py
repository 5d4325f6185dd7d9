"""An attribution file against the stored orders, set-wise."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from commissions.attribution import REASON, Evidence
from commissions.imports.order_staging import EARLIEST, SHOWN
from core.copying import copy_lines
from core.money import percent
from core.text import listed
from people.models import Account, Department
from people.rows import WHO, People
from sheets.loading import Summary
from sheets.table import Table
from sheets.values import plain

MANY = 1000  # rows of a file
_CREATE = """
DROP TABLE IF EXISTS staged_attribution, attributed_order;
CREATE TEMPORARY TABLE staged_attribution (
    row integer NOT NULL,
    shop varchar NOT NULL,
    order_no varchar NOT NULL,
    staff_id bigint,
    share numeric,
    served_at timestamptz
) ON COMMIT DROP
"""

# The tests of the order's day, and the one that chooses among several people by when they served.
_TESTS = """
    SELECT string_to_array(tests, ',') AS tests, by_service
    FROM unnest(%(since)s::date[], %(tests)s::text[], %(by_service)s::text[])
        AS test (since, tests, by_service)
    WHERE since <= coalesce((stored.paid_at AT TIME ZONE 'Asia/Shanghai')::date, stored.as_of)
    ORDER BY since DESC LIMIT 1
"""
_IS_CHANGED = """
    (next.agent_id, next.attribution, next.split_id, next.reason)
        IS DISTINCT FROM (next.old_agent_id, next.old_attribution, next.old_split_id, next.old_reason)
"""

# A row that names no shop fits the order of any shop.
_FITTING = """
    FROM staged_attribution staged LEFT JOIN commissions_order stored
    ON stored.department_id = %(department)s AND stored.order_no = staged.order_no
        AND (staged.shop = '' OR stored.shop = staged.shop)
"""

_UNFIT = f"""
SELECT staged.row, staged.order_no, count(stored.id) {_FITTING}
GROUP BY staged.row, staged.order_no HAVING count(stored.id) <> 1 ORDER BY staged.row LIMIT 200
"""

# The day on which each order was paid, which decides who is meant.
_PAID = f"""
SELECT staged.row, max((stored.paid_at AT TIME ZONE 'Asia/Shanghai')::date) {_FITTING} GROUP BY staged.row
"""

_GIVE = """
UPDATE staged_attribution SET staff_id = given.staff_id
FROM unnest(%(rows)s::integer[], %(staff)s::bigint[]) AS given (row, staff_id)
WHERE staged_attribution.row = given.row
"""

# Nobody is given an order that was paid when they were not employed.
# Who joins within the month of the payment has a payslip of it.
_NOT_EMPLOYED = f"""
SELECT staged.row, staff.number, staff.name, (stored.paid_at AT TIME ZONE 'Asia/Shanghai')::date
{_FITTING} JOIN people_staff staff ON staff.id = staged.staff_id
WHERE NOT (stored.paid_at AT TIME ZONE 'Asia/Shanghai')::date
    BETWEEN date_trunc('month', staff.joined_on)::date AND coalesce(staff.left_on, 'infinity')
    AND stored.agent_id IS DISTINCT FROM staged.staff_id
ORDER BY staged.row LIMIT 200
"""

# An order that several share has a share in each of its rows, and all of them are the whole.
_UNSHARED = f"""
SELECT min(staged.row), staged.order_no, sum(staged.share), bool_or(staged.share IS NULL),
    bool_or(staged.share <= 0 OR staged.share <> round(staged.share, 4))
{_FITTING} GROUP BY stored.id, staged.order_no
HAVING bool_or(staged.share IS NOT NULL) AND (
    sum(staged.share) <> 1 OR bool_or(staged.share IS NULL OR staged.share <> round(staged.share, 4))
    OR bool_or(staged.share <= 0) OR count(*) <> count(DISTINCT staged.staff_id)
)
ORDER BY 1 LIMIT 200
"""

# Several people without shares: who served first or last, where that is a test; else a conflict, nobody's
# and listed. What an earlier test found stays, above all what was assigned by hand.
_ATTRIBUTE = f"""
CREATE TEMPORARY TABLE attributed_order ON COMMIT DROP AS
SELECT told.id, order_no, paid_at, old_agent_id, old_attribution, old_split_id, old_reason,
    NULL::bigint AS split_id,
    CASE WHEN reason <> 'file_two' THEN chosen END AS agent_id,
    CASE WHEN reason = 'file_two' THEN 'conflict' ELSE 'file' END AS attribution,
    reason, sharers, shares,
    old_reason = 'assigned' OR place IS NULL
        OR coalesce(old_agent_id IS NOT NULL AND array_position(tests, old_reason) < place, false) AS is_kept
FROM (
    SELECT *, array_position(tests, CASE reason WHEN 'file_two' THEN 'file' ELSE reason END) AS place
    FROM (
        SELECT *, CASE WHEN is_one AND ('file' = ANY(tests) OR by_service = '') THEN 'file'
            WHEN by_service > '' AND (is_one OR is_timed) THEN by_service ELSE 'file_two' END AS reason,
            CASE WHEN is_one THEN first_named WHEN by_service = 'last_served' THEN last_served
                ELSE first_served END AS chosen
        FROM (
            SELECT stored.id, stored.order_no, stored.paid_at, stored.agent_id AS old_agent_id,
                stored.attribution AS old_attribution, stored.split_id AS old_split_id,
                {REASON} AS old_reason, told.tests, told.by_service,
                count(DISTINCT staged.staff_id) = 1 OR count(staged.share) > 0 AS is_one,
                count(*) = count(DISTINCT staged.served_at) AS is_timed,
                (array_agg(staged.staff_id ORDER BY staged.share DESC, agent.number))[1] AS first_named,
                (array_agg(staged.staff_id ORDER BY staged.served_at))[1] AS first_served,
                (array_agg(staged.staff_id ORDER BY staged.served_at DESC))[1] AS last_served,
                CASE WHEN count(staged.share) > 1
                    THEN array_agg(staged.staff_id ORDER BY staged.staff_id) END AS sharers,
                array_agg(staged.share ORDER BY staged.staff_id) AS shares
            {_FITTING} JOIN people_staff agent ON agent.id = staged.staff_id
            CROSS JOIN LATERAL ({_TESTS}) told
            GROUP BY stored.id, told.tests, told.by_service
        ) given
    ) found
) told
"""

# What is shared already as the file says stays; anything else that it says is said anew.
_SAME_SPLIT = """
UPDATE attributed_order next SET split_id = next.old_split_id
FROM (
    SELECT split_id, array_agg(staff_id ORDER BY staff_id) AS sharers,
        array_agg(share ORDER BY staff_id) AS shares
    FROM commissions_ordershare WHERE split_id IN (SELECT old_split_id FROM attributed_order)
    GROUP BY split_id
) stored
WHERE stored.split_id = next.old_split_id AND stored.sharers = next.sharers AND stored.shares = next.shares
"""
_SPLIT = """
WITH made AS (
    INSERT INTO commissions_ordersplit (order_id, by_id, at)
    SELECT id, %(by)s, %(at)s FROM attributed_order
    WHERE sharers IS NOT NULL AND split_id IS NULL AND NOT is_kept ORDER BY id
    RETURNING id, order_id
), parts AS (
    INSERT INTO commissions_ordershare (split_id, staff_id, share)
    SELECT made.id, part.staff_id, part.share
    FROM made JOIN attributed_order next ON next.id = made.order_id
    CROSS JOIN unnest(next.sharers, next.shares) AS part (staff_id, share)
)
UPDATE attributed_order SET split_id = made.id FROM made WHERE made.order_id = attributed_order.id
"""

_UPDATE = f"""
UPDATE commissions_order
SET agent_id = next.agent_id, attribution = next.attribution, split_id = next.split_id, reason = next.reason
FROM attributed_order next
WHERE commissions_order.id = next.id AND {_IS_CHANGED} AND NOT next.is_kept
"""

_MONTHS = """
SELECT DISTINCT date_trunc('month', paid_at AT TIME ZONE 'Asia/Shanghai')::date FROM attributed_order next
WHERE paid_at IS NOT NULL AND NOT is_kept
    AND (agent_id, split_id) IS DISTINCT FROM (old_agent_id, old_split_id)
"""

# What everybody has after it, of the orders of the file: of a shared one the own part.
_TOTALS = """
SELECT staff.number || ' ' || staff.name,
    count(*) || ' 单 '
        || to_char(sum(round(orders.amount * coalesce(part.share, 1), 2)), 'FM999,999,999,990.00') || ' 元'
FROM attributed_order JOIN commissions_order orders USING (id)
LEFT JOIN commissions_ordershare part ON part.split_id = orders.split_id
JOIN people_staff staff ON staff.id = coalesce(part.staff_id, orders.agent_id)
GROUP BY staff.id ORDER BY staff.number LIMIT 50
"""

_CONFLICTS = """
SELECT order_no FROM attributed_order
WHERE attribution = 'conflict' AND NOT is_kept ORDER BY order_no
"""

_EARLIER = """
SELECT order_no, old_reason FROM attributed_order
WHERE is_kept AND (
    agent_id IS DISTINCT FROM old_agent_id
    OR split_id IS DISTINCT FROM old_split_id AND (
        sharers IS NOT NULL
        OR (SELECT count(*) > 1 FROM commissions_ordershare part WHERE part.split_id = old_split_id)
    )
) ORDER BY order_no
"""


def attribution_load(table: Table, *, department: Department, by: Account | None, at: datetime) -> Summary:
    """Give the orders of the table to the agents that it names; a file wins over the remark.

    Several rows of one order with a share in each are an order that these agents share. Unknown agents and
    orders, agents who were not employed at the payment, and shares that are not the whole are errors of
    their rows. A blank number leaves the order as it is.
    """
    named = _staged(table)
    given = {"department": department.pk}
    blank = _give(table, department, named, given)
    for row, order_no, fitting in _rows(_UNFIT, given):
        if fitting:
            table.add_error(row, "order_no", "不止一个店铺有这个订单号", "请加上「店铺名称」一列", order_no)
        else:
            table.add_error(row, "order_no", "没有这个订单", "请先导入订单，或者改正订单号", order_no)
    for row, number, name, paid_on in _rows(_NOT_EMPLOYED, given):
        shown = f"{number} {name}"
        problem = f"{shown}在付款日{paid_on}不在职"
        table.add_error(row, _field(table), problem, "请改为当日在职的客服，或者核对最后工作日", number)
    _check_shares(table, given)
    table.check()
    fitting = _run(_ATTRIBUTE, given | _tests_of(department))
    if "share" in table.fields:
        _run(_SAME_SPLIT)
        _run(_SPLIT, {"by": by and by.pk, "at": at})
    changed = _run(_UPDATE)
    months: frozenset[date] = frozenset(month for (month,) in _rows(_MONTHS))
    notes = [f"{blank} 行没有写工号，这些订单的归属不变。"] if blank else []
    if conflicts := [number for (number,) in _rows(_CONFLICTS)]:
        shown = listed(conflicts, SHOWN)
        remedy = "请核对各是谁接待的，改正以后再导入。"
        notes.append(f"{len(conflicts)} 个订单在文件里有不同的工号，不归任何人：{shown}。{remedy}")
    kept = _rows(_EARLIER)
    if decided := [number for number, reason in kept if reason in ("claim", "assigned")]:
        notes.append(f"{len(decided)} 个订单已认领或由人指定，归属不变：{listed(decided, SHOWN)}。")
    if earlier := [number for number, reason in kept if reason not in ("claim", "assigned")]:
        notes.append(f"{len(earlier)} 个订单按制度先看别的依据，归属不变：{listed(earlier, SHOWN)}。")
    return Summary(
        rows=len(named),
        changed=changed,
        unchanged=fitting - changed,
        months=months,
        notes=tuple(notes),
        totals=tuple(_rows(_TOTALS)),
    )


def _tests_of(department: Department) -> dict[str, Any]:
    """The department's tests as _TESTS reads them."""
    stretches = Evidence.of(department).stretches()
    return {
        "since": [max(since, EARLIEST) for since, _ in stretches],
        "tests": [",".join(kind.tests) for _, kind in stretches],
        "by_service": [kind.by_service for _, kind in stretches],
    }


def _check_shares(table: Table, given: dict[str, Any]) -> None:
    """Shares of an order that do not come to the whole are errors of its first row."""
    if "share" not in table.fields:
        return
    for row, order_no, total, is_blank, is_odd in _rows(_UNSHARED, given):
        if is_blank:
            table.add_error(row, "share", "同一订单有的行没有份额", "共享的订单每行都写份额", order_no)
        elif is_odd:
            table.add_error(row, "share", "份额应大于0，最多两位小数的百分数", "请改正份额", order_no)
        elif total == 1:
            table.add_error(row, _field(table), "同一订单里有人写了两次", "每人只留一行", order_no)
        else:
            shown = f"各人份额合计{percent(total)}，不是100%"
            table.add_error(row, "share", shown, "改到合计正好100%", order_no)


def _staged(table: Table) -> dict[int, dict[str, Any]]:
    """Bring the rows that name somebody into the temporary table; every row's values by its number."""
    named: dict[int, dict[str, Any]] = {}
    lines: list[str] = []
    for row, values in table.rows(raise_at_end=False):
        given = named[row] = dict(zip(table.fields, values, strict=True))
        if any(given[field] for field in WHO):
            shop, order_no = _escaped(given["shop"] or ""), _escaped(given["order_no"])
            share = "\\N" if given.get("share") is None else given["share"]
            served_at = given.get("served_at") or "\\N"
            lines.append(f"{row}\t{shop}\t{order_no}\t{share}\t{served_at}\n")
    _run(_CREATE)
    copy_lines("staged_attribution", "row, shop, order_no, share, served_at", "".join(lines))
    _run("ANALYZE staged_attribution")
    if len(lines) > MANY:
        # What PostgreSQL knows of the orders may be from before they were imported, a moment ago: taking them
        # for a few, it would look through all of them for every row.
        _run("SET LOCAL enable_nestloop = off")
    return named


def _give(
    table: Table, department: Department, named: dict[int, dict[str, Any]], given: dict[str, Any]
) -> int:
    """Say in the temporary table whom each row is about on the day of payment; how many rows name nobody."""
    people = People(table, department)
    paid = dict(_rows(_PAID, given))
    staff: dict[int, int] = {}
    blank = 0
    for row, values in named.items():
        if not any(values[field] for field in WHO):
            blank += 1
        elif person := people.of(row, values, paid.get(row)):
            staff[row] = person.pk
    _run(_GIVE, {"rows": list(staff), "staff": list(staff.values())})
    # Rows of people of other departments give nothing.
    _run("DELETE FROM staged_attribution WHERE staff_id IS NULL")
    return blank


def _field(table: Table) -> str:
    """The first column that says whom a row is about."""
    return next((field for field in WHO if field in table.present), WHO[0])


def _escaped(text: str) -> str:
    return " ".join(plain(text).split()).replace("\\", "\\\\")


def _run(sql: str, given: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.rowcount


def _rows(sql: str, given: dict[str, Any] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
