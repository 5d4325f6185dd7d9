"""Who sees whom: every role against colleagues, other teams and other departments."""

from datetime import date

import pytest

from people.models import Account, Department, Staff, Term
from people.selectors import (
    departments_visible_to,
    departments_where,
    employment_of,
    employments_of,
    may,
    pay_visible_to,
    person_matches,
    staff_visible_to,
    staff_where,
)
from people.services import staff_leave, staff_terms_change, staff_transfer
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 15)


@pytest.fixture
def house() -> dict[str, object]:
    """Department 1 with teams A (lead 101, agents 102 103) and B (agent 104), department 2 with agent 201."""
    one, two = factories.department("D1"), factories.department("D2")
    a, b = factories.team(one, "A"), factories.team(one, "B")
    return {
        "one": one,
        "two": two,
        "a": a,
        "b": b,
        "101": factories.staff(one, "101", team=a, role="lead"),
        "102": factories.staff(one, "102", team=a),
        "103": factories.staff(one, "103", team=a),
        "104": factories.staff(one, "104", team=b),
        "201": factories.staff(two, "201", team=factories.team(two, "A")),
    }


def seen(account: Account, on: date = TODAY) -> list[str]:
    return sorted(staff_visible_to(account, on=on).values_list("number", flat=True))


def test_agent_sees_only_themselves(house):
    agent = factories.account("agent", staff=house["102"])
    assert seen(agent) == ["102"]
    assert list(departments_visible_to(agent)) == [house["one"]]


def test_agent_gains_nothing_from_departments_on_the_account(house):
    agent = factories.account("agent", house["one"], house["two"], staff=house["102"])
    assert seen(agent) == ["102"]
    assert list(departments_visible_to(agent)) == [house["one"]]


def test_lead_sees_their_own_team_only(house):
    assert seen(factories.account("lead", staff=house["101"])) == ["101", "102", "103"]


def test_lead_group_without_the_role_sees_only_themselves(house):
    assert seen(factories.account("lead", staff=house["102"])) == ["102"]


def test_lead_role_without_the_group_sees_only_themselves(house):
    assert seen(factories.account("agent", staff=house["101"])) == ["101"]


def test_lead_who_moves_to_another_team_sees_that_team(house):
    lead = factories.account("lead", staff=house["101"])
    staff_terms_change(staff=house["101"], on=date(2026, 10, 10), team=house["b"], by=None, at=WHEN)
    assert seen(lead, date(2026, 10, 9)) == ["101", "102", "103"]
    assert seen(lead, date(2026, 10, 10)) == ["101", "104"]


def test_lead_loses_sight_of_who_leaves_the_team_but_not_of_who_leaves_the_company(house):
    lead = factories.account("lead", staff=house["101"])
    staff_terms_change(staff=house["102"], on=date(2026, 10, 10), team=house["b"], by=None, at=WHEN)
    staff_leave(staff=house["103"], last_day=date(2026, 10, 1), by=None, at=WHEN)
    assert seen(lead) == ["101", "103"]


def test_lead_who_has_left_sees_nobody_else(house):
    lead = factories.account("lead", staff=house["101"])
    staff_leave(staff=house["101"], last_day=date(2026, 10, 14), by=None, at=WHEN)
    assert seen(lead) == ["101"]


@pytest.mark.parametrize("group", ["supervisor", "manager", "hr"])
def test_management_sees_the_departments_of_the_account(house, group):
    account = factories.account(group, house["one"])
    assert seen(account) == ["101", "102", "103", "104"]
    assert list(departments_visible_to(account)) == [house["one"]]


@pytest.mark.parametrize("group", ["supervisor", "manager", "hr"])
def test_management_without_departments_sees_nobody(house, group):
    assert seen(factories.account(group)) == []


@pytest.mark.parametrize("group", ["gm", "auditor"])
def test_gm_and_auditor_see_everybody(house, group):
    account = factories.account(group)
    assert seen(account) == ["101", "102", "103", "104", "201"]
    assert departments_visible_to(account).count() == 2


def test_superuser_sees_everybody_and_no_group_sees_nobody(house):
    assert len(seen(Account.objects.create_superuser("root"))) == 5
    assert seen(Account.objects.create_user("nobody")) == []


def test_inactive_account_sees_nobody(house):
    manager = factories.account("gm", staff=house["101"])
    manager.is_active = False
    manager.save()
    assert seen(manager) == []
    assert not departments_visible_to(manager).exists()
    assert not pay_visible_to(manager).exists()


def test_transferred_person_sees_both_rows_and_each_manager_their_own(house):
    agent = factories.account("agent", staff=house["102"])
    house["102"].refresh_from_db()
    moved = staff_transfer(
        staff=house["102"], to=house["two"], on=date(2026, 10, 10), number="202", by=None, at=WHEN
    )
    assert seen(agent) == ["102", "202"]
    assert moved.account == agent
    assert seen(factories.account("manager", house["two"])) == ["201", "202"]


def test_lead_and_supervisor_see_no_pay_but_their_own(house):
    lead = factories.account("lead", staff=house["101"])
    supervisor = factories.account("supervisor", house["one"])
    assert [each.number for each in pay_visible_to(lead)] == ["101"]
    assert not pay_visible_to(supervisor).exists()
    assert pay_visible_to(factories.account("hr", house["one"])).count() == 4
    assert pay_visible_to(factories.account("auditor")).count() == 5


def test_hr_prepares_manager_or_gm_approves(house):
    one: Department = house["one"]
    hr, manager, gm = (factories.account(group, one) for group in ("hr", "manager", "gm"))
    assert may(hr, "settle_pay", one)
    assert not may(hr, "approve_pay", one)
    assert may(manager, "approve_pay", one)
    assert may(gm, "approve_pay", house["two"])
    assert not may(manager, "approve_pay", house["two"])
    assert may(hr, "mark_paid", one)
    assert not may(manager, "mark_paid", one)


def test_permission_counts_only_where_its_group_acts(house):
    """A lead in department 1 who is hr of department 2 imports nothing into department 1."""
    both = factories.account("lead", house["two"], staff=house["101"])
    both.groups.add(factories.account("hr").groups.get())
    assert list(departments_where(both, "import_data")) == [house["two"]]
    assert departments_where(both, "record_incidents").count() == 2


@pytest.mark.parametrize("other", ["hr", "auditor"])
def test_whom_one_sees_as_another_group_one_does_not_lead(house, other):
    """A lead who also is hr of the department or an auditor sees everybody, and decides about the team."""
    both = factories.account("lead", house["one"], staff=house["101"])
    both.groups.add(factories.account(other).groups.get())
    assert {"101", "102", "103", "104"} <= set(seen(both))
    led = staff_where(both, "decide_requests", on=TODAY)
    assert sorted(led.values_list("number", flat=True)) == ["101", "102", "103"]
    assert staff_where(both, "view_pay", on=TODAY).count() == (5 if other == "auditor" else 4)


def test_whom_the_groups_act_for(house):
    def numbers(account, action):
        return sorted(staff_where(account, action, on=TODAY).values_list("number", flat=True))

    assert numbers(factories.account("manager", house["one"]), "decide_requests") == [
        "101",
        "102",
        "103",
        "104",
    ]
    assert numbers(factories.account("gm"), "record_incidents") == ["101", "102", "103", "104", "201"]
    assert numbers(factories.account("lead", staff=house["102"]), "decide_requests") == []
    assert numbers(factories.account("agent", house["one"], staff=house["103"]), "decide_requests") == []
    assert len(numbers(Account.objects.create_superuser("root"), "decide_requests")) == 5
    gone = factories.account("lead", house["one"], staff=house["101"])
    gone.is_active = False
    gone.save()
    assert numbers(gone, "decide_requests") == []


def test_a_transfer_ahead_changes_nothing_before_its_day(house):
    account = factories.account("agent", staff=house["102"])
    house["102"].refresh_from_db()
    staff_transfer(staff=house["102"], to=house["two"], on=date(2026, 11, 1), number="202", by=None, at=WHEN)
    for on, numbers in ((date(2026, 10, 31), ["102", "202"]), (date(2026, 11, 1), ["202", "102"])):
        assert [each.number for each in employments_of(account, on=on)] == numbers
    # Before the first day the next to come is the own one.
    assert employments_of(account, on=date(2019, 1, 1)).first().number == "102"


def test_the_employment_of_a_day_is_that_begun_last_and_on_wish_none_that_has_ended(house):
    account = factories.account("agent", staff=house["102"])
    house["102"].refresh_from_db()
    staff_leave(staff=house["102"], last_day=date(2026, 10, 20), by=None, at=WHEN)
    assert employment_of(account, on=date(2026, 10, 20), unless_left=True).number == "102"
    assert employment_of(account, on=date(2026, 10, 21)).number == "102"
    assert employment_of(account, on=date(2026, 10, 21), unless_left=True) is None
    assert employment_of(factories.account("gm"), on=date(2026, 10, 21)) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [("10", ["9101", "9102"]), ("陈", ["9101"]), ("CHENX", ["9101"]), ("xiao", ["9101"]), ("cx", ["9101"]),
     ("x", ["9101"]), ("f", ["9102"]), ("lf", ["9102"]), ("%", [])],
)  # fmt: skip
def test_a_person_is_found_by_part_of_number_name_or_pinyin_and_by_initials(typed, found):
    department = factories.department("D9")
    for number, name in (("9101", "陈晓"), ("9102", "林芳")):
        factories.staff(department, number, name=name)
    rows = Staff.objects.filter(person_matches(typed), department=department).order_by("number")
    assert [each.number for each in rows] == found
    terms = Term.objects.filter(person_matches(typed, of="staff"), staff__department=department)
    assert sorted(each.staff.number for each in terms) == found


@pytest.mark.parametrize("typed", ["zhaiguang", "zg", "diguang", "dg"])
def test_a_person_is_found_by_every_plausible_reading(typed):
    factories.staff(factories.department("D9"), "9101", name="翟光")
    assert Staff.objects.filter(person_matches(typed)).count() == 1


def test_by_name_alone_no_number_is_found():
    factories.staff(factories.department("D9"), "9101", name="陈晓")
    assert not Staff.objects.filter(person_matches("91", by=("name", "pinyin", "initials"))).exists()


def test_visibility_costs_two_queries(house, django_assert_num_queries):
    lead = factories.account("lead", staff=house["101"])
    with django_assert_num_queries(2):
        list(staff_visible_to(lead, on=TODAY))
