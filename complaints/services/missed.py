"""A missed deadline falls under the provision that its policy names, as an incident of the holder."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from complaints.models import Clock, ClockEvent
from penalties.models import Incident, Reversal
from penalties.services import (
    IncidentFact,
    IncidentsRefused,
    incident_reject,
    incident_reverse,
    incidents_record,
)
from people.models import Account, Department


def missed_record(*, clocks: Collection[int], at: datetime) -> list[str]:
    """Record what clocks that rang at their end fall under, each once; what was refused, in words.

    A case that nobody holds has nobody to record it of. Queries do not depend on the number of clocks.
    """
    rows = (
        ClockEvent.objects.filter(
            clock__in=clocks,
            kind=ClockEvent.Kind.RANG,
            level="due",
            clock__policy__missed__isnull=False,
            clock__case__holder__isnull=False,
        )
        .select_related("clock__case__holder__department")
        .order_by("id")
    )
    facts: dict[Department, list[IncidentFact]] = defaultdict(list)
    for event in rows:
        case, due_at = event.clock.case, event.due_at
        code = event.clock.policy.get("missed")
        if code is None or due_at is None or case.holder is None:
            continue
        facts[case.holder.department].append(
            IncidentFact(
                staff=case.holder,
                code=code,
                work_date=timezone.localdate(due_at),
                note=f"投诉{case.number}的“{event.clock}”到{timezone.localtime(due_at):%m-%d %H:%M}未完成",
                key=_key(event.clock, due_at),
            )
        )
    # In one order, so that two sweeps do not wait for each other's people.
    ordered = sorted(facts.items(), key=lambda each: each[0].pk)
    return [word for department, given in ordered for word in _record(department, given, at)]


def missed_withdraw(*, clock: Clock, due_at: datetime, by: Account | None, at: datetime) -> None:
    """It turns out that the thing was done in time: the incident of the miss is taken back."""
    incident = Incident.objects.filter(key=_key(clock, due_at)).first()
    if incident is None or Reversal.objects.filter(incident=incident).exists():
        return
    reason = f"“{clock}”在期限内完成，后来才登记"
    if incident.state == Incident.State.RECORDED:
        incident_reject(incident=incident, reason=reason, by=by, at=at)
    elif incident.state == Incident.State.CONFIRMED:
        incident_reverse(incident=incident, on=timezone.localdate(at), reason=reason, by=by, at=at)


def _key(clock: Clock, due_at: datetime) -> str:
    return f"clock:{clock.pk}:{due_at:%Y%m%d%H%M}"


def _record(department: Department, facts: Sequence[IncidentFact], at: datetime) -> list[str]:
    """All that can be recorded; who no longer works there, say, keeps nobody else's from being so."""
    try:
        incidents_record(department=department, facts=facts, by=None, at=at)
    except IncidentsRefused as refused:
        rest = [fact for place, fact in enumerate(facts) if place not in refused.refusals]
        if rest:
            incidents_record(department=department, facts=rest, by=None, at=at)
        return [str(each) for each in refused.refusals.values()]
    return []
