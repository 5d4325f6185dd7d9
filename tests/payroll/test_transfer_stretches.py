"""A month with a transfer in which rules change too: stretches, dues by days and windows go on."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from payroll.models import SettlementPeriod
from penalties.models import Proposal
from people.models import Department, Staff
from people.services import staff_transfer
from shifts.services import attendance_record
from tests import factories
from tests.payroll.months import (
    COMMISSION,
    LATE,
    LONG_AGO,
    agent,
    amounts,
    conversion,
    department,
    incident,
    lines,
    order,
    publish,
    settled,
)

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)
MIDDLE = date(2026, 7, 16)
BY_DAYS = {"in_month": "days"}
ALLOWANCE = {"code": "t-meal", "title": "餐补", "kind": "allowance"}
GUARANTEE = {"code": "t-floor", "title": "保底", "kind": "guarantee"}
ABSENCE = {
    "code": "t-absent",
    "title": "旷工",
    "kind": "absence",
    "window": "year",
    "params": {"multiple": "1", "proposal": {"days_in_month": 4, "proposal": "termination"}},
}


def moved(person: Staff, to: Department, **terms: Any) -> Staff:
    return staff_transfer(staff=person, to=to, on=MIDDLE, by=None, at=LONG_AGO, **terms)


def absent(person: Staff, *days: date) -> None:
    for day in days:
        attendance_record(staff=person, work_date=day, absent_days=D(1), by=None, at=LONG_AGO)


def reason(period: SettlementPeriod, code: str) -> str:
    return next(line.reason for line in lines(period) if line.code == code)


def test_what_is_due_by_days_is_paid_by_each_department_for_its_days() -> None:
    allowance = {**ALLOWANCE, "params": {"amount": "310.00", **BY_DAYS}}
    floor = {**GUARANTEE, "params": {"minimum": {"*": "620.00"}, "of": "t-comm", **BY_DAYS}}
    rules = COMMISSION, allowance, floor
    of, to = department(*rules), department(*rules)
    person = agent(of)
    later = moved(person, to)
    order(person, date(2026, 7, 3), "10000.00")
    order(later, date(2026, 7, 20), "90000.00")
    before, after = amounts(settled(of, JULY)), amounts(settled(to, JULY))
    # 310.00 × 15/31 and × 16/31; 620.00 × 15/31 = 300.00 against the 100.00 of those days
    assert (before["t-meal"], after["t-meal"]) == (D("150.00"), D("160.00"))
    assert (before["t-comm"], before["t-floor"]) == (D("100.00"), D("200.00"))
    assert after["t-comm"] == D("900.00") and "t-floor" not in after


@pytest.mark.parametrize(
    ("scale", "first", "second"),
    # 2,500 in all, so 2 % of 1,000, then 2 % of 500 and of the doubled rates 4 % of 1,000;
    # marginal: 1 % of 1,000, then 2 % of the 500 above, then 4 % of 500 and 6 % of the last 500
    [("whole", "20.00", "50.00"), ("marginal", "10.00", "60.00")],
)
def test_brackets_of_the_whole_month_hold_for_each_stretch(scale: str, first: str, second: str) -> None:
    def rates(*rates: str) -> dict[str, Any]:
        brackets = [
            {"from": start, "rate": rate} for start, rate in zip(("0", "1000", "2000"), rates, strict=True)
        ]
        return {
            **COMMISSION,
            "params": {"measure": "net_sales", "scale": scale, "brackets": brackets},
        }

    of, to = department(rates("0.01", "0.02", "0.02")), department(rates("0.01", "0.02", "0.02"))
    publish(to, rates("0.02", "0.04", "0.06" if scale == "marginal" else "0.04"), on=date(2026, 7, 24))
    person = agent(of)
    later = moved(person, to)
    order(person, date(2026, 7, 3), "1000.00")
    order(later, date(2026, 7, 20), "500.00")
    order(later, date(2026, 7, 28), "1000.00")
    before, after = settled(of, JULY), settled(to, JULY)
    assert (amounts(before)["t-comm"], amounts(after)["t-comm"]) == (D(first), D(second))
    assert f"（含在{of}）" in reason(after, "t-comm")


def test_pay_tables_that_change_within_a_part_are_split_at_their_own_figures() -> None:
    def table(amount: str) -> dict[str, Any]:
        params = {"table": {"junior": amount}}
        return {"code": "t-table", "title": "级别工资", "kind": "base_pay", "params": params}

    of, to = department(table("3100.00")), department(table("9300.00"))
    publish(of, table("6200.00"), on=date(2026, 7, 6))
    moved(agent(of, base_pay=None, tier="junior"), to)
    # 3,100 × 5/31 and 6,200 × 10/31; 9,300 × 16/31
    assert amounts(settled(of, JULY)) == {"t-table": D("2500.00")}
    assert amounts(settled(to, JULY)) == {"t-table": D("4800.00")}


def test_absence_over_the_year_goes_on_after_a_transfer_and_tells_of_before_the_number_alone() -> None:
    of, to = department(ABSENCE, code="ONE"), department(ABSENCE, code="TWO")
    person = agent(of, base_pay="2175.00")
    later = moved(person, to)
    absent(person, date(2026, 3, 9), date(2026, 7, 6))
    incident(person, "t-absent", date(2026, 7, 8))  # one day recorded under the provision itself
    absent(later, date(2026, 7, 20))
    assert amounts(settled(of, JULY))["t-absent"] == D("-200.00")
    assert not Proposal.objects.exists()
    assert amounts(settled(to, JULY))["t-absent"] == D("-100.00")
    proposal = Proposal.objects.get()
    assert proposal.staff == later
    assert proposal.evidence["调动前"] == ["在客服ONE3天"]
    assert proposal.evidence["日期"] == ["2026-07-20"]


def test_absence_of_a_department_that_did_not_have_the_code_does_not_count() -> None:
    other = {**ABSENCE, "code": "t-other"}
    of, to = department(other), department(ABSENCE)
    person = agent(of, base_pay="2175.00")
    later = moved(person, to)
    absent(person, date(2026, 7, 6), date(2026, 7, 7), date(2026, 7, 9))
    absent(later, date(2026, 7, 20))
    settled(to, JULY)
    assert not Proposal.objects.exists()
    absent(later, date(2026, 7, 22), date(2026, 7, 24), date(2026, 7, 27))
    settled(to, JULY)
    assert Proposal.objects.get().staff == later


def test_a_lead_who_is_transferred_shares_in_each_team_by_days() -> None:
    share = {
        **COMMISSION,
        "roles": ["lead"],
        "params": {"measure": "net_sales", "of": "team", "rate": "0.01"},
    }
    floor = {**GUARANTEE, "params": {"minimum": {"*": "620.00"}, "of": "t-comm"}, "roles": ["lead"]}
    of, to = department(share, floor), department(share, floor)
    old_team, new_team = factories.team(of), factories.team(to)
    lead = agent(of, team=old_team, role="lead")
    moved(lead, to, team=new_team)
    order(agent(of, "1002", team=old_team), date(2026, 7, 20), "31000.00")
    order(agent(to, "1003", team=new_team), date(2026, 7, 3), "62000.00")
    before, after = amounts(settled(of, JULY)), amounts(settled(to, JULY))
    # 31,000 × 15/31 and 62,000 × 16/31 of the teams' month; together 470.00 of 620.00
    assert (before["t-comm"], after["t-comm"]) == (D("150.00"), D("320.00"))
    assert "t-floor" not in before and after["t-floor"] == D("150.00")


RANKED: dict[str, Any] = {"code": "t-top", "title": "名次奖", "kind": "ranked_award"}


def test_what_was_sold_before_the_transfer_counts_for_the_rank() -> None:
    """1,000.00 there and 1,500.00 here are more than the 2,000.00 of a colleague here."""
    award = {**RANKED, "params": {"metric": "net_sales", "places": ["100.00", "50.00"]}}
    of, to = department(award), department(award)
    colleague = agent(to, "1002")
    later = moved(person := agent(of), to)
    order(person, date(2026, 7, 3), "1000.00")
    order(later, date(2026, 7, 20), "1500.00")
    order(colleague, date(2026, 7, 20), "2000.00")
    there, here = settled(of, JULY), settled(to, JULY)
    assert "t-top" not in amounts(there)
    assert (amounts(here)["t-top"], amounts(here, "1002")["t-top"]) == (D("100.00"), D("50.00"))
    assert f"净销售额2500（含在{of.name}），部门第1名" in reason(here, "t-top")


def test_a_figure_that_was_brought_is_said_to_be_of_this_department_alone() -> None:
    award = {**RANKED, "params": {"metric": "conversion_rate", "places": ["100.00"]}}
    of, to = department(award), department(award)
    later = moved(person := agent(of), to)
    conversion(person, JULY, "0.9")
    conversion(later, JULY, "0.5")
    here = settled(to, JULY)
    assert amounts(here)["t-top"] == D("100.00")
    assert f"（不含在{of.name}），部门第1名" in reason(here, "t-top")


def test_a_rank_that_pays_by_days_looks_at_the_days_here() -> None:
    award = {**RANKED, "params": {"metric": "net_sales", "places": ["310.00"], **BY_DAYS}}
    of, to = department(award), department(award)
    colleague = agent(to, "1002")
    later = moved(person := agent(of), to)
    order(person, date(2026, 7, 3), "1000.00")
    order(later, date(2026, 7, 20), "1500.00")
    order(colleague, date(2026, 7, 20), "2000.00")
    there, here = amounts(settled(of, JULY)), amounts(settled(to, JULY))
    assert there["t-top"] == D("150.00") and "t-top" not in here


def test_full_attendance_by_days_is_paid_by_each_department_for_its_days() -> None:
    full = {"code": "t-full", "title": "全勤奖", "kind": "full_attendance"}
    rule = {**full, "params": {"amount": "310.00", **BY_DAYS}}
    of, to = department(rule, LATE), department(rule, LATE)
    moved(agent(of), to)
    there, here = settled(of, JULY), settled(to, JULY)
    assert (amounts(there)["t-full"], amounts(here)["t-full"]) == (D("150.00"), D("160.00"))
    assert "按日历天数07-16至07-31 310.00×16/31天＝160.00元" in reason(here, "t-full")


def test_full_attendance_by_days_is_lost_in_both_by_being_late_once() -> None:
    full = {"code": "t-full", "title": "全勤奖", "kind": "full_attendance"}
    rule = {**full, "params": {"amount": "310.00", **BY_DAYS}}
    of, to = department(rule, LATE), department(rule, LATE)
    moved(person := agent(of), to)
    attendance_record(staff=person, work_date=date(2026, 7, 3), late_minutes=5, by=None, at=LONG_AGO)
    assert "t-full" not in amounts(settled(of, JULY)) and "t-full" not in amounts(settled(to, JULY))
