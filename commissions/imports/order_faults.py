"""Bad rows of an order export, told cell by cell."""

from decimal import Decimal
from typing import Any

from sheets.errors import CellError
from sheets.table import Table

TOO_MUCH = Decimal(10) ** 10  # twelve digits, two of them decimals
_LONGEST = {"order_no": 64, "shop": 64, "remark": 1000}
_NEEDED = ("order_no", "paid_amount")
_CHECKED = (
    "order_no",
    "main_no",
    "shop",
    "created_at",
    "paid_at",
    "finished_at",
    "total_amount",
    "freight",
    "paid_amount",
    "refund_amount",
    "refunded_at",
    "remark",
)


class Faults:
    """Records what is wrong with the rows of a table that could not be taken."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._columns = {column.field: column for column in table.profile.columns}
        self._fields = [field for field in _CHECKED if table.index_of(field) is not None]

    def report(self, number: int, row: list[Any]) -> None:
        """Record every bad cell of a row, or which of them do not go together."""
        found = len(self.table.errors)
        values = {
            field: self._checked(number, field, row[self.table.index_of(field) or 0])
            for field in self._fields
        }
        if len(self.table.errors) == found:
            self._report_together(number, values)

    def _checked(self, number: int, field: str, cell: object) -> Any:
        try:
            value = self._columns[field].parser()(cell)
            if value is None and field in _NEEDED:
                raise CellError("不能为空", "请填写这一格")
            if (longest := _LONGEST.get(field)) and len(value or "") > longest:
                raise CellError(f"超过 {longest} 个字", f"请缩短到 {longest} 个字以内")
            if field == "order_no" and not value.isprintable():
                raise CellError("含有看不见的字符", "请重新输入订单编号")
            if isinstance(value, Decimal) and abs(value) >= TOO_MUCH:
                raise CellError("金额太大", "请检查是否多写了几位，金额须小于 100 亿")
        except CellError as error:
            self.table.add_error(number, field, error.message, error.remedy, cell)
            return None
        return value

    def _report_together(self, number: int, values: dict[str, Any]) -> None:
        """Cells that are right each and wrong together."""
        refund, paid = values.get("refund_amount"), values.get("paid_at")
        if refund and not paid:
            remedy = "请补上付款时间，或者把退款金额改成 0"
            self.table.add_error(number, "refund_amount", "没有付款的订单不会有退款", remedy, refund)
        else:
            refunded = values.get("refunded_at")
            self.table.add_error(number, "refunded_at", f"退款早于付款 {paid}", "请检查两个时间", refunded)

    def report_money(
        self, number: int, amount: Decimal, refund: Decimal | None, most: Decimal | None
    ) -> None:
        """Record that the amounts of a row cannot all be right; `most` is what the order came to."""
        total = self.table.header_of("total_amount")
        if amount < 0:
            self.table.add_error(number, "refund_amount", "退款行不会再有退款金额", "请检查两个金额", refund)
        elif amount + (refund or 0) >= TOO_MUCH:
            self.table.add_error(number, "paid_amount", "金额太大", "请检查金额，须小于 100 亿", amount)
        elif refund and refund > amount and (most is None or amount + refund <= most):
            problem = f"退款大于{self.table.header_of('paid_amount')} {amount}"
            self.table.add_error(number, "refund_amount", problem, "请检查两个金额", refund)
        elif refund:
            problem = f"加上退款 {refund} 是 {amount + refund}，大于{total} {most}"
            self.table.add_error(number, "paid_amount", problem, "请核对这一单在后台的金额", amount)
        else:
            self.table.add_error(
                number, "paid_amount", f"大于{total} {most}", "请核对这一单在后台的金额", amount
            )
