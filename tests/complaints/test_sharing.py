"""The arithmetic of a shared loss, to the fen."""

from decimal import Decimal

import pytest

from complaints.sharing import Bearing, Member, loss_split

D = Decimal


def party(percent: str, *points: str | None, first: int = 1) -> Bearing:
    members = [
        Member(place, f"员工{place}", None if each is None else D(each))
        for place, each in enumerate(points, first)
    ]
    return Bearing("、".join(each.name for each in members), D(percent), tuple(members))


def amounts(loss: str, *parties: Bearing, rest_to_last: bool = False) -> list[Decimal]:
    return [each.amount for each in loss_split(D(loss), parties, rest_to_last=rest_to_last).values()]


def test_a_loss_of_1000_with_points_3_2_1() -> None:
    assert amounts("1000.00", party("100", "3", "2", "1")) == [D("500.00"), D("333.33"), D("166.67")]


def test_fen_left_over_go_to_the_largest_remainders_or_to_the_last() -> None:
    # 100 ÷ 7: 14.28571… each two points 28.57142…, 42.85714…: floors 28.57, 28.57, 42.85, one fen left
    of = party("100", "3", "2", "2")
    assert amounts("100.00", of) == [D("42.86"), D("28.57"), D("28.57")]
    assert amounts("100.00", of, rest_to_last=True) == [D("42.85"), D("28.57"), D("28.58")]


def test_one_person_bears_all_of_a_partys_part_whatever_the_points() -> None:
    assert amounts("1000.00", party("60", None), party("40", "2", first=2)) == [D("600.00"), D("400.00")]


def test_parties_bear_their_percents_and_the_fen_between_them() -> None:
    thirds = [party("33.3333", "1"), party("33.3333", "1", first=2), party("33.3334", "1", first=3)]
    assert amounts("0.05", *thirds) == [D("0.02"), D("0.01"), D("0.02")]
    assert amounts("0.05", *thirds, rest_to_last=True) == [D("0.01"), D("0.01"), D("0.03")]


def test_a_person_in_two_parties_bears_both_parts() -> None:
    shares = loss_split(D("100.00"), [party("50", "1"), party("50", "1", "1")])
    assert [each.amount for each in shares.values()] == [D("75.00"), D("25.00")]
    assert len(shares[1].steps) == 4


def test_whoever_has_no_points_bears_nothing_beside_others() -> None:
    assert amounts("90.00", party("100", "2", None, "1")) == [D("60.00"), D("0.00"), D("30.00")]
    with pytest.raises(ValueError):
        loss_split(D("90.00"), [party("100", None, "0")])


def test_the_arithmetic_is_told_step_by_step() -> None:
    shares = loss_split(D("1000.00"), [party("100", "3", "2", "1")])
    assert shares[3].steps == [
        "损失1000.00元，员工1、员工2、员工3承担100%即1000.00元",
        "员工3基点1÷6：1000.00×1÷6＝166.67元，余数大者先得分位",
    ]
    assert shares[1].steps[1] == "员工1基点3÷6：1000.00×3÷6＝500.00元"
