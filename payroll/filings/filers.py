"""Who files: an employer with all its departments, or a department that has none, for one tax month."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from core.periods import first_of, shift_months
from payroll.errors import FilingRefused
from payroll.models import SettlementPeriod, TaxFiling, TaxFilingResult, Withholding
from people.identities import departments_with
from people.models import Account, Department, Employer
from people.selectors import departments_where
from statutory.models import AnnualBonus

MONTHS_BACK = 12  # pay that is handed out later than this is no draft any more


@dataclass(frozen=True, slots=True)
class Filer:
    """`departments` are all of the employer's; `month` is the tax month, its first day."""

    department: Department
    employer: Employer | None
    departments: tuple[Department, ...]
    month: date

    @property
    def name(self) -> str:
        return self.employer.name if self.employer else self.department.name

    @property
    def last_day(self) -> date:
        return shift_months(self.month, 1) - timedelta(days=1)

    @property
    def rows(self) -> Q:
        """What finds the filings and results of this tax month."""
        return _filed_for(self.department) & Q(month=self.month)

    def filings(self) -> QuerySet[TaxFiling]:
        return TaxFiling.objects.filter(self.rows).select_related("by", "department", "employer")

    def results(self) -> QuerySet[TaxFilingResult]:
        return TaxFilingResult.objects.filter(self.rows).select_related("by", "department", "employer")


def filer_of(period: SettlementPeriod, month: date | None = None) -> Filer:
    """Who files the tax of a tax month that something of the period was paid in; three queries at most.

    Without `month` it is that of the wages. FilingRefused for a month in which nothing of it was paid.
    """
    department = period.department
    employer = department.employer
    departments = tuple(departments_with(department).order_by("code"))
    wages = first_of(period.pays_on)
    if month not in (None, wages) and month not in tax_months_of(period):
        raise FilingRefused(f"{period}没有在{month:%Y年%m月}发放的个税", "请从列表里选税款所属期")
    return Filer(department, employer, departments, month or wages)


def tax_months_of(period: SettlementPeriod) -> list[date]:
    """The tax months that payments of the period are of, the earliest first; one query.

    More than one where an annual bonus was paid in another month than the wages.
    """
    paid = Withholding.objects.filter(payslip__period=period).order_by()
    days = paid.values_list("paid_on", flat=True).distinct()
    return sorted({first_of(day) for day in (period.pays_on, *days)})


def filings_of(period: SettlementPeriod) -> QuerySet[TaxFiling]:
    """The exports of every tax month of the period."""
    return TaxFiling.objects.filter(_filed_for(period.department), month__in=tax_months_of(period))


def results_of(period: SettlementPeriod) -> QuerySet[TaxFilingResult]:
    """The bureau's results of every tax month of the period."""
    rows = TaxFilingResult.objects.filter(_filed_for(period.department), month__in=tax_months_of(period))
    return rows.select_related("by", "department", "employer")


def _filed_for(department: Department) -> Q:
    if department.employer_id is None:
        return Q(employer=None, department=department)
    return Q(employer=department.employer_id)


def not_filed_by(filer: Filer, account: Account) -> list[Department]:
    """The filer's departments whose taxes the account may not file; one query."""
    allowed = set(departments_where(account, "file_taxes").values_list("pk", flat=True))
    return [each for each in filer.departments if each.pk not in allowed]


def months_waiting(filer: Filer) -> list[SettlementPeriod]:
    """Months of its departments that are paid in the tax month, or have an annual bonus that is, and are not
    approved yet; two queries."""
    bonuses = AnnualBonus.objects.filter(
        department__in=filer.departments,
        withdrawn_at__isnull=True,
        paid_on__range=(filer.month, filer.last_day),
    )
    with_bonus = set(bonuses.order_by().values_list("department", flat=True).distinct())
    periods = SettlementPeriod.objects.filter(
        department__in=filer.departments,
        month__range=(shift_months(filer.month, -MONTHS_BACK), filer.month),
    ).exclude(state__in=SettlementPeriod.FROZEN)
    return [
        each
        for each in periods.select_related("department").order_by("department__code", "month")
        if first_of(each.pays_on) == filer.month
        or (each.month == filer.month and each.department_id in with_bonus)
    ]
