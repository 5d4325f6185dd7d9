"""The page of how months with missed days are paid: who sets it, from which day, what is refused."""

from datetime import date

import pytest
from django.test import Client

from people.models import FactChange, Proration
from tests import factories

pytestmark = pytest.mark.django_db
GIVEN = {"from_on": "2026-10-01", "divisor": "due", "method": "deduct"}
URL = "/pay/D1/proration/"


def client_of(group: str) -> Client:
    client = Client()
    client.force_login(factories.account(group, factories.department("D1")))
    return client


def test_hr_sets_the_way_from_a_day_on_and_corrects_it() -> None:
    client = client_of("hr")
    assert "在此以前" in client.get(URL).content.decode()
    assert client.post(URL, GIVEN).status_code == 302
    row = Proration.objects.get()
    assert (row.from_on, row.divisor, row.method) == (date(2026, 10, 1), "due", "deduct")
    assert FactChange.objects.filter(source="proration", month=date(2026, 10, 1)).exists()
    assert "当月应出勤天数" in client.get(URL).content.decode()
    assert client.post(URL, GIVEN | {"divisor": "calendar"}).status_code == 302
    assert Proration.objects.get().divisor == "calendar"


@pytest.mark.parametrize("changed", [{"divisor": "30"}, {"from_on": "0026-10-01"}, {"from_on": ""}])
def test_what_there_is_not_is_refused_and_nothing_is_set(changed: dict[str, str]) -> None:
    assert client_of("hr").post(URL, GIVEN | changed).status_code == 200
    assert not Proration.objects.exists()


def test_who_sees_the_pay_but_keeps_no_staff_reads_alone() -> None:
    client = client_of("auditor")
    page = client.get(URL)
    assert page.status_code == 200 and "设定折算办法" not in page.content.decode()
    assert client.post(URL, GIVEN).status_code == 404
    assert not Proration.objects.exists()


def test_agents_do_not_see_it() -> None:
    assert client_of("agent").get(URL).status_code == 404
