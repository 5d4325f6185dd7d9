"""A month's draft: whole, repeatable, set-based, and nobody's trouble is anybody else's."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.contributions import CommissionFacts
from commissions.models import Metric, Order
from payroll.errors import PeriodRefused
from payroll.models import ManualLine, PayLine, Payslip, SettledOrders, SettlementPeriod
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.models import Incident, MoneyEntry
from penalties.services import IncidentFact, incident_reverse, incidents_record
from people.models import Department, FactChange, Staff, Term
from people.services import facts_changed, staff_leave, staff_terms_change, staff_transfer
from people.terms import PersonMonth
from rules.lines import Line
from shifts.services import attendance_record
from tests import factories
from tests.payroll.months import (
    AUGUST,
    BY_CONVERSION,
    CARELESS,
    FINE,
    LATE,
    LONG_AGO,
    LOSS,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    capped,
    conversion,
    department,
    incident,
    lines,
    moment,
    next_month,
    order,
    rows,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db
D = Decimal
Nature = PayLine.Nature
LATE_ON = moment("2026-10-10 09:00")
POINTS = {"code": "t-points", "title": "扣分", "kind": "points", "params": {"deduct": "1", "base": "10"}}
BAND = {
    "code": "t-band",
    "title": "低分谈话",
    "kind": "points_band",
    "params": {"at_or_below": "9", "months": 2, "proposal": "talk"},
}
ABSENCE = {"code": "t-absent", "title": "旷工", "kind": "absence", "params": {"multiple": "3"}}
MEAL = {"code": "t-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "300.00"}}
RANKED = {
    "code": "t-first",
    "title": "组内第一",
    "kind": "ranked_award",
    "params": {"metric": "net_sales", "places": ["200.00", "100.00"], "scope": "team"},
}
STREAK = {
    "code": "t-streak",
    "title": "连续第一",
    "kind": "streak_award",
    "params": {"metric": "net_sales", "steps": ["50.00", "80.00"]},
}
EVERYTHING = [BY_CONVERSION, FINE, LOSS, CARELESS, LATE, POINTS, BAND, ABSENCE, MEAL, RANKED, STREAK]


def crowd(of: Department, count: int, *, base_pay: str = "3000.00") -> list[Staff]:
    """Many people at once, numbered from 1001."""
    people = Staff.objects.bulk_create(
        Staff(
            department=of,
            number=str(1001 + index),
            name=f"员工{index}",
            hired_on=date(2020, 1, 1),
            joined_on=date(2020, 1, 1),
        )
        for index in range(count)
    )
    team = factories.team(of)
    Term.objects.bulk_create(
        Term(staff=person, valid=(date(2020, 1, 1), None), team=team, base_pay=D(base_pay))
        for person in people
    )
    return people


def orders(people: list[Staff], month: date, count: int, *, amount: str = "100.00") -> None:
    """`count` orders of the month, shared out in turn."""
    paid_at = moment(f"{month.replace(day=15)} 12:00")
    Order.objects.bulk_create(
        Order(
            department=people[0].department,
            order_no=f"B{month:%m}-{index}",
            paid_at=paid_at,
            amount=D(amount),
            agent=people[index % len(people)],
            attribution=Order.Attribution.FILE,
            as_of=month,
        )
        for index in range(count)
    )


def conversions(people: list[Staff], month: date) -> None:
    Metric.objects.bulk_create(
        Metric(
            department=person.department,
            staff=person,
            month=month,
            code="conversion_rate",
            value=D("0.72"),
            as_of=month,
            source="测试",
            at=LONG_AGO,
        )
        for person in people
    )


def busy_month(people_count: int, orders_count: int) -> SettlementPeriod:
    """October of a department in which every source has something to say about everybody.

    August and September are approved, with debts that caps held back; both changed afterwards.
    """
    of = capped(*EVERYTHING, wage="2490.00")
    people = crowd(of, people_count)
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        orders(people, month, orders_count)
        conversions(people, month)
        facts = [
            IncidentFact(staff=person, code=code, work_date=month.replace(day=5), amount=money)
            for person in people
            for code, money in (("t-fine", None), ("t-loss", D("800.00")), ("t-points", None))
        ]
        incidents_record(department=of, facts=facts, confirm=True, by=None, at=LONG_AGO)
        for person in people[:2]:
            attendance_record(
                staff=person, work_date=month.replace(day=6), late_minutes=9, by=None, at=LONG_AGO
            )
            attendance_record(
                staff=person, work_date=month.replace(day=7), absent_days=D(1), by=None, at=LONG_AGO
            )
    approved(of, AUGUST)
    approved(of, SEPTEMBER)
    for month in (AUGUST, SEPTEMBER):
        late = [
            IncidentFact(staff=person, code="t-fine", work_date=month.replace(day=9)) for person in people
        ]
        incidents_record(department=of, facts=late, confirm=True, by=None, at=LATE_ON)
    period = period_open(department=of, month=OCTOBER)
    ManualLine.objects.bulk_create(
        ManualLine(period=period, staff=person, title="补发", amount=D("5.00"), reason="漏记", at=LATE_ON)
        for person in people
    )
    return period


# A draft is whole and repeatable


def test_running_twice_gives_the_same_rows() -> None:
    period = busy_month(6, 40)
    first = rows(settled(period.department, OCTOBER))
    kinds = {(row["nature"], row["code"].split("-")[0]) for row in first["lines"]}
    assert {nature for nature, _ in kinds} == set(Nature.values) - {Nature.DEBT}  # caps leave none
    proposals = list(period.department.proposals.order_by("pk").values())
    assert proposals
    again = rows(settled(period.department, OCTOBER))
    assert again == first
    assert list(period.department.proposals.order_by("pk").values()) == proposals


def test_a_draft_is_replaced_whole() -> None:
    of = department(BY_CONVERSION, FINE)
    person, leaver = agent(of), agent(of, "1002")
    for each in (person, leaver):
        order(each, date(2026, 10, 3), "1000.00")
        conversion(each, OCTOBER, "0.60")
    fined = incident(person, "t-fine", date(2026, 10, 5))
    period = settled(of, OCTOBER)
    assert (period.payslips.count(), PayLine.objects.count(), SettledOrders.objects.count()) == (2, 5, 2)

    incident_reverse(incident=fined, on=date(2026, 10, 8), reason="误记", by=None, at=LATE_ON)
    staff_leave(staff=leaver, last_day=date(2026, 9, 30), by=None, at=LATE_ON)
    Order.objects.all().delete()
    period = settled(of, OCTOBER)
    assert [each.number for each in period.payslips.all()] == ["1001"]
    assert amounts(period) == {"base-pay": D("3000.00")}
    assert (PayLine.objects.count(), SettledOrders.objects.count()) == (1, 0)


def test_a_draft_touches_no_other_department_and_no_other_month() -> None:
    of, other = department(FINE), department(FINE)
    incident(agent(of), "t-fine", date(2026, 10, 5))
    incident(agent(other), "t-fine", date(2026, 10, 5))
    elsewhere, earlier = settled(other, OCTOBER), settled(of, SEPTEMBER)
    before = rows(elsewhere), rows(earlier), list(Payslip.objects.order_by("pk").values("pk"))
    settled(of, OCTOBER)
    assert (rows(elsewhere), rows(earlier)) == before[:2]
    assert list(Payslip.objects.order_by("pk").values("pk"))[:2] == before[2]


def test_a_draft_that_breaks_off_leaves_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    of = department(FINE)
    incident(agent(of), "t-fine", date(2026, 10, 5))
    period = settled(of, OCTOBER)
    before = rows(period)

    def torn(*args: Any) -> None:
        raise OSError("disk")

    monkeypatch.setattr("payroll.settlement.storage.line_rows", torn)
    with pytest.raises(OSError):
        settled(of, OCTOBER)
    assert rows(period) == before


def test_orders_are_stored_with_what_each_brought() -> None:
    of = department(BY_CONVERSION)
    person = agent(of)
    conversion(person, OCTOBER, "0.60")
    first, second = (order(person, date(2026, 10, day), "100.00") for day in (3, 4))
    second.refunds.create(amount=D("30.00"), refunded_at=moment("2026-10-05 12:00"), as_of=OCTOBER)
    stored = SettledOrders.objects.get(period=settled(of, OCTOBER))
    assert sorted(zip(stored.order_ids, stored.amounts, strict=True)) == sorted(
        [(first.pk, D("100.00")), (second.pk, D("100.00")), (second.pk, D("-30.00"))]
    )


# Set-based


def queries_of(period: SettlementPeriod) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        draft_write(period=period, by=None, at=next_month(OCTOBER, 1))
    return len(captured)


@pytest.mark.parametrize("again", [False, True], ids=["first draft", "replacing a draft"])
@pytest.mark.parametrize(("people", "orders_count"), [(200, 10), (10, 1000)])
def test_the_number_of_queries_depends_on_neither_people_nor_orders(
    people: int, orders_count: int, again: bool
) -> None:
    few, many = busy_month(10, 10), busy_month(people, orders_count)
    if again:
        settled(few.department, OCTOBER)
        settled(many.department, OCTOBER)
    assert queries_of(many) == queries_of(few)
    adjusted = PayLine.objects.filter(payslip__period=many, nature=Nature.ADJUSTMENT)
    assert adjusted.count() == 2 * people  # each has one of August and one of September


# One person's trouble


def test_one_person_with_broken_data_among_a_thousand_is_named_and_the_others_are_settled() -> None:
    of = department(BY_CONVERSION)
    people = crowd(of, 1000)
    orders(people, OCTOBER, 1000)
    conversions([person for person in people if person.number != "1500"], OCTOBER)
    period = settled(of, OCTOBER)
    assert period.state == SettlementPeriod.State.COMPUTED
    assert Payslip.objects.filter(period=period, failure="", net=D("3001.50")).count() == 999
    broken = slip(period, "1500")
    assert broken.failure == "缺2026年10月的询单转化率，有净销售额100待计提成"
    assert broken.remedy == "导入1500 员工499的询单转化率后重新结算"
    assert (broken.gross, broken.net, lines(period, "1500")) == (0, 0, [])
    with pytest.raises(PeriodRefused, match=r"1人未能结算（1500 员工499），不能批准"):
        period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))

    conversions([broken.staff], OCTOBER)
    period = settled(of, OCTOBER)
    assert slip(period, "1500").net == D("3001.50")
    assert period_approve(
        period=period, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2)
    ).is_frozen


def test_an_unexpected_error_stays_with_the_person_that_it_befell(monkeypatch: pytest.MonkeyPatch) -> None:
    of = department(BY_CONVERSION, FINE)
    people = crowd(of, 3)
    incident(people[1], "t-fine", date(2026, 10, 5))
    sound: Callable[[CommissionFacts, PersonMonth], list[Line]] = CommissionFacts.lines

    def failing(facts: CommissionFacts, person: PersonMonth) -> list[Line]:
        if person.staff_id == people[1].pk:
            raise ValueError("坏数据")
        return sound(facts, person)

    monkeypatch.setattr(CommissionFacts, "lines", failing)
    period = settled(of, OCTOBER)
    assert slip(period, "1002").failure == "数据有误，无法计算（ValueError：坏数据）"
    assert "重新结算" in slip(period, "1002").remedy and lines(period, "1002") == []
    assert [slip(period, number).net for number in ("1001", "1003")] == [D("3000.00")] * 2
    with pytest.raises(PeriodRefused, match="1002 员工1"):
        period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))
    monkeypatch.undo()
    assert slip(settled(of, OCTOBER), "1002").net == D("2990.00")


def test_an_error_while_a_frozen_month_is_recomputed_stays_with_the_person_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = department(FINE)
    people = crowd(of, 2)
    approved(of, SEPTEMBER)
    incident(people[0], "t-fine", date(2026, 9, 5), at=LATE_ON)
    sound: Callable[[CommissionFacts, PersonMonth], list[Line]] = CommissionFacts.lines

    def failing(facts: CommissionFacts, person: PersonMonth) -> list[Line]:
        if person.staff_id == people[1].pk and person.month_first == SEPTEMBER:
            raise ValueError("坏数据")
        return sound(facts, person)

    monkeypatch.setattr(CommissionFacts, "lines", failing)
    period = settled(of, OCTOBER)
    assert slip(period, "1001").net == D("2990.00")
    assert slip(period, "1002").failure.startswith("2026年09月有变更须重算")


def test_an_amount_too_large_to_store_fails_that_person_alone() -> None:
    of = department(MEAL)
    crowd(of, 2)
    agent(of, "2000", base_pay="9999999999.99")
    period = settled(of, OCTOBER)
    assert "超过可记的上限" in slip(period, "2000").failure
    assert "核对" in slip(period, "2000").remedy and lines(period, "2000") == []
    assert [slip(period, number).net for number in ("1001", "1002")] == [D("3300.00")] * 2


def test_a_failed_person_does_not_open_proposals_or_keep_points() -> None:
    of = department(BY_CONVERSION, POINTS, {**BAND, "params": {**BAND["params"], "months": 1}})
    person = agent(of)
    incident(person, "t-points", date(2026, 10, 5))
    settled(of, OCTOBER)
    assert of.proposals.filter(code="t-band", state="open").count() == 1
    order(person, date(2026, 10, 3), "100.00")
    period = settled(of, OCTOBER)
    assert slip(period).failure and slip(period).points is None
    assert of.proposals.filter(code="t-band", state="open").count() == 0


def test_a_month_without_anybody_is_an_empty_draft() -> None:
    period = settled(department(*EVERYTHING), OCTOBER)
    assert period.state == SettlementPeriod.State.COMPUTED and not period.payslips.exists()


# What the draft stores beside the payslips


def test_control_totals_are_those_of_the_facts_as_read() -> None:
    of = department(BY_CONVERSION)
    people = crowd(of, 2)
    conversions(people, OCTOBER)
    orders(people, OCTOBER, 3)
    Order.objects.create(
        department=of,
        order_no="N1",
        paid_at=moment("2026-10-09 09:00"),
        amount=D("7.00"),
        as_of=OCTOBER,
    )
    period = settled(of, OCTOBER)
    assert period.control == {
        "attributed_orders": "3",
        "attributed_sales": "300.00",
        "attributed_refunds": "0",
        "unattributed_orders": "1",
        "unattributed_sales": "7.00",
        "unattributed_refunds": "0",
        "pay_on": "2026-10-31",
    }
    assert (period.prepared_by, period.facts_read_at) == (user("编制人"), next_month(OCTOBER, 1))


def test_every_line_has_a_reason_and_what_it_was_computed_from() -> None:
    period = settled(busy_month(3, 9).department, OCTOBER)
    for each in PayLine.objects.filter(payslip__period=period):
        assert each.reason and each.trace, each.code
        if each.provision is not None and each.nature == Nature.REGULAR:
            assert each.trace["provision"]["provision"] == each.provision_id
            assert each.provision.code == each.code


# Changes within the month


def test_base_pay_that_changes_within_the_month_is_split_by_calendar_days() -> None:
    of = department()
    person = agent(of, base_pay="3100.00")
    staff_terms_change(staff=person, on=date(2026, 10, 11), base_pay=D("6200.00"), by=None, at=LONG_AGO)
    period = settled(of, OCTOBER)
    # 3,100.00 × 10/31 + 6,200.00 × 21/31
    assert amounts(period) == {"base-pay": D("5200.00")}
    (line,) = lines(period)
    assert "10-01至10-10 3100.00×10/31天" in line.reason and "10-11至10-31 6200.00×21/31天" in line.reason


def test_who_is_transferred_is_paid_by_each_department_for_its_own_days() -> None:
    of, to = department(FINE), department(FINE)
    person = agent(of, base_pay="4350.00")
    moved = staff_transfer(staff=person, to=to, on=date(2026, 10, 14), number="5001", by=None, at=LONG_AGO)
    incident(person, "t-fine", date(2026, 10, 13))
    incident(moved, "t-fine", date(2026, 10, 14))
    before, after = settled(of, OCTOBER), settled(to, OCTOBER)
    # 4,350.00 × 13/31 days, and the rest of the whole month
    assert amounts(before) == {"base-pay": D("1824.19"), "t-fine": D("-10.00")}
    assert amounts(after, "5001") == {"base-pay": D("2525.81"), "t-fine": D("-10.00")}
    assert (slip(before).days_due, slip(after, "5001").days_due) == (D("8"), D("13"))
    assert not before.payslips.filter(number="5001").exists()


def test_orders_of_who_is_transferred_count_where_they_were_made() -> None:
    of, to = department(BY_CONVERSION), department(BY_CONVERSION)
    person = agent(of)
    moved = staff_transfer(staff=person, to=to, on=date(2026, 10, 14), by=None, at=LONG_AGO)
    order(person, date(2026, 10, 13), "1000.00")
    order(moved, date(2026, 10, 14), "2000.00")
    conversion(person, OCTOBER, "0.60")
    conversion(moved, OCTOBER, "0.80")
    assert amounts(settled(of, OCTOBER))["t-comm"] == D("10.00")
    assert amounts(settled(to, OCTOBER))["t-comm"] == D("30.00")


def test_who_changes_teams_is_ranked_where_the_month_ended() -> None:
    of = department(RANKED)
    a, b = factories.team(of, "A"), factories.team(of, "B")
    mover, in_a, in_b = agent(of, team=a), agent(of, "1002", team=a), agent(of, "1003", team=b)
    for person, amount in ((mover, "900.00"), (in_a, "500.00"), (in_b, "700.00")):
        order(person, date(2026, 10, 3), amount)
    staff_terms_change(staff=mover, on=date(2026, 10, 20), team=b, by=None, at=LONG_AGO)
    period = settled(of, OCTOBER)
    assert slip(period).team == "B"
    won = {number: amounts(period, number).get("t-first", D(0)) for number in ("1001", "1002", "1003")}
    assert won == {"1001": D("200.00"), "1002": D("200.00"), "1003": D("100.00")}
    assert amounts(period)["base-pay"] == D("3000.00")


def test_who_joins_or_leaves_within_the_month_is_paid_by_the_day() -> None:
    of = department()
    agent(of, base_pay="4350.00", hired_on=date(2026, 10, 26))
    leaver = agent(of, "1002", base_pay="4350.00")
    staff_leave(staff=leaver, last_day=date(2026, 10, 2), by=None, at=LONG_AGO)
    period = settled(of, OCTOBER)
    assert amounts(period) == {"base-pay": D("1000.00")}
    assert amounts(period, "1002") == {"base-pay": D("400.00")}


def test_who_left_before_the_month_has_no_payslip() -> None:
    of = department()
    staff_leave(staff=agent(of), last_day=date(2026, 9, 30), by=None, at=LONG_AGO)
    assert not settled(of, OCTOBER).payslips.exists()


# Ledgers stay as they are


def test_settling_writes_nothing_into_ledgers_or_incidents() -> None:
    period = busy_month(3, 9)
    before = [list(model.objects.order_by("pk").values()) for model in (Incident, MoneyEntry, FactChange)]
    settled(period.department, OCTOBER)
    after = [list(model.objects.order_by("pk").values()) for model in (Incident, MoneyEntry, FactChange)]
    assert before == after


def test_a_change_noted_without_a_difference_costs_queries_but_no_lines() -> None:
    of = department(FINE)
    agent(of)
    approved(of, SEPTEMBER)
    facts_changed(department=of, months=[SEPTEMBER], source=FactChange.Source.ORDERS, by=None, at=LATE_ON)
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("3000.00")}
