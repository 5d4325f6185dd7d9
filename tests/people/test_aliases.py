"""Other names of people: dated, one person at a time in a department."""

from datetime import date

import pytest

from people.errors import AliasRefused
from people.models import Alias, Department, Staff
from people.services import alias_add, alias_end
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def place() -> Department:
    return factories.department("D1")


@pytest.fixture
def people(place: Department) -> list[Staff]:
    return [factories.staff(place, number) for number in ("1001", "1002")]


def given(place: Department, text: str, staff: Staff | None, from_on: date = OCTOBER, **more: str) -> Alias:
    return alias_add(department=place, text=text, staff=staff, from_on=from_on, by=None, at=WHEN, **more)


def stored() -> list[tuple]:
    rows = Alias.objects.order_by("pk")
    return [(each.text, each.staff_id, each.first_day, each.last_day) for each in rows]


def test_an_alias_passes_to_another_person_the_day_after_it_was_ended(
    place: Department, people: list[Staff]
) -> None:
    first = given(place, " `小美 ", people[0])
    with pytest.raises(AliasRefused, match="“小 美”2026-10-01起是1001 员工1001；先结束它，再从次日起登记"):
        given(place, "小 美", people[1], date(2026, 10, 20))
    alias_end(alias=first, last_day=date(2026, 10, 19))
    given(place, "小美", people[1], date(2026, 10, 20))
    assert stored() == [
        ("小美", people[0].pk, OCTOBER, date(2026, 10, 19)),
        ("小美", people[1].pk, date(2026, 10, 20), None),
    ]
    with pytest.raises(AliasRefused, match="已经登记"):
        alias_end(alias=first, last_day=date(2026, 10, 20))
    with pytest.raises(AliasRefused, match="从2026-10-01起才有效"):
        alias_end(alias=first, last_day=date(2026, 9, 30))
    assert len(stored()) == 2 and stored()[0][3] == date(2026, 10, 19)


def test_the_same_alias_once_more_changes_nothing(place: Department, people: list[Staff]) -> None:
    assert given(place, "小美", people[0]) == given(place, "小美", people[0], date(2026, 10, 9))
    assert len(stored()) == 1


def test_each_shop_may_call_somebody_else_so(place: Department, people: list[Staff]) -> None:
    given(place, "小美", people[0], shop="一店")
    given(place, "小美", people[1], shop="二店")
    given(place, "小美", None)
    assert [staff for _, staff, *_ in stored()] == [people[0].pk, people[1].pk, None]


def test_what_is_no_alias_is_refused(place: Department, people: list[Staff]) -> None:
    stranger = factories.staff(factories.department("D2"), "1003")
    for text, staff, said in (
        ("` ,", people[0], "没有写别名"),
        ("x" * 129, people[0], "最多128字"),
        ("小美", stranger, "不在客服D1；选本部门的人"),
        ("1002", people[0], "“1002”是1002 员工1002的工号"),
    ):
        with pytest.raises(AliasRefused, match=said):
            given(place, text, staff)
    assert not stored()
