"""The page and the API of aliases: who manages staff sees, adds, ends and exports them."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import Alias, Department, Staff
from people.services import alias_add
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
PAGE = "/aliases/A/"


@pytest.fixture
def place() -> Department:
    return factories.department("A", name="客服一部")


@pytest.fixture
def person(place: Department) -> Staff:
    return factories.staff(place, "1001", name="陈晓")


@pytest.fixture
def page(client: Client, place: Department, person: Staff) -> Client:
    client.force_login(factories.account("hr", place))
    return client


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def stored() -> list[tuple]:
    rows = Alias.objects.order_by("pk").select_related("staff")
    return [
        (each.text, each.shop, each.staff and each.staff.number, each.first_day, each.last_day)
        for each in rows
    ]


def test_an_alias_is_added_once_and_ended(page: Client) -> None:
    given = {"text": "演示店:小美", "number": "1001", "shop": "", "from_on": "2026-10-01"}
    for _ in range(2):
        assert page.post(PAGE, given).status_code == 302
    assert stored() == [("演示店:小美", "", "1001", date(2026, 10, 1), None)]
    shown = text(page.get(PAGE))
    assert "演示店:小美" in shown and "1001 陈晓" in shown
    alias = Alias.objects.get()
    for _ in range(2):
        page.post(f"{PAGE}{alias.pk}/end", {"last_day": "2026-10-20"})
    assert stored()[0][4] == date(2026, 10, 20)
    assert "2026-10-20" in text(page.get(PAGE + "?q=小美"))
    assert "没有找到" in text(page.get(PAGE + "?q=小丽"))


def test_what_is_refused_changes_nothing(page: Client) -> None:
    bad = (
        ({"text": "小美", "number": "1009", "from_on": "2026-10-01"}, "本部门没有工号 1009"),
        ({"text": "小美", "number": "1001", "from_on": "十月"}, "不是日期"),
        ({"text": "1001", "number": "", "from_on": "2026-10-01"}, "是1001 陈晓的工号"),
    )
    for given, said in bad:
        assert said in text(page.post(PAGE, given))
    assert not stored()
    page.post(PAGE, {"text": "小美", "number": "", "from_on": "2026-10-01"})
    alias = Alias.objects.get()
    for day, said in (("2026-09-01", "从2026-10-01起才有效"), ("x", "不是日期")):
        assert said in text(page.post(f"{PAGE}{alias.pk}/end", {"last_day": day}, follow=True))
    assert stored() == [("小美", "", None, date(2026, 10, 1), None)]


def test_the_workbook_has_every_alias(page: Client, place: Department, person: Staff) -> None:
    for name, staff in (("小美", person), ("外包一号", None)):
        alias_add(
            department=place, text=name, staff=staff, from_on=date(2026, 10, 1), shop="一店", by=None, at=WHEN
        )
    response = page.get(PAGE + "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[0]]
    assert [row[:4] for row in rows[-2:]] == [
        ("外包一号", "一店", None, "不是本部门的人"),
        ("小美", "一店", "1001", "陈晓"),
    ]


def test_who_does_not_manage_the_staff_finds_no_page(
    client: Client, place: Department, person: Staff
) -> None:
    other = factories.department("B")
    for account in (
        factories.account("supervisor", place),
        factories.account("hr", other),
        factories.account("agent", staff=person),
    ):
        client.force_login(account)
        for address in (PAGE, PAGE + "xlsx"):
            assert client.get(address).status_code == 404
        given = {"text": "小美", "number": "1001", "from_on": "2026-10-01"}
        assert client.post(PAGE, given).status_code == 404
    assert not stored()


def test_the_list_takes_the_same_queries_for_any_number(
    page: Client, place: Department, person: Staff
) -> None:
    counts = []
    for first, last in ((0, 2), (2, 70)):
        for number in range(first, last):
            alias_add(
                department=place,
                text=f"小{number:02}号",
                staff=person,
                from_on=date(2026, 10, 1),
                by=None,
                at=WHEN,
            )
        with CaptureQueriesContext(connection) as queries:
            shown = text(page.get(PAGE))
        counts.append(len(queries))
        assert shown.count('<th scope="row">') == min(last, 50)
    assert counts[0] == counts[1]
