"""Points as people read them: the months of one person, the board of a team, who sees whose."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payroll.selectors.points import PersonPoints, people_with_points, points_of
from penalties.services import incident_reverse
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll import months
from tests.payroll.months import AUGUST, OCTOBER, SEPTEMBER

pytestmark = pytest.mark.django_db
D = Decimal
POINTS = {"code": "t-points", "title": "差错", "kind": "points", "params": {"deduct": "3", "base": "10"}}
LATE = {"code": "t-late", "title": "迟到", "kind": "late", "params": {"points": "0.5"}}
LOW = {
    "code": "t-low",
    "title": "低分",
    "kind": "points_band",
    "params": {"at_or_below": "7", "months": 3, "proposal": "talk"},
}
LOWEST = {**LOW, "code": "t-lowest", "params": {"at_or_below": "4", "proposal": "warning"}}


@pytest.fixture
def department() -> Department:
    return months.department(POINTS, LATE, LOW, LOWEST, code="D1", name="客服一部")


@pytest.fixture
def person(department: Department) -> Staff:
    return months.agent(department, "1001", name="陈晓", team=factories.team(department, "一组"))


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def board(of: Department, month: date = OCTOBER) -> list[PersonPoints]:
    boss = factories.account("manager", of)
    return points_of(list(people_with_points(boss, of, month)), of, month)


def test_a_settled_month_has_the_points_of_the_payslip_and_one_under_way_what_was_confirmed(
    department: Department, person: Staff
) -> None:
    months.incident(person, "t-points", date(2026, 9, 5))
    months.approved(department, SEPTEMBER)
    # Too late for the payslip: the month's points stay those that were approved.
    months.incident(person, "t-points", date(2026, 9, 6), at=months.moment("2026-10-10 09:00"))
    months.incident(person, "t-points", date(2026, 10, 7))
    taken_back = months.incident(person, "t-points", date(2026, 10, 8))
    incident_reverse(incident=taken_back, on=date(2026, 10, 9), reason="误记", by=None, at=months.LONG_AGO)
    (shown,) = board(department)
    october, september, august = shown.months[:3]
    assert (october.points, october.is_settled) == (D("7.0"), False)
    assert [each["points"] for each in october.deducted] == ["3"]
    assert (september.points, september.is_settled) == (D("7.0"), True)
    assert (august.month, august.points) == (AUGUST, D(10))


def test_a_band_counts_the_months_in_a_row_up_to_the_latest(department: Department, person: Staff) -> None:
    for on in (date(2026, 7, 5), date(2026, 9, 5), date(2026, 10, 5), date(2026, 10, 6)):
        months.incident(person, "t-points", on)
    (shown,) = board(department)
    assert {band.rule.code: (band.months, band.is_met) for band in shown.bands} == {
        "t-low": (2, False),
        "t-lowest": (1, True),
    }
    months.incident(person, "t-points", date(2026, 8, 5))
    (shown,) = board(department)
    assert [band.rule.code for band in shown.met] == ["t-lowest", "t-low"]


def test_the_board_goes_by_the_team_of_the_month(department: Department, person: Staff) -> None:
    other = months.agent(department, "1000", name="孙二", team=factories.team(department, "二组"))
    months.agent(department, "0999", name="没组", team=None)
    months.agent(department, "2000", name="后来", joined_on=date(2026, 11, 5))
    shown = people_with_points(factories.account("manager", department), department, OCTOBER)
    assert [each.number for each in shown] == [person.number, other.number, "0999"]


def test_a_board_of_many_asks_as_often_as_one_of_few(department: Department, person: Staff) -> None:
    def queries() -> int:
        people = list(people_with_points(boss, department, OCTOBER))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            points_of(people, department, OCTOBER)
        return len(asked)

    boss = factories.account("manager", department)
    months.incident(person, "t-points", date(2026, 10, 7))
    few = queries()
    for number in range(2000, 2010):
        months.incident(months.agent(department, str(number)), "t-points", date(2026, 10, 7))
    assert queries() == few == 6


def test_everybody_reads_the_own_points_and_a_lead_those_of_the_team(
    department: Department, person: Staff
) -> None:
    months.incident(person, "t-points", date(2026, 10, 7))
    outside = months.agent(department, "3001", name="外组", team=factories.team(department, "二组"))
    leader = months.agent(
        department, "1000", name="组长", team=factories.team(department, "一组"), role="lead"
    )
    own = client_of(factories.account("agent", staff=person)).get("/me/points/")
    assert own.status_code == 200 and "差错" in own.content.decode()
    lead = client_of(factories.account("lead", staff=leader))
    page = lead.get("/points/", {"month": "2026-10"}).content.decode()
    assert "陈晓" in page and "外组" not in page
    assert lead.get(f"/points/{person.pk}/").status_code == 200
    assert lead.get(f"/points/{outside.pk}/").status_code == 404
    stranger = client_of(factories.account("agent", staff=outside))
    assert stranger.get(f"/points/{person.pk}/").status_code == 404
    assert "陈晓" not in stranger.get("/points/", {"month": "2026-10"}).content.decode()


def test_where_no_rule_speaks_of_points_nothing_is_told() -> None:
    of = months.department(months.FINE)
    months.agent(of)
    (shown,) = board(of)
    assert (shown.latest.points, shown.bands) == (None, [])
