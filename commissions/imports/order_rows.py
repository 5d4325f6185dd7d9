"""From the rows of an order export to lines that PostgreSQL's COPY takes.

A million rows go through one loop, hence the care: every value is parsed once, every line formatted once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from commissions.attribution import CONFLICT, NOBODY, EmployedStaff
from people.models import Department
from sheets.errors import CellError
from sheets.table import Table
from sheets.values import moment, money, order_no, plain

BATCH = 40_000
ORDER_COLUMNS = (
    "department_id, shop, order_no, ordered_at, paid_at, amount, remark, agent_id, attribution, as_of"
)
REFUND_COLUMNS = "shop, order_no, refunded, refunded_at"

_ZERO = Decimal("0.00")
_TOO_MUCH = Decimal(10) ** 10  # twelve digits, two of them decimals
_NULL = "\\N"
_LONGEST = {"order_no": 64, "shop": 64, "remark": 1000}
_FIELDS = (
    "order_no",
    "shop",
    "created_at",
    "paid_at",
    "paid_amount",
    "refund_amount",
    "refunded_at",
    "remark",
)

# A shop has few prices. Typed, because 1 and True are equal and only one of them is an amount.
_money = lru_cache(maxsize=1 << 16, typed=True)(money)


@dataclass
class Batch:
    """Lines of ORDER_COLUMNS and, for orders with a refund total, of REFUND_COLUMNS; no order twice.

    `rows` says which row an order (shop, number) came from; `months` those of the payments (first days).
    """

    orders: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    months: set[date] = field(default_factory=set)


class OrderRows:
    """The order rows of one file, under its profile.

    `shop` names the shop of rows that name none; `as_of` is the export's date. What the buyer paid is
    `paid_amount`, plus the refund where the profile says that the column is what the shop kept.
    """

    def __init__(
        self, table: Table, *, department: Department, roster: EmployedStaff, shop: str, as_of: date
    ) -> None:
        self.table = table
        self.department = department
        self.roster = roster
        self.shop = shop
        self.as_of = as_of
        self.count = 0
        self.conflicts: list[tuple[str, str]] = []
        self.is_kept = table.profile.rules["paid_amount"] == "kept"
        self.has_refund = table.index_of("refund_amount") is not None
        self.has_remark = table.index_of("remark") is not None

    def batches(self) -> Iterator[Batch]:
        """The good rows; bad ones, and an order's second row in a batch, go to the table's errors."""
        batch = Batch()
        for number, key, paid_on, line, refund_line in self._lines():
            first = batch.rows.setdefault(key, number)
            if first != number:
                self.report_double(number, key, first)
                continue
            batch.orders.append(line)
            if refund_line:
                batch.refunds.append(refund_line)
            if paid_on:
                batch.months.add(paid_on)
            if len(batch.orders) == BATCH:
                yield batch
                batch = Batch()
        yield batch

    def report_double(self, number: int, key: tuple[str, str], first: int) -> None:
        self.table.add_error(number, "order_no", f"与第 {first} 行是同一订单", "请只保留一行", key[1])

    def report_doubles(self, keys: set[tuple[str, str]]) -> None:
        """Record the second and later rows of these orders; reads the file once more."""
        firsts: dict[tuple[str, str], int] = {}
        at_no, at_shop = self.table.index_of("order_no"), self.table.index_of("shop")
        for number, row in self.table.raw_rows():
            shop = "" if at_shop is None else _line(row[at_shop])
            try:
                key = (shop or self.shop, order_no(row[at_no or 0]) or "")
            except CellError:
                continue
            if key in keys and (first := firsts.setdefault(key, number)) != number:
                self.report_double(number, key, first)

    def _lines(self) -> Iterator[tuple[int, tuple[str, str], date | None, str, str]]:
        """(row, order, month of payment, order line, refund line or "") of every good row."""
        table, is_kept, has_refund = self.table, self.is_kept, self.has_refund
        agent_of, default_shop, read, months = self.roster.agent_of, self.shop, _Moments().read, _Months()
        blank = table.width
        at_no, at_shop, at_made, at_paid, at_amount, at_refund, at_refunded, at_remark = (
            blank if (index := table.index_of(field)) is None else index for field in _FIELDS
        )
        department, as_of, end = self.department.pk, self.as_of, f"\t{self.as_of}\n"
        for number, row in table.raw_rows():
            if len(row) == blank:
                row.append("")
            try:
                order = order_no(row[at_no])
                made_at, made_on = read(row[at_made])
                paid_at, paid_on = read(row[at_paid])
                refunded_at, refunded_on = read(row[at_refunded])
                amount = _money(row[at_amount])
                refund = _money(row[at_refund]) if has_refund else None
            except CellError:
                self._report(number, row)
                continue
            if refund and is_kept and amount is not None:
                amount += refund
            shop, remark = _shop(row[at_shop]) or default_shop, _line(row[at_remark])
            if (
                order is None
                or amount is None
                or amount >= _TOO_MUCH
                or len(order) > 64
                or not order.isprintable()
                or len(shop) > 64
                or len(remark) > 1000
                or (refund and (paid_on is None or refund > amount))
                or (refunded_on and paid_on and refunded_on < paid_on)
            ):
                self._report(number, row)
                continue
            self.count += 1
            if not paid_on:
                amount = _ZERO  # ordered and never paid
            agent, basis = agent_of(remark, paid_on or made_on or as_of) if remark else NOBODY
            if basis is CONFLICT[1]:
                self.conflicts.append((shop, order))
            key = f"{_escaped(shop)}\t{_escaped(order)}\t"
            yield (
                number,
                (shop, order),
                months[paid_on] if paid_on else None,
                f"{department}\t{key}{made_at}\t{paid_at}\t{amount!s}\t{_escaped(remark)}\t"
                f"{agent or _NULL}\t{basis}{end}",
                f"{key}{refund!s}\t{refunded_at}\n" if refund else "",
            )

    def _report(self, number: int, row: list[Any]) -> None:
        """Record every bad cell of a row that could not be taken."""
        found = len(self.table.errors)
        values = {
            field: self._checked(number, field, row[index])
            for field in _FIELDS
            if (index := self.table.index_of(field)) is not None
        }
        if len(self.table.errors) == found:
            self._report_together(number, values)

    def _checked(self, number: int, field: str, cell: object) -> Any:
        column = next(column for column in self.table.profile.columns if column.field == field)
        try:
            value = column.parser()(cell)
            if value is None and field in ("order_no", "paid_amount"):
                raise CellError("不能为空", "请填写这一格")
            if (longest := _LONGEST.get(field)) and len(value or "") > longest:
                raise CellError(f"超过 {longest} 个字", f"请缩短到 {longest} 个字以内")
            if field == "order_no" and not value.isprintable():
                raise CellError("含有看不见的字符", "请重新输入订单编号")
            if isinstance(value, Decimal) and value >= _TOO_MUCH:
                raise CellError("金额太大", "请检查是否多写了几位，金额须小于 100 亿")
        except CellError as error:
            self.table.add_error(number, field, error.message, error.remedy, cell)
            return None
        return value

    def _report_together(self, number: int, values: dict[str, Any]) -> None:
        """Cells that are right each and wrong together."""
        amount, refund, paid = values["paid_amount"], values.get("refund_amount"), values.get("paid_at")
        if refund and not paid:
            remedy = "请补上付款时间，或者把退款金额改成 0"
            self.table.add_error(number, "refund_amount", "没有付款的订单不会有退款", remedy, refund)
        elif refund and not self.is_kept and refund > amount:
            self.table.add_error(
                number, "refund_amount", f"退款大于实付金额 {amount}", "请检查两个金额", refund
            )
        elif refund and amount + refund >= _TOO_MUCH:
            self.table.add_error(number, "paid_amount", "金额太大", "请检查金额，须小于 100 亿", amount)
        else:
            refunded = values.get("refunded_at")
            self.table.add_error(number, "refunded_at", f"退款早于付款 {paid}", "请检查两个时间", refunded)


class _Moments:
    """Reads times into COPY's form, Shanghai's (+08 since 1991).

    A file has few days and at most 86,400 times of day: each is parsed once.
    """

    def __init__(self) -> None:
        self._days: dict[str, tuple[str, date]] = {}
        self._clocks: dict[str, str] = {}

    def read(self, cell: object) -> tuple[str, date | None]:
        """The moment as text, and its day; CellError as `sheets.values.moment`."""
        if not cell:
            return _NULL, None
        first, _, second = cell.partition(" ") if isinstance(cell, str) else ("", "", "")
        day, clock = self._days.get(first), self._clocks.get(second)
        if day is not None and clock is not None:
            return day[0] + clock, day[1]
        found = moment(cell)
        if found is None:
            return _NULL, None
        day, clock = (f"{found.date()}", found.date()), f" {found.time()}+08"
        if second.replace(":", "").isdigit():
            self._days[first], self._clocks[second] = day, clock
        return day[0] + clock, day[1]


class _Months(dict[date, date]):
    """Day → first of its month."""

    def __missing__(self, day: date) -> date:
        return self.setdefault(day, day.replace(day=1))


def _line(cell: object) -> str:
    """A cell as one line of text."""
    shown = plain(cell) if cell else ""
    return shown if shown.isprintable() else " ".join(shown.split())


_shop = lru_cache(maxsize=1024, typed=True)(_line)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text
