"""A lead who answers for a person of the team appeals against the own share; the incident stands."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum

from notices.models import Notice
from penalties.errors import AppealRefused
from penalties.models import Incident, IncidentAppeal, MoneyEntry, Reversal
from penalties.open_appeals import open_appeals
from penalties.selectors import appeals_visible_to, incidents_visible_to
from penalties.services import (
    incident_appeal,
    incident_appeal_decide,
    incident_record,
    incident_reverse,
)
from people.models import Account, Department, Staff, Team
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


@pytest.fixture
def lead(department: Department, agent: Staff) -> Staff:
    """The lead of team A, who answers for the agent of it with 10 yuan."""
    team = Team.objects.get(department=department, name="A")
    made = factories.staff(department, "1009", name="组长", team=team, role="lead")
    made.account = factories.account("lead", staff=made)
    return made


@pytest.fixture
def person(agent: Staff) -> Account:
    account = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    return account


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def counted(agent: Staff, day: int = 5, by: Account | None = None) -> Incident:
    return incident_record(staff=agent, code="x-joint", work_date=date(2026, 10, day), by=by, at=WHEN)


def costs(staff: Staff) -> Decimal | None:
    total: Decimal | None = MoneyEntry.objects.filter(staff=staff).aggregate(total=Sum("amount"))["total"]
    return total


def appealed(incident: Incident, by: Account | None) -> IncidentAppeal:
    return incident_appeal(incident=incident, reason="当天我休假", by=by, at=WHEN)


def decide(appeal: IncidentAppeal, by: Account, state: str = "approved") -> None:
    incident_appeal_decide(appeal=appeal, state=state, answer="看过", by=by, at=WHEN)


def test_a_lead_is_told_and_takes_the_own_share_back_alone(
    agent: Staff, lead: Staff, person: Account, manager: Account
) -> None:
    incident = counted(agent)
    assert (costs(agent), costs(lead)) == (-20, -10)
    told = Notice.objects.get(account=lead.account)
    assert told.text == f"您对{agent}2026-10-05的奖惩负连带责任；不服的可以申诉到2026-10-18"
    appeal = appealed(incident, lead.account)
    assert appeal.staff == lead
    (found,) = open_appeals(agent.department_id, *OCTOBER)
    assert (found.staff, found.what) == (lead, "2026-10-05漏发货（对甲连带）")
    decide(appeal, manager)
    assert (costs(agent), costs(lead)) == (-20, 0)
    assert not Reversal.objects.exists()
    assert Notice.objects.filter(account=lead.account, text__contains="连带的部分已撤销").count() == 1
    assert open_appeals(agent.department_id, *OCTOBER) == []
    incident_reverse(incident=incident, on=date(2026, 10, 15), reason="记错", by=manager, at=WHEN)
    assert (costs(agent), costs(lead)) == (0, 0)


def test_a_share_that_was_taken_back_does_not_come_again_with_the_next_incident(
    agent: Staff, lead: Staff, manager: Account
) -> None:
    decide(appealed(counted(agent, 5), lead.account), manager)
    counted(agent, 3)  # every later place of the window is reckoned anew
    assert (costs(agent), costs(lead)) == (-40, -10)


def test_the_person_and_the_lead_appeal_apart_and_see_no_more_than_is_theirs(
    department: Department, agent: Staff, lead: Staff, person: Account, manager: Account
) -> None:
    incident = counted(agent)
    own, joint = appealed(incident, person), appealed(incident, lead.account)
    assert list(appeals_visible_to(person)) == [own]
    assert set(appeals_visible_to(manager)) == {own, joint}
    decide(own, manager, "refused")
    joint.refresh_from_db()
    assert joint.state == "asked"
    stranger = factories.account("agent", staff=factories.staff(department))
    for account in (stranger, manager):
        with pytest.raises(AppealRefused, match="只能对本人的记录申诉"), transaction.atomic():
            appealed(incident, account)
    assert IncidentAppeal.objects.count() == 2


def test_who_leads_another_team_by_now_still_sees_what_it_cost_them(
    department: Department, agent: Staff, lead: Staff
) -> None:
    other = counted(factories.staff(department, team=factories.team(department, "B")))
    incident = counted(agent)
    lead.account.groups.clear()  # sees nobody but the own rows
    assert list(incidents_visible_to(Account.objects.get(pk=lead.account.pk))) == [incident]
    assert other not in incidents_visible_to(lead.account)


def test_an_incident_that_is_taken_back_grants_every_appeal_against_it(
    agent: Staff, lead: Staff, person: Account, manager: Account
) -> None:
    incident = counted(agent)
    own, joint = appealed(incident, person), appealed(incident, lead.account)
    decide(own, manager)
    joint.refresh_from_db()
    assert (joint.state, costs(agent), costs(lead)) == ("approved", 0, 0)
    with pytest.raises(AppealRefused, match="不能再决定"), transaction.atomic():
        decide(joint, manager, "refused")
