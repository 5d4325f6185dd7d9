"""What counts and scores suggest: opened and withdrawn by the facts, decided by people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from penalties.errors import ProposalRefused
from penalties.models import Incident, Proposal
from people.models import Account, Department

State = Proposal.State


@dataclass(frozen=True, slots=True)
class DueProposal:
    """A proposal that an incident's rank calls for; `later` are the incidents of its window after it."""

    incident_id: int
    kind: str
    evidence: dict[str, Any]
    later: frozenset[int]


@dataclass(frozen=True, slots=True)
class MonthProposal:
    """A proposal that a person's month calls for (points_band, absence); `evidence` is JSON."""

    staff_id: int
    code: str
    kind: str
    evidence: dict[str, Any]


def proposals_sync(*, incidents: Mapping[int, Incident], due: Sequence[DueProposal], at: datetime) -> None:
    """Open what is due for `incidents` (by id) and withdraw what is not any more and nobody has decided.

    Where a late record moves a count to an earlier incident, a decision on a later one of the same window
    stands and nothing new is opened.
    """
    existing = list(Proposal.objects.filter(incident__in=incidents).exclude(state=State.WITHDRAWN))
    wanted = {(each.incident_id, each.kind): each for each in due}
    known = {(each.incident_id, each.kind): each for each in existing}
    stale = [each.pk for place, each in known.items() if each.state == State.OPEN and place not in wanted]
    if stale:
        # What somebody decides at this very moment stays decided.
        Proposal.objects.filter(pk__in=stale, state=State.OPEN).update(state=State.WITHDRAWN)
    decided = {place for place, each in known.items() if each.state != State.OPEN}
    Proposal.objects.bulk_create(
        Proposal(
            department_id=incidents[each.incident_id].staff.department_id,
            staff_id=incidents[each.incident_id].staff_id,
            code=incidents[each.incident_id].code,
            kind=each.kind,
            incident_id=each.incident_id,
            evidence=each.evidence,
            opened_at=at,
        )
        for place, each in wanted.items()
        if place not in known and not any((later, each.kind) in decided for later in each.later)
    )


@transaction.atomic
def proposals_sync_month(
    *,
    department: Department,
    month: date,
    wanted: Iterable[MonthProposal],
    codes: set[str],
    at: datetime,
) -> None:
    """Make the month's proposals under `codes` those of `wanted`; four queries at most.

    Missing ones are opened, undecided ones that do not hold any more are withdrawn, undecided ones that
    hold get the present evidence. What people have decided stays. `month` is its first day.
    """
    by_place = {(each.staff_id, each.code, each.kind): each for each in wanted}
    outside = {each.code for each in by_place.values()} - codes
    if outside:
        raise ValueError(f"proposals under codes that are not synced: {sorted(outside)}")
    existing = {
        (each.staff_id, each.code, each.kind): each
        for each in Proposal.objects.select_for_update()
        .filter(department=department, month=month, code__in=codes)
        .exclude(state=State.WITHDRAWN)
        .order_by("pk")
    }
    renewed, stale = [], []
    for place, proposal in existing.items():
        if proposal.state != State.OPEN:
            continue
        if place not in by_place:
            stale.append(proposal.pk)
        elif proposal.evidence != by_place[place].evidence:
            proposal.evidence = by_place[place].evidence
            renewed.append(proposal)
    if stale:
        Proposal.objects.filter(pk__in=stale).update(state=State.WITHDRAWN)
    if renewed:
        Proposal.objects.bulk_update(renewed, ["evidence"])
    Proposal.objects.bulk_create(
        Proposal(
            department=department,
            staff_id=each.staff_id,
            code=each.code,
            kind=each.kind,
            month=month,
            evidence=each.evidence,
            opened_at=at,
        )
        for place, each in by_place.items()
        if place not in existing
    )


@transaction.atomic
def proposal_decide(
    *, proposal: Proposal, accepted: bool, decision: str, by: Account, at: datetime
) -> Proposal:
    """Store what people decided; pay does not change by it. Raises ProposalRefused unless it is open."""
    if not decision.strip():
        raise ProposalRefused("请写明决定的理由。")
    row = Proposal.objects.select_for_update(of=("self",)).select_related("staff").get(pk=proposal.pk)
    if row.state != State.OPEN:
        raise ProposalRefused(
            f"{row.staff}的“{row.get_kind_display()}”建议已是“{row.get_state_display()}”，不能再决定。"
        )
    row.state = State.ACCEPTED if accepted else State.DECLINED
    row.decision, row.decided_by, row.decided_at = decision.strip(), by, at
    row.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    return row
