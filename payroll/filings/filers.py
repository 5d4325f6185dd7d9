"""Who files: an employer with all its departments, or a department that has none, for one tax month."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from core.periods import first_of, shift_months
from payroll.models import SettlementPeriod, TaxFiling, TaxFilingResult
from people.identities import departments_with
from people.models import Account, Department, Employer
from people.selectors import departments_where

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
        mine = Q(employer=self.employer) if self.employer else Q(employer=None, department=self.department)
        return mine & Q(month=self.month)

    def filings(self) -> QuerySet[TaxFiling]:
        return TaxFiling.objects.filter(self.rows).select_related("by", "department", "employer")

    def results(self) -> QuerySet[TaxFilingResult]:
        return TaxFilingResult.objects.filter(self.rows).select_related("by", "department", "employer")


def filer_of(period: SettlementPeriod) -> Filer:
    """Who files the tax that the period's payment is of; two queries at most."""
    department = period.department
    employer = department.employer
    departments = tuple(departments_with(department).order_by("code"))
    return Filer(department, employer, departments, first_of(period.pays_on))


def not_filed_by(filer: Filer, account: Account) -> list[Department]:
    """The filer's departments whose taxes the account may not file; one query."""
    allowed = set(departments_where(account, "file_taxes").values_list("pk", flat=True))
    return [each for each in filer.departments if each.pk not in allowed]


def months_waiting(filer: Filer) -> list[SettlementPeriod]:
    """Months of its departments that are paid in the tax month and not approved yet; one query."""
    periods = SettlementPeriod.objects.filter(
        department__in=filer.departments,
        month__range=(shift_months(filer.month, -MONTHS_BACK), filer.month),
    ).exclude(state__in=SettlementPeriod.FROZEN)
    return [
        each
        for each in periods.select_related("department").order_by("department__code", "month")
        if first_of(each.pays_on) == filer.month
    ]
