"""The workbook of somebody's orders of a month: each with why it counted or not."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils import timezone

from payroll.selectors.statement import Statement
from sheets.writing import Sheet, SheetColumn, write_workbook

COLUMNS = (
    SheetColumn("订单号", 24),
    SheetColumn("店铺", 16),
    SheetColumn("付款时间", 17, "datetime"),
    SheetColumn("付款", 13, "money"),
    SheetColumn("退款", 13, "money"),
    SheetColumn("净额", 13, "money"),
    SheetColumn("归属与计提", 90, "wrapped"),
)


def statement_export(statement: Statement, *, target: str | BinaryIO) -> None:
    """Every order that fits what the statement is asked for; numbers of orders are text."""
    count, paid, refunded = statement.totals
    footer = ("合计", f"{count}单", None, paid, refunded, paid - refunded, "")
    heading = "、".join(f"{each.staff}" for each in statement.terms.values())
    title = f"{statement.month:%Y-%m}订单"
    write_workbook(target, [Sheet(title, COLUMNS, _rows(statement), footer, f"{heading} {title}")])


def _rows(statement: Statement) -> Iterator[tuple[Any, ...]]:
    for row in statement.all():
        paid_at = timezone.localtime(row.paid_at).replace(tzinfo=None) if row.paid_at else None
        why = "；".join(filter(None, (row.shared, row.why)))
        yield row.order_no, row.shop, paid_at, row.paid, row.refunded, row.net, why
