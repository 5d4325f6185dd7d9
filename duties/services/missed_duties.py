"""Duties that were missed and signed items left undone become incidents, each once, and wait for the manager.

A miss falls under the provision that its duty names (`missing`), an undone item under the one that the
handover duty names (`undone`). Where there is none, or it has blank figures or does not bind the person,
nothing is recorded. What was recorded by mistake is taken back as every incident is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from duties.errors import HandoverRefused
from duties.models import DutyRecord, DutyWaiver, HandoverEntry, HandoverItem, HandoverSignature
from duties.obligations import FAILED, STATE_LABELS, DutyHolder, Owed
from duties.selectors.duties import owed_between, people_owing
from duties.services.notifications import missed_duties_notify
from penalties.models import Incident
from penalties.services import IncidentFact, IncidentsRefused, incidents_record
from people.models import Department, Staff
from rules.kinds.base import Kind
from rules.kinds.work import Duty
from rules.models import Provision
from rules.provisions import Rule, Rules, Timeline
from rules.selectors import role_on, timeline_of

DAYS_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many incidents are new, and why some were refused."""

    new: int
    refused: tuple[str, ...] = ()


@transaction.atomic
def missed_duties_record(*, department: Department, at: datetime) -> Recorded:
    """Record what was missed or left undone in the last fortnight and is not recorded yet.

    Safe to run as often as one likes, and twice at once. Duties of a version that was published after they
    had fallen due oblige nobody.
    """
    timeline = timeline_of(department)
    facts = [*_missed(department, timeline, at), *_undone(department, timeline, at)]
    return _record(department, facts, at)


def undone_record(*, signature: HandoverSignature, at: datetime) -> None:
    """Record a signed item as left undone by whoever signed it; HandoverRefused where that cannot be."""
    staff = signature.staff
    fact = _undone_fact(timeline_of(staff.department), signature, role_on(staff, signature.work_date))
    if fact is None:
        return
    found = _record(staff.department, [fact], at)
    if found.refused:
        raise HandoverRefused("；".join(found.refused))


def undone_key(signature: HandoverSignature) -> str:
    return f"handover:{signature.item_id}:undone"


def _record(department: Department, facts: Sequence[IncidentFact], at: datetime) -> Recorded:
    """All facts that can be; one that does not fit keeps none of the others out."""
    keys = {fact.key for fact in facts}
    known = set(Incident.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [fact for fact in facts if fact.key not in known]
    if not fresh:
        return Recorded(0)
    refused: tuple[str, ...] = ()
    try:
        with transaction.atomic():
            made = incidents_record(department=department, facts=fresh, by=None, at=at)
    except IncidentsRefused as error:
        fitting = [fact for index, fact in enumerate(fresh) if index not in error.refusals]
        refused = tuple(str(each) for each in error.refusals.values())
        made = incidents_record(department=department, facts=fitting, by=None, at=at) if fitting else []
    missed_duties_notify(made, at=at)
    return Recorded(len(made), refused)


def _missed(department: Department, timeline: Timeline, at: datetime) -> Iterator[IncidentFact]:
    today = timezone.localdate(at)
    found = [
        (staff, each)
        for staff, each in owed_between(department, today - DAYS_BACK, today, timeline=timeline)
        if each.duty.missing and each.told_at < at and each.state(at) in FAILED
    ]
    # Whoever waives or notes takes the same locks, so nobody is recorded whom somebody is letting off, or
    # of whom somebody is saying that they came.
    staff_ids = sorted({staff.pk for staff, _ in found})
    list(Staff.objects.select_for_update(no_key=True).filter(pk__in=staff_ids).order_by("pk"))
    waived = set(DutyWaiver.objects.filter(staff__in=staff_ids).values_list("staff", "code", "due_on"))
    noted = {
        (pk, code, due_on): done_at
        for pk, code, due_on, done_at in DutyRecord.objects.filter(
            staff__in=staff_ids, due_on__gte=today - DAYS_BACK
        ).values_list("staff", "code", "due_on", "done_at")
    }
    published = dict(
        Provision.objects.filter(pk__in={each.rule.id for _, each in found}).values_list(
            "pk", "version__published_at"
        )
    )
    for staff, each in found:
        since = published[each.rule.id]
        key = staff.pk, each.rule.code, each.due_on
        now = replace(each, is_waived=key in waived, done_at=noted.get(key, each.done_at))
        if since is None or since > each.due_at or now.state(at) not in FAILED:
            continue
        rule = _recordable(timeline.on(each.due_on), each.duty.missing)
        if rule is not None:
            yield IncidentFact(
                staff=staff, code=rule.code, work_date=each.due_on, note=_note(each, at), key=each.key
            )


def _recordable(rules: Rules, code: str | None) -> Rule[Kind] | None:
    """The provision under which something is recorded, where there is one without blanks."""
    rule = rules.get(code) if code else None
    if rule is None or rule.is_inert or not rule.kind.takes_incidents:
        return None
    return rule


def _note(each: Owed, at: datetime) -> str:
    due = timezone.localtime(each.due_at)
    said = (
        f"{each.rule.code} {each.rule.title}：应于{due:%Y-%m-%d %H:%M}前完成，{STATE_LABELS[each.state(at)]}"
    )
    if each.done_at is not None:
        said += f"（{timezone.localtime(each.done_at):%Y-%m-%d %H:%M}）"
    return f"{said}。"


def _undone(department: Department, timeline: Timeline, at: datetime) -> Iterator[IncidentFact]:
    """Signed items that are neither done nor passed on when the signer's next shift has ended."""
    today = timezone.localdate(at)

    def said(*kinds: str) -> Exists:
        return Exists(HandoverEntry.objects.filter(item=OuterRef("item"), kind__in=kinds))

    rows = HandoverSignature.objects.filter(
        ~said(HandoverEntry.Kind.DONE, HandoverEntry.Kind.NOT_DONE, HandoverEntry.Kind.WAIVED),
        ~Exists(HandoverItem.objects.filter(follows=OuterRef("item"))),
        staff__department=department,
        work_date__gte=today - DAYS_BACK,
        shift_starts_at__isnull=False,
    )
    signatures = list(rows.select_related("item__author", "staff").order_by("id"))
    if not signatures:
        return
    people = _roles(department, [each.staff for each in signatures], at)
    for each in signatures:
        person = people[each.staff_id]
        if next_shift_is_over(person, each, at):
            fact = _undone_fact(timeline, each, person.role_on(each.work_date))
            if fact is not None:
                yield fact


def next_shift_is_over(person: DutyHolder, signature: HandoverSignature, at: datetime) -> bool:
    """Whether the signer's first shift after the one for which they signed has ended, leave not counted."""
    assert signature.shift_starts_at is not None
    later = [
        work
        for work in person.works.values()
        if work.starts_at > signature.shift_starts_at and work.on not in person.away
    ]
    return bool(later) and min(later, key=lambda work: work.starts_at).over_at <= at


def _roles(department: Department, staff: Iterable[Staff], at: datetime) -> dict[int, DutyHolder]:
    today = timezone.localdate(at)
    people, _, _ = people_owing(department, today - DAYS_BACK, today, only={each.pk for each in staff})
    return {person.staff_id: person for person in people}


def _undone_fact(timeline: Timeline, signature: HandoverSignature, role: str) -> IncidentFact | None:
    rules = timeline.on(signature.work_date)
    rule = _recordable(rules, _undone_code(rules, signature, role))
    if rule is None:
        return None
    item = signature.item
    signed = timezone.localtime(signature.at)
    note = (
        f"交接事项（{item.author.name}，{item.work_date:%Y-%m-%d} {item.shift_name}）：{item.text[:200]}\n"
        f"{signature.staff.name}于{signed:%Y-%m-%d %H:%M}签收，没有办。"
    )
    return IncidentFact(
        staff=signature.staff,
        code=rule.code,
        work_date=signature.work_date,
        note=note,
        key=undone_key(signature),
    )


def _undone_code(rules: Rules, signature: HandoverSignature, role: str) -> str | None:
    """The provision that the handover duty names, that of the signer's shift first."""
    duties = []
    for rule in rules.of_kind(Duty):
        duty = rule.kind
        if duty.undone and rule.binds(role):
            duties.append((signature.shift_name not in duty.shifts, duty.undone))
    return min(duties)[1] if duties else None


def missed_is_known(owed: Owed) -> bool:
    """Whether the miss is recorded already."""
    return Incident.objects.filter(key=owed.key).exists()
