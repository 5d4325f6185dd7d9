"""Who sees which rounds and candidates, what a candidate's papers say, what the panel gave."""

from collections.abc import Collection
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Avg, Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from people.models import Account, Department, Staff
from people.selectors import departments_where, groups_of, staff_visible_to
from promotions.board import standings_of
from promotions.models import Candidate, GradeChange, PanelScore, ReviewRound
from promotions.tiers import LADDER

# Who has to do with reviews of a department at all.
ACTIONS = ("hold_rounds", "propose_grades", "decide_grades")
_DOWNWARDS = reduce(
    or_, (Q(from_tier=tier, to_tier__in=LADDER[:place]) for place, tier in enumerate(LADDER) if place)
)


def review_departments(account: Account, *, whole: bool = False) -> QuerySet[Department]:
    """The departments in whose reviews an account has a part; an auditor looks on everywhere."""
    if account.is_active and "auditor" in groups_of(account):
        return Department.objects.all()
    found = Q()
    for action in ACTIONS:
        found |= Q(pk__in=departments_where(account, action, whole=whole).order_by().values("pk"))
    return Department.objects.filter(found)


def rounds_visible_to(account: Account) -> QuerySet[ReviewRound]:
    """The rounds of departments in whose reviews one has a part, and those on whose panel one sits.

    None in which the own demotion is considered: that is told with its decision.
    """
    if not account.is_active:
        return ReviewRound.objects.none()
    sits = ReviewRound.panel.through.objects.filter(reviewround=OuterRef("pk"), account=account)
    rows = ReviewRound.objects.filter(Q(department__in=review_departments(account)) | Q(Exists(sits)))
    own = Candidate.objects.filter(round=OuterRef("pk"), staff__account=account)
    return rows.exclude(_DOWNWARDS & Q(Exists(own)))


def with_size(rounds: QuerySet[ReviewRound], account: Account) -> QuerySet[ReviewRound]:
    """The rounds with `size`, how many of their candidates the account sees."""
    seen = candidates_visible_to(account).filter(round=OuterRef("pk")).order_by().values("round")
    size = Coalesce(Subquery(seen.annotate(size=Count("pk")).values("size")), 0)
    return rounds.annotate(size=size)


def candidates_visible_to(account: Account) -> QuerySet[Candidate]:
    """The candidates of those rounds: to a lead those of the own team, to the panel all of its round.

    The own candidacy is not among them, whatever part one has in the round.
    """
    if not account.is_active:
        return Candidate.objects.none()
    sits = ReviewRound.panel.through.objects.filter(reviewround=OuterRef("round"), account=account)
    places = review_departments(account)
    mine = Q(round__department__in=places, staff__in=staff_visible_to(account)) | Q(Exists(sits))
    return Candidate.objects.filter(mine).exclude(staff__account=account)


def with_scores(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """The candidates with `average` (of 100, None without a score) and `scored`, by how many."""
    return candidates.annotate(average=Avg("scores__score"), scored=Count("scores", distinct=True))


def scores_by(account: Account, round: ReviewRound) -> dict[int, PanelScore]:
    """What an account gave the candidates of a round, by candidate."""
    rows = PanelScore.objects.filter(by=account, candidate__round=round)
    return {each.candidate_id: each for each in rows}


def changes_of_candidates(candidates: Collection[Candidate]) -> dict[int, GradeChange]:
    """The change that each candidate was nominated for, by candidate; one declined gives way to a newer."""
    order = Case(When(state=GradeChange.State.DECLINED, then=0), default=1)
    rows = GradeChange.objects.filter(candidate__in=candidates).order_by(order, "id")
    return {each.candidate_id: each for each in rows if each.candidate_id is not None}


def evidence_of(
    staff: Collection[Staff], *, from_tier: str, to_tier: str, on: date
) -> dict[int, list[dict[str, Any]]]:
    """What the rules of a day ask for a step between two tiers and how people stand, by the id of their row.

    As it is stored with a candidate: a list of `{"title", "verdict": met / not_met / missing, "words"}`.
    Nothing where the department's rules ask for nothing. A fixed number of queries a department.
    """
    wanted: dict[Department, set[int]] = {}
    for each in staff:
        wanted.setdefault(each.department, set()).add(each.pk)
    return {
        standing.facts.who: [
            {"title": answer.criterion.in_words(), "verdict": str(answer.verdict), "words": answer.evidence}
            for rung in standing.rungs
            if (rung.start, rung.to) == (from_tier, to_tier)
            for part in rung.parts
            for answer in part.answers
        ]
        for department, ids in wanted.items()
        for standing in standings_of(department, on, only=ids)
    }
