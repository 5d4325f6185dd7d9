"""What settlement is made of: pay lines with a reason and a trace, before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

UNEARNED = "unearned"  # in a trace: how much of a deduction, in yuan, is pay that was not earned


class SettlementFailure(Exception):
    """One person's month cannot be settled: why, and what to do. Everybody else goes on.

    `missing` names for a page what has to be given: `{"metric": code}` of the month, `{"terms": field}`.
    """

    def __init__(self, reason: str, remedy: str, *, missing: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.missing = dict(missing or {})


@dataclass(slots=True)
class Line:
    """One line of a payslip: `amount` in yuan, positive paid, negative deducted.

    `column` names the column of the payroll sheet, `basis` the cap that applies (discipline,
    performance, loss, benefit), `on` the day by which newest-first is decided, `trace` the facts, the
    provision's version and the arithmetic. `carried` is what the next month starts from under this code.
    """

    code: str
    title: str
    amount: Decimal
    column: str
    basis: str
    on: date
    reason: str
    trace: dict[str, Any] = field(default_factory=dict)
    provision_id: int | None = None
    carried: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PointsDeducted:
    """Points that one provision takes from a person's month."""

    code: str
    title: str
    points: Decimal
    reason: str
    provision_id: int | None = None
