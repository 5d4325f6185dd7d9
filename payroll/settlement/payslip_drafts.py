"""A month's payslips while they are computed, before anything is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import ZERO
from payroll.models import PayLine
from penalties.services import MonthProposal
from people.terms import PersonMonth
from rules.lines import Line

Nature = PayLine.Nature
BASE_PAY = "base-pay"  # a person's own agreed base pay
PERFORMANCE_BONUS = "performance-bonus"  # the month's agreed performance pay
DEBT = "debt"  # what a month could not take, and what a later one takes of it
ANNUAL_BONUS = "annual-bonus"  # the one-off bonus of the year
LARGEST = Decimal(10) ** 10  # yuan; what a stored amount stays below


@dataclass(slots=True)
class DraftLine:
    """A pay line on its way into a payslip: `line.amount` is what this month takes after caps."""

    line: Line
    nature: str
    for_month: date
    full_amount: Decimal
    origin_id: int | None = None

    @property
    def is_earned(self) -> bool:
        """Whether the line is a part of the gross."""
        is_other = self.nature == Nature.DEBT or self.line.column in PayLine.STATUTORY
        return self.line.amount > 0 and not is_other

    @property
    def held(self) -> Decimal:
        """What the caps hold back, negative like the deduction itself; zero where nothing is."""
        return self.full_amount - self.line.amount


@dataclass(frozen=True, slots=True)
class CostDraft:
    """What the employer pays beside the payslip under one provision, in yuan; see EmployerCost."""

    item: str
    code: str
    title: str
    for_month: date
    amount: Decimal
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WithheldDraft:
    """The income tax of one payment and the year as it stands after it, in yuan; see Withholding."""

    kind: str
    paid_on: date
    income: Decimal
    tax: Decimal
    trace: dict[str, Any]
    months: int = 0
    shortfall: Decimal = ZERO
    social: Decimal = ZERO
    fund: Decimal = ZERO
    year_income: Decimal = ZERO
    year_allowance: Decimal = ZERO
    year_contributions: Decimal = ZERO
    year_deductions: dict[str, str] = field(default_factory=dict)
    year_withheld: Decimal = ZERO


@dataclass(slots=True)
class PersonDraft:
    """One person's payslip of a month. `failure` says why it could not be settled, `remedy` what helps.

    `failure_cause` is what is missing, as `SettlementFailure` names it for a page.
    """

    person: PersonMonth
    lines: list[DraftLine] = field(default_factory=list)
    costs: list[CostDraft] = field(default_factory=list)
    withheld: list[WithheldDraft] = field(default_factory=list)
    points: Decimal | None = None
    points_trace: dict[str, Any] = field(default_factory=dict)
    proposals: list[MonthProposal] = field(default_factory=list)
    days_due: Decimal = Decimal(0)
    due_in_month: Decimal = Decimal(0)  # also those before joining and after leaving
    days_worked: Decimal = Decimal(0)
    failure: str = ""
    remedy: str = ""
    failure_cause: dict[str, str] = field(default_factory=dict)

    def add(self, lines: Iterable[Line], nature: str = Nature.REGULAR) -> None:
        """Take the lines of the month itself."""
        self.lines += [DraftLine(line, nature, self.person.month_first, line.amount) for line in lines]

    def fail(self, reason: str, remedy: str, *, missing: Mapping[str, str] | None = None) -> None:
        """Drop what was computed: a payslip that failed pays nothing and says why."""
        self.lines, self.points, self.proposals = [], None, []
        self.costs, self.withheld = [], []
        self.points_trace = {}
        self.failure, self.remedy = reason, remedy
        self.failure_cause = dict(missing or {})

    def fail_where_too_large(self) -> None:
        """An amount that cannot be stored is this person's trouble, not everybody's."""
        amounts = (self.gross, self.deductions, *(abs(each.full_amount) for each in self.lines))
        if max(amounts) >= LARGEST:
            self.fail(
                f"金额{max(amounts)}元超过可记的上限",
                "核对此人的约定工资、订单、指标与奖惩金额；改正后重新结算",
            )

    @property
    def is_of_nothing(self) -> bool:
        """Whether somebody who was not employed in the month has nothing in it either."""
        has_something = self.lines or self.costs or self.withheld or self.failure
        return not (self.person.in_month or has_something)

    @property
    def gross(self) -> Decimal:
        """What was earned: all that is positive but a debt, which is lent, and what the law gives back."""
        return sum((each.line.amount for each in self.lines if each.is_earned), ZERO)

    @property
    def base_pay(self) -> Decimal:
        """Yuan of base pay as this month pays it, agreed or by a table."""
        return sum((each.line.amount for each in self.lines if each.line.column == "base"), ZERO)

    @property
    def performance_bonus(self) -> Decimal:
        """Yuan of the agreed performance pay as this month pays it: prorated where days were missed."""
        return sum((each.line.amount for each in self.lines if each.line.code == PERFORMANCE_BONUS), ZERO)

    @property
    def deductions(self) -> Decimal:
        """What this month takes: what became a debt is not taken yet."""
        return self.gross - self.net

    @property
    def net(self) -> Decimal:
        return sum((each.line.amount for each in self.lines), ZERO)


def hold(candidates: Sequence[DraftLine], excess: Decimal, why: str, *, waits: bool = True) -> None:
    """Take `excess` yuan out of the candidates, in their order, as far as they reach.

    What is taken out waits for the next month, or else is let go: nobody will ask for it again.
    """
    for each in candidates:
        if excess <= 0:
            return
        held = min(-each.line.amount, excess)
        if not held:
            continue
        each.line.amount += held
        excess -= held
        each.line.reason += f"；{why}，本月扣{-each.line.amount}元"
        limits = each.line.trace.setdefault("caps", [])
        limits.append({"limit": why, "held": str(held), "taken": str(-each.line.amount)})
        if waits:
            each.line.reason += f"，余{-each.held}元转下月"
        else:
            each.full_amount += held
            each.line.trace["let_go"] = str(held)
            each.line.reason += f"，其余{held}元不再扣"
