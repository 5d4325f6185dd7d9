"""An attribution file against the stored orders, set-wise."""

from datetime import date
from typing import Any

from django.db import connection

from commissions.imports.order_staging import SHOWN
from core.copying import copy_lines
from core.text import listed
from people.models import Department
from people.rows import WHO, People
from sheets.loading import Summary
from sheets.table import Table
from sheets.values import plain

_CREATE = """
DROP TABLE IF EXISTS staged_attribution, attributed_order;
CREATE TEMPORARY TABLE staged_attribution (
    row integer NOT NULL,
    shop varchar NOT NULL,
    order_no varchar NOT NULL,
    staff_id bigint
) ON COMMIT DROP
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

# Two different numbers are a conflict: nobody's, and listed. What somebody claimed and was given stays.
_ATTRIBUTE = f"""
CREATE TEMPORARY TABLE attributed_order ON COMMIT DROP AS
SELECT stored.id, stored.order_no, stored.paid_at, stored.agent_id AS old_agent_id,
    stored.attribution AS old_attribution,
    CASE WHEN count(DISTINCT staged.staff_id) = 1 THEN min(staged.staff_id) END AS agent_id,
    CASE WHEN count(DISTINCT staged.staff_id) = 1 THEN 'file' ELSE 'conflict' END AS attribution
{_FITTING} GROUP BY stored.id
"""

_UPDATE = """
UPDATE commissions_order SET agent_id = next.agent_id, attribution = next.attribution
FROM attributed_order next
WHERE commissions_order.id = next.id
    AND (next.agent_id, next.attribution) IS DISTINCT FROM (next.old_agent_id, next.old_attribution)
    AND next.old_attribution <> 'claim'
"""

_MONTHS = """
SELECT DISTINCT date_trunc('month', paid_at AT TIME ZONE 'Asia/Shanghai')::date FROM attributed_order
WHERE paid_at IS NOT NULL AND agent_id IS DISTINCT FROM old_agent_id AND old_attribution <> 'claim'
"""

# What everybody has after it, of the orders of the file.
_TOTALS = """
SELECT staff.number || ' ' || staff.name,
    count(*) || ' 单 ' || to_char(coalesce(sum(orders.amount), 0), 'FM999,999,999,990.00') || ' 元'
FROM attributed_order JOIN commissions_order orders USING (id)
JOIN people_staff staff ON staff.id = orders.agent_id
GROUP BY staff.id ORDER BY staff.number LIMIT 50
"""

_CONFLICTS = """
SELECT order_no FROM attributed_order
WHERE attribution = 'conflict' AND old_attribution <> 'claim' ORDER BY order_no
"""

_CLAIMED = """
SELECT order_no FROM attributed_order
WHERE old_attribution = 'claim' AND agent_id IS DISTINCT FROM old_agent_id ORDER BY order_no
"""


def attribution_load(table: Table, *, department: Department) -> Summary:
    """Give the orders of the table to the agents that it names; a file wins over the remark.

    Unknown agents and orders, and agents who were not employed at the payment, are errors of their rows. A
    blank number leaves the order as it is.
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
    table.check()
    fitting = _run(_ATTRIBUTE, given)
    changed = _run(_UPDATE)
    months: frozenset[date] = frozenset(month for (month,) in _rows(_MONTHS))
    notes = [f"{blank} 行没有写工号，这些订单的归属不变。"] if blank else []
    if conflicts := [number for (number,) in _rows(_CONFLICTS)]:
        shown = listed(conflicts, SHOWN)
        remedy = "请核对各是谁接待的，改正以后再导入。"
        notes.append(f"{len(conflicts)} 个订单在文件里有不同的工号，不归任何人：{shown}。{remedy}")
    if claimed := [number for (number,) in _rows(_CLAIMED)]:
        shown = listed(claimed, SHOWN)
        notes.append(f"{len(claimed)} 个订单已认领并认定，归属不变：{shown}。")
    return Summary(
        rows=len(named),
        changed=changed,
        unchanged=fitting - changed,
        months=months,
        notes=tuple(notes),
        totals=tuple(_rows(_TOTALS)),
    )


def _staged(table: Table) -> dict[int, dict[str, Any]]:
    """Bring the rows that name somebody into the temporary table; every row's values by its number."""
    named: dict[int, dict[str, Any]] = {}
    lines: list[str] = []
    for row, values in table.rows(raise_at_end=False):
        given = named[row] = dict(zip(table.fields, values, strict=True))
        if any(given[field] for field in WHO):
            shop, order_no = _escaped(given["shop"] or ""), _escaped(given["order_no"])
            lines.append(f"{row}\t{shop}\t{order_no}\n")
    _run(_CREATE)
    copy_lines("staged_attribution", "row, shop, order_no", "".join(lines))
    _run("ANALYZE staged_attribution")
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
