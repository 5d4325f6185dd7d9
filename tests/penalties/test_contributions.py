"""What incidents bring to a payslip: lines with reason and trace, from a fixed number of queries."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.periods import last_of
from penalties import contributions, services
from penalties.contributions import PenaltyFacts
from penalties.models import Incident
from people.models import Department, Staff
from people.terms import PersonMonth, people_of_month
from rules.kinds.base import PayBasis
from rules.lines import SettlementFailure
from rules.provisions import Month
from rules.selectors import timeline_of
from tests import factories
from tests.factories import WHEN

PAY = PayBasis(
    base_pay=lambda day: Decimal("3000.00"),
    performance_bonus=lambda day: Decimal("1000.00"),
    gross=lambda: Decimal("4000.00"),
    performance_bonus_paid=lambda: Decimal("1000.00"),
)


def month_of(department: Department, first: date = date(2026, 10, 1)) -> Month:
    people = people_of_month(department, first, last_of(first))
    return Month(
        department_id=department.pk,
        first=first,
        last=last_of(first),
        people={each.staff_id: each for each in people},
        timeline=timeline_of(department),
    )


def loaded(staff: Staff, first: date = date(2026, 10, 1)) -> tuple[PenaltyFacts, PersonMonth]:
    month = month_of(staff.department, first)
    return contributions.load(month), month.people[staff.pk]


def confirmed(staff: Staff, code: str, day: date, **fields: Any) -> Incident:
    fact = services.IncidentFact(staff=staff, code=code, work_date=day, **fields)
    return services.incidents_record(
        department=staff.department, facts=[fact], confirm=True, by=None, at=WHEN
    )[0]


def test_a_fine_is_a_line_with_reason_and_trace(agent: Staff) -> None:
    boss = factories.account("gm", username="boss")
    incident = services.incident_record(
        staff=agent, code="x-complaint", work_date=date(2026, 10, 5), note="截图为证", by=boss, at=WHEN
    )
    services.incident_confirm(incident=incident, by=boss, at=WHEN)
    facts, person = loaded(agent)
    (line,) = facts.ledger_lines(person)
    assert (line.code, line.amount, line.column, line.basis) == (
        "x-complaint",
        Decimal("-50.00"),
        "fine",
        "discipline",
    )
    assert line.on == date(2026, 10, 5)
    assert line.reason == "2026-10-05 服务原因被买家投诉：第1次50.00元"
    trace = json.loads(json.dumps(line.trace))
    assert trace["provision"]["version"] == "第1版"
    assert trace["facts"]["incident"] == incident.pk
    assert (trace["facts"]["note"], trace["facts"]["confirmed_by"]) == ("截图为证", "boss")
    assert [entry["amount"] for entry in trace["entries"]] == ["-50.00"]


def test_an_award_is_paid_in_the_bonus_column(agent: Staff) -> None:
    confirmed(agent, "x-award", date(2026, 10, 5), quantity=2)
    facts, person = loaded(agent)
    (line,) = facts.ledger_lines(person)
    assert (line.amount, line.column, line.basis) == (Decimal("60.00"), "bonus", "benefit")


def test_what_was_reversed_is_no_line_and_what_moved_up_tells_its_new_rank(agent: Staff) -> None:
    first = confirmed(agent, "x-complaint", date(2026, 10, 5))
    confirmed(agent, "x-complaint", date(2026, 10, 11))
    services.incident_reverse(incident=first, on=date(2026, 11, 2), reason="误记", by=None, at=WHEN)
    facts, person = loaded(agent)
    (line,) = facts.ledger_lines(person)
    assert (line.amount, line.reason) == (
        Decimal("-50.00"),
        "2026-10-11 服务原因被买家投诉：第1次50.00元",
    )
    assert [entry["amount"] for entry in line.trace["entries"]] == ["-100.00", "100.00", "-50.00"]


def test_incidents_of_other_months_and_unconfirmed_ones_bring_nothing(agent: Staff) -> None:
    confirmed(agent, "x-complaint", date(2026, 9, 30))
    confirmed(agent, "x-complaint", date(2026, 11, 1))
    services.incident_record(staff=agent, code="x-complaint", work_date=date(2026, 10, 5), by=None, at=WHEN)
    facts, person = loaded(agent)
    assert facts.ledger_lines(person) == []
    assert facts.priced_lines(person, PAY) == []


def test_joint_liability_is_a_line_of_the_lead(agent: Staff) -> None:
    lead = factories.staff(
        agent.department, "1008", name="组长乙", role="lead", team=factories.team(agent.department, "A")
    )
    confirmed(agent, "x-joint", date(2026, 10, 5))
    facts, person = loaded(lead)
    (line,) = facts.ledger_lines(person)
    assert line.amount == Decimal("-10.00")
    assert "对1001 甲的连带责任" in line.reason


def test_rates_follow_the_rank_in_the_quarter_and_round_once(agent: Staff) -> None:
    """1% for the first two, 5% from the third of 3,000: one in October, two in November."""
    for day in (date(2026, 10, 5), date(2026, 11, 3), date(2026, 11, 4)):
        confirmed(agent, "x-rate", day)
    facts, person = loaded(agent)
    (october,) = facts.priced_lines(person, PAY)
    assert october.amount == Decimal("-30.00")
    facts, person = loaded(agent, date(2026, 11, 1))
    (november,) = facts.priced_lines(person, PAY)
    assert november.amount == Decimal("-180.00")
    assert (november.on, november.column) == (date(2026, 11, 4), "fine")
    assert "11-04第3次：基本工资3000.00×5%" in november.reason
    assert len(november.trace["facts"]) == 2


def test_quantity_of_an_earlier_month_counts_in_the_rank(agent: Staff) -> None:
    confirmed(agent, "x-rate", date(2026, 10, 5), quantity=2)
    taken_back = confirmed(agent, "x-rate", date(2026, 10, 6))
    services.incident_reverse(incident=taken_back, on=date(2026, 10, 7), reason="误记", by=None, at=WHEN)
    confirmed(agent, "x-rate", date(2026, 11, 3))
    facts, person = loaded(agent, date(2026, 11, 1))
    assert [line.amount for line in facts.priced_lines(person, PAY)] == [Decimal("-150.00")]


def test_sick_days_are_one_line_a_month(agent: Staff) -> None:
    """0.5 × (1 + 1.5 days) × 3000 ÷ 21.75 = 172.413…"""
    confirmed(agent, "x-sick", date(2026, 10, 5))
    confirmed(agent, "x-sick", date(2026, 10, 8), magnitude=Decimal("1.5"))
    facts, person = loaded(agent)
    (line,) = facts.priced_lines(person, PAY)
    assert (line.amount, line.column) == (Decimal("-172.41"), "leave")


def test_days_cannot_be_priced_without_a_base_pay(agent: Staff) -> None:
    confirmed(agent, "x-sick", date(2026, 10, 5))
    facts, person = loaded(agent)
    nothing = PayBasis(
        base_pay=lambda day: None,
        performance_bonus=lambda day: None,
        gross=lambda: Decimal(0),
        performance_bonus_paid=lambda: Decimal(0),
    )
    with pytest.raises(SettlementFailure, match="没有基本工资"):
        facts.priced_lines(person, nothing)


def test_decisions_of_a_month_take_at_most_the_whole_bonus_and_the_later_is_cut(agent: Staff) -> None:
    """1,000 of bonus: a minor demerit 300, a major one the other 700, a second minor one nothing."""
    confirmed(agent, "x-major", date(2026, 10, 20))
    confirmed(agent, "x-minor", date(2026, 10, 11))
    facts, person = loaded(agent)
    minor, major = facts.priced_lines(person, PAY)
    assert (minor.code, minor.amount, minor.column, minor.basis) == (
        "x-minor",
        Decimal("-300.00"),
        "fine",
        "discipline",
    )
    assert (major.code, major.amount, major.on) == ("x-major", Decimal("-700.00"), date(2026, 10, 20))
    assert major.reason == (
        "大过处分：10-20大过：绩效奖金1000.00×100%，当月处分至多扣完绩效奖金，此前已扣300.00元，本次扣700.00元"
    )
    confirmed(agent, "x-warning", date(2026, 10, 21))
    facts, person = loaded(agent)
    *_, warning = facts.priced_lines(person, PAY)
    assert warning.amount == 0
    assert "此前已扣1000.00元，本次扣0.00元" in warning.reason


def test_a_decision_that_was_taken_back_leaves_the_whole_to_the_others(agent: Staff) -> None:
    minor = confirmed(agent, "x-minor", date(2026, 10, 11))
    confirmed(agent, "x-major", date(2026, 10, 20))
    services.incident_reverse(incident=minor, on=date(2026, 10, 25), reason="误记", by=None, at=WHEN)
    facts, person = loaded(agent)
    assert [line.amount for line in facts.priced_lines(person, PAY)] == [Decimal("-1000.00")]


def test_absences_are_handed_on_with_their_provision(agent: Staff) -> None:
    confirmed(agent, "x-absent", date(2026, 10, 5), magnitude=Decimal("0.5"))
    facts, person = loaded(agent)
    ((rule, occurrence),) = facts.absences(person)
    assert (rule.code, occurrence.on, occurrence.magnitude) == (
        "x-absent",
        date(2026, 10, 5),
        Decimal("0.5"),
    )
    assert facts.ledger_lines(person) == facts.priced_lines(person, PAY) == []


def test_points_of_the_month_come_with_their_reasons(agent: Staff) -> None:
    first = confirmed(agent, "x-manner", date(2026, 10, 2), quantity=2)
    confirmed(agent, "x-manner", date(2026, 10, 4))
    facts, person = loaded(agent)
    assert [(line.code, line.points) for line in facts.points(person)] == [("x-manner", 2), ("x-manner", 3)]
    assert facts.points(person)[1].reason == ("2026-10-04 服务态度被投诉：周期内累计3次，累计扣5分，本次3分")
    services.incident_reverse(incident=first, on=date(2026, 10, 5), reason="误记", by=None, at=WHEN)
    facts, person = loaded(agent)
    assert [line.points for line in facts.points(person)] == [1]


def test_a_month_takes_as_many_queries_for_many_people(
    department: Department, django_assert_num_queries: Callable
) -> None:
    boss = factories.account("gm")
    for people in (2, 20):
        team = factories.team(department, f"组{people}")
        facts = [
            services.IncidentFact(staff=person, code=code, work_date=date(2026, month, 5))
            for person in [factories.staff(department, team=team) for _ in range(people)]
            for code in ("x-complaint", "x-manner", "x-rate", "x-sick", "x-absent", "x-minor")
            for month in (10, 11)
        ]
        services.incidents_record(department=department, facts=facts, confirm=True, by=boss, at=WHEN)
        month = month_of(department, date(2026, 11, 1))
        with django_assert_num_queries(7):
            loaded_facts = contributions.load(month)
            lines = [
                line
                for person in month.people.values()
                for line in [*loaded_facts.ledger_lines(person), *loaded_facts.priced_lines(person, PAY)]
            ]
    assert len(lines) == 22 * 4
