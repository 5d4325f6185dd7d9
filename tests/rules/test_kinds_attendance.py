"""Lateness, absence and leave without a database."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import parse_kind
from rules.kinds.attendance import Absent, Day, Unpunctual
from rules.kinds.base import Occurrence, PayBasis
from rules.kinds.leave import LeaveFact

D = Decimal
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def kind(name: str, **params: Any) -> Any:
    return parse_kind(name, params)[0]


def pay(base: str = "2175.00") -> PayBasis:
    return PayBasis(
        base_pay=lambda day: D(base),
        performance_bonus=lambda day: D("500"),
        gross=lambda: D("4000"),
        performance_bonus_paid=lambda: D("500"),
    )


def arrivals(count: int, minutes: int = 9) -> list[Unpunctual]:
    return [Unpunctual(FIRST + timedelta(days=i), "迟到", minutes) for i in range(count)]


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (5, False), (6, True), (30, True), (31, False)])
def test_late_is_beyond_the_grace_and_not_yet_absence(minutes: int, late: bool) -> None:
    rule = kind(
        "late", amount="10", grace_minutes=5, counts_as={"over_minutes": 30, "as": "absence", "days": "0.5"}
    )
    day = Day(FIRST, late_minutes=minutes)
    assert rule.occurs(day) is late
    assert (rule.absence(day) is not None) is (minutes > 30)


def test_an_early_leave_belongs_to_late_only_where_both_are_counted_together() -> None:
    day = Day(FIRST, early_minutes=6)
    assert kind("late", amount="10", grace_minutes=5, with_early=True).occurs_early(day)
    assert not kind("late", amount="10", with_early=False).occurs_early(day)
    assert not kind("late", amount="10", grace_minutes=6, with_early=True).occurs_early(day)
    assert kind("early", amount="10").occurs_early(day)


def test_free_arrivals_keep_their_rank() -> None:
    rule = kind(
        "late", tiers=[{"from_count": 1, "amount": "10"}, {"from_count": 3, "amount": "50"}], free_per_month=2
    )
    assert rule.charge(arrivals(4), FIRST, LAST, pay()).amount == D("-100.00")


def test_free_arrivals_are_free_again_next_month() -> None:
    rule = kind("late", amount="10", free_per_month=1)
    september = [Unpunctual(date(2026, 9, day), "迟到", 9) for day in (29, 30)]
    assert rule.charge([*september, *arrivals(1)], FIRST, LAST, pay()).amount == D("0.00")
    assert rule.charge([*september, *arrivals(2)], FIRST, LAST, pay()).amount == D("-10.00")


@given(st.integers(0, 20))
def test_one_more_arrival_never_costs_less(count: int) -> None:
    rule = kind(
        "late", tiers=[{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}], free_per_month=1
    )
    fewer = rule.charge(arrivals(count), FIRST, LAST, pay()).amount
    assert rule.charge(arrivals(count + 1), FIRST, LAST, pay()).amount <= fewer


def test_absence_costs_days_and_points() -> None:
    rule = kind("absence", multiple=3, points=5)
    absences = [Absent(FIRST, D(1), "unexcused", "旷工"), Absent(LAST, D("0.5"), "unexcused", "旷工")]
    charge = rule.charge(absences, pay())
    assert (charge.amount, charge.points) == (D("-450.00"), D(10))


def test_a_day_that_was_not_paid_is_not_taken_again() -> None:
    absences = [Absent(FIRST, D(1), "unexcused", "旷工", unpaid=D(1))]
    assert kind("absence", multiple=1).charge(absences, pay()).amount == D("0.00")
    assert kind("absence", multiple=3).charge(absences, pay()).amount == D("-200.00")


def test_a_count_of_days_costs_once_a_run_and_once_by_the_days_of_the_month() -> None:
    rule = kind(
        "absence",
        amount="200",
        proposal={"consecutive_days": 3, "days_in_month": 5, "proposal": "termination"},
    )
    (count,) = rule.proposal
    runs = [(date(2026, 10, day), length) for day, length in ((5, 1), (6, 2), (7, 3), (8, 4), (12, 1))]
    absences = [Absent(on, D(1), "unexcused", "旷工") for on, _ in runs]
    assert count.reached_on(runs, absences) == [date(2026, 10, 7)]
    assert count.reached_on([(on, 1) for on, _ in runs], absences) == [date(2026, 10, 12)]
    assert count.reached_on([(on, 1) for on, _ in runs], absences[:4]) == []
    charge = rule.charge(absences, pay(), [date(2026, 10, 7)])
    assert (charge.amount, charge.points) == (D("-200.00"), D(0))
    assert charge.steps == ("10-07连续旷工3天或累计旷工满5天：罚200元",)


@pytest.mark.parametrize(
    ("params", "magnitude", "expected"),
    [
        ({"amount": "200"}, None, (date(2026, 9, 30), D(3))),
        ({"amount": "200"}, D(2), (date(2026, 10, 2), D(2))),
        ({"amount": "200", "multiple": 1}, None, (date(2026, 10, 2), D(1))),
        ({}, None, (date(2026, 10, 2), D(1))),
    ],
)
def test_a_record_under_a_mere_count_says_that_it_was_reached(
    params: dict[str, Any], magnitude: Decimal | None, expected: tuple[date, Decimal]
) -> None:
    rule = kind("absence", **params, proposal={"consecutive_days": 3, "proposal": "termination"})
    absent = rule.recorded(Occurrence(1, date(2026, 10, 2), magnitude=magnitude), "记录")
    assert (absent.on, absent.days) == expected


def leave_days(rule: Any, *facts: LeaveFact) -> list[tuple[Decimal, str | None]]:
    return [(each.multiple, each.absence) for each in rule.assess(facts, lambda: None)]


def test_the_fifth_leave_of_any_type_counts_as_short_absence() -> None:
    rule = kind(
        "leave", types={"personal,sick,compensatory": {"free_per_month": 4, "beyond": "short_absence"}}
    )
    types = ["personal", "sick", "compensatory", "personal", "sick"]
    facts = [LeaveFact(i, FIRST + timedelta(days=2 * i), D(1), type_) for i, type_ in enumerate(types)]
    assert leave_days(rule, *facts) == [(D(0), None)] * 4 + [(D(0), "short")]


def test_sick_leave_without_a_certificate() -> None:
    strict = kind(
        "leave", types={"sick": {"multiple": "0.5", "needs_certificate": True, "without": "absence"}}
    )
    mild = kind(
        "leave",
        types={
            "personal": {"multiple": 1},
            "sick": {"multiple": "0.5", "needs_certificate": True, "without": "personal"},
        },
    )
    without, with_one = LeaveFact(1, FIRST, D(1), "sick"), LeaveFact(1, FIRST, D(1), "sick", certificate=True)
    assert leave_days(strict, without) == [(D(0), "unexcused")]
    assert leave_days(mild, without) == [(D(1), None)]
    assert leave_days(mild, with_one) == [(D("0.5"), None)]


def test_unapproved_leave_is_none_of_the_provision() -> None:
    rule = kind("leave", types={"personal": {"multiple": 1}})
    assert leave_days(rule, LeaveFact(1, FIRST, D(1), "personal", approved=False)) == []


@pytest.mark.parametrize(
    ("first", "second", "minutes"), [(8, 7, 0), (12, 3, 12), (10, 10, 0), (11, 12, 23), (0, 11, 11)]
)
def test_each_part_of_a_shift_has_a_grace_of_its_own(first: int, second: int, minutes: int) -> None:
    late = kind("late", amount="10.00", grace_minutes=10, with_early=True)
    early = kind("early", amount="10.00", grace_minutes=10)
    day = Day(FIRST, late_minutes=first + second, second_late_minutes=second)
    assert (late.minutes(day), late.occurs(day)) == (minutes, minutes > 0)
    day = Day(FIRST, early_minutes=first + second, second_early_minutes=second)
    assert early.minutes(day) == late.minutes_early(day) == minutes
    assert early.occurs_early(day) is late.occurs_early(day) is (minutes > 0)
