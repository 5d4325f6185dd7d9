"""How far targets and figures reach: to who left, to other departments, to what is shown before settling."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.figures import figure_record
from commissions.services import refund_record
from nominations.models import Nomination
from payroll.models import Payslip
from payroll.selectors.statement import statement_settled, statement_so_far
from payroll.selectors.statement_terms import with_facts
from payroll.settlement.commission_so_far import commission_so_far
from people.models import Department
from people.services import staff_leave, staff_transfer
from rules.library import RulebookError
from tests.payroll import months
from tests.payroll.months import COMMISSION, LONG_AGO, OCTOBER, SEPTEMBER, moment

pytestmark = pytest.mark.django_db
D = Decimal
GATED: dict[str, Any] = {
    "code": "t-target",
    "title": "单指标",
    "kind": "target",
    "params": {"measure": "gross_profit", "target": "5000", "met": "t-comm"},
}
BY_BASE_PAY = {
    **GATED,
    "params": {"measure": "gross_profit", "target": {"formula": "base_pay_sum"}, "met": "t-comm"},
}
COMMON = {
    "code": "t-common",
    "title": "部门提成",
    "kind": "commission",
    "params": {"measure": "net_sales", "rate": "0.01", "of": "department"},
}


def figure(of: Department, code: str, value: str, month: date = SEPTEMBER) -> None:
    figure_record(department=of, month=month, code=code, value=D(value), by=None, at=LONG_AGO)


def refund(of: Department, number: str, amount: str, on: str = "2026-10-08") -> None:
    at = moment(f"{on} 12:00")
    refund_record(department=of, order_no=number, refunded_at=at, amount=D(amount), by=None, at=at)


def test_who_left_does_not_switch_off_the_figures_of_the_month() -> None:
    of = months.department(COMMON)
    left = months.agent(of)
    months.agent(of, "1002")
    sold = months.order(left, date(2026, 9, 5), "1000.00")
    staff_leave(staff=left, last_day=date(2026, 9, 30), by=None, at=moment("2026-09-30 18:00"))
    months.publish(of, COMMISSION, on=date(2020, 1, 1))
    months.publish(of, COMMON, on=OCTOBER)
    refund(of, sold.order_no, "10.00")
    figure(of, "net_sales", "7000", OCTOBER)
    assert months.amounts(months.settled(of, OCTOBER), "1002")["t-common"] == D("70.00")


def test_a_common_commission_is_not_charged_to_who_left_once_more() -> None:
    of = months.department(COMMON)
    left = months.agent(of)
    months.agent(of, "1002")
    sold = months.order(left, date(2026, 9, 5), "1000.00")
    staff_leave(staff=left, last_day=date(2026, 9, 30), by=None, at=moment("2026-09-30 18:00"))
    refund(of, sold.order_no, "1000.00")
    assert months.amounts(months.settled(of, OCTOBER)) == {}


@pytest.mark.parametrize(("profit", "charged"), [("4999", "0.00"), ("5000", "-100.00")])
def test_what_a_missed_target_never_paid_is_not_charged_to_who_left(profit: str, charged: str) -> None:
    of = months.department(COMMISSION, GATED)
    left = months.agent(of)
    sold = months.order(left, date(2026, 9, 5), "10000.00")
    figure(of, "gross_profit", profit)
    months.approved(of, SEPTEMBER)
    staff_leave(staff=left, last_day=date(2026, 9, 30), by=None, at=moment("2026-10-01 08:00"))
    refund(of, sold.order_no, "10000.00")
    october = months.settled(of, OCTOBER)
    assert months.amounts(october)["t-comm"] == D(charged)
    (line,) = [each for each in months.lines(october) if each.code == "t-comm"]
    assert ("未达成，不计" in line.reason) is (profit == "4999")
    assert f"毛利{profit}" in line.reason


def test_the_last_month_of_several_who_left_is_read_once() -> None:
    of = months.department(COMMISSION, GATED)
    figure(of, "gross_profit", "4999")

    def leaver(number: str) -> None:
        left = months.agent(of, number)
        months.order(left, date(2026, 10, 5), "10000.00")
        staff_leave(staff=left, last_day=date(2026, 9, 30), by=None, at=moment("2026-10-20 08:00"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            months.settled(of, OCTOBER)
        return len(found)

    leaver("1001")
    queries()  # what is remembered for all of them
    before = queries()
    for number in range(1002, 1010):
        leaver(str(number))
    assert queries() == before
    assert months.amounts(months.settled(of, OCTOBER), "1009") == {"t-comm": D("0.00")}


def test_a_payment_after_leaving_waits_for_the_figure_of_the_last_month() -> None:
    of = months.department(COMMISSION, GATED)
    left = months.agent(of)
    months.order(left, date(2026, 10, 5), "10000.00")
    staff_leave(staff=left, last_day=date(2026, 9, 30), by=None, at=moment("2026-10-20 08:00"))
    assert "缺2026年09月的毛利" in months.slip(months.settled(of, OCTOBER)).failure
    figure(of, "gross_profit", "5000")
    assert months.amounts(months.settled(of, OCTOBER)) == {"t-comm": D("100.00")}


def test_a_refund_at_the_rate_of_the_sale_cannot_be_under_a_target() -> None:
    of = months.department(COMMISSION)
    at_sale = {**COMMISSION, "params": {**COMMISSION["params"], "refund_rate": "sale"}}
    with pytest.raises(RulebookError, match=r"t-comm按付款时的比例扣回退款.*t-target"):
        months.publish(of, at_sale, GATED, on=OCTOBER)
    assert of.versions.count() == 1


def test_the_base_pay_of_another_department_is_that_of_all_its_people() -> None:
    guarantee = {
        **{"code": "t-least", "title": "保底", "kind": "guarantee"},
        "params": {"of": "t-comm", "minimum": {"*": "500.00"}},
    }
    first = months.department(COMMISSION, BY_BASE_PAY)
    second = months.department(COMMISSION, guarantee)
    mover = months.agent(first)
    months.agent(first, "1002", base_pay="4000.00")
    months.order(mover, date(2026, 9, 5), "10000.00")
    figure(first, "gross_profit", "3999")  # all base pay of who stays to the end
    staff_transfer(staff=mover, to=second, on=date(2026, 9, 16), by=None, at=moment("2026-09-16 08:00"))
    assert months.amounts(months.settled(second, SEPTEMBER))["t-least"] == D("500.00")
    figure(first, "gross_profit", "4000")
    again = months.settled(second, SEPTEMBER)
    assert months.amounts(again)["t-least"] == D("400.00")


def test_commission_so_far_asks_nothing_of_awards_and_waits_for_no_figure() -> None:
    award = {
        **{"code": "t-top", "title": "冠军", "kind": "ranked_award"},
        "params": {
            "metric": "net_sales",
            "places": ["100"],
            "requires": {"metric": "refund_rate", "below": "0.06"},
        },
    }
    of = months.department(COMMISSION, award, GATED)
    person = months.agent(of)
    months.order(person, date(2026, 9, 5), "10000.00")
    so_far = commission_so_far(person, SEPTEMBER)
    assert (so_far.failure, so_far.total) == ("", D("100.00"))
    assert "毛利" in so_far.lines[0].reason and "先按计入显示" in so_far.lines[0].reason
    figure(of, "gross_profit", "1")
    so_far = commission_so_far(person, SEPTEMBER)
    assert so_far.total == 0 and "未达成，不计" in so_far.lines[0].reason


def test_an_award_of_nothing_brings_no_certificate() -> None:
    award = {
        **{"code": "t-top", "title": "冠军", "kind": "ranked_award"},
        "params": {"metric": "net_sales", "places": ["100"]},
    }
    of = months.department(award, {**GATED, "params": {**GATED["params"], "met": "t-top"}})
    months.order(months.agent(of), date(2026, 9, 5), "10000.00")
    figure(of, "gross_profit", "4999")
    months.settled(of, SEPTEMBER)
    assert not Nomination.objects.exists()
    figure(of, "gross_profit", "5000")
    months.settled(of, SEPTEMBER)
    assert Nomination.objects.get().amount == 100


def test_an_order_under_a_missed_target_says_so() -> None:
    of = months.department(COMMISSION, GATED)
    months.order(months.agent(of), date(2026, 9, 5), "10000.00")

    def told() -> str:
        months.settled(of, SEPTEMBER)
        slip = with_facts(Payslip.objects.select_related("period", "staff__department")).get()
        return statement_settled([slip])[0].why

    figure(of, "gross_profit", "4999")
    assert told().endswith("销售提成指标未达成，不计")
    figure(of, "gross_profit", "5000")
    assert told().endswith("销售提成计1%")


@pytest.mark.parametrize(("whose", "words"), [("team", "小组"), ("department", "全部门")])
def test_an_order_under_a_common_commission_says_whose_base_it_is(whose: str, words: str) -> None:
    of = months.department({**COMMON, "params": {**COMMON["params"], "of": whose}})
    person = months.agent(of)
    months.order(person, date(2026, 9, 5), "10000.00")
    statement = statement_so_far(person, SEPTEMBER)
    assert statement[0].why.endswith(f"部门提成按{words}的合计计") and not statement.bases


def test_a_provision_named_by_two_codes_is_paid_once() -> None:
    prize = {
        **{"code": "t-prize", "title": "达标奖", "kind": "award", "covers": ["s000-prize"]},
        "params": {"amount": "50.00"},
    }
    target = {**GATED, "params": {**GATED["params"], "met": ["t-prize", "s000-prize"]}}
    of = months.department(prize, target)
    months.agent(of)
    figure(of, "gross_profit", "5000")
    period = months.settled(of, SEPTEMBER)
    assert months.amounts(period)["t-prize"] == D("50.00")
