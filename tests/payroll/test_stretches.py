"""A month in which rules or terms change: each provision by the rules of its days."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commissions.services import metric_record, refund_record
from payroll.models import PayLine
from penalties.models import Proposal
from people.models import Department, Staff
from people.services import staff_terms_change
from shifts.services import attendance_record, leave_record
from shifts.services.requests import overtime_ask, request_approve
from tests import factories
from tests.payroll.months import (
    COMMISSION,
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
    moment,
    order,
    publish,
    settled,
    user,
)

pytestmark = pytest.mark.django_db
D = Decimal
MIDDLE = date(2026, 10, 16)
AHEAD = moment("2026-09-01 09:00")
TABLE = {"code": "t-table", "title": "级别工资", "kind": "base_pay", "params": {"table": {"junior": "3000"}}}
MEAL = {"code": "t-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "100.00"}}
LATE = {"code": "t-late", "title": "迟到", "kind": "late", "params": {"amount": "10.00"}}
ABSENCE = {"code": "t-absent", "title": "旷工", "kind": "absence", "params": {"multiple": "3"}}
LEAVE = {
    "code": "t-leave",
    "title": "请假",
    "kind": "leave",
    "params": {"types": {"personal": {"multiple": "1"}}},
}
OVERTIME = {"code": "t-over", "title": "加班", "kind": "overtime", "params": {"per_hour": "20.00"}}


def with_params(provision: dict[str, Any], **params: Any) -> dict[str, Any]:
    return {**provision, "params": {**provision["params"], **params}}


def late(person: Staff, *days: int, minutes: int = 9, month: date = OCTOBER) -> None:
    for day in days:
        attendance_record(
            staff=person, work_date=month.replace(day=day), late_minutes=minutes, by=None, at=LONG_AGO
        )


def absent(person: Staff, *days: date) -> None:
    for day in days:
        attendance_record(staff=person, work_date=day, absent_days=D(1), by=None, at=LONG_AGO)


def new_versions(**fields: Any) -> Department:
    """1 %, 3,000.00, 100.00 and 10.00 until the 15th; 2 %, 3,310.00, 200.00 and 50.00 from the 16th."""
    of = department(COMMISSION, TABLE, with_params(MEAL, **fields), LATE)
    later = [
        with_params(COMMISSION, rate="0.02"),
        with_params(TABLE, table={"junior": "3310"}),
        with_params(MEAL, amount="200.00", **fields),
        with_params(LATE, amount="50.00"),
    ]
    publish(of, *later, on=MIDDLE)
    return of


def at_work(of: Department) -> Staff:
    person = agent(of, base_pay=None, tier="junior")
    order(person, date(2026, 10, 5), "10000.00")
    order(person, date(2026, 10, 20), "10000.00")
    late(person, 6, 20)
    return person


def test_a_version_in_the_middle_of_the_month_holds_for_its_days() -> None:
    of = new_versions()
    at_work(of)
    period = settled(of, OCTOBER)
    assert amounts(period) == {
        "t-comm": D("300.00"),  # 10,000 × 1 % + 10,000 × 2 %
        "t-table": D("3160.00"),  # 3,000 × 15/31 + 3,310 × 16/31 = 1,451.61… + 1,708.38…
        "t-meal": D("200.00"),  # the last day's
        "t-late": D("-60.00"),  # 10 + 50
    }
    line = PayLine.objects.get(payslip__period=period, code="t-comm")
    assert "10-01至10-15：付款10000－退款0，共1单，净销售额10000×1%＝100.00元" in line.reason
    assert [each["base"] for each in line.trace["facts"]["stretches"]] == ["10000", "10000"]


def test_what_is_due_once_can_be_shared_by_calendar_days() -> None:
    of = new_versions(in_month="days")
    at_work(of)
    period = settled(of, OCTOBER)
    assert amounts(period)["t-meal"] == D("151.61")  # 100 × 15/31 + 200 × 16/31
    line = PayLine.objects.get(payslip__period=period, code="t-meal")
    assert "按日历天数10-01至10-15 100.00×15/31天＋10-16至10-31 200.00×16/31天＝151.61元" in line.reason


def test_who_leaves_before_a_version_has_nothing_of_it() -> None:
    of = new_versions()
    person = agent(of, base_pay=None, tier="junior", left_on=date(2026, 10, 15))
    order(person, date(2026, 10, 5), "10000.00")
    period = settled(of, OCTOBER)
    assert amounts(period)["t-comm"] == D("100.00")
    assert amounts(period)["t-meal"] == D("100.00")


def test_a_version_that_says_the_same_cuts_nothing() -> None:
    of = department(COMMISSION, LATE)
    publish(of, COMMISSION, with_params(LATE, amount="50.00"), on=MIDDLE)
    person = agent(of)
    order(person, date(2026, 10, 5), "10000.00")
    order(person, date(2026, 10, 20), "10000.00")
    line = PayLine.objects.get(payslip__period=settled(of, OCTOBER), code="t-comm")
    assert line.amount == D("200.00")
    assert line.reason == "销售提成：付款20000－退款0，共2单；净销售额20000×1%＝200.00元"


BRACKETS = [{"from": "0", "rate": "0.01"}, {"from": "15000", "rate": "0.02"}]
HIGHER = [{"from": "0", "rate": "0.02"}, {"from": "15000", "rate": "0.03"}]


@pytest.mark.parametrize(
    ("scale", "sold", "expected"),
    [
        ("whole", ("10000", "10000"), "500.00"),  # 20,000 reaches 2 % and 3 %: 200 + 300
        ("whole", ("10000", "4000"), "180.00"),  # 14,000 does not: 100 + 80
        ("marginal", ("10000", "10000"), "350.00"),  # 100, then 5,000 × 2 % + 5,000 × 3 %
        ("marginal", ("16000", "4000"), "290.00"),  # 150 + 20, then 4,000 × 3 %
    ],
)
def test_brackets_look_at_the_whole_month(scale: str, sold: tuple[str, str], expected: str) -> None:
    params = {"measure": "net_sales", "scale": scale}
    of = department({**COMMISSION, "params": {**params, "brackets": BRACKETS}})
    publish(of, {**COMMISSION, "params": {**params, "brackets": HIGHER}}, on=MIDDLE)
    person = agent(of)
    order(person, date(2026, 10, 15), sold[0])
    order(person, date(2026, 10, 16), sold[1])
    assert amounts(settled(of, OCTOBER))["t-comm"] == D(expected)


def refund(person: Staff, no: str, on: date, amount: str) -> None:
    refund_record(
        department=person.department,
        order_no=no,
        refunded_at=moment(f"{on} 12:00"),
        amount=D(amount),
        by=None,
        at=LONG_AGO,
    )


def test_stretches_together_are_never_below_zero() -> None:
    """10,000 × 1 % − 9,000 × 2 % = −80.00, which is a base of −4,000 at 2 %."""
    of = department(COMMISSION)
    publish(of, with_params(COMMISSION, rate="0.02"), on=MIDDLE)
    person = agent(of)
    order(person, date(2026, 10, 5), "10000.00", no="A")
    refund(person, "A", date(2026, 10, 20), "9000.00")
    order(person, date(2026, 11, 5), "5000.00")
    line = PayLine.objects.get(payslip__period=approved(of, OCTOBER), code="t-comm")
    assert (line.amount, line.state_carried) == (D("0.00"), D("-4000.00"))
    assert amounts(settled(of, NOVEMBER))["t-comm"] == D("20.00")  # (5,000 − 4,000) × 2 %


def test_a_figure_of_the_month_is_split_by_calendar_days() -> None:
    profit = {**COMMISSION, "params": {"measure": "gross_profit", "rate": "0.01"}}
    of = department(profit)
    publish(of, with_params(profit, rate="0.02"), on=MIDDLE)
    person = agent(of)
    metric_record(
        department=of,
        staff=person,
        month=OCTOBER,
        code="gross_profit",
        value=D("31000"),
        as_of=OCTOBER,
        source="测试",
        by=None,
        at=LONG_AGO,
    )
    assert amounts(settled(of, OCTOBER))["t-comm"] == D("470.00")  # 15,000 × 1 % + 16,000 × 2 %


OF_AGENTS = [
    {**each, "roles": ["agent"]} for each in (COMMISSION, MEAL, LATE, ABSENCE, LEAVE, OVERTIME, FINE)
]


def a_month_of_everything(of: Department, **fields: Any) -> Staff:
    person = agent(of, base_pay="2175.00", **fields)
    order(person, date(2026, 10, 5), "100000.00")
    late(person, 8)
    absent(person, date(2026, 10, 9))
    leave_record(staff=person, starts_on=date(2026, 10, 12), days=D(1), type="personal", by=None, at=LONG_AGO)
    asked = overtime_ask(
        staff=person, work_date=date(2026, 10, 13), hours=D(5), reason="大促", by=user("本人"), at=AHEAD
    )
    request_approve(request=asked, by=factories.account("supervisor", of), at=AHEAD)
    incident(person, "t-fine", date(2026, 10, 14))
    return person


def test_a_promotion_keeps_what_the_first_half_came_to() -> None:
    of = department(*OF_AGENTS)
    person = a_month_of_everything(of)
    staff_terms_change(staff=person, on=MIDDLE, role="lead", by=None, at=LONG_AGO)
    assert amounts(settled(of, OCTOBER)) == {
        "base-pay": D("2175.00"),
        "t-comm": D("1000.00"),
        "t-late": D("-10.00"),
        "t-absent": D("-300.00"),
        "t-leave": D("-100.00"),
        "t-over": D("100.00"),
        "t-fine": D("-10.00"),
    }


def test_what_bound_nobody_then_does_not_bind_afterwards() -> None:
    """Late, absent and away as a lead, an agent from the 16th on."""
    of = department(*OF_AGENTS)
    person = agent(of, base_pay="2175.00", role="lead")
    staff_terms_change(staff=person, on=MIDDLE, role="agent", by=None, at=LONG_AGO)
    order(person, date(2026, 10, 5), "100000.00")
    order(person, date(2026, 10, 16), "1000.00")
    late(person, 8)
    absent(person, date(2026, 10, 9))
    leave_record(staff=person, starts_on=date(2026, 10, 15), days=D(2), type="personal", by=None, at=LONG_AGO)
    assert amounts(settled(of, OCTOBER)) == {
        "base-pay": D("2175.00"),
        "t-comm": D("10.00"),
        "t-meal": D("100.00"),
        "t-leave": D("-100.00"),  # the second day only
    }


def test_free_times_are_those_of_the_whole_month() -> None:
    of = department(with_params(LATE, free_per_month=1))
    publish(of, with_params(LATE, amount="50.00", free_per_month=1), on=MIDDLE)
    person = agent(of)
    late(person, 8, 20)
    assert amounts(settled(of, OCTOBER))["t-late"] == D("-50.00")


def test_a_table_that_no_longer_binds_pays_its_days() -> None:
    """Junior agents by the table until the 15th, leads as agreed from the 16th."""
    of = department({**TABLE, "roles": ["agent"]})
    person = agent(of, base_pay=None, tier="junior")
    staff_terms_change(staff=person, on=MIDDLE, role="lead", base_pay=D("6200"), by=None, at=LONG_AGO)
    assert amounts(settled(of, OCTOBER)) == {
        "t-table": D("1451.61"),  # 3,000 × 15/31
        "base-pay": D("3200.00"),  # 6,200 × 16/31
    }


RETURNED = {"own": "200.00", "sale": "300.00"}


@pytest.mark.parametrize("refund_rate", ["own", "sale"])
def test_a_refund_takes_back_its_own_rate_or_that_of_the_sale(refund_rate: str) -> None:
    of = department(with_params(COMMISSION, refund_rate=refund_rate))
    publish(of, with_params(COMMISSION, rate="0.02", refund_rate=refund_rate), on=NOVEMBER)
    person = agent(of)
    order(person, date(2026, 10, 5), "10000.00", no="A")
    order(person, date(2026, 11, 5), "20000.00")
    assert amounts(approved(of, OCTOBER))["t-comm"] == D("100.00")
    refund(person, "A", date(2026, 11, 9), "10000.00")
    assert amounts(settled(of, NOVEMBER))["t-comm"] == D(RETURNED[refund_rate])


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("whole", "60.00"),  # October's 20,000 were paid 2 %: 10,000 × 1 % − 2,000 × 2 %
        ("marginal", "75.00"),  # and by slices 250 of 20,000: 100 − 2,000 × 250 ÷ 20,000
    ],
)
def test_a_refund_takes_back_the_bracket_of_the_sales_month(scale: str, expected: str) -> None:
    of = department(
        {
            **COMMISSION,
            "params": {
                "measure": "net_sales",
                "scale": scale,
                "brackets": BRACKETS,
                "refund_rate": "sale",
            },
        }
    )
    person = agent(of)
    order(person, date(2026, 10, 5), "20000.00", no="A")
    order(person, date(2026, 11, 5), "10000.00")
    refund(person, "A", date(2026, 11, 9), "2000.00")
    approved(of, OCTOBER)
    assert amounts(settled(of, NOVEMBER))["t-comm"] == D(expected)


def test_what_a_months_sales_cannot_give_back_is_carried() -> None:
    """100.00 to take back and no sale: a base of −5,000 at 2 %."""
    of = department(with_params(COMMISSION, refund_rate="sale"))
    publish(of, with_params(COMMISSION, rate="0.02", refund_rate="sale"), on=NOVEMBER)
    person = agent(of)
    order(person, date(2026, 10, 5), "10000.00", no="A")
    approved(of, OCTOBER)
    refund(person, "A", date(2026, 11, 9), "10000.00")
    line = PayLine.objects.get(payslip__period=settled(of, NOVEMBER), code="t-comm")
    assert (line.amount, line.state_carried) == (D("0.00"), D("-5000.00"))


ALL_YEAR = {
    **ABSENCE,
    "window": "year",
    "params": {"multiple": "1", "proposal": {"days_in_month": 3, "proposal": "termination"}},
}


def proposed(person: Staff) -> list[str]:
    found = Proposal.objects.filter(staff=person, state=Proposal.State.OPEN)
    return list(found.values_list("kind", flat=True))


def test_absence_over_the_year_proposes_in_the_month_in_which_the_count_is_full() -> None:
    of = department(ALL_YEAR)
    person = agent(of, base_pay="2175.00")
    absent(person, date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 5))
    incident(person, "t-absent", date(2026, 9, 30))  # one day recorded under the provision itself
    approved(of, SEPTEMBER)
    assert proposed(person) == []
    absent(person, date(2026, 10, 12))
    assert amounts(settled(of, OCTOBER))["t-absent"] == D("-100.00")
    assert proposed(person) == ["termination"]


def test_a_count_that_was_full_before_is_not_full_again() -> None:
    of = department(ALL_YEAR)
    person = agent(of, base_pay="2175.00")
    absent(person, *(date(2026, 9, day) for day in (7, 8, 9)), date(2026, 10, 12))
    settled(of, OCTOBER)
    assert proposed(person) == []
