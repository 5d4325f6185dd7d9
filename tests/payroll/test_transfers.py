"""A transfer is one person: both departments together pay one month, and counts go on."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from payroll.models import Payslip
from people.models import Department, Staff
from people.services import staff_leave, staff_transfer
from shifts.services import attendance_record
from tests.payroll.months import COMMISSION, LONG_AGO, agent, amounts, department, lines, order, settled

pytestmark = pytest.mark.django_db

ALLOWANCE = {"code": "t-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "300.00"}}
GUARANTEE = {
    "code": "t-floor",
    "title": "保底",
    "kind": "guarantee",
    "params": {"minimum": {"*": "500.00"}, "of": "t-comm"},
}
FULL = {"code": "t-full", "title": "全勤奖", "kind": "full_attendance", "params": {"amount": "100.00"}}
THIRD_IS_THE_LAST = {
    "code": "t-steps",
    "title": "辱骂顾客",
    "kind": "escalating_fine",
    "window": "year",
    "params": {
        "steps": ["50.00", "100.00"],
        "after": "none",
        "final": {"at": 3, "proposal": "termination"},
    },
}
RULES: tuple[dict[str, Any], ...] = (ALLOWANCE, COMMISSION, GUARANTEE, FULL, THIRD_IS_THE_LAST)
FEBRUARY, JULY = date(2026, 2, 1), date(2026, 7, 1)


def moved(person: Staff, to: Department, on: date, **terms: Any) -> Staff:
    return staff_transfer(staff=person, to=to, on=on, by=None, at=LONG_AGO, **terms)


def paid(*departments: Department, month: date) -> list[dict[str, D]]:
    """What each department pays the person, by provision, in the order in which they are settled."""
    return [amounts(settled(of, month)) for of in departments]


def late(person: Staff, *days: date, minutes: int = 10) -> None:
    for day in days:
        attendance_record(staff=person, work_date=day, late_minutes=minutes, by=None, at=LONG_AGO)


def total(*slips: dict[str, D]) -> D:
    return sum((amount for slip in slips for amount in slip.values()), D(0))


@pytest.mark.parametrize(
    ("month", "on", "first", "second"),
    # 3,000.00 × 13/28 and the rest; 3,000.00 × 15/31 and the rest
    [
        (FEBRUARY, date(2026, 2, 14), "1392.86", "1607.14"),
        (JULY, date(2026, 7, 16), "1451.61", "1548.39"),
    ],
)
@pytest.mark.parametrize("newer_first", [False, True])
def test_both_departments_together_pay_one_month(
    month: date, on: date, first: str, second: str, newer_first: bool
) -> None:
    of, to = department(*RULES), department(*RULES)
    moved(agent(of), to, on)
    if newer_first:
        after, before = paid(to, of, month=month)
    else:
        before, after = paid(of, to, month=month)
    assert before == {"base-pay": D(first)}
    assert after == {
        "base-pay": D(second),
        "t-meal": D("300.00"),
        "t-floor": D("500.00"),
        "t-full": D("100.00"),
    }
    assert total(before, after) == D("3900.00")


def test_each_payslip_shows_its_part_and_names_the_other_department() -> None:
    of, to = department(*RULES, code="ONE"), department(*RULES, code="TWO")
    moved(agent(of), to, date(2026, 2, 14))
    (before,) = lines(settled(of, FEBRUARY))
    assert before.reason == "基本工资：全月3000.00元×13/28天（02-01至02-13），其余在客服TWO"
    reasons = {line.code: line.reason for line in lines(settled(to, FEBRUARY))}
    assert reasons["base-pay"] == "基本工资：全月3000.00元×15/28天（02-14至02-28），其余在客服ONE"
    assert "（含在客服ONE）" in reasons["t-floor"] and "（含在客服ONE）" in reasons["t-full"]


def test_a_bonus_and_pay_that_changes_with_the_transfer_sum_to_the_whole() -> None:
    of, to = department(), department()
    person = agent(of, base_pay="1000.00", performance_bonus=D("100.01"))
    moved(person, to, date(2026, 2, 14), base_pay=D("2000.00"))
    before, after = paid(of, to, month=FEBRUARY)
    # 1,000.00 × 13/28 = 464.29 and 2,000.00 × 15/28 = 1,071.43; the bonus: 46.43 and the rest
    assert before == {"base-pay": D("464.29"), "performance-bonus": D("46.43")}
    assert after == {"base-pay": D("1071.42"), "performance-bonus": D("53.58")}
    assert total(before, after) == D("1635.72")  # 1,000 × 13/28 + 2,000 × 15/28 = 1,535.714…


def test_three_departments_in_one_month_sum_to_the_whole() -> None:
    places = [department(*RULES) for _ in range(3)]
    second = moved(agent(places[0]), places[1], date(2026, 2, 5))
    moved(second, places[2], date(2026, 2, 20))
    slips = paid(places[1], places[2], places[0], month=FEBRUARY)
    assert [set(slip) for slip in slips] == [
        {"base-pay"},
        {"base-pay", "t-meal", "t-floor", "t-full"},
        {"base-pay"},
    ]
    assert total(*slips) == D("3900.00")


def test_pay_by_the_table_of_each_department_is_split_at_its_own_figure() -> None:
    def table(amount: str) -> dict[str, Any]:
        params = {"by": "tier", "table": {"junior": amount}}
        return {"code": "t-table", "title": "职级工资", "kind": "base_pay", "params": params}

    of, to = department(table("2800.00")), department(table("5600.00"))
    moved(agent(of, base_pay=None, tier="junior"), to, date(2026, 2, 15))
    before, after = paid(of, to, month=FEBRUARY)
    assert (before, after) == ({"t-table": D("1400.00")}, {"t-table": D("2800.00")})


def test_who_leaves_after_a_transfer_is_paid_by_the_day_and_never_more_than_the_month() -> None:
    of, to = department(*RULES), department(*RULES)
    person = moved(agent(of), to, date(2026, 7, 16))
    staff_leave(staff=person, last_day=date(2026, 7, 30), by=None, at=LONG_AGO)
    before, after = paid(of, to, month=JULY)
    # 22 of 23 working days: 3,000.00 ÷ 21.75 × 22 is more than the month; 11 of them lie in each part.
    assert (before["base-pay"], after["base-pay"]) == (D("1500.00"), D("1500.00"))
    assert "t-full" not in after

    person = moved(agent(of, "1002"), to, date(2026, 7, 16))
    staff_leave(staff=person, last_day=date(2026, 7, 17), by=None, at=LONG_AGO)
    first, last = amounts(settled(of, JULY), "1002"), amounts(settled(to, JULY), "1002")
    # 3,000.00 ÷ 21.75 × 13 = 1,793.10, of which 2 days are the second department's
    assert first["base-pay"] + last["base-pay"] == D("1793.10")
    assert last["base-pay"] == D("275.86")


def test_the_guarantee_counts_the_commission_of_both_parts() -> None:
    of, to = department(*RULES), department(*RULES)
    person = agent(of)
    later = moved(person, to, date(2026, 2, 14))
    order(person, date(2026, 2, 3), "12000.00")
    order(later, date(2026, 2, 20), "23000.00")
    before, after = paid(of, to, month=FEBRUARY)
    assert (before["t-comm"], after["t-comm"], after["t-floor"]) == (D("120.00"), D("230.00"), D("150.00"))
    assert "t-floor" not in before


def test_a_commission_that_cannot_be_told_elsewhere_fails_the_guarantee_by_name() -> None:
    by = {**COMMISSION, "params": {"measure": "net_sales", "by": "conversion_rate"}}
    by["params"]["brackets"] = [{"from": "0", "rate": "0.01"}]
    of, to = department(by, code="ONE"), department(COMMISSION, GUARANTEE)
    person = agent(of)
    moved(person, to, date(2026, 2, 14))
    order(person, date(2026, 2, 3), "100.00")
    slip = Payslip.objects.get(period=settled(to, FEBRUARY), number="1001")
    assert slip.failure == "1001 员工1001在客服ONE的一段还算不出提成，保底不能确定"
    assert slip.remedy == "请客服ONE补齐这个月的指标后重新结算"


LATE = {"code": "t-late", "title": "迟到", "kind": "late", "params": {"amount": "20.00"}}


def test_full_attendance_looks_at_both_parts() -> None:
    of, to = department(FULL, LATE), department(FULL, LATE)
    person = agent(of)
    moved(person, to, date(2026, 2, 14))
    late(person, date(2026, 2, 3))
    assert "t-full" not in amounts(settled(to, FEBRUARY))


def test_ranked_awards_are_won_in_the_department_of_the_last_day() -> None:
    ranked = {
        "code": "t-first",
        "title": "销冠",
        "kind": "ranked_award",
        "params": {"metric": "sales", "places": ["200.00", "100.00"]},
    }
    of, to = department(ranked), department(ranked)
    mover, stays = agent(of), agent(of, "1002")
    later = moved(mover, to, date(2026, 2, 14))
    order(mover, date(2026, 2, 3), "900.00")
    order(stays, date(2026, 2, 3), "500.00")
    order(later, date(2026, 2, 20), "100.00")
    before, after = settled(of, FEBRUARY), settled(to, FEBRUARY)
    assert "t-first" not in amounts(before) and amounts(before, "1002")["t-first"] == D("200.00")
    assert amounts(after)["t-first"] == D("200.00")
