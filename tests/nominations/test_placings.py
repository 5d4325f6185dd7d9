"""First prizes and streaks are candidates by themselves; settlement pays them and nobody pays them again."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nominations.errors import NominationRefused
from nominations.letters import certificate
from nominations.models import Nomination
from nominations.services import award_revoke
from penalties.models import Incident
from people.models import Account, Department, Staff
from tests import factories
from tests.nominations.rounds import CLOSED, decided, metric, person, place
from tests.papers import paper_text
from tests.payroll.months import NOVEMBER, OCTOBER, SEPTEMBER, amounts, approved, moment, settled

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def of() -> Department:
    return place()


@pytest.fixture
def first(of: Department) -> Staff:
    made = person(of, "1001")
    metric(made, "net_sales", "9000", SEPTEMBER)
    metric(made, "net_sales", "9000")
    metric(person(of, "1002"), "net_sales", "8000")
    return made


@pytest.fixture
def manager(of: Department) -> Account:
    return factories.account("manager", of)


def waiting(of: Department) -> dict[str, tuple[str, Decimal | None, int | None]]:
    rows = Nomination.objects.filter(department=of, state="nominated").select_related("staff")
    return {each.code: (each.staff.number, each.amount, each.place) for each in rows}


def test_a_draft_of_the_month_names_its_winners_with_what_settlement_pays(
    of: Department, first: Staff
) -> None:
    settled(of, OCTOBER)
    assert waiting(of) == {"t-top": ("1001", D("200.00"), 1), "t-streak": ("1001", D("100.00"), None)}
    row = Nomination.objects.get(code="t-top")
    assert row.origin == "ranking" and "净销售额9000，部门第1名，奖200.00元" in row.reason
    settled(of, OCTOBER)
    assert Nomination.objects.count() == 2


def test_other_figures_bring_another_winner_while_nothing_is_decided(of: Department, first: Staff) -> None:
    settled(of, OCTOBER)
    metric(person(of, "1003"), "net_sales", "9500")
    settled(of, OCTOBER)
    assert {number for number, _, _ in waiting(of).values()} == {"1003"}
    assert Nomination.objects.filter(state="withdrawn", staff=first).count() == 2


def test_a_placing_gets_its_certificate_and_is_paid_once(
    of: Department, first: Staff, manager: Account
) -> None:
    october = settled(of, OCTOBER)
    row = Nomination.objects.get(code="t-top")
    with pytest.raises(NominationRefused, match="还没有过完"):
        decided(row, manager, at=moment("2026-10-31 12:00"))
    won = decided(row, manager)
    assert won.number and won.incident is None and not Incident.objects.exists()
    assert amounts(october)["t-top"] == amounts(settled(of, OCTOBER))["t-top"] == D("200.00")
    assert "t-top" not in amounts(settled(of, NOVEMBER))
    text = paper_text(certificate(won, at=CLOSED))
    assert "荣誉证书" in text and won.number in text and "随2026年10月工资结算发放" in text


def test_what_was_decided_stays_and_taking_it_back_leaves_the_pay(
    of: Department, first: Staff, manager: Account
) -> None:
    settled(of, OCTOBER)
    row = decided(Nomination.objects.get(code="t-top"), manager)
    metric(person(of, "1003"), "net_sales", "9500")
    october = approved(of, OCTOBER)
    row.refresh_from_db()
    assert row.state == "won" and row.amount == D("200.00")
    assert amounts(october, "1003")["t-top"] == D("200.00")
    award_revoke(nomination=row, reason="数据有误", by=manager, at=CLOSED)
    assert amounts(october, "1003")["t-top"] == D("200.00")
    assert "证书不再有效" in paper_text(certificate(Nomination.objects.get(pk=row.pk), at=CLOSED))


def test_a_draft_locks_the_placings_that_it_reads(of: Department, first: Staff) -> None:
    settled(of, OCTOBER)
    with CaptureQueriesContext(connection) as queries:
        settled(of, OCTOBER)
    read = [each["sql"] for each in queries if 'FROM "nominations_nomination"' in each["sql"]]
    assert len(read) == 1 and read[0].endswith("FOR NO KEY UPDATE")
