"""Fines, points and shares of pay, to the fen, without a database."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import split
from rules.kinds import parse_kind
from rules.kinds.base import FactRefused, Occurrence, PayBasis

D = Decimal
OCTOBER = date(2026, 10, 5)


def kind(name: str, **params: Any) -> Any:
    return parse_kind(name, params)[0]


def times(*quantities: int, **fields: Any) -> list[Occurrence]:
    return [Occurrence(i, OCTOBER, quantity, **fields) for i, quantity in enumerate(quantities, 1)]


def pay(base: str = "3000.00") -> PayBasis:
    return PayBasis(
        base_pay=lambda day: D(base),
        performance_bonus=lambda day: None,
        gross=lambda: D("5000.00"),
        performance_bonus_paid=lambda: D(0),
    )


@pytest.mark.parametrize(
    ("seconds", "rounding", "cost"),
    [
        ("29", "down", "0.00"),
        ("30", "down", "-5.00"),
        ("90", "down", "-15.00"),
        ("91", "up", "-20.00"),
        ("1", "up", "-5.00"),
    ],
)
def test_a_fine_by_thirty_seconds(seconds: str, rounding: str, cost: str) -> None:
    fine = kind("fine", amount="5.00", unit="seconds", unit_size=30, rounding=rounding)
    assert fine.assess(times(1, magnitude=D(seconds)))[0].money == D(cost)


def test_a_fine_is_limited_per_incident_and_others_pay_their_part() -> None:
    fine = kind("fine", amount="5.00", max="12.00", also={"lead": "2.50"})
    (each,) = fine.assess(times(3))
    assert each.money == D("-12.00")
    assert each.also == {"lead": D("-7.50")}


def test_steps_then_none_with_a_proposal_at_the_third() -> None:
    fine = kind(
        "escalating_fine", steps=["50", "100"], after="none", final={"at": 3, "proposal": "termination"}
    )
    assessed = fine.assess(times(1, 1, 1, 1))
    assert [each.money for each in assessed] == [D("-50"), D("-100"), D("0"), D("0")]
    assert [each.proposals for each in assessed] == [(), (), ("termination",), ()]


def test_a_quantity_passes_through_the_steps_and_proposes_on_its_way() -> None:
    fine = kind("escalating_fine", steps=["50", "100"], after="repeat", final={"at": 3, "proposal": "talk"})
    assessed = fine.assess(times(2, 3))
    assert [each.money for each in assessed] == [D("-150"), D("-300")]
    assert [each.proposals for each in assessed] == [(), ("talk",)]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=5), st.integers(1, 8))
def test_doubling_never_costs_less_than_the_step_before(steps: list[int], more: int) -> None:
    fine = kind("escalating_fine", steps=sorted(steps), after="double")
    costs = [fine.amount_of(rank) for rank in range(1, len(steps) + more)]
    assert costs == sorted(costs)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_a_quantity_costs_as_much_as_as_many_incidents(quantities: list[int]) -> None:
    fine = kind("escalating_fine", steps=["30", "50", "80"], after="none")
    together = sum(each.money for each in fine.assess(times(*quantities)))
    apart = sum(each.money for each in fine.assess(times(*[1] * sum(quantities))))
    assert together == apart


def test_points_at_the_thresholds() -> None:
    points = kind("points", deduct="1", thresholds=[{"count": 3, "total": 5}, {"count": 5, "total": 10}])
    assert [each.points for each in points.assess(times(1, 1, 1, 1, 1, 1))] == [1, 1, 3, 1, 4, 1]


@given(st.lists(st.integers(1, 5), max_size=8))
def test_points_of_a_window_only_grow_with_its_incidents(quantities: list[int]) -> None:
    points = kind("points", deduct="0.5", thresholds=[{"count": 3, "total": 5}, {"count": 7, "total": 6}])
    deducted = [each.points for each in points.assess(times(*quantities))]
    assert all(each >= 0 for each in deducted)
    assert sum(deducted, D(0)) == points.total([D("0.5")] * sum(quantities))


@pytest.mark.parametrize("amount", [None, "0.4", "1.1"])
def test_points_outside_the_range_are_refused(amount: str | None) -> None:
    points = kind("points", deduct={"min": "0.5", "max": "1"})
    with pytest.raises(FactRefused, match=r"0\.5至1分"):
        points.check(Occurrence(1, OCTOBER, amount=None if amount is None else D(amount)))


@pytest.mark.parametrize("amount", ["19.99", "1000.01"])
def test_an_amount_outside_the_range_is_refused(amount: str) -> None:
    with pytest.raises(FactRefused, match=r"20.00至1000.00元"):
        kind("range_fine", min="20.00", max="1000.00").check(Occurrence(1, OCTOBER, amount=D(amount)))


def test_three_late_arrivals_cost_thirty_thirty_and_one_hundred_fifty() -> None:
    deduction = kind(
        "rate_deduction",
        of="base_pay",
        tiers=[{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}],
    )
    ranked = [(i, each) for i, each in enumerate(times(1, 1, 1), 1)]
    assert deduction.charge(ranked, pay()).amount == D("-210.00")


def test_a_line_is_rounded_once_not_each_occurrence() -> None:
    deduction = kind("rate_deduction", of="base_pay", tiers=[{"from_count": 1, "rate": "0.001"}])
    ranked = [(i, each) for i, each in enumerate(times(1, 1, 1), 1)]
    assert deduction.charge(ranked, pay("3335.00")).amount == D("-10.01")


@pytest.mark.parametrize(
    ("params", "days", "cost"),
    [
        ({"multiple": 3}, "1", "-300.00"),
        ({"multiple": "0.5"}, "1", "-50.00"),
        ({"multiple": 1, "divisor": "calendar_days"}, "2", "-140.32"),
        ({"multiple": 1, "divisor": 30}, "1", "-72.50"),
        ({"day_amount": "80"}, "1.5", "-120.00"),
        ({"multiple": 2, "day_amount": "80"}, "1", "-160.00"),
        ({"multiple": "0.1", "of": "gross", "divisor": 25}, "1", "-20.00"),
    ],
)
def test_days_of_pay(params: dict[str, Any], days: str, cost: str) -> None:
    charge = kind("day_pay", **params).charge(times(1, magnitude=D(days)), pay("2175.00"))
    assert charge.amount == D(cost)


@given(st.integers(0, 10**7), st.lists(st.integers(1, 50), min_size=1, max_size=9), st.booleans())
def test_split_parts_sum_to_the_whole(fen: int, weights: list[int], to_last: bool) -> None:
    total = D(fen) / 100
    parts = split(total, {i: D(each) for i, each in enumerate(weights)}, rest_to_last=to_last)
    assert sum(parts.values(), D(0)) == total
    assert all(
        abs(parts[i] - total * w / sum(weights)) < D("0.01") * len(weights) for i, w in enumerate(weights)
    )


def test_a_loss_of_a_thousand_by_three_two_and_one_points() -> None:
    assert list(split(D("1000.00"), {"a": D(3), "b": D(2), "c": D(1)}).values()) == [
        D("500.00"),
        D("333.33"),
        D("166.67"),
    ]
