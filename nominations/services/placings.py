"""First prizes, streaks and rankings as settlement pays them: candidates of the month by themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from nominations.models import Nomination
from people.models import Department

Origin, State = Nomination.Origin, Nomination.State


@dataclass(frozen=True, slots=True)
class Placing:
    """Who came to which place of a ranked or streak award, what settlement pays for it (yuan) and why."""

    staff_id: int
    provision_id: int
    code: str
    amount: Decimal
    reason: str
    place: int | None = None


def placings_sync(
    *, department: Department, month: date, placings: Sequence[Placing], codes: Collection[str], at: datetime
) -> None:
    """Bring the month's undecided placings in line with what settlement has found; nothing is paid here.

    `codes` are the ranked and streak awards of the month: without any, nothing is read. What was decided
    stays, whatever the figures say later. Four queries at most. The caller holds the transaction.
    """
    if not codes and not placings:
        return
    rows = Nomination.objects.select_for_update(no_key=True).filter(
        department=department, month=month, origin=Origin.RANKING
    )  # a decision that is being written is waited for and then stays
    known = {(each.staff_id, each.code): each for each in rows.exclude(state=State.WITHDRAWN).order_by("pk")}
    changed, new = [], []
    for each in placings:
        held = known.pop((each.staff_id, each.code), None)
        said = (each.amount, each.reason, each.place)
        if held is not None and held.provision_id == each.provision_id:
            if held.is_waiting and (held.amount, held.reason, held.place) != said:
                held.amount, held.reason, held.place = said
                changed.append(held)
            continue
        if held is not None:
            if not held.is_waiting:
                continue
            known[each.staff_id, each.code] = held  # under an earlier version: withdrawn below
        new.append(each)
    gone = [held.pk for held in known.values() if held.is_waiting]
    Nomination.objects.bulk_update(changed, ["amount", "reason", "place"])
    if gone:
        Nomination.objects.filter(pk__in=gone).update(state=State.WITHDRAWN)
    Nomination.objects.bulk_create(
        Nomination(
            department=department,
            month=month,
            staff_id=each.staff_id,
            provision_id=each.provision_id,
            code=each.code,
            origin=Origin.RANKING,
            reason=each.reason,
            place=each.place,
            amount=each.amount,
            at=at,
        )
        for each in new
    )
