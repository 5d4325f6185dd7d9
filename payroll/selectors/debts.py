"""What frozen months could not take and nobody has paid since: to be taken by the next slip, or listed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.money import ZERO
from payroll.models import DebtEntry, PayLine, SettlementPeriod
from payroll.selectors.payslips import MONEY
from people.models import Department, Staff
from people.one_person import other_rows
from people.selectors import not_left


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


def debts_of() -> QuerySet[Any]:
    """`origins` with what was owed of each and what is left, in yuan: `owed`, `rest`."""
    own = OuterRef("pk")
    taken = PayLine.objects.filter(origin=own, payslip__period__state__in=SettlementPeriod.FROZEN)
    entered = DebtEntry.objects.filter(line=own).order_by().values("line")
    return origins().annotate(
        owed=F("amount") - F("full_amount"),
        rest=F("owed") + _total(taken.order_by().values("origin")) - _total(entered),
    )


def _total(rows: Any) -> Coalesce:
    return Coalesce(
        Subquery(rows.annotate(total=Sum("amount")).values("total")), Value(ZERO), output_field=MONEY
    )


def debts_of_leavers(departments: QuerySet[Department], *, on: date) -> QuerySet[Any]:
    """The debts in these departments of who had left them before a day, the oldest first; who owes what.

    Of who works in another department they are taken there.
    """
    return (
        debts_of()
        .filter(payslip__staff__department__in=departments, payslip__staff__left_on__lt=on)
        .order_by("on", "pk")
    )


@dataclass(frozen=True, slots=True)
class DebtStep:
    """What became of a debt on a day, in yuan: taken by a payslip, paid back, written off."""

    on: date
    what: str
    amount: Decimal
    note: str = ""


def debt_steps(lines: Collection[int]) -> dict[int, list[DebtStep]]:
    """What was taken, paid back and written off of each debt, the earliest first; two queries."""
    steps: dict[int, list[DebtStep]] = defaultdict(list)
    taken = PayLine.objects.filter(origin__in=lines, payslip__period__state__in=SettlementPeriod.FROZEN)
    for each in taken.exclude(amount=0).select_related("payslip__period__department").order_by("pk"):
        assert each.origin_id is not None
        steps[each.origin_id].append(
            DebtStep(each.payslip.period.month, f"{each.payslip.period}工资", -each.amount)
        )
    for entry in DebtEntry.objects.filter(line__in=lines).select_related("by").order_by("on", "pk"):
        note = f"{entry.reason}（{entry.by}）"
        steps[entry.line_id].append(DebtStep(entry.on, entry.get_kind_display(), entry.amount, note))
    return {line: sorted(found, key=lambda each: each.on) for line, found in steps.items()}


def paid_now_in(staff: Collection[int], *, on: date) -> dict[int, Staff]:
    """Where who has left a department works on a day instead, by the row that ended; two queries."""
    others = other_rows(staff)
    working = Staff.objects.filter(not_left(on), pk__in=others).select_related("department")
    return {others[each.pk]: each for each in working}


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
    left = debts(Q(pk__in=[origin for _, _, origin, _ in taken]))
    found: dict[int | None, Decimal] = {debt.origin.pk: debt.rest for debt in left}
    return [f"{number} {name}" for number, name, origin, amount in taken if -amount > found.get(origin, ZERO)]
