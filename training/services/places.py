"""Whose newcomer came first: the places of a batch, from which the mentors' award follows (s000-01-15b)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from people.models import Account, Department, FactChange
from people.services import facts_changed
from training.errors import PlacesRefused
from training.models import Enrolment, IntakePlace
from training.selectors.places import places_of, ranked_in_month


@transaction.atomic
def batch_rank(
    *, department: Department, batch: str, order: Sequence[Enrolment], by: Account, at: datetime
) -> date:
    """Give the newcomers of a batch their places, the first of `order` the first; the day that they count on.

    Whoever is left out has no place. A later ranking corrects the earlier one in its own month, which is
    settled anew or adjusted. The same order again changes nothing. PlacesRefused for who is of another batch
    or twice in it, for nobody, and where another batch was ranked in the same month: the award has one first.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    members = {each.pk: each for each in Enrolment.objects.filter(department=department, batch=batch)}
    given = [each.pk for each in order]
    if not given:
        raise PlacesRefused("一个名次也没有填；至少填第一名")
    if len(set(given)) < len(given):
        raise PlacesRefused("同一个人填了两个名次；每人只填一个")
    if not set(given) <= members.keys():
        raise PlacesRefused(f"名次里有不是{batch}批的人；请刷新页面")
    earlier = places_of(members)
    held = {pk: each.place for pk, each in earlier.items() if each.place is not None}
    on = min((each.on for each in earlier.values()), default=timezone.localdate(at))
    wanted = {pk: place for place, pk in enumerate(given, 1)}
    if wanted == held:
        return on
    if other := next((each for each in ranked_in_month(department, on) if each != batch), None):
        raise PlacesRefused(f"{on:%Y年%m月}已评过{other}批；一个月只评一批，请下个月再评")
    IntakePlace.objects.bulk_create(
        IntakePlace(enrolment=row, place=wanted.get(pk), mentor_id=row.mentor_id, on=on, by=by, at=at)
        for pk, row in members.items()
        if wanted.get(pk) != held.get(pk)
    )
    facts_changed(
        department=department,
        months=[on],
        source=FactChange.Source.METRICS,
        by=by,
        at=at,
        note=f"带教名次：{batch}批",
    )
    return on
