"""Recording what was earned and withheld here before kefu kept the pay, of months that it did not keep."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.money import ZERO
from core.periods import first_of
from payroll.models import SettlementPeriod, Withholding
from people.models import Account, Staff
from statutory.errors import DeclarationRefused, DeclarationsRefused
from statutory.models import TaxOpening
from statutory.persons import Persons, employer_key
from statutory.services import OpeningFact, openings_record


@transaction.atomic
def tax_openings_record(
    *, facts: Sequence[OpeningFact], by: Account | None, at: datetime
) -> list[TaxOpening]:
    """Record figures of many people, all or none; in as many queries as of one.

    DeclarationsRefused, by position, as `openings_record`, and where this employer's approved payslips of
    the person withheld tax in those months: they would count twice.
    """
    persons = Persons({fact.staff.pk for fact in facts})
    paid = _paid_months(persons)
    refusals = {}
    for place, fact in enumerate(facts):
        through, department = first_of(fact.through), fact.staff.department
        key = persons.of(fact.staff.pk), employer_key(department.employer_id, department.pk)
        within = [month for month in paid.get(key, ()) if date(through.year, 1, 1) <= month]
        if within and min(within) <= through:
            refusals[place] = DeclarationRefused(
                f"{fact.staff}在{min(within):%Y年%m月}的工资条已预扣个税，{through:%Y年%m月}以前的不能再记期初",
                "期初只记系统没有预扣个税的月份，请改截至月份",
                field="through",
            )
    if refusals:
        raise DeclarationsRefused(refusals)
    return openings_record(facts=facts, by=by, at=at)


def tax_opening_record(
    *,
    staff: Staff,
    through: date,
    income: Decimal,
    by: Account | None,
    at: datetime,
    contributions: Decimal = ZERO,
    deductions: Decimal = ZERO,
    withheld: Decimal = ZERO,
    note: str = "",
) -> TaxOpening:
    """The same of one person; DeclarationRefused where `tax_openings_record` refuses it."""
    fact = OpeningFact(staff, through, income, contributions, deductions, withheld, note)
    try:
        return tax_openings_record(facts=[fact], by=by, at=at)[0]
    except DeclarationsRefused as refused:
        raise refused.refusals[0] from None


def _paid_months(persons: Persons) -> dict[tuple[int, tuple[int | None, int]], Collection[date]]:
    """The tax months in which frozen payslips withheld from wages, by person and employer; one query.

    Payslips of before the law was among the rules withheld nothing: an opening stands for those.
    """
    rows = Withholding.objects.filter(
        payslip__staff__in=persons.rows,
        payslip__period__state__in=SettlementPeriod.FROZEN,
        kind=Withholding.Kind.WAGES,
    )
    employer = ("payslip__period__department__employer", "payslip__period__department")
    found: dict[tuple[int, tuple[int | None, int]], set[date]] = {}
    for staff, *of, paid_on in rows.values_list("payslip__staff", *employer, "paid_on"):
        found.setdefault((persons.of(staff), employer_key(*of)), set()).add(first_of(paid_on))
    return dict(found)
