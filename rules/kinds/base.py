"""What all kinds share: the class every kind derives from and the facts that several of them take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core.errors import Refused
from core.periods import last_of
from rules.kinds.labels import IN_MONTH_LABELS, OF_LABELS
from rules.kinds.params import Choice, param
from rules.lines import SettlementFailure

WORKING_DAYS_A_MONTH = Decimal("21.75")  # the statutory average by which a day's pay is reckoned


class FactRefused(Refused):
    """A fact does not fit its provision; the message (Chinese) says why and what would fit."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Parameters of a kind of provision. Subclasses add fields (`params.param`) and a pure function."""

    name: ClassVar[str]
    label: ClassVar[str]
    column: ClassVar[str] = "other"  # of the payroll sheet
    basis: ClassVar[str] = "discipline"  # where the provision names none
    takes_incidents: ClassVar[bool] = False
    # Money or points that are known as soon as an incident is confirmed go through the ledgers.
    posts_to_ledger: ClassVar[bool] = False
    counts_in_window: ClassVar[bool] = False  # whether its `window` changes anything
    takes_cash: ClassVar[bool] = False  # whether its `collection` may say cash

    def check(self, occurrence: "Occurrence") -> None:
        """Raise FactRefused where the incident does not fit the parameters."""
        raise FactRefused(f"“{self.label}”类条款不能直接记录，由考勤、订单或指标产生")

    def in_words(self) -> str:
        """The figures in one Chinese phrase, for people who read the rulebook."""
        return self.label


BY_DAYS = "days"


@dataclass(frozen=True, kw_only=True)
class MonthlyKind(Kind):
    """What is due once a month: as on the last day, or by the calendar days on which the provision held."""

    in_month: str = param(Choice(IN_MONTH_LABELS), "月中变动时", default="last_day")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A confirmed incident as kinds see it. `amount` is what the recorder decided (yuan or points)."""

    id: int
    on: date
    quantity: int = 1
    magnitude: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one occurrence comes to: yuan (negative deducted), points deducted, who else pays, proposals."""

    money: Decimal = Decimal("0.00")
    points: Decimal = Decimal("0.0")
    reason: str = ""
    also: dict[str, Decimal] = field(default_factory=dict)
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What a kind comes to in a month: yuan, points deducted, the steps of the arithmetic in words."""

    amount: Decimal
    steps: tuple[str, ...] = ()
    points: Decimal = Decimal(0)
    last_on: date | None = None


@dataclass(frozen=True)
class PayBasis:
    """The amounts that rates and days' pay refer to, for one person and month.

    `base_pay(day)` and `performance_bonus(day)` give the monthly amount (yuan) in force that day, None
    where there is none; `gross` the month's own positive lines before deductions;
    `performance_bonus_paid` the bonus as the month pays it.
    """

    base_pay: Callable[[date], Decimal | None]
    performance_bonus: Callable[[date], Decimal | None]
    gross: Callable[[], Decimal]
    performance_bonus_paid: Callable[[], Decimal]

    def amount(self, of: str, on: date) -> Decimal:
        """The amount named `of` (base_pay, performance_bonus, gross) on a day; fails where it is unknown."""
        if of == "gross":
            return self.gross()
        value = self.base_pay(on) if of == "base_pay" else self.performance_bonus(on)
        if value is None and of == "performance_bonus":
            return Decimal(0)
        if value is None:
            raise SettlementFailure(
                f"{on:%Y-%m-%d} 没有基本工资，按工资比例、日薪或时薪的项目无法计算",
                "在任职条件里填写基本工资，或采用含职级工资表的制度",
            )
        return value


@dataclass(frozen=True, slots=True)
class DayRate:
    """What a day's pay is: an amount, or a monthly amount ÷ divisor (a number or the month's days)."""

    of: str = "base_pay"
    divisor: Decimal | None = WORKING_DAYS_A_MONTH  # None: the calendar days of the month
    amount: Decimal | None = None

    def on(self, day: date, pay: PayBasis) -> Decimal:
        """A day's pay in yuan, unrounded."""
        if self.amount is not None:
            return self.amount
        return pay.amount(self.of, day) / self.divisor_on(day)

    def divisor_on(self, day: date) -> Decimal:
        return Decimal(last_of(day).day) if self.divisor is None else self.divisor

    def in_words(self, day: date, pay: PayBasis) -> str:
        if self.amount is not None:
            return f"日薪{self.amount}"
        return f"日薪（{OF_LABELS[self.of]}{pay.amount(self.of, day)}÷{self.divisor_on(day)}）"
