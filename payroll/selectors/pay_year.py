"""Pay by tax years: the months that are paid within a year, per person and month and summed per person.

Only approved and paid months are told; a month belongs to the year of its day of payment, a bonus that is
taxed apart to the year of its own, which may be the one before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from core.money import ZERO
from payroll.models import EmployerCost, PayLine, Payslip, SettlementPeriod, Withholding


@dataclass(slots=True)
class Taken:
    """What the law takes of one payslip or of a person's year, in yuan; contributions and tax are positive.

    `income` is what was taxed; `deductions` the special and other deductions of the year so far.
    """

    income: Decimal = ZERO
    deductions: Decimal = ZERO
    social: Decimal = ZERO
    fund: Decimal = ZERO
    tax: Decimal = ZERO
    employer: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One payslip of a year; `gross` and `net` None where only its bonus taxed apart was paid in it."""

    slip: Payslip
    taken: Taken
    gross: Decimal | None
    net: Decimal | None


@dataclass(frozen=True, slots=True)
class YearPerson:
    """A person's payslips of a year in one department together."""

    staff_id: int
    number: str
    name: str
    months: int
    gross: Decimal
    net: Decimal
    taken: Taken = field(default_factory=Taken)


def slips_of_year(slips: QuerySet[Payslip], year: int) -> QuerySet[Payslip]:
    """Those of frozen months that are paid in the year, or have a bonus taxed apart that was."""
    bonus = Withholding.objects.filter(
        payslip=OuterRef("pk"), kind=Withholding.Kind.BONUS, paid_on__year=year
    ).order_by()
    return slips.filter(_paid_in(year) | Exists(bonus), period__state__in=SettlementPeriod.FROZEN, failure="")


def _paid_in(year: int, slip: str = "") -> Q:
    """That a payslip is paid in the year; `slip`: the way to it."""
    day, month = f"{slip}period__pay_on", f"{slip}period__month"
    return Q(**{f"{day}__isnull": True, f"{month}__year": year}) | Q(**{f"{day}__year": year})


def months_of_year(slips: QuerySet[Payslip], year: int) -> list[YearMonth]:
    """The year's payslips in the order of payment; four queries."""
    related = "period__department", "staff"
    found = list(slips_of_year(slips, year).select_related(*related).order_by("period__month", "pk"))
    taken = _taken([each.pk for each in found], "payslip", year)
    months = []
    for each in found:
        is_paid = each.period.pays_on.year == year
        gross, net = (each.gross, each.net) if is_paid else (None, None)
        months.append(YearMonth(each, taken[each.pk], gross, net))
    return sorted(months, key=lambda each: each.slip.period.pays_on)


def totals_of_year(months: Iterable[YearMonth]) -> dict[str, Decimal]:
    """The sums of a year's payslips, in yuan; what is cumulative has none."""
    totals = dict.fromkeys(("gross", "income", "social", "fund", "tax", "net"), ZERO)
    for each in months:
        totals["gross"] += each.gross or ZERO
        totals["net"] += each.net or ZERO
        for name in ("income", "social", "fund", "tax"):
            totals[name] += getattr(each.taken, name)
    return totals


def people_of_year(department: int, year: int) -> QuerySet[Any, Any]:
    """A row a person of a department with payslips in the year, by number, to be paged; see `summed`."""
    slips = slips_of_year(Payslip.objects.filter(period__department=department), year)
    return (
        slips.values("staff_id", "staff__number", "staff__name")
        .annotate(
            months=Count("pk", filter=_paid_in(year)),
            total_gross=Sum("gross", filter=_paid_in(year), default=ZERO),
            total_net=Sum("net", filter=_paid_in(year), default=ZERO),
        )
        .order_by("staff__number", "staff_id")
    )


def summed(rows: Iterable[dict[str, Any]], department: int, year: int) -> list[YearPerson]:
    """Rows of `people_of_year` with what the law took of each; three queries."""
    rows = list(rows)
    slips = slips_of_year(Payslip.objects.filter(period__department=department), year)
    taken = _taken(
        slips.filter(staff__in=[row["staff_id"] for row in rows]).values("pk"), "payslip__staff", year
    )
    return [
        YearPerson(
            staff_id=row["staff_id"],
            number=row["staff__number"],
            name=row["staff__name"],
            months=row["months"],
            gross=row["total_gross"],
            net=row["total_net"],
            taken=taken[row["staff_id"]],
        )
        for row in rows
    ]


def months_seen(department: int, year: int) -> set[tuple[int, date]]:
    """(department, month) of everything that a department's year is made of; one query."""
    slips = slips_of_year(Payslip.objects.filter(period__department=department), year)
    return set(slips.values_list("period__department_id", "period__month").distinct())


def _taken(slips: Collection[int] | QuerySet[Any, Any], per: str, year: int) -> dict[int, Taken]:
    """What the law takes in the year of these payslips, by payslip or by person; three queries."""
    found: dict[int, Taken] = defaultdict(Taken)
    paid = _paid_in(year, "payslip__")
    contributions = (PayLine.Column.SOCIAL, PayLine.Column.FUND)
    lines = PayLine.objects.filter(paid, payslip__in=slips, column__in=contributions).order_by()
    for key, column, amount in (
        lines.values(per, "column").annotate(sum=Sum("amount")).values_list(per, "column", "sum")
    ):
        setattr(found[key], column, -amount)
    costs = EmployerCost.objects.filter(paid, payslip__in=slips).order_by()
    for key, amount in costs.values(per).annotate(sum=Sum("amount")).values_list(per, "sum"):
        found[key].employer = amount
    kinds = Withholding.Kind
    of_year = Q(paid, kind=kinds.WAGES) | Q(kind=kinds.BONUS, paid_on__year=year)
    taxed = Withholding.objects.filter(of_year, payslip__in=slips).order_by("paid_on", "pk")
    columns = (per, "kind", "income", "tax", "year_deductions")
    for key, kind, income, tax, deductions in taxed.values_list(*columns):
        found[key].income += income
        found[key].tax += tax
        if kind == Withholding.Kind.WAGES:  # of the year so far
            found[key].deductions = sum((Decimal(each) for each in deductions.values()), ZERO)
    return found
