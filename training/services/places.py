"""Whose newcomer came first: the places of a batch, from which the mentors' award follows (s000-01-15b)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from people.models import Account, Department, FactChange, Staff
from people.services import facts_changed
from training.errors import PlacesRefused
from training.models import Enrolment, IntakePlace
from training.selectors.places import places_of, ranked_in_month
from training.selectors.programmes import enrolments_of_batch


@transaction.atomic
def batch_rank(
    *,
    department: Department,
    batch: str,
    order: Sequence[Enrolment],
    mentors: Mapping[int, Staff] | None = None,
    by: Account,
    at: datetime,
) -> date:
    """Give the newcomers of a batch their places, the first of `order` the first; the day that they count on.

    Whoever is left out has no place; with nobody in it all places are taken back. A place is its mentor's of
    when it was first given, or whom `mentors` names (by the enrolment's id). A later ranking corrects the
    earlier one in its own month, which is settled anew or adjusted. The same order and mentors again change
    nothing. PlacesRefused for who is of another batch or twice in it, for nobody where no place is held, a
    mentor who cannot be it, and where another batch was ranked in the same month: the award has one first.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    members = {each.pk: each for each in enrolments_of_batch(department, batch)}
    earlier = places_of(members)
    held = {pk: (each.place, each.mentor_id) for pk, each in earlier.items() if each.place is not None}
    given = [each.pk for each in order]
    if not given and not held:
        raise PlacesRefused("一个名次也没有填；至少填第一名")
    if len(set(given)) < len(given):
        raise PlacesRefused("同一个人填了两个名次；每人只填一个")
    if not set(given) <= members.keys():
        raise PlacesRefused(f"名次里有不是{batch}批的人；请刷新页面")
    named = {pk: _mentor_id(members[pk], mentor) for pk, mentor in (mentors or {}).items() if pk in given}
    before = earlier if held else {}  # what was taken back altogether begins anew
    kept = {pk: before.get(pk, members[pk]).mentor_id for pk in given}
    wanted = {pk: (place, named.get(pk, kept[pk])) for place, pk in enumerate(given, 1)}
    on = min((earlier[pk].on for pk in held), default=timezone.localdate(at))
    if wanted == held:
        return on
    if other := next((each for each in ranked_in_month(department, on) if each != batch), None):
        raise PlacesRefused(f"{on:%Y年%m月}已评过{other}批；一个月只评一批，请下个月再评")
    IntakePlace.objects.bulk_create(
        IntakePlace(
            enrolment=members[pk],
            place=wanted[pk][0] if pk in wanted else None,
            mentor_id=(wanted.get(pk) or held[pk])[1],
            on=on,
            by=by,
            at=at,
        )
        for pk in members
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


def _mentor_id(enrolment: Enrolment, mentor: Staff) -> int:
    """The id of who is named as a place's mentor; PlacesRefused for oneself and who is from elsewhere."""
    own = enrolment.staff
    if mentor.pk == own.pk or (mentor.account_id is not None and mentor.account_id == own.account_id):
        raise PlacesRefused(f"{own}的师傅不能是本人；请选别人")
    if mentor.department_id != enrolment.department_id:
        raise PlacesRefused(f"{mentor}不在本部门；请选本部门的人")
    return mentor.pk
