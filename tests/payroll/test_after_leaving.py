"""Orders, fines and bases of who has left or moved reach a payslip or the list of debts."""

from datetime import date
from decimal import Decimal

import pytest

from commissions.models import Order
from commissions.services import refund_record
from payroll.models import PayLine, SettlementPeriod
from payroll.selectors.reconciliation import checks
from penalties.models import MoneyEntry
from people.services import staff_leave, staff_terms_change, staff_transfer
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
    lines,
    moment,
    order,
    publish,
    settled,
    slip,
)

pytestmark = pytest.mark.django_db
D = Decimal
Nature = PayLine.Nature
JOINT = {
    "code": "t-joint",
    "title": "漏发货",
    "kind": "fine",
    "params": {"amount": "20.00", "also": {"lead": "10.00"}},
}


def refund(found: Order, amount: str, on: str) -> None:
    refund_record(
        department=found.department,
        order_no=found.order_no,
        refunded_at=moment(f"{on} 12:00"),
        amount=D(amount),
        by=None,
        at=moment(f"{on} 13:00"),
    )


def test_a_refund_after_a_transfer_is_charged_to_the_person() -> None:
    """1 % of 50,000.00 comes back in October: a line of the old department, taken by the new one."""
    first, second = department(COMMISSION), department(COMMISSION)
    person = agent(first)
    sold = order(person, date(2026, 9, 5), "50000.00")
    assert amounts(approved(first, SEPTEMBER))["t-comm"] == D("500.00")
    staff_transfer(staff=person, to=second, on=date(2026, 10, 1), by=None, at=moment("2026-10-01 08:00"))
    refund(sold, "50000.00", "2026-10-08")
    october = approved(first, OCTOBER)
    assert amounts(october) == {"t-comm": D("-500.00"), "debt": D("500.00")}
    (line,) = lines(october, "1001", Nature.REGULAR)
    assert "最后工作日2026-09-30以后" in line.reason and line.trace["facts"]["refunds"] == "50000"
    assert amounts(approved(second, OCTOBER)) == {"base-pay": D("3000.00"), "debt": D("-500.00")}
    assert amounts(settled(second, NOVEMBER)) == {"base-pay": D("3000.00")}
    assert not settled(first, NOVEMBER).payslips.exists()


def test_a_refund_that_becomes_known_after_its_month_is_an_adjustment_of_who_left() -> None:
    of = department(COMMISSION)
    person = agent(of)
    sold = order(person, date(2026, 9, 5), "10000.00")
    staff_leave(staff=person, last_day=date(2026, 9, 30), by=None, at=moment("2026-09-30 18:00"))
    approved(of, SEPTEMBER)
    assert not approved(of, OCTOBER).payslips.exists()
    refund_record(
        department=of,
        order_no=sold.order_no,
        refunded_at=moment("2026-10-08 12:00"),
        amount=D("10000.00"),
        by=None,
        at=moment("2026-11-08 12:00"),
    )
    november = approved(of, NOVEMBER)
    assert amounts(november, "1001", Nature.ADJUSTMENT) == {"t-comm": D("-100.00")}
    assert slip(november).net == 0
    assert not settled(of, date(2026, 12, 1)).payslips.exists()


def test_an_order_that_counts_for_a_leaver_is_paid() -> None:
    """The last day is corrected after the order was theirs: 1 % of 20,000.00 all the same."""
    of = department(COMMISSION)
    person = agent(of)
    order(person, date(2026, 10, 12), "20000.00")
    staff_leave(staff=person, last_day=date(2026, 9, 30), by=None, at=moment("2026-10-20 09:00"))
    october = settled(of, OCTOBER)
    assert amounts(october) == {"t-comm": D("200.00")} and slip(october).net == D("200.00")


def test_a_fine_after_a_corrected_last_day_is_a_line_and_owed() -> None:
    of = department(FINE)
    person = agent(of)
    incident(person, "t-fine", date(2026, 10, 20))
    staff_leave(staff=person, last_day=date(2026, 9, 30), by=None, at=moment("2026-10-25 09:00"))
    assert amounts(settled(of, OCTOBER)) == {"t-fine": D("-10.00"), "debt": D("10.00")}


def returned_in_october(*provisions: dict) -> tuple:
    """A department in which 50,000.00 sold in September came back in October."""
    of = department(*provisions)
    person = agent(of)
    sold = order(person, date(2026, 9, 5), "50000.00")
    assert amounts(approved(of, SEPTEMBER))["t-comm"] == D("500.00")
    refund(sold, "50000.00", "2026-10-08")
    return of, person


def test_a_base_below_zero_goes_to_the_next_commission_on_the_same_measure() -> None:
    of, person = returned_in_october(COMMISSION)
    assert amounts(approved(of, OCTOBER))["t-comm"] == D("0.00")
    publish(of, {**COMMISSION, "code": "x-b"}, on=NOVEMBER)
    order(person, date(2026, 11, 5), "60000.00")
    november = approved(of, NOVEMBER)
    assert amounts(november) == {"base-pay": D("3000.00"), "x-b": D("100.00")}
    december = date(2026, 12, 1)
    order(person, date(2026, 12, 5), "1000.00")
    assert amounts(settled(of, december))["x-b"] == D("10.00")


def test_a_base_below_zero_waits_while_no_commission_binds_the_person() -> None:
    of, person = returned_in_october({**COMMISSION, "roles": ["agent"]})
    october = approved(of, OCTOBER)
    for role, day in (("lead", date(2026, 11, 1)), ("agent", date(2026, 12, 1))):
        staff_terms_change(staff=person, on=day, role=role, by=None, at=moment("2026-10-20 09:00"))
    assert lines(october, "1001", Nature.REGULAR)[-1].state_carried == D("-50000.00")
    november = approved(of, NOVEMBER)
    (waiting,) = [each for each in lines(november) if each.code == "t-comm"]
    assert (waiting.amount, waiting.state_carried) == (D("0.00"), D("-50000.00"))
    assert "按净销售额计的提成" in waiting.reason
    order(person, date(2026, 12, 5), "60000.00")
    assert amounts(settled(of, date(2026, 12, 1)))["t-comm"] == D("100.00")


def test_a_leaver_without_orders_or_debts_has_no_payslip() -> None:
    of = department(COMMISSION, FINE)
    agent(of, left_on=date(2026, 8, 31))
    period: SettlementPeriod = settled(of, OCTOBER)
    assert not period.payslips.exists()


def test_a_joint_fine_moves_to_the_lead_who_really_was() -> None:
    """1002 led the team in September, which is entered in October: 10.00 go from 1001 to 1002."""
    of = department(JOINT)
    team = factories.team(of)
    first, second = (agent(of, number, team=team) for number in ("1001", "1002"))
    staff_terms_change(staff=first, on=date(2026, 9, 1), role="lead", by=None, at=LONG_AGO)
    incident(agent(of, "1003", team=team), "t-joint", date(2026, 9, 10))
    september = approved(of, SEPTEMBER)
    assert amounts(september, "1001")["t-joint"] == D("-10.00")
    for person, role in ((first, "agent"), (second, "lead")):
        staff_terms_change(
            staff=person, on=date(2026, 9, 1), role=role, by=None, at=moment("2026-10-10 09:00")
        )
    october = settled(of, OCTOBER)
    assert amounts(october, "1001", Nature.ADJUSTMENT) == {"t-joint": D("10.00")}
    assert amounts(october, "1002", Nature.ADJUSTMENT) == {"t-joint": D("-10.00")}
    assert amounts(october, "1003", Nature.ADJUSTMENT) == {}
    entries = MoneyEntry.objects.count()
    settled(of, OCTOBER)
    assert MoneyEntry.objects.count() == entries


def test_the_reconciliation_names_who_was_fined_after_the_last_day() -> None:
    of = department(FINE)
    person = agent(of)
    incident(person, "t-fine", date(2026, 10, 20))
    staff_leave(staff=person, last_day=date(2026, 10, 15), by=None, at=moment("2026-10-25 09:00"))
    found = {each.title: each for each in checks(settled(of, OCTOBER)) if each.difference}
    assert list(found) == ["最后工作日以后的奖惩"]
    told = found["最后工作日以后的奖惩"]
    assert told.one == D("-10.00") and told.hint.startswith("1001 员工1001；")


def test_the_reconciliation_names_whose_orders_came_to_nothing() -> None:
    """A lead sold 5,000.00, which no commission pays: the figures agree and the sum is there to be seen."""
    of = department({**COMMISSION, "roles": ["agent"]})
    order(agent(of), date(2026, 10, 5), "1000.00")
    order(agent(of, "1002", role="lead"), date(2026, 10, 5), "5000.00")
    found = {each.title: each for each in checks(settled(of, OCTOBER))}
    assert not [each for each in found.values() if each.difference]
    told = found["没有提成的人的订单净额"]
    assert (told.one, told.other) == (D("5000.00"), D("5000.00"))
