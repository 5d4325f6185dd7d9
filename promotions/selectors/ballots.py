"""Reads of ballots: what one may still vote on, how many have voted, what came out once that is public."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from people.models import Account
from promotions.models import BallotCount, BallotVoter, Candidate, ReviewRound

FEWEST_VOTES = 3  # with fewer a result says how somebody voted


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many may vote about a candidate, and how many have."""

    voters: int
    voted: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a ballot came to."""

    yes: int
    no: int
    abstained: int


def votes_open_to(account: Account) -> QuerySet[BallotVoter]:
    """The candidates on whom the account may still vote."""
    rows = BallotVoter.objects.filter(
        staff__account=account,
        staff__account__is_active=True,
        has_voted=False,
        candidate__round__state=ReviewRound.State.VOTING,
    )
    return rows.select_related("candidate__staff", "candidate__round").order_by("candidate")


def turnouts(candidates: Collection[Candidate]) -> dict[int, Turnout]:
    """How many may vote and have, by candidate; one query."""
    rows = BallotVoter.objects.filter(candidate__in=candidates).order_by().values("candidate")
    counted = rows.annotate(voters=Count("pk"), voted=Count("pk", filter=Q(has_voted=True)))
    return {row["candidate"]: Turnout(row["voters"], row["voted"]) for row in counted}


def results(candidates: Collection[Candidate]) -> dict[int, Result]:
    """What ballots came to, by candidate; one query.

    Only of ballots that are closed and had three votes or more: the others are told to nobody.
    """
    over = (ReviewRound.State.VOTED, ReviewRound.State.CLOSED)
    rows = BallotCount.objects.filter(candidate__in=candidates, candidate__round__state__in=over)
    return {
        row.candidate_id: Result(row.yes, row.no, row.abstained) for row in rows if row.total >= FEWEST_VOTES
    }
