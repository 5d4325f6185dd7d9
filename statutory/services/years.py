"""What is declared for a year: last year's wages, the figures before kefu kept the pay, the first job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.money import ZERO, plain
from core.periods import first_of
from people.models import Account, FactChange, Staff
from statutory.errors import DeclarationRefused, DeclarationsRefused
from statutory.models import FirstJob, TaxHistory, TaxOpening
from statutory.persons import Persons, employer_key
from statutory.services import common

SOURCE = FactChange.Source.TAX
OPENING_LABELS = {
    "income": "累计收入",
    "contributions": "累计专项扣除",
    "deductions": "累计专项附加与其他扣除",
    "withheld": "累计已预扣税额",
}


@transaction.atomic
def history_record(
    *,
    staff: Staff,
    year: int,
    months: int,
    income: Decimal,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> TaxHistory:
    """Record the wages of an earlier year here, in yuan, and in how many of its months they were paid.

    DeclarationRefused for a year that is not over, months that are none, and a year that is recorded already
    of the person at this employer.
    """
    income = common.amount_checked(income, "income", "全年收入", zero=True)
    note = common.note_checked(note)
    if not common.FIRST_YEAR <= year < timezone.localdate(at).year:
        raise DeclarationRefused(f"{year}年不是以前的年度", "请填已经过完的年度", field="year")
    if not 1 <= months <= 12:
        raise DeclarationRefused(f"任职{months}个月不对", "请填1至12", field="months")
    persons = common.persons_locked([staff])
    if (*_at_employer(persons, staff), year) in _taken(TaxHistory, persons):
        raise DeclarationRefused(f"{staff}在本单位已有{year}年的工资", "要改的请先撤回那一条", field="year")
    made = TaxHistory.objects.create(
        staff=staff, year=year, months=months, income=income, note=note, by=by, at=at
    )
    _told(staff, date(year + 1, 1, 1), by, at)
    return made


@dataclass(frozen=True, slots=True)
class OpeningFact:
    """What was earned, deducted and withheld here in the year up to the tax month `through`, yuan."""

    staff: Staff
    through: date
    income: Decimal
    contributions: Decimal = ZERO
    deductions: Decimal = ZERO
    withheld: Decimal = ZERO
    note: str = ""


def opening_record(
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
    """Record what was earned, deducted and withheld here in the year up to the tax month `through`, in yuan.

    It stands for everything paid in those months; whether payslips of them exist is looked at where they
    are known (payroll/services/tax_openings.py).
    DeclarationRefused for a month to come, a year that is recorded already of the person at this employer,
    and figures that do not fit each other.
    """
    fact = OpeningFact(staff, through, income, contributions, deductions, withheld, note)
    with common.one_alone():
        return openings_record(facts=[fact], by=by, at=at)[0]


@transaction.atomic
def openings_record(*, facts: Sequence[OpeningFact], by: Account | None, at: datetime) -> list[TaxOpening]:
    """Record many, all or none; DeclarationsRefused, by position, as `opening_record` refuses one."""
    persons = common.persons_locked(fact.staff for fact in facts)
    taken = _taken(TaxOpening, persons)
    refusals: dict[int, DeclarationRefused] = {}
    made: list[TaxOpening] = []
    for place, fact in enumerate(facts):
        try:
            row = _opening(fact, by, at)
            key = (*_at_employer(persons, fact.staff), row.year)
            if key in taken:
                raise DeclarationRefused(
                    f"{fact.staff}在本单位已有{row.year}年的个税期初", "要改的请先撤回那一条", field="through"
                )
        except DeclarationRefused as refused:
            refusals[place] = refused
            continue
        taken.add(key)
        made.append(row)
    if refusals:
        raise DeclarationsRefused(refusals)
    TaxOpening.objects.bulk_create(made)
    spans = [common.Span(row.staff, row.through, date(row.year, 12, 1)) for row in made]
    common.made_told(spans, SOURCE, by=by, at=at)
    return made


def _opening(fact: OpeningFact, by: Account | None, at: datetime) -> TaxOpening:
    """The row that a fact makes, not yet stored; DeclarationRefused where it cannot be."""
    through = first_of(fact.through)
    amounts = {
        name: common.amount_checked(getattr(fact, name), name, label, zero=True)
        for name, label in OPENING_LABELS.items()
    }
    if through.year < common.FIRST_YEAR or through > timezone.localdate(at):
        raise DeclarationRefused(f"{through:%Y年%m月}还没有到，或者太早", "请核对截至月份", field="through")
    if amounts["withheld"] > amounts["income"]:
        raise DeclarationRefused(
            f"已预扣税额{plain(fact.withheld)}元大于收入{plain(fact.income)}元",
            "请核对两个数",
            field="withheld",
        )
    note = common.note_checked(fact.note)
    return TaxOpening(
        staff=fact.staff, year=through.year, through=through, note=note, by=by, at=at, **amounts
    )


@transaction.atomic
def first_job_record(
    *, staff: Staff, year: int, by: Account | None, at: datetime, note: str = ""
) -> FirstJob:
    """Record that the job here is the first of a year (国税总局公告2020年第13号): 5,000 count from January.

    DeclarationRefused where the person was hired in another year, was here before in any row, or has
    figures of that year or an earlier one.
    """
    note = common.note_checked(note)
    rows = common.persons_locked([staff]).rows
    hired = min(Staff.objects.filter(pk__in=rows).values_list("hired_on", flat=True))
    if hired.year != year:
        raise DeclarationRefused(
            f"{staff}{hired:%Y-%m-%d}入职，不在{year}年", "只有在当年首次入职的才登记，请核对", field="year"
        )
    of_person = {"staff__in": rows, "withdrawn_at": None}
    if FirstJob.objects.filter(**of_person).exists():
        raise DeclarationRefused(f"{staff}已登记首次入职", "每人只有一次；登记错的请撤回", field="year")
    earlier = (TaxHistory, TaxOpening)
    if any(model.objects.filter(**of_person, year__lt=year).exists() for model in earlier):
        raise DeclarationRefused(
            f"{staff}以前的年度已有工资，{year}年不是首次入职", "请核对上年工资与个税期初", field="year"
        )
    made = FirstJob.objects.create(staff=staff, year=year, note=note, by=by, at=at)
    _told(staff, date(year, 1, 1), by, at)
    return made


def _at_employer(persons: Persons, staff: Staff) -> tuple[int, tuple[int | None, int]]:
    return persons.of(staff.pk), employer_key(staff.department.employer_id, staff.department_id)


def _taken(
    model: type[TaxHistory] | type[TaxOpening], persons: Persons
) -> set[tuple[int, tuple[int | None, int], int]]:
    """(person, employer, year) of what stands of these people; one query."""
    stand = model._default_manager.filter(staff__in=persons.rows, withdrawn_at=None)
    columns = ("staff", "staff__department__employer", "staff__department", "year")
    return {
        (persons.of(staff), employer_key(employer, department), year)
        for staff, employer, department, year in stand.values_list(*columns)
    }


def _told(staff: Staff, since: date, by: Account | None, at: datetime) -> None:
    months = common.months_touched(since, date(since.year, 12, 1), at)
    common.months_told(staff, months, SOURCE, by=by, at=at)
