"""Sheets of declarations: all or nothing, with row, field and remedy; again they change nothing; undone."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from imports.batches import ImportReport, run_import
from imports.kinds import loader_of
from imports.models import Upload
from imports.undo import batch_undo, undo_refusal
from payroll.models import Payslip, SettlementPeriod, Withholding
from payroll.services.tax_openings import tax_opening_record
from people.models import Account, Department, Employer, Staff
from people.services import staff_transfer
from sheets.errors import SheetErrors
from statutory.errors import DeclarationRefused
from statutory.models import ContributionBase, TaxDeduction, TaxOpening
from statutory.services import deduction_declare
from tests import factories

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def hr(cs1: Department) -> Account:
    return factories.account("hr", cs1)


@pytest.fixture(autouse=True)
def people(cs1: Department, lin: Staff) -> list[Staff]:
    return [lin, *(factories.staff(cs1, f"{1002 + each}", name=f"员工{each}") for each in range(40))]


def bring(kind: str, content: str, of: Department, by: Account) -> ImportReport:
    upload = Upload(department=of, kind=kind, options={})
    return run_import(
        department=of,
        kind=kind,
        path=BytesIO(content.encode()),
        profile=None,
        by=by,
        at=factories.WHEN,
        dry_run=False,
        load=loader_of(upload, by=by, at=factories.WHEN),
    )


def faults(kind: str, content: str, of: Department, by: Account) -> list[tuple[int, str, str]]:
    with pytest.raises(SheetErrors) as error:
        bring(kind, content, of, by)
    return [(each.row, each.column, each.message) for each in error.value.errors]


def test_bases_come_in_end_the_former_ones_and_go_again(cs1: Department, hr: Account) -> None:
    bring("bases", "工号,缴费基数,起月\n1001,5000,2026-01\n", cs1, hr)
    content = "工号,缴费基数,起月\n1001,6000,2026-07\n1002,7000,2026-07\n"
    report = bring("bases", content, cs1, hr)
    assert (report.summary.created, report.summary.unchanged) == (2, 0)
    assert ContributionBase.objects.get(base=5000).until == date(2026, 6, 1)
    again = bring("bases", content + "1003,8000,2026-07\n", cs1, hr)
    assert (again.summary.created, again.summary.unchanged) == (1, 2)
    assert again.batch is not None and undo_refusal(again.batch, at=factories.WHEN) == ""
    batch_undo(batch=again.batch, by=hr, at=factories.WHEN)
    assert report.batch is not None
    batch_undo(batch=report.batch, by=hr, at=factories.WHEN)
    former = ContributionBase.objects.get()
    assert (former.base, former.until) == (5000, None)


def test_one_bad_row_keeps_all_of_a_sheet_out(cs1: Department, hr: Account) -> None:
    content = "工号,缴费基数,起月\n1001,3000,2026-07\n1002,7000,2026-07\n9999,7000,2026-07\n"
    assert faults("bases", content, cs1, hr) == [(4, "工号", "本部门没有此工号")]
    found = faults("bases", content.replace("9999", "1003"), cs1, hr)
    assert found == [(2, "缴费基数", "2026年07月的基数3000元在上下限以外：养老保险4492至24042元")]
    assert not ContributionBase.objects.exists()


def test_deductions_are_read_by_kind_and_a_running_one_is_not_said_again(
    cs1: Department, hr: Account
) -> None:
    content = "工号,税款所属期,子女教育,住房租金\n1001,2026-09,2000,1500\n"
    assert bring("deductions", content, cs1, hr).summary.created == 2
    later = content.replace("2026-09", "2026-10") + "1002,2026-10,1500,\n"
    found = faults("deductions", later, cs1, hr)
    assert [(row, column) for row, column, _ in found] == [(3, "子女教育")]
    report = bring("deductions", later.replace("1002,2026-10,1500", "1002,2026-10,1000"), cs1, hr)
    assert (report.summary.created, report.summary.unchanged) == (1, 2)
    assert TaxDeduction.objects.count() == 3


def test_two_of_a_kind_in_one_sheet_are_refused(cs1: Department, hr: Account) -> None:
    content = "工号,扣除项目,每月金额,起月\n1001,住房租金,1500,2026-01\n1001,住房租金,1100,2026-03\n"
    ((row, column, message),) = faults("deductions", content, cs1, hr)
    assert (row, column) == (3, "扣除项目") and "同一个月不能有两条" in message
    assert not TaxDeduction.objects.exists()


def frozen(of: Department, month: date, staff: Staff, hr: Account, *, taxed: bool = True) -> None:
    """An approved month of one person, with tax withheld or from before it was."""
    period = SettlementPeriod.objects.create(department=of, month=month, state="computed")
    slip = Payslip.objects.create(period=period, staff=staff, number=staff.number, name=staff.name)
    if taxed:
        Withholding.objects.create(payslip=slip, paid_on=period.pays_on, income=Decimal(9000), tax=Decimal(3))
    approval = {"state": "approved", "approved_by": hr, "approved_at": factories.WHEN}
    SettlementPeriod.objects.filter(pk=period.pk).update(**approval)


def test_an_opening_of_months_whose_payslips_withheld_nothing_comes_in(
    cs1: Department, hr: Account, lin: Staff
) -> None:
    frozen(cs1, date(2026, 8, 1), lin, hr, taxed=False)
    content = "工号,截至月份,累计收入,累计已预扣税额\n1001,2026-09,50000,100\n"
    assert bring("tax_openings", content, cs1, hr).summary.created == 1


def test_an_opening_of_months_that_were_taxed_here_is_refused(
    cs1: Department, hr: Account, lin: Staff
) -> None:
    frozen(cs1, date(2026, 8, 1), lin, hr)
    content = "工号,截至月份,累计收入,累计已预扣税额\n1001,2026-09,50000,100\n1002,2026-09,50000,100\n"
    ((row, column, message),) = faults("tax_openings", content, cs1, hr)
    assert (row, column) == (2, "截至月份") and "在2026年08月的工资条已预扣个税" in message
    given: Any = {"staff": lin, "income": 5, "by": hr, "at": factories.WHEN}
    with pytest.raises(DeclarationRefused, match="已预扣个税"):
        tax_opening_record(through=date(2026, 8, 1), **given)
    assert not TaxOpening.objects.exists()
    assert (
        bring("tax_openings", content.replace("1001,2026-09", "1001,2026-07"), cs1, hr).summary.created == 2
    )


def test_a_sheet_knows_what_was_declared_in_the_department_before(
    cs1: Department, hr: Account, lin: Staff
) -> None:
    bases = "工号,缴费基数,起月\n1001,5000,2026-01\n"
    deductions = "工号,税款所属期,住房租金\n1001,2026-09,1500\n"
    openings = "工号,截至月份,累计收入,累计已预扣税额\n1001,2026-06,50000,0\n"
    of = Employer.objects.create(name="示例公司")
    cs2 = factories.department("cs2")
    Department.objects.filter(pk__in=(cs1.pk, cs2.pk)).update(employer=of)
    for kind, content in (("bases", bases), ("deductions", deductions), ("tax_openings", openings)):
        assert bring(kind, content, cs1, hr).summary.created == 1
    cs2.refresh_from_db()
    staff_transfer(staff=lin, to=cs2, number="2001", on=date(2026, 10, 1), by=None, at=factories.WHEN)
    other = factories.account("hr", cs2)
    usual = deductions.replace("2026-09", "2026-10")
    for kind, content in (("bases", bases), ("deductions", usual), ("tax_openings", openings)):
        report = bring(kind, content.replace("1001", "2001"), cs2, other)
        assert (report.summary.created, report.summary.unchanged) == (0, 1)


def test_a_sheet_by_kind_is_compared_with_what_holds_in_its_month(
    cs1: Department, hr: Account, lin: Staff
) -> None:
    given: Any = {"staff": lin, "kind": "rent", "amount": Decimal(1500), "by": None, "at": factories.WHEN}
    deduction_declare(since=date(2026, 1, 1), until=date(2026, 6, 1), **given)
    content = "工号,税款所属期,住房租金\n1001,2026-06,1500\n"
    assert bring("deductions", content, cs1, hr).summary.unchanged == 1
    assert bring("deductions", content.replace("06", "08"), cs1, hr).summary.created == 1
    # It holds since August alone: July is not said yet, and cannot be beside it without an end.
    assert faults("deductions", content.replace("06", "07"), cs1, hr)


def test_what_is_deducted_once_a_year_comes_in_for_its_month_alone(
    cs1: Department, hr: Account, lin: Staff
) -> None:
    content = "工号,税款所属期,继续教育\n1001,2026-09,3600\n"
    assert bring("deductions", content, cs1, hr).summary.created == 1
    assert bring("deductions", content.replace("09", "10"), cs1, hr).summary.unchanged == 1
    row = TaxDeduction.objects.get()
    assert (row.since, row.until) == (date(2026, 9, 1), date(2026, 9, 1))


def test_a_sheet_takes_as_many_queries_for_one_row_as_for_many(
    cs1: Department, hr: Account, people: list[Staff], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    content = "工号,缴费基数,起月\n" + "".join(f"{each.number},5000,2026-01\n" for each in people)
    with django_assert_max_num_queries(30):
        assert bring("bases", content, cs1, hr).summary.created == 41
    with django_assert_max_num_queries(30):
        bring("bases", content.replace("2026-01", "2026-07").replace("5000", "6000"), cs1, hr)
    assert ContributionBase.objects.filter(until=date(2026, 6, 1)).count() == 41
