"""A transfer is one person: both departments together pay one month, and counts go on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll.models import PayLine
from payroll.settlement.months import load_month
from payroll.settlement.sources import load_facts, settle_person
from penalties.models import Incident, Proposal
from penalties.next_time import next_times
from penalties.selectors import incidents_visible_to, with_own_money
from penalties.services import BalanceFact, balances_store, incident_reverse
from people.models import Department, Staff
from people.services import staff_leave, staff_transfer
from shifts.services import attendance_record, leave_record
from tests import factories
from tests.payroll.months import (
    COMMISSION,
    LONG_AGO,
    adjustments,
    agent,
    amounts,
    approved,
    department,
    incident,
    lines,
    moment,
    order,
    settled,
    slip,
)

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


def test_who_comes_back_within_the_month_is_paid_one_month() -> None:
    of, to = department(*RULES), department(*RULES)
    first = agent(of)
    there = moved(first, to, date(2026, 2, 5))
    moved(there, of, date(2026, 2, 20), number="1901")
    back = settled(of, FEBRUARY)
    slips = [amounts(back, "1001"), amounts(settled(to, FEBRUARY)), amounts(back, "1901")]
    assert [set(slip) for slip in slips[:2]] == [{"base-pay"}] * 2
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


@pytest.mark.parametrize(
    ("scale", "first", "second"),
    # 100,000 in all: whole 2 % of everything; marginal 1 % of 80,000 and 2 % of the last 20,000
    [("whole", "1200.00", "800.00"), ("marginal", "600.00", "600.00")],
)
def test_brackets_look_at_the_whole_month(scale: str, first: str, second: str) -> None:
    brackets = [{"from": "0", "rate": "0.01"}, {"from": "80000", "rate": "0.02"}]
    params = {"measure": "net_sales", "scale": scale, "brackets": brackets}
    guarantee = {**GUARANTEE, "params": {"minimum": {"*": "2100.00"}, "of": "t-comm"}}
    rules = {**COMMISSION, "params": params}, guarantee
    of, to = department(*rules), department(*rules)
    person = agent(of)
    later = moved(person, to, date(2026, 2, 14))
    order(person, date(2026, 2, 3), "60000.00")
    order(later, date(2026, 2, 20), "40000.00")
    before, after = paid(of, to, month=FEBRUARY)
    assert (before["t-comm"], after["t-comm"]) == (D(first), D(second))
    assert after["t-floor"] == D("2100.00") - D(first) - D(second)


def test_a_commission_that_cannot_be_told_elsewhere_fails_the_guarantee_by_name() -> None:
    by = {**COMMISSION, "params": {"measure": "net_sales", "by": "conversion_rate"}}
    by["params"]["brackets"] = [{"from": "0", "rate": "0.01"}]
    of, to = department(by, code="ONE"), department(COMMISSION, GUARANTEE)
    person = agent(of)
    moved(person, to, date(2026, 2, 14))
    order(person, date(2026, 2, 3), "100.00")
    failed = slip(settled(to, FEBRUARY))
    assert failed.failure == "1001 员工1001在客服ONE的一段还算不出提成，保底不能确定"
    assert failed.remedy == "请客服ONE补齐这个月的指标后重新结算"


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


def test_a_transfer_that_is_known_late_is_adjusted_where_the_month_was_paid_already() -> None:
    of, to = department(*RULES), department(*RULES)
    person = agent(of)
    paid_before = amounts(approved(of, FEBRUARY))
    staff_transfer(staff=person, to=to, on=date(2026, 2, 14), by=None, at=moment("2026-03-10 09:00"))
    taken_back = adjustments(settled(of, date(2026, 3, 1)))
    assert taken_back == {
        "base-pay": D("-1607.14"),
        "t-meal": D("-300.00"),
        "t-floor": D("-500.00"),
        "t-full": D("-100.00"),
    }
    assert total(paid_before, taken_back, amounts(settled(to, FEBRUARY))) == D("3900.00")


def test_a_change_in_the_later_part_is_adjusted_in_the_earlier_one() -> None:
    of, to = department(), department()
    later = moved(agent(of), to, date(2026, 7, 16))
    paid_before = amounts(approved(of, JULY))
    # The last day becomes known after July was approved: 13 days ÷ 21.75 instead of a part of the whole.
    staff_leave(staff=later, last_day=date(2026, 7, 17), by=None, at=moment("2026-08-10 09:00"))
    taken_back = adjustments(settled(of, date(2026, 8, 1)))
    assert total(paid_before, taken_back) == D("1517.24")
    assert total(paid_before, taken_back, amounts(settled(to, JULY))) == D("1793.10")


# Counts go on


def ledger(person: Staff) -> list[D]:
    """What the person's incidents come to, in the order of their days."""
    found = with_own_money(Incident.objects.filter(staff=person)).order_by("work_date", "id")
    return [each.money or D("0.00") for each in found]


def test_the_third_of_the_year_is_the_third_after_a_transfer() -> None:
    of, to = department(*RULES, code="ONE"), department(*RULES)
    person = agent(of)
    incident(person, "t-steps", date(2026, 3, 2))
    incident(person, "t-steps", date(2026, 4, 2))
    later = moved(person, to, date(2026, 5, 1))
    third = incident(later, "t-steps", date(2026, 5, 12))
    assert (ledger(person), ledger(later)) == ([D("-50.00"), D("-100.00")], [D("0.00")])
    proposal = Proposal.objects.get()
    assert (proposal.department, proposal.staff, proposal.kind) == (to, later, "termination")
    # The new department's people read how many there were, not what they were.
    assert proposal.evidence["调动前"] == ["在客服ONE2次"]
    assert [each["incident"] for each in proposal.evidence["incidents"]] == [third.pk]
    manager = factories.account("manager", to)
    assert list(incidents_visible_to(manager)) == [third]
    assert {each.rule.code: each.counted for each in next_times(later, on=date(2026, 5, 20))} == {
        "t-steps": 3
    }
    assert "t-steps" not in amounts(settled(to, date(2026, 5, 1)))


def test_what_is_recorded_late_in_the_old_department_moves_the_rank_in_the_new_one() -> None:
    of, to = department(*RULES), department(*RULES)
    person = agent(of)
    later = moved(person, to, date(2026, 5, 1))
    incident(later, "t-steps", date(2026, 5, 12))
    assert approved(to, date(2026, 5, 1)) and ledger(later) == [D("-50.00")]
    first = incident(person, "t-steps", date(2026, 4, 2), at=moment("2026-06-10 09:00"))
    assert (ledger(person), ledger(later)) == ([D("-50.00")], [D("-100.00")])
    assert adjustments(settled(to, date(2026, 6, 1))) == {"t-steps": D("-50.00")}
    incident_reverse(
        incident=first, on=date(2026, 6, 11), reason="查无此事", by=None, at=moment("2026-06-11 09:00")
    )
    assert ledger(later) == [D("-50.00")]


def test_a_code_that_the_old_department_did_not_have_begins_anew_and_so_does_a_window() -> None:
    monthly = {**THIRD_IS_THE_LAST, "window": "month"}
    of, to = department(monthly, {**THIRD_IS_THE_LAST, "code": "t-other"}), department(monthly)
    person = agent(of)
    incident(person, "t-other", date(2026, 5, 4))
    incident(person, "t-steps", date(2026, 4, 30))
    later = moved(person, to, date(2026, 5, 8))
    incident(later, "t-steps", date(2026, 5, 12))
    assert ledger(later) == [D("-50.00")]


def test_what_was_brought_along_from_before_counts_on_after_a_transfer() -> None:
    of, to = department(*RULES), department(*RULES)
    person = agent(of)
    fact = BalanceFact(person, "count", "t-steps", date(2026, 2, 28), D(1))
    balances_store(department=of, facts=[fact], by=None, at=LONG_AGO)
    later = moved(person, to, date(2026, 5, 1))
    incident(later, "t-steps", date(2026, 5, 12))
    assert ledger(later) == [D("-100.00")]
    balances_store(department=of, facts=[replace(fact, value=D(2))], by=None, at=LONG_AGO)
    assert ledger(later) == [D("0.00")]


BY_RANK = {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}]}


def test_shares_of_pay_and_lateness_go_on_with_their_ranks() -> None:
    share = {
        "code": "t-share",
        "title": "顶撞",
        "kind": "rate_deduction",
        "params": BY_RANK,
        "window": "year",
    }
    tiers = {"code": "t-late", "title": "迟到", "kind": "late", "params": BY_RANK, "window": "year"}
    of, to = department(share, tiers), department(share, tiers)
    person = agent(of)
    later = moved(person, to, date(2026, 5, 11))
    for day in (date(2026, 4, 1), date(2026, 5, 6)):
        incident(person, "t-share", day)
        late(person, day)
    incident(later, "t-share", date(2026, 5, 12))
    late(later, date(2026, 5, 12))
    before, after = paid(of, to, month=date(2026, 5, 1))
    # The second of the year at 1 % and the third at 5 % of 3,000.00
    assert (before["t-share"], before["t-late"]) == (D("-30.00"), D("-30.00"))
    assert (after["t-share"], after["t-late"]) == (D("-150.00"), D("-150.00"))
    share_line = PayLine.objects.get(payslip__staff=later, code="t-share")
    assert [each["date"] for each in share_line.trace["facts"]] == ["2026-05-12"]


def test_lateness_is_free_as_often_as_in_one_department() -> None:
    free = {**LATE, "params": {"amount": "20.00", "free_per_month": 2}}
    of, to = department(free), department(free)
    other = department({**free, "code": "t-tardy"})
    for number, place, paid_there in (("1001", to, D("-20.00")), ("1002", other, None)):
        person = agent(of, number)
        later = moved(person, place, date(2026, 2, 14))
        late(person, date(2026, 2, 3), date(2026, 2, 4))
        late(later, date(2026, 2, 24))
        assert amounts(settled(place, FEBRUARY), number).get("t-late") == paid_there
        assert "t-tardy" not in amounts(settled(place, FEBRUARY), number)


POINTS = {
    "code": "t-points",
    "title": "扣分",
    "kind": "points",
    "params": {"deduct": 2},
}


def test_the_points_of_the_month_are_those_of_both_parts_where_it_ends() -> None:
    band = {"at_or_below": 6, "proposal": "talk"}
    rules = (POINTS, {"code": "t-band", "title": "约谈", "kind": "points_band", "params": band})
    of, to = department(*rules, code="ONE"), department(*rules)
    person = agent(of)
    later = moved(person, to, date(2026, 2, 14))
    incident(person, "t-points", date(2026, 2, 3))
    incident(later, "t-points", date(2026, 2, 24))
    before, after = slip(settled(of, FEBRUARY)), slip(settled(to, FEBRUARY))
    assert (before.points, after.points) == (D("8.0"), D("6.0"))
    assert after.points_trace["deducted"][0]["reason"] == "本月在客服ONE扣2分"
    assert [(each.staff, each.kind) for each in Proposal.objects.all()] == [(later, "talk")]


def test_points_of_earlier_months_count_on_after_a_transfer() -> None:
    band = {"at_or_below": 8, "months": 2, "proposal": "talk"}
    rules = (POINTS, {"code": "t-band", "title": "约谈", "kind": "points_band", "params": band})
    of, to = department(*rules), department(*rules)
    person = agent(of)
    incident(person, "t-points", date(2026, 2, 3))
    approved(of, FEBRUARY)
    later = moved(person, to, date(2026, 3, 1))
    incident(later, "t-points", date(2026, 3, 3))
    settled(to, date(2026, 3, 1))
    assert [each.staff for each in Proposal.objects.all()] == [later]


def test_a_streak_goes_on_after_a_transfer() -> None:
    streak = {
        "code": "t-streak",
        "title": "连冠",
        "kind": "streak_award",
        "params": {"metric": "sales", "steps": ["50.00", "100.00", "200.00"]},
    }
    of, to = department(streak), department(streak)
    person = agent(of)
    for month in (1, 2):
        order(person, date(2026, month, 5), "900.00")
        approved(of, date(2026, month, 1))
    later = moved(person, to, date(2026, 3, 1))
    order(later, date(2026, 3, 5), "100.00")
    assert amounts(settled(to, date(2026, 3, 1)))["t-streak"] == D("200.00")


def test_days_absent_in_both_parts_are_those_of_one_month() -> None:
    proposal = {"days_in_month": 3, "proposal": "termination"}
    absence = {
        "code": "t-absent",
        "title": "旷工",
        "kind": "absence",
        "params": {"multiple": 3, "proposal": proposal},
    }
    of, to = department(absence), department(absence)
    person = agent(of)
    later = moved(person, to, date(2026, 7, 16))
    for who, day in ((person, 6), (person, 9), (later, 20)):
        attendance_record(staff=who, work_date=date(2026, 7, day), absent_days=D(1), by=None, at=LONG_AGO)
    paid(of, to, month=JULY)
    assert [(each.staff, each.code) for each in Proposal.objects.all()] == [(later, "t-absent")]


def test_leave_that_runs_over_a_transfer_is_deducted_by_each_department_for_its_days() -> None:
    leave = {
        "code": "t-leave",
        "title": "请假",
        "kind": "leave",
        "params": {"types": {"personal": {"multiple": 1}}},
    }
    of, to = department(leave, FULL), department(leave, FULL)
    person = agent(of, base_pay="2175.00")
    moved(person, to, date(2026, 7, 16))
    leave_record(staff=person, starts_on=date(2026, 7, 14), days=D(4), type="personal", by=None, at=LONG_AGO)
    before, after = paid(of, to, month=JULY)
    assert (before["t-leave"], after["t-leave"]) == (D("-200.00"), D("-200.00"))
    assert "t-full" not in after


@pytest.mark.parametrize("people", [2, 12])
def test_many_transfers_take_as_many_queries_as_few(people: int) -> None:
    of, to = department(*RULES, POINTS), department(*RULES, POINTS)
    for n in range(people):
        person = agent(of, str(1001 + n))
        later = moved(person, to, date(2026, 2, 14))
        incident(later, "t-steps", date(2026, 2, 20))
        order(person, date(2026, 2, 3), "100.00")
    month = load_month(to, FEBRUARY)
    with CaptureQueriesContext(connection) as load:
        facts = load_facts(month, carried={}, manual=[])
    assert len(load.captured_queries) == 22
    assert sum(len(settle_person(facts, each).lines) for each in month.people.values()) == 5 * people
