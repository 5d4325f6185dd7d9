"""Two people who decide the same thing in the same moment: one does, the other is told so."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from penalties.models import DisciplinaryCase, Incident, IncidentAppeal, MoneyEntry, Reversal
from penalties.services import (
    discipline_appeal,
    discipline_appeal_decide,
    discipline_decide,
    discipline_hear,
    discipline_propose,
    incident_appeal,
    incident_appeal_decide,
    incident_confirm,
    incident_record,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.at_once import at_once
from tests.factories import WHEN

pytestmark = pytest.mark.django_db(transaction=True)
LATER = WHEN + timedelta(hours=1)


def granting_and_refusing(decide: Callable[[str, Account], object], of: Department) -> list[str]:
    first, second = (factories.account("manager", of) for _ in range(2))
    return at_once(lambda: decide("approved", first), lambda: decide("refused", second))


def test_of_two_who_decide_an_appeal_at_once_one_is_told_so(department: Department, agent: Staff) -> None:
    four = [
        incident_confirm(
            incident=incident_record(
                staff=agent, code="x-complaint", work_date=date(2026, 10, day), by=None, at=WHEN
            ),
            by=None,
            at=WHEN,
        )
        for day in (1, 2)
    ]
    appeal = incident_appeal(incident=four[0], reason="我不在班", by=None, at=WHEN)

    def decide(state: str, by: Account) -> None:
        incident_appeal_decide(appeal=appeal, state=state, answer="看过", by=by, at=LATER)

    outcomes = granting_and_refusing(decide, department)
    appeal.refresh_from_db()
    label = IncidentAppeal.State(appeal.state).label
    assert outcomes == sorted(["done", f"{appeal}{label}，不能再决定"])
    standing = sorted(
        MoneyEntry.objects.filter(reverses=None, reversed_by=None).values_list("source_id", "amount")
    )
    granted = appeal.state == "approved"
    assert Reversal.objects.count() == granted
    assert standing == ([(four[1].pk, -50)] if granted else [(four[0].pk, -50), (four[1].pk, -100)])
    assert sum(MoneyEntry.objects.values_list("amount", flat=True)) == (-50 if granted else -150)


def heard(of: Department, staff: Staff) -> DisciplinaryCase:
    hr = factories.account("hr", of)
    case = discipline_propose(staff=staff, level="minor", grounds="旷工一天", by=hr, at=WHEN)
    return discipline_hear(case=case, statement="没有异议", heard_at=WHEN, by=hr, at=WHEN)


def test_of_two_who_decide_a_disciplinary_case_at_once_one_is_told_so(
    department: Department, agent: Staff
) -> None:
    case = heard(department, agent)

    def decide(state: str, by: Account) -> None:
        discipline_decide(case=case, accept=state == "approved", decision="事实清楚", by=by, at=LATER)

    outcomes = granting_and_refusing(decide, department)
    case.refresh_from_db()
    assert outcomes == sorted(["done", f"{case}{case.get_state_display()}，不能再决定"])
    assert Incident.objects.count() == (case.state == "decided")


def test_of_two_who_answer_an_appeal_against_a_decision_at_once_one_is_told_so(
    department: Department, agent: Staff
) -> None:
    person = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    boss = factories.account("manager", department)
    case = discipline_decide(case=heard(department, agent), accept=True, decision="清楚", by=boss, at=WHEN)
    appeal = discipline_appeal(case=case, reason="有病假条", by=person, at=LATER)

    def decide(state: str, by: Account) -> None:
        discipline_appeal_decide(appeal=appeal, state=state, answer="看过", by=by, at=LATER)

    outcomes = granting_and_refusing(decide, department)
    case.refresh_from_db()
    appeal.refresh_from_db()
    assert outcomes == sorted(["done", f"{appeal}{appeal.get_state_display()}，不能再决定"])
    granted = appeal.state == "approved"
    assert (case.state == "reversed", Reversal.objects.count()) == (granted, int(granted))
