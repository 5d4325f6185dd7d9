"""Spreadsheets of orders, attributions and metrics; each loader writes one parsed table or raises."""

from datetime import date, datetime
from functools import partial

from django.db import transaction

from commissions.attribution import EmployedStaff, Evidence
from commissions.imports.attribution import attribution_load
from commissions.imports.metrics import metrics_load
from commissions.imports.order_grouping import OrderGroups, Scattered, scattered_in
from commissions.imports.order_lines import OrderLines
from commissions.imports.order_money import KEPT
from commissions.imports.order_report import ask_what_is_open, notes_of, totals_of
from commissions.imports.order_rows import OrderRows
from commissions.imports.order_staging import Export, Staging
from commissions.order_reading import Readings
from core.copying import ahead
from people.models import Account, Department
from sheets.loading import Load, Summary
from sheets.table import Table


def orders_loader(*, department: Department, as_of: date, shop: str = "") -> Load:
    """A loader of order exports.

    `as_of` is the day of the export, `shop` the shop of files that name none. New orders are inserted,
    changed ones updated; a refund total that rose or fell becomes a refund row of the difference.
    """

    def load(table: Table) -> Summary:
        rows = partial(OrderRows, table, readings=Readings.of(department), shop=shop, as_of=as_of)
        try:
            with transaction.atomic():
                return _orders_load(OrderGroups(rows()), department)
        except Scattered:
            return _orders_load(OrderGroups(rows(), scattered_in(rows())), department)

    return load


def _orders_load(groups: OrderGroups, department: Department) -> Summary:
    table, rows = groups.table, groups.rows
    tests = Evidence.of(department)
    roster = EmployedStaff.of(department, tests)
    lines = OrderLines(groups, department=department, roster=roster)
    staging = Staging(
        Export(
            department,
            has_refund=table.index_of("refund_amount") is not None,
            has_remark=table.index_of("remark") is not None,
            is_kept=rows.money.default == KEPT,
            as_of=rows.as_of,
            tests=tests,
        )
    )
    for batch in ahead(lines.batches()):
        # After the first bad row nothing will be stored; the rest is read for its bad rows.
        if not table.errors:
            staging.store(batch)
    done = staging.done
    for row, number, refunded in done.unpaid:
        problem = "金额不能为负数：没有这个订单的付款"
        table.add_error(row, "paid_amount", problem, f"请核对订单号 {number}", -refunded)
    ask_what_is_open(groups)
    table.check()
    return Summary(
        rows=rows.count,
        created=done.created,
        changed=done.changed,
        unchanged=done.unchanged,
        months=frozenset(done.months),
        notes=tuple(notes_of(department, lines.conflicts, done)),
        totals=tuple(totals_of(groups, orders=lines.paid, sales=lines.sales, refunds=lines.refunds)),
    )


def attribution_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """A loader of attribution files (订单编号, 落实客服工号, and 份额 where orders are shared)."""
    return partial(attribution_load, department=department, by=by, at=at)


def metrics_loader(
    *, department: Department, as_of: date | None = None, by: Account | None, at: datetime
) -> Load:
    """A loader of metrics, one row a person and period or one row a value.

    `as_of` is the day up to which the values hold, where the file names none; else the period's end.
    """
    return partial(metrics_load, department=department, as_of=as_of, by=by, at=at)
