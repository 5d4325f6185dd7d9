"""From the nomination to the award: who may, until when, what is checked, what it pays, and once."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from nominations.errors import NominationRefused
from nominations.evidence import evidence_of
from nominations.models import AwardRound, Nomination, Voice
from nominations.selectors.rules import rules_at_nomination
from nominations.services import (
    award_revoke,
    criterion_attest,
    nomination_make,
    nomination_withdraw,
    voice_give,
)
from notices.models import Notice
from penalties.models import Incident
from people.models import Account, Department, Staff
from tests import factories
from tests.nominations.rounds import (
    BEE,
    CLOSED,
    NOMINATED,
    SHORTLIST,
    STAR,
    closed,
    decided,
    metric,
    nominated,
    person,
    place,
)
from tests.payroll.months import (
    NOVEMBER,
    OCTOBER,
    adjustments,
    amounts,
    approved,
    moment,
    publish,
    settled,
    slip,
)

pytestmark = pytest.mark.django_db
D = Decimal
HELPS = "每月帮带同事"


@pytest.fixture
def of() -> Department:
    return place()


@pytest.fixture
def manager(of: Department) -> Account:
    return factories.account("manager", of)


@pytest.fixture
def lead(of: Department) -> Staff:
    made = person(of, "1009", role="lead", team=factories.team(of))
    factories.account("lead", staff=made)
    return made


@pytest.fixture
def star(of: Department) -> Staff:
    made = person(of, "1001", team=factories.team(of))
    factories.account("agent", staff=made)
    metric(made, "satisfaction", "0.98")
    return made


def certified(row: Nomination, by: Account, at: datetime = NOMINATED) -> None:
    criterion_attest(nomination=row, criterion=HELPS, holds=True, note="带了两名新人", by=by, at=at)


def test_who_wins_is_paid_money_and_points_once_with_a_numbered_certificate(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead)
    certified(row, manager)
    closed(of, manager)
    won = decided(row, manager)
    assert (won.state, won.number) == ("won", f"JX-{of.code}-2026-001")
    assert {each.code for each in star.incidents.all()} == {"t-star", "t-shortlist"}
    october = settled(of, OCTOBER)
    assert amounts(october)["t-star"] == D("100.00")
    assert slip(october).points == D("17")  # 10 + 5 + 2 (s004-02-6-03 together with 5-01)
    with pytest.raises(NominationRefused, match="不能再改"):
        decided(row, manager)
    assert star.incidents.count() == 2
    assert Notice.objects.filter(account=star.account, source=f"nomination-decided:{row.pk}").exists()


def test_a_gift_pays_points_alone(of: Department, star: Staff, lead: Staff, manager: Account) -> None:
    row = nominated(star, lead)
    certified(row, manager)
    closed(of, manager)
    decided(row, manager, as_gift=True)
    october = settled(of, OCTOBER)
    assert "t-star" not in amounts(october)
    assert slip(october).points == D("17")


def test_an_award_of_an_approved_month_is_paid_in_the_next(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead)
    certified(row, manager)
    approved(of, OCTOBER)
    closed(of, manager, moment("2026-11-05 10:00"))
    decided(row, manager, at=moment("2026-11-05 11:00"))
    assert adjustments(settled(of, NOVEMBER))["t-star"] == D("100.00")


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        ("2026-10-26 00:01", "t-star", "10月25日截止（每月25日，含当日）；请下个月再提名"),
        ("2026-10-20 09:00", "t-blank", "还有未填的数字（amount）"),
        ("2026-10-20 09:00", "t-top", "不用提名"),
        ("2026-10-20 09:00", "t-none", "没有奖项“t-none”"),
    ],
)
def test_a_nomination_that_does_not_fit_is_refused_and_nothing_changes(
    star: Staff, lead: Staff, at: str, code: str, said: str
) -> None:
    with pytest.raises(NominationRefused) as refused:
        nominated(star, lead, code, moment(at))
    assert said in str(refused.value)
    assert not Nomination.objects.exists() and not Notice.objects.exists()


def test_only_those_whom_the_award_lets_nominate_may(of: Department, star: Staff, lead: Staff) -> None:
    peer = person(of, "1002", team=factories.team(of))
    other = person(of, "1008", role="lead", team=factories.team(of, "B"))
    stranger = person(factories.department(), "1001", role="lead")
    factories.account("agent", staff=peer)
    for who in (peer, star, other, stranger):
        with pytest.raises(NominationRefused):
            nominated(star, who, by=who.account or factories.account("lead", staff=who))
    assert not Nomination.objects.exists()
    assert nominated(star, lead).origin == "lead"
    assert nominated(star, peer, "t-bee").origin == "peer"
    with pytest.raises(NominationRefused, match="本月已经被提名"):
        nominated(star, star, "t-bee")
    assert Nomination.objects.count() == 2


def test_what_was_taken_back_may_be_nominated_again(star: Staff, lead: Staff) -> None:
    row = nominated(star, lead)
    assert star.account is not None and lead.account is not None
    with pytest.raises(NominationRefused, match="只能撤回自己的提名"):
        nomination_withdraw(nomination=row, by=star.account, at=NOMINATED)
    nomination_withdraw(nomination=row, by=lead.account, at=NOMINATED)
    assert nominated(star, lead).pk != row.pk


def test_a_criterion_not_met_or_missing_keeps_the_award_back(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    better = person(of, "1002")
    metric(better, "satisfaction", "0.99")
    row = nominated(star, lead)
    with pytest.raises(NominationRefused, match="还没有核对"):
        decided(row, manager)
    with pytest.raises(NominationRefused, match="才截止"):
        closed(of, manager, NOMINATED)
    closed(of, manager)
    row.refresh_from_db()
    assert [(each["verdict"], each["evidence"]) for each in row.checks] == [
        ("not_met", "满意度98%，2人中第2"),
        ("met", "当月成立的客诉0件"),
        ("missing", "还没有人认定；请组长或经理认定"),
    ]
    with pytest.raises(NominationRefused, match="条件不满足：满意度第一"):
        decided(row, manager)
    metric(star, "satisfaction", "0.995")
    closed(of, manager)
    with pytest.raises(NominationRefused, match="还缺数据：每月帮带同事"):
        decided(row, manager)
    assert not Incident.objects.exists()
    certified(row, manager, CLOSED)
    assert decided(row, manager).state == "won"


def test_the_person_and_the_nominator_decide_and_certify_nothing(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nomination_make(staff=star, code="t-star", reason="办结三件退款", by=manager, at=NOMINATED)
    assert row.origin == "lead" and lead.account is not None
    with pytest.raises(NominationRefused, match="本人和提名人不能认定"):
        certified(row, manager)
    closed(of, manager)
    with pytest.raises(NominationRefused, match="提名的人不能决定"):
        decided(row, manager)
    with pytest.raises(NominationRefused, match="您不能决定评奖"):
        decided(row, lead.account)
    with pytest.raises(NominationRefused, match="没有写决定的理由"):
        decided(row, factories.account("gm"), wins=False, decision=" ")
    row.refresh_from_db()
    assert row.is_waiting
    with pytest.raises(IntegrityError), transaction.atomic():
        Nomination.objects.filter(pk=row.pk).update(state="declined", decision="x", decided_by=manager)


def test_all_awards_of_a_department_share_one_place_per_ten_people(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    peer = person(of, "1002")
    rows = [nominated(star, lead, "t-bee"), nominated(peer, lead, "t-bee")]
    closed(of, manager)
    decided(rows[0], manager)
    with pytest.raises(NominationRefused, match="1个名额已经用完"):
        decided(rows[1], manager)
    assert Incident.objects.filter(code="t-bee").count() == 1


def test_everybody_speaks_once_and_not_of_themselves(of: Department, star: Staff, lead: Staff) -> None:
    peer = person(of, "1002")
    row = nominated(star, lead)
    voice_give(nomination=row, voter=peer, supports=True, comment="常帮我", at=NOMINATED)
    for voter, said in (
        (peer, "已经表过态"),
        (star, "不能给自己表态"),
        (person(factories.department(), "1001"), "只有本部门"),
    ):
        with pytest.raises(NominationRefused, match=said):
            voice_give(nomination=row, voter=voter, supports=False, at=NOMINATED)
    assert Voice.objects.count() == 1
    AwardRound.objects.create(department=of, month=OCTOBER, closed_at=CLOSED)
    with pytest.raises(NominationRefused, match="不再征集意见"):
        voice_give(nomination=row, voter=lead, supports=True, at=CLOSED)
    assert Voice.objects.count() == 1


def test_an_award_taken_back_takes_its_money_back(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead, "t-bee")
    closed(of, manager)
    decided(row, manager)
    revoked = award_revoke(nomination=row, reason="事迹不实", by=manager, at=CLOSED)
    assert revoked.state == "revoked" and revoked.number
    assert "t-bee" not in amounts(settled(of, OCTOBER))


def test_the_queries_for_the_evidence_do_not_depend_on_the_number_of_candidates(
    of: Department, star: Staff, lead: Staff
) -> None:
    people = [person(of, f"20{index:02}", team=factories.team(of)) for index in range(12)]
    rows = [nominated(each, lead) for each in (star, *people)]
    rules = rules_at_nomination(rows).values()

    def asked(some: list[Nomination]) -> int:
        with CaptureQueriesContext(connection) as queries:
            evidence_of(of, OCTOBER, some, rules)
        return len(queries)

    assert asked(rows[:1]) == asked(rows) <= 16


def test_an_award_belongs_to_the_last_day_that_somebody_worked_in_the_month(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead, "t-bee")
    Staff.objects.filter(pk=star.pk).update(left_on=date(2026, 10, 27))
    closed(of, manager)
    won = decided(row, manager)
    assert won.incident is not None and won.incident.work_date == date(2026, 10, 27)


IN_THE_MONTH = moment("2026-10-26 10:00")


def test_no_award_is_decided_before_its_month_is_over_and_its_criteria_are_checked_since(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    publish(of, STAR, SHORTLIST, on=OCTOBER)  # nominations of these end on the 25th
    row = nominated(star, lead)
    certified(row, manager)
    closed(of, manager, IN_THE_MONTH)
    for wins in (True, False):
        with pytest.raises(NominationRefused, match="10月还没有过完"):
            decided(row, manager, wins, at=moment("2026-10-31 23:59"))
        with pytest.raises(NominationRefused, match="过完以前核对的；请重新核对"):
            decided(row, manager, wins)
    row.refresh_from_db()
    assert row.is_waiting and not Incident.objects.exists()
    metric(person(of, "1002"), "satisfaction", "0.99")  # came in after the check
    closed(of, manager)
    with pytest.raises(NominationRefused, match="条件不满足：满意度第一"):
        decided(row, manager)
    assert decided(row, manager, wins=False).state == "declined"


def test_an_award_that_the_rules_drop_within_the_month_is_closed_and_paid_as_it_was(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead, "t-bee", moment("2026-10-10 09:00"))
    publish(of, {**SHORTLIST, "code": "t-other"}, on=date(2026, 10, 20))
    closed(of, manager)
    won = decided(row, manager)
    assert won.incident is not None and won.incident.work_date == date(2026, 10, 19)
    assert amounts(settled(of, OCTOBER))["t-bee"] == D("50.00")


def test_an_award_whose_price_changes_within_the_month_is_paid_as_it_was_nominated(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead, "t-bee", moment("2026-10-10 09:00"))
    dearer = {**BEE, "params": {**BEE["params"], "amount": "80.00"}}
    publish(of, dearer, on=date(2026, 10, 20))
    closed(of, manager)
    decided(row, manager)
    assert amounts(settled(of, OCTOBER))["t-bee"] == D("50.00")


def test_the_department_is_locked_before_any_nomination(
    of: Department, star: Staff, lead: Staff, manager: Account
) -> None:
    row = nominated(star, lead, "t-bee")
    steps: list[Callable[[], object]] = [
        lambda: closed(of, manager),
        lambda: decided(row, manager),
        lambda: award_revoke(nomination=row, reason="事迹不实", by=manager, at=CLOSED),
    ]
    for step in steps:
        with CaptureQueriesContext(connection) as queries:
            step()
        locking = [each["sql"] for each in queries if "FOR NO KEY UPDATE" in each["sql"]]
        assert 'FROM "people_department"' in locking[0]
        assert any('FROM "nominations_nomination"' in each for each in locking[1:])
