"""Commissions, guarantees and awards by metrics without a database."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import parse_kind

D = Decimal
SLICES = [{"from": 0, "rate": "0.01"}, {"from": 10000, "rate": "0.02"}, {"from": 50000, "rate": "0.03"}]


def kind(name: str, **params: Any) -> Any:
    return parse_kind(name, params)[0]


@pytest.mark.parametrize(("rate", "earned"), [("0.70", "1000.00"), ("0.7001", "1500.00"), ("0", "1000.00")])
def test_above_is_exclusive_and_from_is_inclusive(rate: str, earned: str) -> None:
    commission = kind(
        "commission",
        measure="net_sales",
        by="conversion_rate",
        brackets=[{"above": "0.70", "rate": "0.015"}, {"from": 0, "rate": "0.01"}],
    )
    assert commission.charge(D(100000), D(rate))[0] == D(earned)


@pytest.mark.parametrize(
    ("base", "whole", "marginal"),
    [("9999.99", "100.00", "100.00"), ("10000", "200.00", "100.00"), ("60000", "1800.00", "1200.00")],
)
def test_whole_and_marginal(base: str, whole: str, marginal: str) -> None:
    assert kind("commission", measure="sales", brackets=SLICES).charge(D(base), None)[0] == D(whole)
    sliced = kind("commission", measure="sales", scale="marginal", brackets=SLICES)
    assert sliced.charge(D(base), None)[0] == D(marginal)


@given(st.integers(0, 10**7), st.integers(0, 10**6))
def test_more_sales_never_earn_less_by_slices(fen: int, more: int) -> None:
    sliced = kind("commission", measure="sales", scale="marginal", brackets=SLICES)
    less = sliced.charge(D(fen) / 100, None)[0]
    assert sliced.charge(D(fen + more) / 100, None)[0] >= less


def test_below_the_lowest_bracket_nothing() -> None:
    commission = kind(
        "commission", measure="sales", by="appraisal_score", brackets=[{"from": 70, "rate": "0.0015"}]
    )
    assert commission.charge(D(100000), D("69.99"))[0] == 0
    assert commission.charge(D(100000), D("70"))[0] == D("150.00")


@pytest.mark.parametrize(
    ("day", "excluded"),
    [
        (date(2026, 11, 11), True),
        (date(2025, 11, 11), True),
        (date(2026, 11, 12), False),
        (date(2026, 6, 18), True),
        (date(2027, 6, 18), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), True),
        (date(2027, 1, 2), False),
    ],
)
def test_days_excluded_once_and_every_year(day: date, excluded: bool) -> None:
    commission = kind(
        "commission",
        measure="sales",
        rate="0.01",
        exclude=["11-11", {"from": "2026-06-18", "to": "2026-06-20"}, {"from": "12-30", "to": "01-01"}],
    )
    assert commission.is_excluded(day) is excluded


@pytest.mark.parametrize(
    ("tier", "role", "months", "minimum"),
    [
        ("junior", "agent", 2, "1"),
        ("trial", "courier", 2, "900"),
        ("", "courier", 30, "1800"),
        ("", "lead", 2, "500"),
        ("", "lead", 3, "300"),
    ],
)
def test_the_guarantee_of_tier_role_seniority(tier: str, role: str, months: int, minimum: str) -> None:
    guarantee = kind(
        "guarantee",
        of="c",
        minimum={"junior": "1", "trial": "900", "courier": "1800", "new": "500", "senior": "300"},
        senior_from_months=3,
    )
    assert guarantee.minimum_for(tier=tier, role=role, tenure_months=months) == D(minimum)


def test_the_guarantee_of_nobody_named() -> None:
    guarantee = kind("guarantee", of="c", minimum={"courier": "1800"})
    assert guarantee.minimum_for(tier="", role="agent", tenure_months=3) is None


def won(award: Any, **values: str) -> dict[str, str]:
    """Amounts by name; the names stand for staff numbers in their order."""
    return {
        who: str(amount) for who, (_, amount) in award.winners({k: D(v) for k, v in values.items()}).items()
    }


def test_ties_take_the_place_and_skip_as_many() -> None:
    award = kind("ranked_award", metric="sales", places=["300", "200", "100"])
    assert won(award, a="9", b="9", c="8", d="7") == {"a": "300", "b": "300", "c": "100"}


def test_ties_share_the_places_that_they_occupy() -> None:
    award = kind("ranked_award", metric="sales", places=["100", "50", "25.01"], ties="share")
    assert won(award, a="9", b="9", c="9") == {"a": "58.34", "b": "58.34", "c": "58.33"}
    assert won(award, a="9", b="8", c="8", d="8") == {"a": "100.00", "b": "25.01", "c": "25.00", "d": "25.00"}


def test_zero_wins_nothing_in_either_order() -> None:
    assert won(kind("ranked_award", metric="s", places=["9"], order="asc"), a="0", b="3", c="2") == {"c": "9"}
    assert won(kind("ranked_award", metric="s", places=["9", "8"]), a="0", b="0") == {}


def test_the_minimum_is_inclusive() -> None:
    assert won(kind("ranked_award", metric="s", places=["9", "8"], minimum=5), a="5", b="4.99") == {"a": "9"}


@given(st.lists(st.integers(1, 6), min_size=1, max_size=9))
def test_shared_prizes_never_exceed_the_places(values: list[int]) -> None:
    award = kind("ranked_award", metric="s", places=["100", "50", "25"], ties="share")
    amounts = award.winners({i: D(v) for i, v in enumerate(values)})
    assert sum(amount for _, amount in amounts.values()) == sum([100, 50, 25][: len(values)])


@pytest.mark.parametrize(
    ("after", "amounts"),
    [("repeat", [50, 100, 100, 100]), ("double", [50, 100, 200, 400]), ("none", [50, 100, 0, 0])],
)
def test_the_months_of_a_streak(after: str, amounts: list[int]) -> None:
    award = kind("streak_award", metric="sales", steps=["50", "100"], after=after)
    assert [award.amount_of(length) for length in range(1, 5)] == amounts


def test_all_who_tie_lead_and_nobody_leads_with_zero() -> None:
    award = kind("streak_award", metric="sales", steps=["50"])
    assert award.first_place({1: D(5), 2: D(5), 3: D(4)}) == {1, 2}
    assert award.first_place({1: D(0), 2: D(0)}) == set()
