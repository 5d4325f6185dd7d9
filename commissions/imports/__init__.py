"""Spreadsheets of orders, attributions and metrics; each loader writes one parsed table or raises."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from commissions.attribution import EmployedStaff
from commissions.imports.attribution import attribution_load
from commissions.imports.metrics import metrics_load
from commissions.imports.order_rows import OrderRows
from commissions.imports.order_staging import SHOWN, Export, Staging, conflicts_among, shopless
from core.copying import ahead
from core.text import listed
from people.models import Account, Department
from sheets.loading import Load, Summary
from sheets.table import Table


def orders_loader(*, department: Department, as_of: date, shop: str = "") -> Load:
    """A loader of order exports.

    `as_of` is the day of the export, `shop` the shop of files that name none. New orders are inserted,
    changed ones updated; a refund total that rose or fell becomes a refund row of the difference.
    """

    def load(table: Table) -> Summary:
        rows = OrderRows(
            table, department=department, roster=EmployedStaff.of(department), shop=shop, as_of=as_of
        )
        staging = Staging(
            Export(department, has_refund=rows.has_refund, has_remark=rows.has_remark, is_kept=rows.is_kept)
        )
        for batch in ahead(rows.batches()):
            # After the first bad row nothing will be stored; the rest is read for its bad rows.
            if not table.errors:
                staging.store(batch)
        done = staging.done
        if done.doubled:
            rows.report_doubles(done.doubled)
        table.check()
        return Summary(
            rows=rows.count,
            created=done.created,
            changed=done.changed,
            unchanged=done.unchanged,
            months=frozenset(done.months),
            notes=tuple(_order_notes(department, rows.conflicts, done.outdated)),
        )

    return load


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


def _order_notes(department: Department, candidates: list[tuple[str, str]], outdated: int) -> Iterator[str]:
    if conflicts := conflicts_among(department, candidates):
        yield (
            f"{len(conflicts)} 个订单的备注里有两个不同的工号，不归任何人：{listed(conflicts, SHOWN)}。"
            "请更正备注，或用归属表指定。"
        )
    if outdated:
        yield f"{outdated} 个订单已有更晚的导出，按较晚的保留。"
    if both := shopless(department):
        yield (
            f"有些订单号既记在某店铺名下、又记在无店铺名下，会重复计算：{listed(both, SHOWN)}。"
            "请在导入时指定店铺（--shop）。"
        )
