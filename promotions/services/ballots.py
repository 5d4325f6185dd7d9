"""The anonymous ballot (docs/adr/0021-ballots-are-counted.md): who voted is marked, the votes are counted.

How somebody votes is passed on to no row, no notice, no log and no report of an error, nor is when.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from people.models import Account, Staff, Term
from people.selectors import not_left
from promotions.errors import BallotRefused
from promotions.models import BallotCount, BallotVoter, Candidate, ReviewRound
from promotions.services.notifications import ballot_opened_notify
from promotions.services.rounds import check_holds, round_locked

State = ReviewRound.State
ANSWERS = {"yes": "同意", "no": "不同意", "abstained": "弃权"}


@transaction.atomic
def ballot_open(*, round: ReviewRound, by: Account, at: datetime) -> ReviewRound:
    """Let the teams vote: about each candidate those who are in the same team on the day of `at`.

    From then on nobody is put in. BallotRefused for a round without a ballot or candidates, a second time,
    and for a candidate whose team has nobody else; RoundRefused without hold_rounds.
    """
    round = round_locked(round)
    check_holds(round, by)
    if not round.has_ballot:
        raise BallotRefused("这一轮没有匿名投票", "请直接推举和决定")
    if round.state != State.OPEN:
        raise BallotRefused(f"{round}{round.get_state_display()}，投票只开一次", "刷新页面看最新的情况")
    candidates = list(round.candidates.select_related("staff").order_by("id"))
    if not candidates:
        raise BallotRefused("还没有候选人", "请先列入候选人，再开始投票")
    marks = _electorate(candidates, timezone.localdate(at))
    alone = [each.staff for each in candidates if each.pk not in {mark.candidate_id for mark in marks}]
    if alone:
        raise BallotRefused(
            f"{alone[0]}所在的小组没有别人可以投票", "请先在任职条件里写明小组，或另开不投票的一轮"
        )
    BallotCount.objects.bulk_create(BallotCount(candidate=each) for each in candidates)
    BallotVoter.objects.bulk_create(marks)
    round.state = State.VOTING
    round.save(update_fields=["state"])
    ballot_opened_notify(round, [mark.staff.account_id for mark in marks], at=at)
    return round


def _electorate(candidates: Sequence[Candidate], day: date) -> list[BallotVoter]:
    """Who may vote about whom on a day: the others of the same team who work there; two queries."""
    terms = Term.objects.filter(valid__contains=day, team__isnull=False)
    teams = dict(terms.filter(staff__in=[each.staff_id for each in candidates]).values_list("staff", "team"))
    employed = Staff.objects.filter(not_left(day), joined_on__lte=day)
    found = terms.filter(team__in=set(teams.values()), staff__in=employed).select_related("staff")
    mates = list(found.order_by("staff"))
    return [
        BallotVoter(candidate=candidate, staff=term.staff)
        for candidate in candidates
        for term in mates
        if term.team_id == teams.get(candidate.staff_id) and term.staff_id != candidate.staff_id
    ]


@sensitive_variables("answer")
@transaction.atomic
def vote_cast(*, candidate: Candidate, answer: str, by: Account) -> None:
    """Count a vote about a candidate (`yes`, `no`, `abstained`) and mark that the account has voted.

    It takes no moment, for it keeps none. BallotRefused for who is not on the list of the day on which the
    ballot opened, a second time, and while the ballot is not open.
    """
    if answer not in ANSWERS:
        raise BallotRefused("没有选怎么投", "请选同意、不同意或弃权", field="answer")
    round = round_locked(candidate.round)
    marks = BallotVoter.objects.select_for_update(of=("self",), no_key=True)
    mark = marks.filter(candidate=candidate, staff__account=by).first()
    if mark is None:
        raise BallotRefused("您不在这位候选人的投票名单里", "投票的是开始投票那天同组的同事")
    if mark.has_voted:
        raise BallotRefused("您已经投过票", "每人一票，投出后不能改也不能再投")
    if round.state != State.VOTING:
        raise BallotRefused("投票已经结束", "没有投的票不再收")
    BallotVoter.objects.filter(pk=mark.pk).update(has_voted=True)
    BallotCount.objects.filter(candidate=candidate).update(**{answer: F(answer) + 1})


@transaction.atomic
def ballot_close(*, round: ReviewRound, by: Account, at: datetime) -> ReviewRound:
    """End the ballot, for good; again changes nothing. From three votes on its result is told.

    BallotRefused for one that is not open, RoundRefused without hold_rounds.
    """
    round = round_locked(round)
    check_holds(round, by)
    if round.state == State.VOTED:
        return round
    if round.state != State.VOTING:
        raise BallotRefused(f"{round}{round.get_state_display()}，没有在投票", "刷新页面看最新的情况")
    # Every mark is written anew by this one transaction, so that none tells any longer which was its own.
    BallotVoter.objects.filter(candidate__round=round).update(has_voted=F("has_voted"))
    round.state = State.VOTED
    round.save(update_fields=["state"])
    return round
