"""Reads of the places of newcomers, and what they make of their mentors."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from core.history import past_of
from core.periods import first_of, last_of
from people.models import Department
from training.models import Enrolment, IntakePlace

BATCHES = 12


def places_of(enrolments: Iterable[int]) -> dict[int, IntakePlace]:
    """The place that holds of each enrolment, by its id, with its mentor; one query."""
    rows = IntakePlace.objects.filter(enrolment__in=list(enrolments)).select_related("mentor")
    rows = rows.order_by("enrolment_id", "-id")
    return {each.enrolment_id: each for each in rows.distinct("enrolment_id")}


def batches_of(department: Department) -> list[str]:
    """The batches of a department, the latest first, no more than a year's worth."""
    rows = Enrolment.objects.filter(department=department).order_by().values_list("batch")
    latest = rows.annotate(latest=Max("starts_on")).order_by("-latest", "-batch")
    return [batch for batch, _ in latest[:BATCHES]]


def ranked_in_month(department: Department, day: date) -> set[str]:
    """The batches whose places, as they stand, count in the month of a day."""
    newest = (
        IntakePlace.objects.filter(enrolment__department=department)
        .order_by("enrolment_id", "-id")
        .distinct("enrolment_id")
    )
    rows = IntakePlace.objects.filter(
        pk__in=newest.values("pk"), on__range=(first_of(day), last_of(day)), place__isnull=False
    )
    return set(rows.values_list("enrolment__batch", flat=True).distinct())


def mentor_places(department_id: int, first: date, last: date) -> dict[tuple[date, int], int]:
    """The best place that newcomers of a mentor came to, by month and mentor's id; one query.

    A newcomer without a mentor takes no place.
    """
    rows = (
        IntakePlace.objects.filter(enrolment__department=department_id, on__range=(first, last))
        .order_by("enrolment_id", "-id")
        .distinct("enrolment_id")
        .values_list("on", "mentor_id", "place")
    )
    found: dict[tuple[date, int], int] = {}
    for on, mentor_id, place in rows:
        if mentor_id is not None and place is not None:
            key = first_of(on), mentor_id
            found[key] = min(place, found.get(key, place))
    return found


def newcomers_by_mentor(department_id: int, first: date, last: date) -> dict[int, set[int]]:
    """Whom each mentor (by id) guided through a programme on some of these days; one query.

    The mentor is that of the last day, as the history of the enrolment has it: whoever comes later has no
    part in a month that is over.
    """
    over = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    later = past_of(Enrolment).objects.filter(pgh_obj=OuterRef("pk"), pgh_created_at__gte=over)
    rows = Enrolment.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gte=Greatest(F("starts_on"), first)),
        department=department_id,
        starts_on__lte=last,
    ).annotate(
        has_changed=Exists(later), mentor_then=Subquery(later.order_by("pgh_id").values("mentor_id")[:1])
    )
    found: dict[int, set[int]] = defaultdict(set)
    for staff_id, mentor_id, has_changed, then in rows.values_list(
        "staff_id", "mentor_id", "has_changed", "mentor_then"
    ):
        guide = then if has_changed else mentor_id
        if guide is not None:
            found[guide].add(staff_id)
    return found
