"""Who is named before a month is settled: paid here earlier in the year, without figures of it."""

from datetime import date
from decimal import Decimal
from typing import Any

from payroll.models import Payslip, SettlementPeriod, Withholding
from payroll.selectors.readiness import Item, readiness
from people.models import Department, Employer, Staff
from people.services import staff_transfer
from rules.models import Provision, Version
from statutory.services import opening_record
from tests import factories

BY: Any = {"by": None, "at": factories.WHEN}
OCTOBER = date(2026, 10, 1)


def taxed(of: Department) -> SettlementPeriod:
    version = Version.objects.create(department=of, number=2, effective_on=date(2026, 1, 1))
    Provision.objects.create(
        version=version, position=0, code="tax", title="个税", kind="income_tax", params={}
    )
    version.published_at = factories.WHEN
    version.save()
    return SettlementPeriod(department=of, month=OCTOBER)


def employed_beside(department: Department) -> Department:
    """Another department of the same employer."""
    employer = Employer.objects.create(name="示例公司")
    other = factories.department()
    Department.objects.filter(pk__in=(department.pk, other.pk)).update(employer=employer)
    department.refresh_from_db()
    other.refresh_from_db()
    return other


def named(period: SettlementPeriod) -> Item | None:
    return next((each for each in readiness(period, at=factories.WHEN) if each.key == "tax_openings"), None)


def test_people_without_payslips_or_an_opening_are_named(cs1: Department, lin: Staff) -> None:
    assert named(SettlementPeriod(department=cs1, month=OCTOBER)) is None  # no tax is taken
    period = taxed(cs1)
    factories.staff(cs1, "1002", hired_on=OCTOBER)
    paid = factories.staff(cs1, "1003", hired_on=date(2026, 9, 3))
    september = SettlementPeriod.objects.create(department=cs1, month=date(2026, 9, 1), state="computed")
    slip = Payslip.objects.create(period=september, staff=paid, number="1003", name=paid.name)
    Withholding.objects.create(payslip=slip, paid_on=date(2026, 9, 30), income=Decimal(9000), tax=Decimal(3))
    # Approved before tax was withheld here: it does not stand for figures of the year.
    Payslip.objects.create(period=september, staff=lin, number="1001", name=lin.name)
    approval = {"approved_by": factories.account("gm", cs1), "approved_at": factories.WHEN}
    SettlementPeriod.objects.filter(pk=september.pk).update(state="approved", **approval)
    moved = staff_transfer(
        staff=factories.staff(employed_beside(cs1), "9001"),
        to=cs1,
        number="1004",
        on=date(2026, 9, 5),
        **BY,
    )
    item = named(period)
    assert item is not None and item.is_open
    assert item.words.startswith("2人2026年前几个月没有预扣个税的工资条") and "1001 林晓、1004" in item.words
    opening_record(staff=lin, through=date(2026, 9, 1), income=Decimal(1), **BY)
    assert moved.moved_from is not None
    opening_record(staff=moved.moved_from, through=date(2026, 9, 1), income=Decimal(1), **BY)
    item = named(period)
    assert item is not None and (item.words, item.is_open) == ("都有", False)


def test_in_the_first_tax_month_of_a_year_nobody_lacks_figures(cs1: Department, lin: Staff) -> None:
    period = taxed(cs1)
    period.month, period.pay_on = date(2026, 12, 1), date(2027, 1, 10)
    assert named(period) is None
    period.pay_on = date(2026, 12, 31)
    item = named(period)
    assert item is not None and "1001 林晓" in item.words
