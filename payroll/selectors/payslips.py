"""Reads for the lists of months and payslips: totals, searching, sorting, the net pay of the month before."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from core.money import ZERO
from core.periods import shift_months
from payroll.models import Payslip, SettlementPeriod
from people.selectors import person_matches

MONEY: DecimalField = DecimalField(max_digits=12, decimal_places=2)
SORTS = {
    "number": ("工号", ["number"]),
    "name": ("姓名拼音", ["staff__pinyin", "number"]),
    "net": ("实发从高到低", ["-net", "number"]),
    "low": ("实发从低到高", ["net", "number"]),
    "deductions": ("应扣从高到低", ["-deductions", "number"]),
    "change": ("比上月变化", ["-change_size", "number"]),
}


@dataclass(frozen=True, slots=True)
class Totals:
    """A month's payslips together, in yuan."""

    people: int
    failed: int
    gross: Decimal
    deductions: Decimal
    net: Decimal


def totals_of(period: SettlementPeriod) -> Totals:
    """One query."""
    sums = Payslip.objects.filter(period=period.pk).aggregate(
        people=Count("pk"),
        failed=Count("pk", filter=~Q(failure="")),
        gross=Coalesce(Sum("gross"), ZERO),
        deductions=Coalesce(Sum("deductions"), ZERO),
        net=Coalesce(Sum("net"), ZERO),
    )
    return Totals(**sums)


def periods_with_totals(periods: QuerySet[SettlementPeriod]) -> QuerySet[SettlementPeriod]:
    """The months with `people`, `failed` and `net`; the sums are made for the rows of a page only."""
    slips = Payslip.objects.filter(period=OuterRef("pk")).order_by().values("period")

    def of_slips(what: Any, default: Any) -> Coalesce:
        return Coalesce(Subquery(slips.annotate(value=what).values("value")), Value(default))

    return periods.select_related("department").annotate(
        people=of_slips(Count("pk"), 0),
        failed=of_slips(Count("pk", filter=~Q(failure="")), 0),
        net=Coalesce(Subquery(slips.annotate(value=Sum("net")).values("value"), output_field=MONEY), ZERO),
    )


def payslips_listed(period: SettlementPeriod, *, sought: str, sort: str) -> QuerySet[Payslip]:
    """The month's payslips that fit the words, with `net_before` (None: no payslip then) and `change`."""
    earlier = Payslip.objects.filter(period__month=shift_months(period.month, -1), staff=OuterRef("staff"))
    slips = (
        Payslip.objects.filter(period=period.pk)
        .annotate(net_before=Subquery(earlier.values("net")[:1], output_field=MONEY))
        .annotate(change=F("net") - F("net_before"))
    )
    if sought:
        # Under the name and number of then, too.
        slips = slips.filter(
            person_matches(sought, by=("number", "name")) | person_matches(sought, of="staff")
        )
    if sort == "change":
        slips = slips.annotate(change_size=_size())
    return slips.order_by(*SORTS.get(sort, SORTS["number"])[1])


def _size() -> Any:
    """How far the net pay moved; who had none the month before moved by all of it."""
    change = Coalesce(F("change"), F("net"))
    return Greatest(change, -change)


def failures_of(period: SettlementPeriod) -> QuerySet[Payslip]:
    """The payslips that could not be settled, by number."""
    return Payslip.objects.filter(period=period.pk).exclude(failure="").order_by("number")
