"""The anonymous ballot: one vote each, by the team of the day; nothing leads back to whoever cast it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.history import past_of
from notices.models import Notice
from people.services import staff_leave, staff_terms_change
from promotions.models import BallotCount, BallotVoter
from promotions.selectors.ballots import Result, Turnout, results, turnouts, votes_open_to
from promotions.services import ballot_close, ballot_open, candidate_add, vote_cast
from tests import factories
from tests.at_once import at_once
from tests.factories import WHEN
from tests.promotions.conftest import Office, refused
from tests.roles import as_application

pytestmark = pytest.mark.django_db


def test_the_team_of_the_opening_day_votes_once_each_and_the_answers_are_counted(office: Office) -> None:
    candidate = office.voting()
    assert [each.staff.number for each in candidate.voters.order_by("staff__number")] == [
        "1002", "1003", "1004", "1009",
    ]  # fmt: skip
    asked = Notice.objects.filter(kind="grade", text="本组有匿名投票等您投")
    assert set(asked.values_list("account", flat=True)) == {each.pk for each in office.mates}
    for account, answer in zip(office.mates, ("yes", "yes", "no", "abstained"), strict=True):
        assert votes_open_to(account).get().candidate == candidate
        vote_cast(candidate=candidate, answer=answer, by=account)
        assert not votes_open_to(account).exists()
    assert turnouts([candidate]) == {candidate.pk: Turnout(4, 4)}
    ballot_close(round=candidate.round, by=office.accounts["hr"], at=WHEN)
    assert results([candidate]) == {candidate.pk: Result(2, 1, 1)}


def test_a_vote_from_outside_the_team_is_refused(office: Office) -> None:
    elsewhere = factories.staff(office.department, team=factories.team(office.department, "乙组"))
    stranger = factories.account("agent", staff=elsewhere)
    candidate = office.voting()
    for account in (stranger, office.accounts["person"], office.accounts["manager"]):
        refused(
            lambda account=account: vote_cast(candidate=candidate, answer="yes", by=account),
            "您不在这位候选人的投票名单里；投票的是开始投票那天同组的同事",
        )
    assert not votes_open_to(stranger).exists() and not votes_open_to(office.accounts["person"]).exists()


def test_who_joins_the_team_or_leaves_it_after_the_opening_changes_nothing(office: Office) -> None:
    other = factories.team(office.department, "乙组")
    candidate = office.voting()
    staff_terms_change(staff=office.agents[1], on=WHEN.date(), team=other, by=None, at=WHEN)
    vote_cast(candidate=candidate, answer="yes", by=office.mates[0])
    late = factories.staff(office.department, team=factories.team(office.department, "甲组"))
    account = factories.account("agent", staff=late)
    refused(lambda: vote_cast(candidate=candidate, answer="yes", by=account), "不在这位候选人的投票名单")


def test_who_has_left_before_the_opening_does_not_vote(office: Office) -> None:
    staff_leave(staff=office.agents[3], last_day=WHEN.date() - timedelta(days=1), by=None, at=WHEN)
    candidate = office.voting()
    assert "1004" not in candidate.voters.values_list("staff__number", flat=True)


def test_a_second_vote_is_refused_and_the_first_stands(office: Office) -> None:
    candidate = office.voting()
    vote_cast(candidate=candidate, answer="yes", by=office.mates[0])
    refused(
        lambda: vote_cast(candidate=candidate, answer="no", by=office.mates[0]),
        "您已经投过票；每人一票，投出后不能改也不能再投",
    )


@pytest.mark.django_db(transaction=True)
def test_two_presses_in_one_moment_are_one_vote_and_two_people_are_two(office: Office) -> None:
    candidate = office.voting()
    first, second = office.mates[:2]
    outcomes = at_once(
        lambda: vote_cast(candidate=candidate, answer="yes", by=first),
        lambda: vote_cast(candidate=candidate, answer="no", by=first),
        lambda: vote_cast(candidate=candidate, answer="no", by=second),
    )
    assert outcomes == ["done", "done", "您已经投过票"]
    assert BallotCount.objects.get().total == 2 == BallotVoter.objects.filter(has_voted=True).count()


def test_votes_are_taken_while_the_ballot_is_open_alone(office: Office) -> None:
    candidate = office.voted("yes", "yes", "no")
    refused(lambda: vote_cast(candidate=candidate, answer="yes", by=office.mates[3]), "投票已经结束")
    refused(lambda: ballot_open(round=candidate.round, by=office.accounts["hr"], at=WHEN), "投票只开一次")
    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        type(candidate.round).objects.update(state="voting")


def test_a_vote_without_an_answer_is_refused(office: Office) -> None:
    candidate = office.voting()
    refused(lambda: vote_cast(candidate=candidate, answer="", by=office.mates[0]), "没有选怎么投")


@pytest.mark.parametrize("answers", [(), ("yes",), ("yes", "no")])
def test_fewer_than_three_votes_are_told_to_nobody(office: Office, answers: tuple[str, ...]) -> None:
    assert results([office.voted(*answers)]) == {}


def test_nothing_is_told_before_the_ballot_is_closed(office: Office) -> None:
    candidate = office.voting()
    for account in office.mates:
        vote_cast(candidate=candidate, answer="yes", by=account)
    assert results([candidate]) == {}


def test_no_column_says_who_voted_how_or_when(office: Office) -> None:
    columns = {model: {each.name for each in model._meta.fields} for model in (BallotCount, BallotVoter)}
    assert columns == {
        BallotCount: {"id", "candidate", "yes", "no", "abstained"},
        BallotVoter: {"id", "candidate", "staff", "has_voted"},
    }
    assert past_of(BallotCount) is None and past_of(BallotVoter) is None


def test_a_vote_writes_the_mark_and_the_count_and_nothing_else(office: Office) -> None:
    candidate = office.voting()

    def rows() -> dict[str, str]:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            parts = (
                f"SELECT '{each}', md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM \"{each}\" t"
                for each in tables
            )
            cursor.execute(" UNION ALL ".join(parts))
            return dict(cursor.fetchall())

    before = rows()
    vote_cast(candidate=candidate, answer="no", by=office.mates[0])
    after = rows()
    assert {table for table in after if after[table] != before[table]} == {
        "promotions_ballotvoter", "promotions_ballotcount",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_after_the_closing_no_mark_tells_by_its_transaction_when_somebody_voted(office: Office) -> None:
    """Each vote commits by itself, so that marks and counts have transactions of their own."""
    candidate = office.voting()
    for account, answer in zip(reversed(office.mates), ("no", "yes", "yes", "yes"), strict=True):
        vote_cast(candidate=candidate, answer=answer, by=account)
    ballot_close(round=candidate.round, by=office.accounts["hr"], at=WHEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, has_voted FROM promotions_ballotvoter")
        marks = cursor.fetchall()
        cursor.execute("SELECT xmin::text FROM promotions_ballotcount")
        (count,) = cursor.fetchall()
    assert len(marks) == 4 and len({xmin for xmin, _ in marks}) == 1
    assert count[0] not in {xmin for xmin, _ in marks}


def test_the_database_keeps_votes_and_marks_the_same(office: Office) -> None:
    candidate = office.voting()
    vote_cast(candidate=candidate, answer="yes", by=office.mates[0])
    stuffed = "票数与投票人数不符"
    with pytest.raises(IntegrityError, match=stuffed), transaction.atomic():
        BallotCount.objects.update(yes=2)
        connection.check_constraints()
    with pytest.raises(IntegrityError, match=stuffed), transaction.atomic():
        BallotVoter.objects.filter(has_voted=False).update(has_voted=True)
        connection.check_constraints()
    with pytest.raises(IntegrityError, match="投票没有开始或已经结束"), transaction.atomic():
        BallotCount.objects.update(yes=0, no=1)
    with pytest.raises(InternalError, match="voted_once"), transaction.atomic():
        BallotVoter.objects.update(has_voted=False)
    with pytest.raises(IntegrityError, match="ballotvoter_once"), transaction.atomic():
        BallotVoter.objects.create(candidate=candidate, staff=office.agents[1])
    ballot_close(round=candidate.round, by=office.accounts["hr"], at=WHEN)
    with pytest.raises(IntegrityError, match="投票没有开始或已经结束"), transaction.atomic():
        BallotCount.objects.update(yes=2)


def test_the_application_votes_with_what_it_is_granted(office: Office) -> None:
    candidate = office.voting()
    with as_application():
        vote_cast(candidate=candidate, answer="yes", by=office.mates[0])
        ballot_close(round=candidate.round, by=office.accounts["hr"], at=WHEN)
    assert BallotCount.objects.get().yes == 1


def test_a_ballot_without_candidates_or_with_nobody_to_vote_does_not_open(office: Office) -> None:
    hr = office.accounts["hr"]
    empty = office.round(has_ballot=True)
    refused(lambda: ballot_open(round=empty, by=hr, at=WHEN), "还没有候选人")
    alone = factories.staff(office.department, "1020", tier="junior")
    candidate_add(round=empty, staff=alone, by=hr, at=WHEN)
    refused(lambda: ballot_open(round=empty, by=hr, at=WHEN), "所在的小组没有别人可以投票")
    refused(lambda: ballot_open(round=office.round(), by=hr, at=WHEN), "这一轮没有匿名投票")
    refused(lambda: ballot_open(round=empty, by=office.accounts["lead"], at=WHEN), "您不能办理这一轮评审")


def test_the_electorate_is_read_set_wise(office: Office) -> None:
    def queries(round: object, more: int) -> int:
        for number in range(more):
            staff = factories.staff(
                office.department, f"{more}{number}", tier="junior", team=office.person.terms.get().team
            )
            office.candidate(round, staff)
        with CaptureQueriesContext(connection) as captured:
            ballot_open(round=round, by=office.accounts["hr"], at=WHEN)
        return len(captured)

    few, many = office.round(has_ballot=True), office.round(has_ballot=True)
    assert queries(few, 2) == queries(many, 9)
