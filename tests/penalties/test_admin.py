"""The admin's pages: who sees which incidents, who may decide, and that decisions go through the services."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from penalties import services
from penalties.models import Incident, MoneyEntry, Proposal
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import ALL, Publish

LIST = "admin:penalties_incident_changelist"


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def recorded(staff: Staff, code: str = "x-complaint", day: date = date(2026, 10, 5)) -> Incident:
    return services.incident_record(staff=staff, code=code, work_date=day, by=None, at=WHEN)


def act(client: Client, name: str, row: Any, **fields: str) -> Any:
    address = reverse(f"admin:penalties_{row._meta.model_name}_{name}", args=[row.pk])
    return client.post(address, {"_form_submitted": "on", **fields})


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def test_an_agent_sees_only_the_own_incidents_and_cannot_decide(agent: Staff) -> None:
    other = factories.staff(agent.department, "1002", name="乙")
    own, others = recorded(agent), recorded(other)
    client = signed_in(factories.account("agent", staff=agent))
    page = client.get(reverse(LIST)).content.decode()
    assert "1001 甲" in page
    assert "1002 乙" not in page
    assert client.get(reverse("admin:penalties_incident_change", args=[own.pk])).status_code == 200
    assert client.get(reverse("admin:penalties_incident_change", args=[others.pk])).status_code == 302
    assert act(client, "confirm", own).status_code == 403
    own.refresh_from_db()
    assert own.state == "recorded"


def test_a_manager_confirms_and_takes_back_with_a_reason(agent: Staff, manager: Account) -> None:
    incident = recorded(agent)
    client = signed_in(manager)
    assert act(client, "confirm", incident).status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.decided_by) == ("confirmed", manager)
    page = client.get(reverse("admin:penalties_incident_change", args=[incident.pk])).content.decode()
    assert "第1次50.00元" in page
    refused = act(client, "take_back", incident, on="2026-10-20", reason="")
    assert refused.status_code == 200
    assert not hasattr(Incident.objects.get(), "reversal")
    act(client, "take_back", incident, on="2026-10-20", reason="误记")
    assert Incident.objects.get().reversal.reason == "误记"
    assert sum(entry.amount for entry in MoneyEntry.objects.all()) == 0


def test_a_dialog_that_was_only_opened_decides_nothing(agent: Staff, manager: Account) -> None:
    incident = recorded(agent)
    address = reverse("admin:penalties_incident_confirm", args=[incident.pk])
    assert signed_in(manager).get(address).status_code == 200
    incident.refresh_from_db()
    assert incident.state == "recorded"


def test_a_manager_of_another_department_may_not_decide(agent: Staff) -> None:
    incident = recorded(agent)
    client = signed_in(factories.account("manager", factories.department("D2")))
    assert act(client, "confirm", incident).status_code == 403
    incident.refresh_from_db()
    assert incident.state == "recorded"


def test_chosen_rows_are_confirmed_together_or_not_at_all(agent: Staff, manager: Account) -> None:
    first, second = recorded(agent), recorded(agent, day=date(2026, 10, 6))
    client = signed_in(manager)
    chosen = {"action": "confirm_selected", "_selected_action": [first.pk, second.pk]}
    page = client.post(reverse(LIST), chosen, follow=True).content.decode()
    assert "已确认2条记录" in page
    third = recorded(agent, day=date(2026, 10, 7))
    chosen["_selected_action"] = [second.pk, third.pk]
    page = client.post(reverse(LIST), chosen, follow=True).content.decode()
    assert "没有确认任何记录" in page
    third.refresh_from_db()
    assert third.state == "recorded"


def test_a_lead_records_for_the_own_team_under_the_rules(
    agent: Staff, publish: Publish, department: Department
) -> None:
    publish(department, date(2026, 10, 1), ALL)
    team = factories.team(department, "A")
    lead = factories.staff(department, "1008", role="lead", team=team)
    stranger = factories.staff(department, "1002", team=factories.team(department, "B"))
    client = signed_in(factories.account("lead", staff=lead))
    address = reverse("admin:penalties_incident_add")
    given = {"staff": agent.pk, "code": "x-range", "work_date": "2026-10-05", "quantity": "1", "note": "聊天"}
    page = client.post(address, {**given, "amount": "1000.01"}).content.decode()
    assert "金额1000.01不在20.00至1000.00元之内" in page
    page = client.post(address, {**given, "amount": "20", "staff": stranger.pk}).content.decode()
    assert "选择一个有效的选项" in page
    assert not Incident.objects.exists()
    response = client.post(address, {**given, "amount": "20"})
    assert response.status_code == 302
    incident = Incident.objects.get()
    assert (incident.staff, incident.state, incident.recorded_by.staff.get()) == (agent, "recorded", lead)


def test_a_proposal_is_decided_by_the_manager_and_hidden_from_the_person(
    agent: Staff, manager: Account
) -> None:
    for day in (5, 6, 7):
        services.incident_confirm(incident=recorded(agent, day=date(2026, 10, day)), by=manager, at=WHEN)
    proposal = Proposal.objects.get()
    own = signed_in(factories.account("agent", staff=agent))
    assert own.get(reverse("admin:penalties_proposal_changelist")).context["cl"].result_count == 0
    assert act(own, "decide", proposal, accepted="no", decision="x").status_code == 403
    client = signed_in(manager)
    assert client.get(reverse("admin:penalties_proposal_changelist")).context["cl"].result_count == 1
    act(client, "decide", proposal, accepted="no", decision="再观察")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.decision) == ("declined", manager, "再观察")


def test_ledgers_can_be_read_and_nothing_else(agent: Staff, manager: Account) -> None:
    services.incident_confirm(incident=recorded(agent), by=None, at=WHEN)
    services.incident_confirm(incident=recorded(agent, "x-manner"), by=None, at=WHEN)
    client = signed_in(manager)
    for model in ("moneyentry", "pointsentry"):
        page = client.get(reverse(f"admin:penalties_{model}_changelist"))
        assert "1001 甲" in page.content.decode()
        assert client.get(reverse(f"admin:penalties_{model}_add")).status_code == 403


def test_an_incident_and_its_entries_lead_to_each_other(agent: Staff, manager: Account) -> None:
    incident = services.incident_confirm(incident=recorded(agent), by=None, at=WHEN)
    entry = MoneyEntry.objects.of_incident(incident.pk).get()
    client = signed_in(manager)
    there = reverse("admin:penalties_moneyentry_change", args=[entry.pk])
    back = reverse("admin:penalties_incident_change", args=[incident.pk])
    assert f'href="{there}"' in client.get(back).content.decode()
    assert f'href="{back}"' in client.get(there).content.decode()


def test_what_follows_from_no_incident_is_not_taken_back_here(agent: Staff, manager: Account) -> None:
    incident = services.incident_confirm(incident=recorded(agent), by=None, at=WHEN)
    entry = MoneyEntry.objects.of_incident(incident.pk).get()
    entry.pk, entry.key, entry.source_kind = None, "case_share:1", "case_share"
    entry.save(force_insert=True)
    address = reverse("admin:penalties_moneyentry_change", args=[entry.pk])
    assert f"损失分担 {incident.pk}" in signed_in(manager).get(address).content.decode()
    assert act(signed_in(manager), "take_back", entry, on="2026-10-20", reason="误记").status_code == 403
    assert not hasattr(Incident.objects.get(), "reversal")


def test_the_list_takes_as_many_queries_for_many_rows(agent: Staff, manager: Account) -> None:
    client = signed_in(manager)
    taken = []
    for days in (range(1, 3), range(3, 23)):
        for day in days:
            services.incident_confirm(incident=recorded(agent, day=date(2026, 10, day)), by=manager, at=WHEN)
        client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(LIST)).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1]
