"""What each resource shows and how it is written."""

import pytest

from penalties.services import incident_appeal_decide
from tests import factories
from tests.api.conftest import Client, Place
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

LISTS = [
    "departments", "staff", "rulebooks", "library-provisions", "versions", "provisions", "incidents",
    "incident-appeals", "fund-transactions", "fund-counts", "proposals", "orders", "order-splits", "metrics",
    "imports", "settlements", "payslips",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_manager_lists_and_opens_everything_of_the_department(one: Place, client_of: Client, name):
    client = client_of(one.managers["manager"])
    listed = client.get(f"/api/v1/{name}/")
    assert listed.status_code == 200, listed.content.decode()
    if name in ("rulebooks", "library-provisions"):
        return
    rows = listed.json()["results"]
    assert rows
    opened = client.get(f"/api/v1/{name}/{rows[0].get('id', rows[0].get('code'))}/")
    assert opened.status_code == 200, opened.content.decode()
    assert opened.json() == {**opened.json(), **rows[0]}


def test_a_line_of_the_book_balances_and_says_whose_it_is(one: Place, client_of: Client) -> None:
    row = client_of(one.managers["hr"]).get(f"/api/v1/fund-transactions/{one.transaction.pk}/").json()
    assert (row["kind"], row["number"], row["change"]) == ("payroll", one.agent.number, "10.00")
    assert row["postings"] == [
        {"account": "payroll", "amount": "10.00"},
        {"account": "fines", "amount": "-10.00"},
    ]


def test_the_fund_is_public_to_its_department_and_appeals_are_not(one: Place, client_of: Client) -> None:
    client = client_of(factories.account("agent", staff=one.colleague))
    for name, row in (("fund-transactions", one.transaction), ("fund-counts", one.count)):
        assert [each["id"] for each in client.get(f"/api/v1/{name}/").json()["results"]] == [row.pk]
    assert client.get("/api/v1/incident-appeals/").json()["results"] == []
    assert client.get(f"/api/v1/incident-appeals/{one.appeal.pk}/").status_code == 404


def test_the_person_and_the_lead_see_an_appeal_with_its_answer(one: Place, client_of: Client) -> None:
    incident_appeal_decide(appeal=one.appeal, state="refused", answer="漏记属实", by=None, at=WHEN)
    for account in (factories.account("agent", staff=one.agent), factories.account("lead", staff=one.lead)):
        row = client_of(account).get(f"/api/v1/incident-appeals/{one.appeal.pk}/").json()
        assert (row["state"], row["answer"], row["incident"]) == (
            "refused",
            "漏记属实",
            one.appeal.incident_id,
        )


@pytest.mark.parametrize("name", ["incident-appeals", "fund-transactions", "fund-counts"])
def test_the_fund_and_appeals_are_only_read(one: Place, client_of: Client, name: str) -> None:
    client = client_of(one.managers["manager"])
    assert client.post(f"/api/v1/{name}/", {}, format="json").status_code == 405
