"""From the rows of an order export to facts about each row, one loop over a million of them.

Hence the care: every value is parsed once, and what a row seldom has is looked at only where it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from commissions.imports.order_faults import TOO_MUCH, Faults
from commissions.imports.order_money import MoneyReading
from commissions.imports.order_states import CLOSED, COUNTS, UNPAID, State, States
from commissions.models import OrderReading
from commissions.order_reading import Readings, words_of
from sheets.errors import CellError
from sheets.table import Table
from sheets.values import moment, order_no, plain, serial_moment, signed_money

NULL = "\\N"
FIELDS = (
    "order_no",
    "shop",
    "created_at",
    "paid_at",
    "paid_amount",
    "refund_amount",
    "refunded_at",
    "remark",
)
ZERO = Decimal("0.00")
_NEVER: tuple[str, None] = (NULL, None)
_LEAVE = OrderReading.Way.LEAVE
_YES = ("是", "√", "Y", "y")
_CASH_ON_DELIVERY = ("货到付款", "到付")

# A shop has few prices. Typed, because 1 and True are equal and only one of them is an amount.
_money = lru_cache(maxsize=1 << 16, typed=True)(signed_money)


@dataclass(slots=True)
class OrderRow:
    """One row: moments in COPY's form with their days, amounts in yuan as the buyer paid them.

    `amount` below zero is a refund in a row of its own. A void row was closed before anything of it counted.
    An order is its first row, with what the others add: `returns` are the refunds that have rows of their
    own (moment in COPY's form, amount, row); where there are only such rows, `is_return`.
    """

    number: int
    shop: str
    order_no: str
    made_at: str
    made_on: date | None
    paid_at: str
    paid_on: date | None
    amount: Decimal
    refund: Decimal | None
    refunded_at: str
    remark: str
    cells: list[Any]
    is_void: bool = False
    is_return: bool = False
    returns: list[tuple[str, Decimal, int]] | None = None


class OrderRows:
    """The rows of one file, under its profile and the department's settings.

    `shop` names the shop of rows that name none; `as_of` is the export's date. `count` counts the good
    rows; `special` says how many rows and how much money fell under what the settings say.
    """

    def __init__(self, table: Table, *, readings: Readings, shop: str, as_of: date) -> None:
        self.table = table
        self.readings = readings
        self.shop = shop
        self.as_of = as_of
        self.count = 0
        self.special: dict[tuple[str, bool], State] = {}
        self.states = States(table, "states", prefix="status", what="订单状态")
        self.after_sales = States(table, "after_sales", prefix="after_sales", what="售后状态")
        self.money = MoneyReading(table)
        self.faults = Faults(table)
        self._read = _Moments(as_of).read
        self._marks = _Marks(readings.words())
        self._payments = _Payments()

    def place_of(self, field: str) -> int:
        """Where a field is in a row to which a blank cell was added."""
        index = self.table.index_of(field)
        return -1 if index is None else index

    def rows(self) -> Iterator[OrderRow]:
        """Every good row; bad ones go to the table's errors."""
        states, after_sales, marks, payments = self.states, self.after_sales, self._marks, self._payments
        at_status, at_after = self.place_of("status"), self.place_of("after_sales")
        at_mark, at_payment = self.place_of("mark"), self.place_of("payment")
        is_text, is_hidden = self.table.source.is_csv, self.table.source.is_hidden
        sham_words = self.readings.words()
        may_be_sham = re.compile("|".join(map(re.escape, sham_words))).search
        for found, most in self._read_rows():
            if (found.refund or (most is not None and found.amount > most)) and not self._is_paid(
                found, most
            ):
                continue
            row = found.cells
            is_plain = (
                found.amount
                and not (sham_words and may_be_sham(found.remark))
                and states[row[at_status]].meaning == COUNTS
                and after_sales[row[at_after]].meaning == COUNTS
                and not marks[row[at_mark]]
                and not payments[row[at_payment]]
                and (is_text or not is_hidden(found.number))
            )
            if is_plain or self._qualified(found):
                self.count += 1
                yield found

    def _read_rows(self) -> Iterator[tuple[OrderRow, Decimal | None]]:
        """Every row as it is written, with what its order came to at most where the file says so."""
        table, faults = self.table, self.faults
        read, default_shop = self._read, self.shop
        at_no, at_shop, at_made, at_paid, at_amount, at_refund, at_refunded, at_remark = map(
            self.place_of, FIELDS
        )
        at_main, at_total = self.place_of("main_no"), self.place_of("total_amount")
        at_freight, at_payment = self.place_of("freight"), self.place_of("payment")
        for number, row in table.raw_rows():
            row.append("")
            try:
                order = number_in(row, at_main, at_no)
                made_at, made_on = read(row[at_made])
                paid_at, paid_on = read(row[at_paid])
                refunded_at, refunded_on = read(row[at_refunded]) if at_refunded >= 0 else _NEVER
                amount = _money(row[at_amount])
                if paid_on is None and amount and amount > 0 and self._payments[row[at_payment]]:
                    paid_at, paid_on = self._paid_at_the_door(row, refunded_at, refunded_on)
                refund = _money(row[at_refund]) if at_refund >= 0 else None
                most = _money(row[at_total]) if at_total >= 0 else None
                if most is not None and at_freight >= 0:
                    most += _money(row[at_freight]) or ZERO
            except CellError:
                faults.report(number, row)
                continue
            if order is None and amount is None:
                if any(plain(cell) for cell in row):
                    table.leave_out(number, "没有订单号和金额的行（同一订单的其他商品）")
                continue
            shop, remark = _shop(row[at_shop]) or default_shop, _line(row[at_remark])
            if (
                order is None
                or amount is None
                or _cannot_be_kept(order, shop, remark, amount)
                or (refund and (refund < 0 or (paid_on is None and amount >= 0)))
                or (refunded_on and paid_on and refunded_on < paid_on and amount >= 0)
            ):
                faults.report(number, row)
                continue
            yield (
                OrderRow(
                    number, shop, order, made_at, made_on, paid_at, paid_on, amount, refund, refunded_at,
                    remark, row,
                ),
                most,
            )  # fmt: skip

    def _paid_at_the_door(
        self, row: list[Any], refunded_at: str, refunded_on: date | None
    ) -> tuple[str, date | None]:
        """When cash on delivery was paid: when the order was finished, or before what was given back."""
        finished_at, finished_on = self._read(row[self.place_of("finished_at")])
        if refunded_on and finished_on and refunded_on < finished_on:
            return refunded_at, refunded_on
        return finished_at, finished_on

    def _is_paid(self, found: OrderRow, most: Decimal | None) -> bool:
        """Set what the buyer paid, where the amount alone does not say; recorded where it cannot be."""
        amount, refund, paid = found.amount, found.refund, None
        if refund and amount >= 0:
            paid = self.money.paid(found.number, found.shop, found.order_no, amount, refund, most)
        if paid is None or paid >= TOO_MUCH:
            self.faults.report_money(found.number, amount, refund, most)
            return False
        found.amount = paid
        return True

    def _qualified(self, found: OrderRow) -> bool:
        """Apply to a row out of the ordinary what its state and the settings say; False to leave it out."""
        day = found.paid_on or found.made_on or self.as_of
        reading, amount = self.readings.on(day), found.amount
        if self.table.source.is_hidden(found.number) and self._falls_under(
            "隐藏的行", reading.hidden, amount
        ):
            return False
        if amount < 0:
            return True
        state = self.states[found.cells[self.place_of("status")]]
        after = self.after_sales[found.cells[self.place_of("after_sales")]]
        if found.refund and after.meaning == CLOSED:
            after = self.after_sales[""]  # how much of it is said
        is_closed = CLOSED in (state.meaning, after.meaning)
        if not (is_closed and found.refund):
            for each in (state, after):
                if each.meaning in (UNPAID, CLOSED) or (each.meaning is None and found.paid_on and amount):
                    each.count(amount)
        if state.meaning == UNPAID:
            found.paid_at, found.paid_on, found.refund = NULL, None, None
        elif is_closed:
            # What is known to have been given back is a refund; else nothing of it ever counted.
            found.refund, found.is_void = (amount, False) if found.refund else (None, True)
        elif self._is_left_out(found, reading):
            found.refund, found.is_void = None, True
        return True

    def _is_left_out(self, found: OrderRow, reading: OrderReading) -> bool:
        """Whether the settings leave the row's order out; it is counted where it falls under one."""
        cells, amount = found.cells, found.amount
        words = words_of(reading.sham_words)
        mark = plain(cells[self.place_of("mark")])
        is_sham = mark in _YES or any(word in found.remark or word in mark for word in words)
        if is_sham and self._falls_under("补单、刷单", reading.sham, amount):
            return True
        if self._payments[cells[self.place_of("payment")]] and amount:
            return self._falls_under("货到付款", reading.cash_on_delivery, amount)
        if not amount and found.paid_on:
            return self._falls_under("0 元订单", reading.gifts, amount)
        return False

    def _falls_under(self, what: str, way: str, amount: Decimal) -> bool:
        """Count a row under what the settings are about; whether they leave it out."""
        is_left_out = way == _LEAVE
        self.special.setdefault((what, is_left_out), State(what, COUNTS)).count(amount)
        return is_left_out


def number_in(row: list[Any], at_main: int, at_no: int) -> str | None:
    """The number of a row's order: of the main order where it names one (`at_main` is -1 without the column).

    CellError as `sheets.values.order_no`.
    """
    number = (order_no(row[at_main]) if at_main >= 0 else None) or row[at_no]
    if number.__class__ is str and number.isascii() and number.isdigit():
        return number
    return order_no(number)


def _cannot_be_kept(order: str, shop: str, remark: str, amount: Decimal) -> bool:
    """Whether a text is too long or odd, or the amount too large, to be stored."""
    return (
        not -TOO_MUCH < amount < TOO_MUCH
        or len(order) > 64
        or not order.isprintable()
        or len(shop) > 64
        or len(remark) > 1000
    )


class _Marks(dict[Any, bool]):
    """Mark of an order (a flag, a label, 是否补单) → whether it may be one of a sham order."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__({"": False})
        self._words = words

    def __missing__(self, cell: Any) -> bool:
        shown = plain(cell)
        return self.setdefault(cell, shown in _YES or any(word in shown for word in self._words))


class _Payments(dict[Any, bool]):
    """Way of payment → whether it is cash on delivery."""

    def __missing__(self, cell: Any) -> bool:
        return self.setdefault(cell, any(word in plain(cell) for word in _CASH_ON_DELIVERY))


class _Moments:
    """Reads times into COPY's form, Shanghai's (+08 since 1991).

    A file has few days and at most 86,400 times of day: each is parsed once.
    """

    def __init__(self, as_of: date) -> None:
        self._days: dict[str, tuple[str, date]] = {}
        self._clocks: dict[str, str] = {}
        self._latest = datetime.combine(as_of + timedelta(days=366), datetime.min.time())

    def read(self, cell: Any) -> tuple[str, date | None]:
        """The moment as text, and its day; CellError as `sheets.values.moment`."""
        if not cell:
            return _NEVER
        try:
            # A day of ten characters, and what is behind it: a space and the time of day.
            day, on = self._days[cell[:10]]
            return day + self._clocks[cell[10:]], on
        except (KeyError, TypeError):
            return self._read_anew(cell)

    def _read_anew(self, cell: Any) -> tuple[str, date | None]:
        found = serial_moment(cell)
        if found is None or found >= self._latest:
            found = moment(cell)
        if found is None:
            return _NEVER
        day, clock = f"{found.date()}", f" {found.time()}+08"
        is_regular = isinstance(cell, str) and cell[10:11] in ("", " ")
        if is_regular and cell[11:].strip().replace(":", "0").isdigit() is not (len(cell) == 10):
            self._days[cell[:10]], self._clocks[cell[10:]] = (day, found.date()), clock
        return day + clock, found.date()


def _line(cell: Any) -> str:
    """A cell as one line of text."""
    shown = cell.strip() if cell.__class__ is str else plain(cell)
    if shown.isprintable() and shown[:2] != '="':
        return shown
    return " ".join(plain(shown).split())


_shop = lru_cache(maxsize=1024, typed=True)(_line)
