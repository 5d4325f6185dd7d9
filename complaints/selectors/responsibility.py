"""Who may be responsible for a case, each with the reasons; people decide."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from commissions.selectors import sharers_of
from complaints.models import Case
from core.money import percent
from duties.models import HandoverItem, HandoverSignature
from people.models import Staff
from shifts.days_owed import DAY
from shifts.models import RosterDay
from shifts.selectors.leave import days_worked, leaves_taking

MOST = 20  # of those on duty


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with why they may be responsible."""

    staff: Staff
    reasons: tuple[str, ...]


def candidates_of(case: Case) -> list[Candidate]:
    """Whom the case is about, whose order it was, who wrote and signed the handover, who was on duty.

    Those with more reasons first; a fixed number of queries.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    people: dict[int, Staff] = {}
    for person, reason in (*_of_case(case), *_of_handover(case), *_on_duty(case)):
        people[person.pk] = person
        reasons[person.pk].append(reason)
    found = [Candidate(people[pk], tuple(each)) for pk, each in reasons.items()]
    return sorted(found, key=lambda each: -len(each.reasons))


def _of_case(case: Case) -> Iterator[tuple[Staff, str]]:
    if case.about is not None:
        yield case.about, "投诉的就是此人"
    if case.order is None:
        return
    for staff, share in sharers_of(case.order).items():
        of_it = f"，份额{percent(share)}" if share < 1 else ""
        yield staff, f"订单{case.order.order_no}归此人（{case.order.get_attribution_display()}{of_it}）"


def _of_handover(case: Case) -> Iterator[tuple[Staff, str]]:
    """Who wrote and signed the item that the case came from, or those about its order until then."""
    items = HandoverItem.objects.filter(author__department=case.department_id, at__lte=case.received_at)
    if case.handover_item_id is not None:
        items = HandoverItem.objects.filter(pk=case.handover_item_id)
    elif case.order is not None:
        items = items.filter(order_no=case.order.order_no)
    else:
        return
    latest = list(items.select_related("author").order_by("-id")[:MOST])
    for item in latest:
        yield item.author, f"{item.work_date:%m-%d}写了交接事项"
    for signature in HandoverSignature.objects.filter(item__in=latest).select_related("staff"):
        yield signature.staff, f"{signature.work_date:%m-%d}签收了交接事项"


def _on_duty(case: Case) -> Iterator[tuple[Staff, str]]:
    """Who was on a published shift when the complaint came in."""
    received_on = timezone.localdate(case.received_at)
    rows = days_worked(
        RosterDay.objects.filter(
            roster__department=case.department_id,
            starts_at__lte=case.received_at,
            ends_at__gt=case.received_at,
        ),
        leaves_taking(received_on - DAY, received_on),
    )
    for day in rows.select_related("staff", "pattern").order_by("staff__number")[:MOST]:
        yield day.staff, f"接到投诉时在班（{day.pattern}）"
