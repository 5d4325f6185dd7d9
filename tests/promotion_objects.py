"""Reviews and changes of grade that addresses name, one of each or a lot, for tests that walk every page."""

from datetime import datetime
from typing import Any

from people.models import Account, Department, Staff
from promotions.models import (
    BallotCount,
    BallotVoter,
    Candidate,
    GradeAppeal,
    GradeChange,
    PanelScore,
    ReviewRound,
)


def grades_known_of(staff: Staff, *, by: Account, at: datetime) -> dict[str, Any]:
    """A candidate whose ballot has not begun, and a demotion of theirs that they appealed against."""
    candidate = _candidate(_round(staff.department, by, at), staff, by, at)
    change = _change(staff, by, at)
    change.save()
    GradeChange.objects.filter(pk=change.pk).update(
        state="decided", decided_by=_other(by), decided_at=at, decision=f"{staff.name}属实",
        effective_on=at.date(), number=f"ZJ-{staff.pk}",
    )  # fmt: skip
    GradeAppeal.objects.create(staff=staff, change=change, reason=f"{staff.name}不认", asked_at=at)
    return {"round": candidate.round_id, "candidate": candidate.pk, "grade_change": change.pk}


def grades_fill(department: Department, people: list[Staff], *, by: Account, many: int, at: datetime) -> Any:
    """Many rounds, one with everybody, on whom the second person votes; a change of everybody."""
    for _ in range(many):
        _round(department, by, at)
    big = _round(department, by, at, has_ballot=True)
    big.panel.add(by)
    evidence = [{"title": f"条件{place}", "verdict": "met", "words": "依据"} for place in range(9)]
    candidates = Candidate.objects.bulk_create(
        Candidate(round=big, staff=each, evidence=evidence, added_by=by, added_at=at) for each in people
    )
    agent = people[1]
    BallotCount.objects.bulk_create(BallotCount(candidate=each) for each in candidates)
    BallotVoter.objects.bulk_create(
        BallotVoter(candidate=each, staff=agent) for each in candidates if each.staff_id != agent.pk
    )
    big.state = "voting"
    big.save(update_fields=["state"])
    PanelScore.objects.bulk_create(PanelScore(candidate=each, by=by, score=80, at=at) for each in candidates)
    GradeChange.objects.bulk_create(_change(each, by, at) for each in people)
    decided = GradeChange.objects.bulk_create(
        GradeChange(
            staff=agent, direction="demotion", from_tier="junior", to_tier="trial", steps=1, reason="季度C",
            proposed_by=by, proposed_at=at, state="reversed", decided_by=_other(by), decided_at=at,
            decision="属实", effective_on=at.date(), number=f"ZJ-{place}", reversal="误", reversed_at=at,
        )
        for place in range(many)
    )  # fmt: skip
    mine = next(each for each in candidates if each.staff_id == people[2].pk)
    return {"round": big.pk, "candidate": mine.pk, "grade_change": decided[0].pk}


def _other(by: Account) -> Account:
    return Account.objects.exclude(pk=by.pk).earliest("pk")


def _round(department: Department, by: Account, at: datetime, **given: Any) -> ReviewRound:
    return ReviewRound.objects.create(
        department=department, kind="quarterly", on=at.date(), from_tier="junior", to_tier="intermediate",
        created_by=by, created_at=at, **given,
    )  # fmt: skip


def _candidate(round: ReviewRound, staff: Staff, by: Account, at: datetime) -> Candidate:
    evidence = [{"title": f"{staff.name}入职", "verdict": "met", "words": "满6个月"}]
    return Candidate.objects.create(round=round, staff=staff, evidence=evidence, added_by=by, added_at=at)


def _change(staff: Staff, by: Account, at: datetime) -> GradeChange:
    return GradeChange(
        staff=staff, direction="demotion", from_tier="junior", to_tier="trial", steps=1,
        reason=f"{staff.name}季度C", proposed_by=by, proposed_at=at,
    )  # fmt: skip
