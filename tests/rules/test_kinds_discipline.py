"""What disciplinary decisions take, by hand to the fen."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.kinds import ParamError, parse_kind
from rules.kinds.base import FactRefused, Occurrence, PayBasis
from rules.kinds.discipline import Discipline, discipline_charges

D = Decimal


def kind(level: str, rate: str | None, of: str = "performance_bonus") -> Discipline:
    parsed = parse_kind("discipline", {"level": level, "rate": rate, "of": of})[0]
    assert isinstance(parsed, Discipline)
    return parsed


def on(day: int, **fields: Any) -> Occurrence:
    return Occurrence(day, date(2026, 10, day), **fields)


def pay(bonus: str = "1000.00") -> PayBasis:
    return PayBasis(
        base_pay=lambda day: D("3000.00") if day.day < 15 else D("2000.00"),
        performance_bonus=lambda day: D("9999.00"),
        gross=lambda: D("4000.00"),
        performance_bonus_paid=lambda: D(bonus),
    )


def amounts(*decisions: tuple[str, Discipline, Occurrence], bonus: str = "1000.00") -> dict[str, Decimal]:
    return {key: each.amount for key, each in discipline_charges(decisions, pay(bonus)).items()}


def test_a_minor_demerit_takes_thirty_percent_of_the_bonus_that_the_month_pays() -> None:
    assert amounts(("m", kind("minor", "0.3"), on(5))) == {"m": D("-300.00")}


def test_a_share_is_rounded_half_up_to_the_fen() -> None:
    assert amounts(("m", kind("minor", "0.3"), on(5)), bonus="100.05") == {"m": D("-30.02")}


def test_decisions_under_one_provision_add_up_and_quantity_counts() -> None:
    minor = kind("minor", "0.3")
    assert amounts(("m", minor, on(5)), ("m", minor, on(6, quantity=2))) == {"m": D("-900.00")}


def test_what_comes_later_is_cut_where_the_whole_base_is_taken() -> None:
    found = amounts(
        ("m", kind("minor", "0.3"), on(5)),
        ("g", kind("major", "1"), on(6)),
        ("w", kind("warning", "0.1"), on(7)),
    )
    assert found == {"m": D("-300.00"), "g": D("-700.00"), "w": D("0.00")}


def test_rounding_never_takes_more_than_the_whole() -> None:
    found = amounts(("a", kind("minor", "0.5"), on(5)), ("b", kind("minor", "0.5"), on(6)), bonus="100.01")
    assert found == {"a": D("-50.01"), "b": D("-50.00")}


def test_each_base_has_its_own_whole() -> None:
    found = amounts(
        ("g", kind("major", "1"), on(5)),
        ("b", kind("major", "1", "base_pay"), on(6)),
        ("s", kind("minor", "0.25", "gross"), on(7)),
    )
    assert found == {"g": D("-1000.00"), "b": D("-3000.00"), "s": D("-1000.00")}


def test_a_base_that_fell_in_the_month_gives_no_more_than_its_lower_amount() -> None:
    half = kind("minor", "0.5", "base_pay")
    found = amounts(("m", half, on(5)), ("n", half, on(20)), ("o", half, on(21)))
    assert found == {"m": D("-1500.00"), "n": D("-500.00"), "o": D("0.00")}


def test_nothing_is_taken_where_there_is_no_bonus() -> None:
    assert amounts(("g", kind("major", "1"), on(5)), bonus="0.00") == {"g": D("0.00")}


def test_the_steps_say_what_was_cut() -> None:
    decisions = [("m", kind("minor", "0.7"), on(5)), ("m", kind("minor", "0.7"), on(6))]
    assert discipline_charges(decisions, pay())["m"].steps == (
        "10-05小过：绩效奖金1000.00×70%",
        "10-06小过：绩效奖金1000.00×70%，当月处分至多扣完绩效奖金，此前已扣700.00元，本次扣300.00元",
    )


def test_an_amount_of_the_recorder_is_refused() -> None:
    with pytest.raises(FactRefused, match="不能另定金额"):
        kind("minor", "0.3").check(on(5, amount=D(5)))


def test_a_rate_left_open_is_a_blank_and_a_level_must_be_known() -> None:
    assert parse_kind("discipline", {"level": "warning", "rate": None})[1] == ["rate"]
    with pytest.raises(ParamError, match="level：应为 warning、minor、major 之一"):
        parse_kind("discipline", {"level": "sacked", "rate": "1"})
