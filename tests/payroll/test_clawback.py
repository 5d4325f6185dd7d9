"""A refund or another agent after the month is frozen takes back what was paid, in the next month's lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from commissions.models import Order
from commissions.services import order_assign, refund_record
from people.models import Department, Staff
from tests.payroll import months

pytestmark = pytest.mark.django_db

D = Decimal
LATE = months.moment("2026-10-10 09:00")
BRACKETS: dict[str, Any] = {
    **months.COMMISSION,
    "params": {
        "measure": "net_sales",
        "brackets": [{"from": "0", "rate": "0.01"}, {"from": "20000", "rate": "0.02"}],
    },
}
SLICES = {**BRACKETS, "params": {**BRACKETS["params"], "scale": "marginal"}}
PIECES = {**BRACKETS, "params": {"measure": "orders", "piece": "2.50"}}
EIGHT = {**months.COMMISSION, "params": {"measure": "net_sales", "rate": "0.08"}}
GUARANTEE = {
    "code": "t-least",
    "title": "提成保底",
    "kind": "guarantee",
    "params": {"of": "t-comm", "minimum": {"*": "1800.00"}},
}
FIRST = {
    "code": "t-first",
    "title": "销售冠军",
    "kind": "ranked_award",
    "params": {"metric": "net_sales", "places": ["200.00", "100.00"]},
}


def two(*provisions: dict[str, Any], sold: tuple[str, str]) -> list[Staff]:
    """Two agents who each sold an order in September."""
    made = months.department(*provisions)
    people = [months.agent(made, number) for number in ("1001", "1002")]
    for person, amount in zip(people, sold, strict=True):
        months.order(person, months.SEPTEMBER, amount, no=f"T{person.number}")
    return people


def refund(of: Department, number: str, amount: str) -> None:
    """Money that was given back in September, as it becomes known in October."""
    refund_record(
        department=of,
        order_no=number,
        refunded_at=months.moment("2026-09-20 12:00"),
        amount=D(amount),
        by=None,
        at=LATE,
    )


def given(number: str, *shares: tuple[Staff, str], at: datetime = LATE) -> None:
    parts = [(staff, D(share)) for staff, share in shares]
    order_assign(order=Order.objects.get(order_no=number), shares=parts, by=months.user("组长"), at=at)


def adjusted(of: Department) -> dict[str, dict[str, Decimal]]:
    """October's lines about September, by number and provision."""
    period = months.settled(of, months.OCTOBER)
    return {number: months.adjustments(period, number) for number in ("1001", "1002")}


@pytest.mark.parametrize(
    ("provision", "back"),
    [
        (BRACKETS, "-200.01"),  # 20,000 × 2 % − 19,999 × 1 %
        (SLICES, "-0.01"),  # the last yuan at 1 %
        (PIECES, None),
    ],
)
def test_a_refund_takes_back_what_its_bracket_paid(provision: dict[str, Any], back: str | None) -> None:
    one, _ = two(provision, sold=("20000", "100"))
    months.approved(one.department, months.SEPTEMBER)
    refund(one.department, "T1001", "1.00")
    expected = {"t-comm": D(back)} if back else {}
    assert adjusted(one.department) == {"1001": expected, "1002": {}}


def test_another_agent_pays_one_what_it_takes_from_the_other_each_by_their_bracket() -> None:
    one, other = two(BRACKETS, sold=("25000", "19000"))
    months.approved(one.department, months.SEPTEMBER)
    given("T1001", (other, "1"))
    # 25,000 × 2 % goes; of the other 44,000 × 2 % instead of 19,000 × 1 %.
    assert adjusted(one.department) == {"1001": {"t-comm": D("-500.00")}, "1002": {"t-comm": D("690.00")}}


def test_what_the_commission_loses_the_guarantee_tops_up() -> None:
    one, _ = two(EIGHT, GUARANTEE, sold=("20000", "30000"))
    months.approved(one.department, months.SEPTEMBER)
    refund(one.department, "T1001", "5000.00")
    refund(one.department, "T1002", "10000.00")
    assert adjusted(one.department) == {
        "1001": {"t-comm": D("-400.00"), "t-least": D("400.00")},  # 1,200 and 600 instead of 1,600 and 200
        "1002": {"t-comm": D("-800.00"), "t-least": D("200.00")},  # 1,600 and 200 instead of 2,400
    }


def test_a_refund_of_a_shared_order_is_shared_to_the_fen() -> None:
    one, other = two(months.COMMISSION, sold=("1000.01", "100"))
    given("T1001", (one, "0.6"), (other, "0.4"))
    months.approved(one.department, months.SEPTEMBER)
    refund(one.department, "T1001", "1000.01")
    taken = adjusted(one.department)
    assert taken == {"1001": {"t-comm": D("-6.00")}, "1002": {"t-comm": D("-4.00")}}


def test_a_refund_after_the_freeze_changes_places() -> None:
    one, _ = two(FIRST, sold=("2000", "1500"))
    months.approved(one.department, months.SEPTEMBER)
    refund(one.department, "T1001", "800.00")
    assert adjusted(one.department) == {"1001": {"t-first": D("-100.00")}, "1002": {"t-first": D("100.00")}}


def test_who_loses_every_sale_loses_the_place_too() -> None:
    one, _ = two(FIRST, sold=("2000", "1500"))
    months.approved(one.department, months.SEPTEMBER)
    refund(one.department, "T1001", "2000.00")
    assert adjusted(one.department) == {"1001": {"t-first": D("-200.00")}, "1002": {"t-first": D("100.00")}}


def test_what_was_taken_back_is_not_taken_twice_and_comes_back_when_it_was_wrong() -> None:
    one, other = two(BRACKETS, sold=("25000", "100"))
    months.approved(one.department, months.SEPTEMBER)
    given("T1001", (other, "1"))
    months.approved(one.department, months.OCTOBER)
    given("T1001", (one, "1"), at=months.moment("2026-11-10 09:00"))
    period = months.settled(one.department, months.NOVEMBER)
    back = {number: months.adjustments(period, number) for number in ("1001", "1002")}
    assert back == {"1001": {"t-comm": D("500.00")}, "1002": {"t-comm": D("-501.00")}}
