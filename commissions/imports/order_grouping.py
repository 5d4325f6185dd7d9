"""The rows of a file put together to orders: items, instalments, refunds in rows of their own.

Rows of one order mostly stand below each other. A file in which they do not (`Scattered`) is read again,
knowing where the last row of such an order is: until then the order is kept.
"""

from collections.abc import Iterator
from decimal import Decimal

from commissions.imports.order_rows import NULL, ZERO, OrderRow, OrderRows, number_in
from commissions.imports.order_states import COUNTS, State
from commissions.models import OrderReading
from sheets.errors import CellError
from sheets.questions import Question

ITEMS, ORDER = "items", "order"
_SAMPLES = 3
_LONGEST_REMARK = 1000


class Scattered(Exception):
    """Rows of one order do not stand below each other."""


class OrderGroups:
    """The orders of a file of `rows`.

    `ends` are the numbers whose rows do not stand together with their last rows (`scattered_in`), None while
    nobody has looked.
    """

    def __init__(self, rows: OrderRows, ends: dict[str, int] | None = None) -> None:
        self.rows = rows
        self.table = rows.table
        self.instalments = State("定金与尾款", COUNTS)
        self._ends = ends
        self._rule = self.table.profile.rules.get("rows", "")
        self._at_amount = rows.place_of("paid_amount")
        self._has_items = self.table.index_of("sub_no") is not None
        self._samples: list[str] = []

    def orders(self) -> Iterator[OrderRow]:
        """Every order once, in the order of the file (of its last row where its rows are scattered).

        Raises Scattered where that is so and nobody has looked.
        """
        ends = self._ends
        is_unknown, seen = ends is None, set[int]()
        held: dict[str, dict[str, OrderRow]] = {}
        last: OrderRow | None = None
        for row in self.rows.rows():
            number = row.order_no
            if last is not None:
                if number == last.order_no and row.shop == last.shop:
                    self._join(last, row)
                    continue
                yield last
                last = None
            if ends and (end := ends.get(number)):
                shops = held.setdefault(number, {})
                if row.shop in shops:
                    self._join(shops[row.shop], row)
                else:
                    shops[row.shop] = _begun(row)
                if row.number >= end:
                    yield from held.pop(number).values()
                continue
            last = _begun(row)
            if is_unknown:
                mark = hash(number)
                if mark in seen:
                    raise Scattered
                seen.add(mark)
        if last is not None:
            yield last
        for shops in held.values():
            yield from shops.values()

    def _join(self, first: OrderRow, row: OrderRow) -> None:
        """Add a further row to the order that began with `first`."""
        if row.amount < 0:
            first.returns = [*(first.returns or ()), _return_of(row)]
            return
        if first.is_return:
            first.is_return = False
            for name in ("paid_at", "paid_on", "amount", "refund", "refunded_at", "is_void", "cells"):
                setattr(first, name, getattr(row, name))
            self._join_times(first, row, is_instalment=False)
            self._join_remark(first, row)
            return
        is_sum, is_instalment = self._adds_up(first, row)
        if is_sum:
            self._add(first, row)
        elif row.amount != first.amount:
            problem = f"与第 {first.number} 行是同一订单，金额却不同（{first.amount}）"
            self.table.add_error(row.number, "paid_amount", problem, "请核对这一单在后台的金额", row.amount)
        elif first.is_void and not row.is_void:
            first.is_void, first.refund = False, row.refund
        if is_instalment:
            self.instalments.count(row.amount)
        self._join_times(first, row, is_instalment=is_instalment)
        self._join_remark(first, row)

    @staticmethod
    def _join_remark(first: OrderRow, row: OrderRow) -> None:
        if row.remark and row.remark not in first.remark:
            first.remark = f"{first.remark} {row.remark}".strip()[:_LONGEST_REMARK]

    def _adds_up(self, first: OrderRow, row: OrderRow) -> tuple[bool, bool]:
        """(whether the amounts of the rows add up, whether they were paid one after the other)."""
        is_alike = bool(row.amount) and row.amount == first.amount and row.refund == first.refund
        if self._rule == ORDER or self.table.source.is_carried(row.number, self._at_amount):
            return False, False
        if self._rule == ITEMS and (self._has_items or not is_alike):
            return True, False
        if self._rule != ITEMS and row.paid_at != first.paid_at and NULL not in (row.paid_at, first.paid_at):
            return True, True
        if len(self._samples) < _SAMPLES:
            self._samples.append(
                f"第 {row.number} 行「{self.table.header_of('order_no')}」（{row.order_no}）"
                f"与第 {first.number} 行是同一订单：{first.amount} 与 {row.amount}；"
                f"相加是 {first.amount + row.amount}，只算一次是 {first.amount}"
            )
        return self.table.answers.get(self._key) != ORDER, False

    @staticmethod
    def _add(first: OrderRow, row: OrderRow) -> None:
        """Add up; what is void of an order of which something counts was given back."""
        if first.is_void != row.is_void:
            void = first if first.is_void else row
            void.refund, void.is_void = (void.amount if void.paid_on else None), False
        if not row.paid_on and not row.is_void:
            return
        first.amount = (first.amount if first.paid_on or first.is_void else ZERO) + row.amount
        if first.refund or row.refund:
            first.refund = (first.refund or ZERO) + (row.refund or ZERO)

    def _join_times(self, first: OrderRow, row: OrderRow, *, is_instalment: bool) -> None:
        if first.made_on is None or (row.made_on and row.made_at < first.made_at):
            first.made_at, first.made_on = row.made_at, row.made_on
        if row.refunded_at != NULL and (first.refunded_at == NULL or row.refunded_at > first.refunded_at):
            first.refunded_at = row.refunded_at
        if row.paid_on is None:
            return
        is_first = False
        if is_instalment:
            reading = self.rows.readings.on(max(row.paid_on, first.paid_on or row.paid_on))
            is_first = reading.deposits == OrderReading.Moment.FIRST
        is_earlier = row.paid_at < first.paid_at
        if first.paid_on is None or is_earlier == is_first:
            first.paid_at, first.paid_on = row.paid_at, row.paid_on

    @property
    def _key(self) -> str:
        return f"rows:{self.rows.shop or self.table.profile.title}"

    def ask(self) -> None:
        """Ask what several rows of an order are, where they may be its items or the order again."""
        if self._samples:
            self.table.ask(
                Question(
                    self._key,
                    "有的订单有几行，付款时间相同：金额相加，还是只算一次？",
                    ((ITEMS, "相加：每行是一件商品的金额"), (ORDER, "只算一次：每行都是整单的金额")),
                    tuple(self._samples),
                )
            )


def scattered_in(rows: OrderRows) -> dict[str, int]:
    """Numbers whose rows do not stand together → their last row; reads the file once, quickly."""
    at_main, at_no, at_shop = map(rows.place_of, ("main_no", "order_no", "shop"))
    width = max(at_main, at_no, at_shop) + 1
    seen: set[int] = set()
    ends: dict[str, int] = {}
    above: tuple[object, object] = (None, None)
    for row_number, row in rows.table.source.rows():
        if len(row) < width:
            row = row + [""] * (width - len(row))
        try:
            number = number_in(row, at_main, at_no)
        except CellError:
            number = None
        here = (number, row[at_shop] if at_shop >= 0 else None)
        is_below, above = here == above, here
        if not number or (is_below and number not in ends):
            continue
        mark = hash(number)
        if is_below or mark in seen:
            ends[number] = row_number
        seen.add(mark)
    return ends


def _begun(row: OrderRow) -> OrderRow:
    if row.amount < 0:
        row.returns, row.is_return = [_return_of(row)], True
    return row


def _return_of(row: OrderRow) -> tuple[str, Decimal, int]:
    return (row.paid_at if row.refunded_at == NULL else row.refunded_at), -row.amount, row.number
