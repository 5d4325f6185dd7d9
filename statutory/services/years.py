"""What is declared for a year: last year's wages, the figures before kefu kept the pay, the first job."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.money import ZERO, plain
from core.periods import first_of
from people.models import Account, FactChange, Staff
from statutory.errors import DeclarationRefused
from statutory.models import FirstJob, TaxHistory, TaxOpening
from statutory.services import common

SOURCE = FactChange.Source.TAX


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

    DeclarationRefused for a year that is not over, months that are none, and a year that is recorded already.
    """
    income = common.amount_checked(income, "income", "全年收入", zero=True)
    note = common.note_checked(note)
    if not common.FIRST_YEAR <= year < timezone.localdate(at).year:
        raise DeclarationRefused(f"{year}年不是以前的年度", "请填已经过完的年度", field="year")
    if not 1 <= months <= 12:
        raise DeclarationRefused(f"任职{months}个月不对", "请填1至12", field="months")
    rows = common.persons_locked([staff]).rows
    if TaxHistory.objects.filter(staff__in=rows, year=year, withdrawn_at=None).exists():
        raise DeclarationRefused(f"{staff}已有{year}年的工资", "要改的请先撤回那一条", field="year")
    made = TaxHistory.objects.create(
        staff=staff, year=year, months=months, income=income, note=note, by=by, at=at
    )
    _told(staff, date(year + 1, 1, 1), by, at)
    return made


@transaction.atomic
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
    are known (payroll).
    DeclarationRefused for a month to come, a year that is recorded already, and figures that do not fit
    each other.
    """
    through = first_of(through)
    year = through.year
    income = common.amount_checked(income, "income", "累计收入", zero=True)
    contributions = common.amount_checked(contributions, "contributions", "累计专项扣除", zero=True)
    deductions = common.amount_checked(deductions, "deductions", "累计其他扣除", zero=True)
    withheld = common.amount_checked(withheld, "withheld", "累计已预扣税额", zero=True)
    note = common.note_checked(note)
    if year < common.FIRST_YEAR or through > timezone.localdate(at):
        raise DeclarationRefused(f"{through:%Y年%m月}还没有到，或者太早", "请核对截至月份", field="through")
    if withheld > income:
        raise DeclarationRefused(
            f"已预扣税额{plain(withheld)}元大于收入{plain(income)}元", "请核对两个数", field="withheld"
        )
    rows = common.persons_locked([staff]).rows
    if TaxOpening.objects.filter(staff__in=rows, year=year, withdrawn_at=None).exists():
        raise DeclarationRefused(f"{staff}已有{year}年的个税期初", "要改的请先撤回那一条", field="through")
    made = TaxOpening.objects.create(
        staff=staff,
        year=year,
        through=through,
        income=income,
        contributions=contributions,
        deductions=deductions,
        withheld=withheld,
        note=note,
        by=by,
        at=at,
    )
    _told(staff, through, by, at)
    return made


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


def _told(staff: Staff, since: date, by: Account | None, at: datetime) -> None:
    months = common.months_touched(since, date(since.year, 12, 1), at)
    common.months_told(staff, months, SOURCE, by=by, at=at)
