"""Contributions and tax of what became known late, of transfers, and of payments out of their order."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from commissions.services import refund_record
from payroll.errors import PeriodRefused
from payroll.models import EmployerCost, PayLine, SettlementPeriod, Withholding
from payroll.services.periods import period_approve, period_send_back
from people.models import Department, Employer, Staff
from people.services import staff_leave, staff_transfer
from statutory.models import AnnualBonus
from statutory.services import base_declare, bonus_record, deduction_declare, opening_record
from tests.payroll import months
from tests.payroll.months import (
    LONG_AGO,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    department,
    moment,
    next_month,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db

TAX: dict[str, Any] = {"code": "t-tax", "title": "个税", "kind": "income_tax"}
PENSION: dict[str, Any] = {
    "code": "t-pension",
    "title": "养老",
    "kind": "contribution",
    "params": {"item": "pension", "rate": "0.08", "employer_rate": "0.16"},
}
FREE_PENSION: dict[str, Any] = {
    **PENSION,
    "params": {"item": "pension", "rate": "0", "employer_rate": "0.16"},
}
APPROVED_AT = "2026-11-02 09:00"


def of_one_employer(*rules: list[dict[str, Any]]) -> list[Department]:
    """Departments of one employer, each under its rules."""
    employer = Employer.objects.create(name="某某公司")
    found = [department(*each) for each in rules]
    for each in found:
        each.employer = employer
        each.save()
    return found


def moved(person: Staff, to: Department, on: date, *, at: Any = LONG_AGO) -> Staff:
    return staff_transfer(staff=person, to=to, on=on, base_pay=person.terms.get().base_pay, by=None, at=at)


def approve(period: SettlementPeriod, at: str = APPROVED_AT) -> SettlementPeriod:
    return period_approve(period=period, reason="测试", by=user("批准人"), at=moment(at))


def costs(person: Staff, month: date) -> D:
    """What the employer pays for a person's month, on whichever slip."""
    found = EmployerCost.objects.filter(payslip__staff__name=person.name, for_month=month)
    return sum((each.amount for each in found), D(0))


def held(person: Staff, month: date) -> D:
    """What the person pays of insurance for a month, on whichever slip."""
    found = PayLine.objects.filter(payslip__staff__name=person.name, for_month=month, column="social")
    return sum((each.amount for each in found), D(0))


def test_a_transfer_recorded_after_the_month_is_frozen_counts_that_month_once():
    first, second = of_one_employer([TAX, PENSION], [TAX, PENSION])
    person = agent(first, base_pay="10000.00", hired_on=SEPTEMBER)
    before = approved(first, SEPTEMBER)
    assert amounts(before)["t-pension"] == D("-800.00")
    moved(person, second, date(2026, 9, 24), at=next_month(SEPTEMBER, 10))
    period = settled(second, SEPTEMBER, at=next_month(SEPTEMBER, 11))
    gross = slip(period).gross
    tax = Withholding.objects.get(payslip__period=period)
    assert tax.income == gross and tax.year_income == D("10000.00") + gross
    # 8 % of both slips' gross less the 800 that the first one has; of the employer twice that.
    assert tax.social == (gross * D("0.08")).quantize(D("0.01"))
    rest = PayLine.objects.get(payslip__period=period, code="t-pension")
    assert "原为800.00元，补缴" in rest.reason and rest.for_month == SEPTEMBER
    both = D("10000.00") + gross
    assert (held(person, SEPTEMBER), costs(person, SEPTEMBER)) == (
        -(both * D("0.08")).quantize(D("0.01")),
        (both * D("0.16")).quantize(D("0.01")),
    )
    approve(period, "2026-10-12 09:00")

    # The first department takes back the pay of the days after, and nothing of the insurance.
    after = settled(first, OCTOBER)
    assert not PayLine.objects.filter(payslip__period=after, column="social").exists()
    assert Withholding.objects.get(payslip__period=after).shortfall < 0


def test_a_month_that_another_departments_tax_is_reckoned_from_cannot_be_sent_back():
    first, second = of_one_employer([TAX, PENSION], [TAX, PENSION])
    moved(agent(first, base_pay="20000.00", hired_on=OCTOBER), second, date(2026, 10, 17))
    before = settled(first, OCTOBER)
    after = settled(second, OCTOBER)
    approve(before)
    approve(after)
    before.refresh_from_db()
    with pytest.raises(PeriodRefused, match=f"连同本月一起计算的.*；先退回{after}"):
        period_send_back(period=before, reason="测试", by=user("批准人"), at=moment("2026-11-03 09:00"))
    before.refresh_from_db()
    assert before.is_frozen and before.approved_by is not None

    for period in (after, before):
        period.refresh_from_db()
        period_send_back(period=period, reason="测试", by=user("批准人"), at=moment("2026-11-03 09:00"))
    assert not SettlementPeriod.objects.filter(state__in=SettlementPeriod.FROZEN).exists()


def test_base_and_deductions_go_along_to_another_employer():
    first, second = department(TAX, PENSION), department(TAX, PENSION)
    person = agent(first, base_pay="20000.00", hired_on=SEPTEMBER)
    given: dict[str, Any] = {
        "staff": person,
        "since": SEPTEMBER,
        "by": None,
        "at": moment("2026-09-05 09:00"),
    }
    base_declare(base=D("5000.00"), **given)
    deduction_declare(kind="children", amount=D("2000.00"), **given)
    moved(person, second, OCTOBER)
    period = settled(second, OCTOBER)
    assert amounts(period)["t-pension"] == D("-400.00")
    assert Withholding.objects.get(payslip__period=period).year_deductions == {"children": "2000.00"}


def test_what_the_employer_alone_owes_for_a_leaver_is_kept():
    of = department(FREE_PENSION)
    person = agent(of, base_pay="10000.00")
    approved(of, SEPTEMBER)
    staff_leave(staff=person, last_day=date(2026, 9, 30), by=None, at=next_month(SEPTEMBER, 9))
    base_declare(staff=person, since=SEPTEMBER, base=D("5000.00"), by=None, at=next_month(SEPTEMBER, 10))
    period = settled(of, OCTOBER)
    assert [each.amount for each in EmployerCost.objects.filter(payslip__period=period)] == [D("-800.00")]


@pytest.mark.parametrize("pay_on", [date(2026, 11, 10), date(2027, 1, 10)])
def test_a_merged_bonus_is_taxed_in_the_month_in_which_it_is_paid(pay_on: date):
    of = department(TAX)
    person = agent(of, base_pay="10000.00", hired_on=OCTOBER)
    bonus_record(
        staff=person,
        paid_on=date(2026, 10, 20),
        amount=D("20000.00"),
        method=AnnualBonus.Method.MERGED,
        by=None,
        at=moment("2026-10-15 09:00"),
    )
    period = settled(of, OCTOBER)
    # In one month: 30,000 − 5,000 = 25,000 × 3 %
    assert [each.tax for each in Withholding.objects.all()] == [D("750.00")]
    period.pay_on = pay_on
    period.save()
    settled(of, OCTOBER)
    bonus, wages = Withholding.objects.order_by("paid_on")
    # October: 20,000 − 5,000 = 15,000 × 3 %; November: (30,000 − 10,000) × 3 % − 450; January begins anew
    assert (bonus.paid_on, bonus.income, bonus.tax) == (date(2026, 10, 20), D("20000.00"), D("450.00"))
    assert (wages.paid_on, wages.income, wages.tax) == (pay_on, D("10000.00"), D("150.00"))
    assert amounts(period)["t-tax"] == D("-600.00")


def test_who_comes_back_in_the_same_month_under_an_earlier_number_is_settled():
    of = department(TAX, PENSION)
    person = agent(of, "1009", base_pay="10000.00", name="王小二")
    staff_leave(staff=person, last_day=date(2026, 10, 9), by=None, at=LONG_AGO)
    again = agent(of, "1001", base_pay="10000.00", name="王小二", hired_on=date(2026, 10, 14))
    account = user("王小二")
    Staff.objects.filter(pk__in=[person.pk, again.pk]).update(account=account)
    period = settled(of, OCTOBER)
    assert [(each.number, each.failure) for each in period.payslips.order_by("number")] == [
        ("1001", ""),
        ("1009", ""),
    ]
    gross = slip(period, "1001").gross + slip(period, "1009").gross
    assert amounts(period, "1001")["t-pension"] == -(gross * D("0.08")).quantize(D("0.01"))
    assert "t-pension" not in amounts(period, "1009")
    assert Withholding.objects.get().income == gross


def test_a_leaver_recorded_late_gets_back_the_months_after():
    of = department(PENSION)
    person = agent(of, base_pay="10000.00")
    approved(of, SEPTEMBER)
    staff_leave(staff=person, last_day=date(2026, 8, 31), by=None, at=next_month(SEPTEMBER, 10))
    period = settled(of, OCTOBER)
    back = PayLine.objects.get(payslip__period=period, column="social")
    assert (back.amount, back.for_month) == (D("800.00"), SEPTEMBER)
    assert "退回800.00元（不再缴纳）" in back.reason
    assert costs(person, SEPTEMBER) == 0


def test_a_joiner_recorded_late_is_made_up_for_once():
    of = department(PENSION)
    agent(of, "1002", base_pay="5000.00")
    approved(of, SEPTEMBER)
    person = agent(of, base_pay="10000.00", hired_on=SEPTEMBER, at=next_month(SEPTEMBER, 10))
    period = settled(of, OCTOBER)
    late = PayLine.objects.get(payslip__period=period, column="social", for_month=SEPTEMBER)
    assert (late.amount, costs(person, SEPTEMBER)) == (D("-800.00"), D("1600.00"))
    approve(period)
    staff_leave(staff=person, last_day=date(2026, 11, 20), by=None, at=moment("2026-11-25 09:00"))
    agent(of, "1003", hired_on=SEPTEMBER, at=moment("2026-11-25 09:00"))  # looked at once more
    period = settled(of, NOVEMBER)
    assert held(person, SEPTEMBER) == D("-800.00") and costs(person, SEPTEMBER) == D("1600.00")


@pytest.mark.parametrize("before_tax", [["benefit"], []])
def test_taking_back_pay_that_was_taxed_reduces_the_income(before_tax: list[str]):
    commission = {
        **months.COMMISSION,
        "basis": "performance",
        "params": {"measure": "net_sales", "rate": "0.08"},
    }
    of = department({**TAX, "params": {"before_tax": before_tax}}, commission)
    person = agent(of, base_pay="6000.00", hired_on=SEPTEMBER)
    months.order(person, SEPTEMBER, "20000.00", no="T1")
    before = approved(of, SEPTEMBER)
    assert Withholding.objects.get(payslip__period=before).income == D("7600.00")
    refund_record(
        department=of,
        order_no="T1",
        refunded_at=moment("2026-09-20 12:00"),
        amount=D("10000.00"),
        by=None,
        at=next_month(SEPTEMBER, 10),
    )
    period = settled(of, OCTOBER)
    assert amounts(period, "1001", PayLine.Nature.ADJUSTMENT) == {"t-comm": D("-800.00")}
    assert Withholding.objects.get(payslip__period=period).income == D("5200.00")


def test_a_transfer_to_a_department_without_the_kinds_fails_with_its_remedy():
    first, second = of_one_employer([TAX, PENSION], [months.FINE, PENSION])
    moved(agent(first, base_pay="20000.00", hired_on=OCTOBER), second, date(2026, 10, 17))
    period = settled(first, OCTOBER)
    assert f"已调到{second.name}，个人所得税应在那里计算" in slip(period).failure
    assert slip(period).remedy == f"在{second.name}的制度里写入个人所得税，再结算本部门"
    months.publish(second, TAX, PENSION, on=OCTOBER)
    period = settled(first, OCTOBER)
    assert slip(period).failure == "" and amounts(settled(second, OCTOBER))["t-tax"] < 0


def test_the_allowance_of_figures_brought_along_is_of_the_months_since_hiring():
    of = department(TAX)
    person = agent(of, base_pay="8000.00", hired_on=date(2026, 1, 1), joined_on=OCTOBER)
    period = settled(of, OCTOBER)
    assert Withholding.objects.get().months == 1
    opening_record(
        staff=person, through=SEPTEMBER, income=D("72000.00"), withheld=D("810.00"), by=None,
        at=moment("2026-11-01 09:00"),
    )  # fmt: skip
    period = settled(of, OCTOBER)
    tax = Withholding.objects.get(payslip__period=period)
    # 80,000 − 10 × 5,000 = 30,000 × 3 % = 900
    assert (tax.months, tax.tax) == (10, D("90.00"))


def test_what_waits_is_of_the_payment_that_was_approved_last():
    first, second = of_one_employer([TAX], [TAX])
    person = agent(first, base_pay="10000.00", hired_on=SEPTEMBER)
    approved(first, SEPTEMBER)
    moved(person, second, date(2026, 9, 24), at=next_month(SEPTEMBER, 10))
    settled(second, SEPTEMBER, at=next_month(SEPTEMBER, 11))
    approve(SettlementPeriod.objects.get(department=second, month=SEPTEMBER), "2026-10-12 09:00")
    later = settled(second, OCTOBER)  # paid on the 31st, approved before what was paid on the 15th
    approve(later)
    late = months.period_open(department=first, month=OCTOBER)
    late.pay_on = date(2026, 10, 15)
    late.save()
    approve(settled(first, OCTOBER, at=moment("2026-11-04 09:00")), "2026-11-05 09:00")
    waiting = Withholding.objects.get(payslip__period=late).shortfall
    assert waiting < 0
    period = settled(second, NOVEMBER)
    assert Withholding.objects.get(payslip__period=period).income == D("10000.00") + waiting
