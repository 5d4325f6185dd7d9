"""What frozen months could not take and nobody has paid since: to be taken by the next slip, or listed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from core.money import ZERO
from payroll.models import DebtEntry, PayLine, SettlementPeriod


@dataclass(frozen=True, slots=True)
class Debt:
    """What is left of one line that a month could not take whole; `rest` in yuan, owed where positive."""

    origin: PayLine
    staff_id: int
    month: date
    owed: Decimal
    rest: Decimal


def origins() -> QuerySet[PayLine]:
    """The lines of frozen months that were not taken whole: held back by a limit, or more than was earned."""
    frozen = PayLine.objects.filter(payslip__period__state__in=SettlementPeriod.FROZEN, origin__isnull=True)
    return frozen.exclude(full_amount=F("amount"))


def debts(where: Q) -> list[Debt]:
    """What is still owed of `origins` under a condition, oldest first; three queries."""
    rows = list(
        origins()
        .filter(where)
        .annotate(staff_id=F("payslip__staff_id"), from_month=F("payslip__period__month"))
        .order_by("on", "id")
    )
    settled = settled_of([row.pk for row in rows])
    found = []
    for row in rows:
        owed = row.amount - row.full_amount
        rest = owed - settled.get(row.pk, ZERO)
        if rest:
            found.append(Debt(row, row.staff_id, row.from_month, owed, rest))
    return found


def settled_of(lines: Collection[int]) -> dict[int, Decimal]:
    """What frozen months took, people paid back and was written off, by first line; two queries."""
    # A subquery per line would be at the mercy of the planner's guesses; two plain queries are not.
    found = dict(
        PayLine.objects.filter(origin__in=lines, payslip__period__state__in=SettlementPeriod.FROZEN)
        .order_by("origin_id")
        .values_list("origin_id")
        .annotate(total=-Sum("amount"))
    )
    for line, amount in (
        DebtEntry.objects.filter(line__in=lines)
        .order_by("line_id")
        .values_list("line_id")
        .annotate(total=Sum("amount"))
    ):
        found[line] = found.get(line, ZERO) + amount
    return found


def names_overtaken(period: SettlementPeriod) -> list[str]:
    """Who pays more of a debt in the month's draft than is left of it by now; up to three queries."""
    rows = (
        PayLine.objects.filter(payslip__period=period, origin__isnull=False)
        .exclude(amount=0)
        .values_list("payslip__number", "payslip__name", "origin", "amount")
        .order_by("payslip__number", "position")
    )
    taken = list(rows)
    if not taken:
        return []
    found = {debt.origin.pk: debt.rest for debt in debts(Q(pk__in=[origin for _, _, origin, _ in taken]))}
    return [f"{number} {name}" for number, name, origin, amount in taken if -amount > found.get(origin, ZERO)]
