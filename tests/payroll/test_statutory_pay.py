"""What the law takes of a month: on which slip, from what, and what keeps it from being approved."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll.errors import PeriodRefused
from payroll.models import EmployerCost, PayLine, SettlementPeriod, Withholding
from payroll.services.periods import period_approve
from payroll.settlement.preview import Trial
from people.models import Department, Employer, Staff
from people.services import staff_transfer
from statutory.services import base_declare, deduction_declare
from tests.payroll.months import (
    FINE,
    LONG_AGO,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    department,
    incident,
    lines,
    moment,
    next_month,
    publish,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db

TAX: dict[str, Any] = {"code": "t-tax", "title": "个税", "kind": "income_tax"}


def pension(rate: str = "0.08", employer_rate: str = "0.16") -> dict[str, Any]:
    params = {"item": "pension", "rate": rate, "employer_rate": employer_rate}
    return {"code": "t-pension", "title": "养老", "kind": "contribution", "params": params}


def costs(period: SettlementPeriod) -> Mapping[str, D]:
    found: dict[str, D] = {}
    for cost in EmployerCost.objects.filter(payslip__period=period):
        found[cost.code] = found.get(cost.code, D(0)) + cost.amount
    return found


def approve(period: SettlementPeriod) -> SettlementPeriod:
    return period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(period.month, 2))


def two_departments(*, same: bool) -> tuple[Department, Department]:
    """Two departments with both kinds, of one employer or each of its own."""
    found = (department(TAX, pension()), department(TAX, pension()))
    employer = Employer.objects.create(name="某某公司")
    for each in found:
        each.employer = employer if same else Employer.objects.create(name=f"公司{each.pk}")
        each.save()
    return found


def moved(person: Staff, to: Department, on: date) -> Staff:
    return staff_transfer(
        staff=person, to=to, on=on, base_pay=person.terms.get().base_pay, by=None, at=LONG_AGO
    )


def test_a_draft_stores_what_it_takes_and_replaces_it_whole():
    of = department(TAX, pension())
    agent(of, base_pay="20000.00", hired_on=date(2026, 10, 1))
    period = settled(of, OCTOBER)
    # 20,000 − 1,600 − 5,000 = 13,400 × 3 %
    assert amounts(period) == {"base-pay": D("20000.00"), "t-pension": D("-1600.00"), "t-tax": D("-402.00")}
    assert [(each.column, each.nature) for each in lines(period)[1:]] == [
        ("social", "regular"),
        ("tax", "regular"),
    ]
    assert costs(period) == {"t-pension": D("3200.00")}
    tax = Withholding.objects.get()
    assert (tax.income, tax.social, tax.tax, tax.months) == (D("20000.00"), D("1600.00"), D("402.00"), 1)
    assert (tax.year_income, tax.year_allowance) == (D("20000.00"), D("5000.00"))
    assert tax.year_withheld == D("402.00") and tax.paid_on == date(2026, 10, 31)
    assert "2026年10月至10月在职，减除费用1个月" in tax.trace["arithmetic"]

    again = settled(of, OCTOBER)
    assert Withholding.objects.get().pk != tax.pk and costs(again) == {"t-pension": D("3200.00")}


def test_a_department_without_the_kinds_asks_for_annual_bonuses_alone():
    of = department(FINE)
    agent(of)
    with CaptureQueriesContext(connection) as queries:
        period = settled(of, OCTOBER)
    asked = [each["sql"] for each in queries if "statutory_" in each["sql"]]
    assert len(asked) == 1 and "statutory_annualbonus" in asked[0]
    assert not Withholding.objects.exists() and not costs(period)


def test_a_pay_day_that_was_moved_since_keeps_the_month_from_being_approved():
    of = department(TAX)
    agent(of)
    period = settled(of, OCTOBER)
    period.pay_on = date(2026, 11, 10)
    period.save()
    with pytest.raises(PeriodRefused, match="草稿按2026-10-31发放计算个税，发薪日现为2026-11-10"):
        approve(period)
    period.refresh_from_db()
    assert period.state == SettlementPeriod.State.COMPUTED
    assert approve(settled(of, OCTOBER)).is_frozen
    assert Withholding.objects.get().paid_on == date(2026, 11, 10)


def test_a_transfer_within_the_employer_is_taxed_on_the_last_slip_alone():
    first, second = two_departments(same=True)
    moved(agent(first, base_pay="20000.00", hired_on=date(2026, 10, 1)), second, date(2026, 10, 17))
    early = settled(second, OCTOBER)
    assert "先结算" in slip(early).remedy and not Withholding.objects.exists()

    before = settled(first, OCTOBER)
    elsewhere = PayLine.objects.get(payslip__period=before, column="tax")
    assert elsewhere.amount == 0 and f"已调到{second.name}" in elsewhere.reason
    after = settled(second, OCTOBER)
    assert amounts(after)["t-pension"] == D("-1600.00")  # of 20,000 in both
    assert amounts(after)["t-tax"] == D("-402.00")
    assert Withholding.objects.get().payslip.period == after

    with pytest.raises(PeriodRefused, match="还没有批准；先批准"):
        approve(after)
    settled(first, OCTOBER, at=moment("2026-11-01 10:00"))
    approve(before)
    after.refresh_from_db()
    with pytest.raises(PeriodRefused, match="本草稿计算之后又重算过；重新结算后再批准"):
        approve(after)
    assert not SettlementPeriod.objects.get(pk=after.pk).is_frozen
    assert approve(settled(second, OCTOBER, at=moment("2026-11-01 11:00"))).is_frozen


def test_with_another_employer_everything_begins_anew():
    first, second = two_departments(same=False)
    moved(agent(first, base_pay="20000.00", hired_on=date(2026, 9, 1)), second, date(2026, 10, 1))
    approved(first, SEPTEMBER)
    period = settled(second, OCTOBER)
    # One month there: 20,000 − 1,600 − 5,000, as if nothing had been before.
    assert amounts(period)["t-tax"] == D("-402.00")
    assert Withholding.objects.get(payslip__period=period).year_income == D("20000.00")


def test_a_rate_that_is_published_late_is_made_up_for():
    of = department(pension())
    agent(of, base_pay="10000.00")
    approved(of, SEPTEMBER)
    publish(of, pension("0.09", "0.20"), on=SEPTEMBER, at=next_month(SEPTEMBER, 10))
    period = settled(of, OCTOBER)
    late = PayLine.objects.get(payslip__period=period, nature=PayLine.Nature.ADJUSTMENT)
    # 900 of September instead of 800, and of the employer 2,000 instead of 1,600
    assert (late.amount, late.for_month, late.column) == (D("-100.00"), SEPTEMBER, "social")
    assert "重算为900.00元，原为800.00元，补缴100.00元" in late.reason
    assert amounts(period)["t-pension"] == D("-1000.00") and costs(period) == {"t-pension": D("2400.00")}
    approve(period)
    assert amounts(settled(of, NOVEMBER)) == {"base-pay": D("10000.00"), "t-pension": D("-900.00")}


def test_a_base_declared_late_reaches_frozen_months_and_a_deduction_none():
    of = department(TAX, pension())
    person = agent(of, base_pay="10000.00", hired_on=date(2026, 9, 1))
    approved(of, SEPTEMBER)
    given: dict[str, Any] = {"staff": person, "since": SEPTEMBER, "by": None, "at": next_month(SEPTEMBER, 10)}
    base_declare(base=D("5000.00"), **given)
    deduction_declare(kind="children", amount=D("2000.00"), **given)
    period = settled(of, OCTOBER)
    assert amounts(period, "1001", PayLine.Nature.ADJUSTMENT) == {"t-pension": D("400.00")}
    assert slip(period).gross == D("10000.00")  # what the law gives back was not earned
    # 20,000 − 10,000 − (800 + 400 − 400) − 4,000 = 5,200 × 3 % = 156; September: 4,200 × 3 % = 126
    assert amounts(period)["t-tax"] == D("-30.00")
    assert Withholding.objects.latest("pk").year_deductions == {"children": "4000.00"}


def test_what_the_law_takes_may_leave_a_debt_and_never_less_than_nothing():
    of = department(TAX, pension(), {**FINE, "params": {"amount": "2950.00"}})
    person = agent(of)
    incident(person, "t-fine", date(2026, 10, 9))
    period = settled(of, OCTOBER)
    # 3,000 − 2,950 − 240 = −190
    assert amounts(period)["debt"] == D("190.00") and slip(period).net == 0
    approve(period)
    assert amounts(settled(of, NOVEMBER))["debt"] == D("-190.00")


def test_a_trial_of_the_month_takes_what_the_draft_took():
    of = department(TAX, pension())
    person = agent(of, base_pay="20000.00", hired_on=date(2026, 9, 1))
    approved(of, SEPTEMBER)
    base_declare(staff=person, since=SEPTEMBER, base=D("5000.00"), by=None, at=next_month(SEPTEMBER, 10))
    period = settled(of, OCTOBER)
    trial = Trial.of(period)
    (draft,) = trial.computed(trial.month.timeline).values()
    assert {each.line.code: each.line.amount for each in draft.lines if each.nature == "regular"} == amounts(
        period, "1001", PayLine.Nature.REGULAR
    )
    assert draft.net == slip(period).net
