"""Overtime by the hour without a database; figures worked by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.kinds import parse_kind
from rules.kinds.base import PayBasis
from rules.kinds.overtime import OvertimeDay
from rules.lines import SettlementFailure

D = Decimal
DAY, REST, HOLIDAY = date(2026, 10, 14), date(2026, 10, 17), date(2026, 10, 1)
LEGAL = {"multiple": "1.5", "rest_multiple": "2", "holiday_multiple": "3"}


def overtime(**params: Any) -> Any:
    return parse_kind("overtime", params)[0]


def pay(base: str | None) -> PayBasis:
    amount = None if base is None else D(base)
    return PayBasis(
        base_pay=lambda day: amount,
        performance_bonus=lambda day: None,
        gross=lambda: D(0),
        performance_bonus_paid=lambda: D(0),
    )


def on_workday(minutes: int) -> OvertimeDay:
    return OvertimeDay(DAY, minutes)


def on_rest(minutes: int) -> OvertimeDay:
    return OvertimeDay(REST, minutes, is_rest=True)


def on_holiday(minutes: int, *, is_rest: bool = True) -> OvertimeDay:
    return OvertimeDay(HOLIDAY, minutes, is_rest=is_rest, is_holiday=True)


CASES: list[tuple[dict[str, Any], str, list[OvertimeDay], str]] = [
    # An hour is 3480 ÷ 21.75 ÷ 8 = 20.00.
    ({"multiple": "1.5"}, "3480", [on_workday(120)], "60.00"),
    (LEGAL, "3480", [on_workday(120)], "60.00"),
    (LEGAL, "3480", [on_rest(240)], "160.00"),
    (LEGAL, "3480", [on_holiday(120)], "120.00"),
    (LEGAL, "3480", [on_holiday(120, is_rest=False)], "120.00"),
    (LEGAL, "3480", [on_holiday(120), on_workday(120), on_rest(240)], "340.00"),
    (LEGAL, "3480", [on_workday(150)], "75.00"),
    (LEGAL, "3480", [], "0.00"),
    # What is not told apart is paid like any other day of its kind.
    ({"multiple": "1.5"}, "3480", [on_rest(120), on_holiday(120)], "120.00"),
    ({"multiple": "1.5", "rest_multiple": "2"}, "3480", [on_holiday(60)], "40.00"),
    ({"multiple": "1.5", "rest_multiple": "2"}, "3480", [on_holiday(60, is_rest=False)], "30.00"),
    ({"multiple": "1.5", "holiday_multiple": "3"}, "3480", [on_rest(60)], "30.00"),
    ({"multiple": "1.5", "rest_multiple": "0"}, "3480", [on_rest(60)], "0.00"),
    # 3000 ÷ 21.75 ÷ 8 × 1.5 × 2 = 51.7241…, on two days 103.4482…: rounded once.
    ({"multiple": "1.5"}, "3000", [on_workday(120)], "51.72"),
    ({"multiple": "1.5"}, "3000", [on_workday(120), on_workday(120)], "103.45"),
    # 0.05 × 20 ÷ 60 three times is 0.05 and not 0.0499…; 0.30 × 1 ÷ 60 = 0.005 is half a fen, up.
    ({"per_hour": "0.05"}, "3480", [on_workday(20)] * 3, "0.05"),
    ({"per_hour": "0.30"}, "3480", [on_workday(1)], "0.01"),
    ({"per_hour": "20.00"}, "9999", [on_workday(120), on_rest(60)], "60.00"),
    ({"per_hour": "20.00", "rest_multiple": "2"}, "9999", [on_workday(120), on_rest(60)], "80.00"),
    ({"per_hour": "20.00", "multiple": "1.5"}, "9999", [on_workday(120)], "60.00"),
    # 2600 ÷ 26 ÷ 10 = 10.00 an hour.
    ({"multiple": "2", "divisor": "26", "hours_per_day": "10"}, "2600", [on_workday(60)], "20.00"),
]


@pytest.mark.parametrize(("params", "base", "days", "paid"), CASES)
def test_overtime_pays_hours_at_the_multiple_of_their_day(
    params: dict[str, Any], base: str, days: list[OvertimeDay], paid: str
) -> None:
    assert overtime(**params).charge(days, pay(base)).amount == D(paid)


def on_duty(minutes: int | None, **given: Any) -> OvertimeDay:
    return OvertimeDay(HOLIDAY, minutes, is_holiday=True, is_duty=True, **given)


DUTY: list[tuple[dict[str, Any], OvertimeDay, str]] = [
    # 8 × 3 × 20; half of it; hours that nobody knows are a day's.
    ({}, on_duty(480), "480.00"),
    ({}, on_duty(480, part=D("0.5")), "240.00"),
    ({}, on_duty(None), "480.00"),
    ({"hours_per_day": "7.5"}, on_duty(None, part=D("0.5")), "240.00"),
    # A night shift that began on the eve is the eve's, unless hours are what counts.
    ({}, on_duty(420, of_eve=True), "0.00"),
    ({"holiday_duty": "hours"}, on_duty(420, of_eve=True), "420.00"),
    ({"holiday_duty": "hours"}, on_duty(120), "120.00"),
    ({"holiday_duty": "none"}, on_duty(480), "0.00"),
    ({"holiday_multiple": None}, on_duty(480), "0.00"),
]


@pytest.mark.parametrize(("params", "day", "paid"), DUTY)
def test_duty_on_a_holiday_is_paid_as_the_provision_has_it(
    params: dict[str, Any], day: OvertimeDay, paid: str
) -> None:
    charge = overtime(**{**LEGAL, **params}).charge([day], pay("3480.00"))
    assert charge.amount == D(paid)
    assert len(charge.steps) == (charge.amount > 0)


def test_duty_is_told_as_duty() -> None:
    (step,) = overtime(**LEGAL).charge([on_duty(480)], pay("3480.00")).steps
    assert step == "10-01法定节假日值班8小时×时薪（基本工资3480.00÷21.75÷8）×3倍"


def test_each_day_is_told_with_its_date_hours_rate_and_multiple() -> None:
    charge = overtime(**LEGAL).charge([on_holiday(120), on_workday(150), on_rest(80)], pay("3480.00"))
    assert charge.steps == (
        "10-01法定节假日加班2小时×时薪（基本工资3480.00÷21.75÷8）×3倍",
        "10-14加班2.5小时×时薪（基本工资3480.00÷21.75÷8）×1.5倍",
        "10-17休息日加班80÷60小时×时薪（基本工资3480.00÷21.75÷8）×2倍",
    )
    assert charge.last_on == REST
    (step,) = overtime(per_hour="20.00").charge([on_workday(60)], pay(None)).steps
    assert step == "10-14加班1小时×时薪20.00元×1倍"


def test_without_base_pay_only_an_amount_an_hour_can_be_paid() -> None:
    assert overtime(per_hour="20.00").charge([on_workday(60)], pay(None)).amount == D("20.00")
    with pytest.raises(SettlementFailure, match="没有基本工资"):
        overtime(multiple="1.5").charge([on_workday(60)], pay(None))
