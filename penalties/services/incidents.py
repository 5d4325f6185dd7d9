"""Recording incidents, confirming and rejecting them, taking them back; the ledgers follow at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core.text import shortened
from penalties.errors import IncidentRefused, IncidentsRefused
from penalties.judgement import IncidentFact, Judge
from penalties.models import Incident, IncidentAppeal, Reversal
from penalties.services.evidence import evidence_add
from penalties.services.fund_notices import cash_fines_notify
from penalties.services.ledgers import ledgers_sync
from penalties.services.notifications import (
    incident_reversed_notify,
    incidents_confirmed_notify,
    incidents_waiting_notify,
)
from people.models import Account, Department, FactChange, Staff
from people.one_person import SamePerson
from people.services import facts_changed

State = Incident.State
REASON_LENGTH = 500
ANSWER_LENGTH = 200


def incident_record(
    *,
    staff: Staff,
    code: str,
    work_date: date,
    quantity: int = 1,
    magnitude: Decimal | None = None,
    amount: Decimal | None = None,
    note: str = "",
    files: Sequence[UploadedFile] = (),
    by: Account | None,
    at: datetime,
    key: str | None = None,
) -> Incident:
    """Record one incident under the version of `work_date`; IncidentRefused where it does not fit.

    `code` is a provision's code, a catalogue id that it covers, or its title; `magnitude` is in the
    provision's measure (seconds, minutes, items, days), `amount` in yuan or points where the provision
    leaves it to the recorder; `files` are its evidence (FileRefused where they are no picture or PDF). A
    `key` that is known already gives the incident recorded under it and changes nothing.
    """
    fact = IncidentFact(
        staff=staff,
        code=code,
        work_date=work_date,
        quantity=quantity,
        magnitude=magnitude,
        amount=amount,
        note=note,
        files=files,
        key=key,
    )
    try:
        return incidents_record(department=staff.department, facts=[fact], by=by, at=at)[0]
    except IncidentsRefused as error:
        raise error.refusals[0] from None


@transaction.atomic
def incidents_record(
    *,
    department: Department,
    facts: Sequence[IncidentFact],
    confirm: bool = False,
    by: Account | None,
    at: datetime,
) -> list[Incident]:
    """Record many incidents of one department, all or none; as many queries for one as for thousands.

    With `confirm` all of them count at once, otherwise those whose provision says `confirm: auto`. Returns
    the incidents in the order of `facts`; a known `key` gives the earlier one. Raises IncidentsRefused with
    every refusal.
    """
    staff = staff_lock({fact.staff.pk for fact in facts})
    judge = Judge(department, staff)
    recorded = _judged(judge, facts)
    known = Incident.objects.in_bulk([each.key for each in recorded if each.key], field_name="key")
    new: dict[object, Incident] = {}
    for each in recorded:
        if each.key not in known:
            new.setdefault(each.key or id(each), each)
    for each in new.values():
        each.recorded_by, each.recorded_at = by, at
        if confirm or judge.confirms_itself(each):
            each.state, each.decided_at = State.CONFIRMED, at
            each.decided_by = by if confirm else None
    Incident.objects.bulk_create(new.values())
    for fact, each in zip(facts, recorded, strict=True):
        if fact.files and new.get(each.key or id(each)) is each:
            evidence_add(each, fact.files, by=by, at=at)
    confirmed = [each for each in new.values() if each.state == State.CONFIRMED]
    try:
        _follow(department, confirmed, by=by, at=at, note="记录")
    except IncidentRefused as refused:
        raise IncidentsRefused({_cause(refused, recorded): refused}) from None
    incidents_waiting_notify(
        department, [each for each in new.values() if each.state == State.RECORDED], by=by, at=at
    )
    _confirmed_tell(department, confirmed, at=at)
    return [known.get(each.key) or new[each.key or id(each)] for each in recorded]


def incident_confirm(*, incident: Incident, by: Account | None, at: datetime) -> Incident:
    """Let a recorded incident count; IncidentRefused unless it waits for it."""
    return incidents_confirm(incidents=[incident], by=by, at=at)[0]


@transaction.atomic
def incidents_confirm(*, incidents: Sequence[Incident], by: Account | None, at: datetime) -> list[Incident]:
    """Let recorded incidents count, all or none; IncidentRefused where one does not wait for it."""
    rows = _decided(incidents, State.CONFIRMED, by=by, at=at)
    for department, changed in _by_department(rows).items():
        _follow(department, changed, by=by, at=at, note="确认")
        _confirmed_tell(department, changed, at=at)
    return rows


def incident_reject(*, incident: Incident, reason: str, by: Account | None, at: datetime) -> Incident:
    """Close a recorded incident as unfounded; IncidentRefused without a reason, or unless it waits for it."""
    return incidents_reject(incidents=[incident], reason=reason, by=by, at=at)[0]


@transaction.atomic
def incidents_reject(
    *, incidents: Sequence[Incident], reason: str, by: Account | None, at: datetime
) -> list[Incident]:
    """Close recorded incidents as unfounded, all or none, for one reason; nothing was in the ledgers yet."""
    reason = _checked(reason, "驳回")
    return _decided(incidents, State.REJECTED, rejection=reason, by=by, at=at)


@transaction.atomic
def incident_reverse(
    *, incident: Incident, on: date, reason: str, by: Account | None, at: datetime
) -> Reversal:
    """Take a confirmed incident back, once, from `on`; later steps of its window are corrected by entries.

    Every appeal against it that waits is granted with that. Raises IncidentRefused without a reason, before
    the incident's own date, for one that is not confirmed or is taken back already.
    """
    reason = _checked(reason, "撤销")
    (row,) = incidents_locked([incident])
    if row.state != State.CONFIRMED:
        raise IncidentRefused(
            f"{row}{row.get_state_display()}，不能撤销", "只有已确认的记录可以撤销", field="incident"
        )
    if Reversal.objects.filter(incident=row).exists():
        raise IncidentRefused(f"{row}已经撤销过", "每条记录只能撤销一次", field="incident")
    if on < row.work_date:
        raise IncidentRefused(f"撤销日期{on}早于记录日期{row.work_date}", "请核对撤销日期", field="on")
    reversal = Reversal.objects.create(incident=row, on=on, reason=reason, by=by, at=at)
    IncidentAppeal.objects.filter(incident=row, state=IncidentAppeal.State.ASKED).update(
        state=IncidentAppeal.State.APPROVED,
        answer=shortened(f"记录已撤销：{reason}", ANSWER_LENGTH),
        decided_by=by,
        decided_at=at,
    )
    _follow(row.staff.department, [row], by=by, at=at, note="撤销")
    incident_reversed_notify(row, at=at)
    return reversal


def joint_share_release(*, incident: Incident, by: Account | None, at: datetime) -> None:
    """Bring the ledgers in line where an appeal took a lead's share of an incident back; it is locked."""
    _follow(incident.staff.department, [incident], by=by, at=at, note="连带责任撤销")


@transaction.atomic
def incidents_recount(
    *, department: Department, incidents: Sequence[Incident], by: Account | None, at: datetime
) -> None:
    """Bring the ledgers in line where what counts before confirmed incidents of one department changed."""
    if incidents:
        _follow(department, incidents_locked(incidents), by=by, at=at, note="期初次数")


def _confirmed_tell(department: Department, confirmed: Sequence[Incident], *, at: datetime) -> None:
    if confirmed:
        incidents_confirmed_notify(department, confirmed, at=at)
        cash_fines_notify(confirmed, at=at)


def _checked(reason: str, what: str) -> str:
    """The reason as it is stored; IncidentRefused without one, or for one that is too long."""
    reason = reason.strip()
    if not reason:
        raise IncidentRefused(f"{what}没有写理由", "请写明理由", field="reason")
    if len(reason) > REASON_LENGTH:
        raise IncidentRefused(f"理由有{len(reason)}字", f"最多{REASON_LENGTH}字，请写短一些", field="reason")
    return reason


def _judged(judge: Judge, facts: Sequence[IncidentFact]) -> list[Incident]:
    incidents, refusals = [], {}
    for index, fact in enumerate(facts):
        try:
            incidents.append(judge.incident(fact))
        except IncidentRefused as refused:
            refusals[index] = refused
    if refusals:
        raise IncidentsRefused(refusals)
    return incidents


def _cause(refused: IncidentRefused, recorded: Sequence[Incident]) -> int:
    """The position of the record that cannot count, or that made an earlier one's successor too large."""
    stuck = refused.incident
    assert stuck is not None
    same = [index for index, each in enumerate(recorded) if each.pk == stuck.pk]
    alike = (stuck.staff_id, stuck.code)
    return (same or [i for i, each in enumerate(recorded) if (each.staff_id, each.code) == alike])[0]


def staff_lock(staff_ids: Collection[int]) -> list[int]:
    """Lock staff rows in one order, so that two decisions about one person wait for each other.

    All rows of who was transferred are locked, since counts go on from one to the next; returns those asked.
    """
    rows = Staff.objects.select_for_update(no_key=True).filter(pk__in=SamePerson(staff_ids).rows)
    locked = list(rows.order_by("pk").values_list("pk", flat=True))
    return [pk for pk in locked if pk in staff_ids]


def incidents_locked(incidents: Sequence[Incident]) -> list[Incident]:
    """The incidents as they are now, their staff locked."""
    staff_lock({each.staff_id for each in incidents})
    rows = Incident.objects.filter(pk__in=[each.pk for each in incidents])
    return list(rows.select_related("staff__department").order_by("work_date", "id"))


def _decided(
    incidents: Sequence[Incident],
    state: Incident.State,
    *,
    rejection: str = "",
    by: Account | None,
    at: datetime,
) -> list[Incident]:
    rows = incidents_locked(incidents)
    for row in rows:
        if row.state != State.RECORDED:
            raise IncidentRefused(
                f"{row}{row.get_state_display()}，不能再改为{state.label}",
                "已确认的记录只能撤销" if row.state == State.CONFIRMED else "请另行记录",
                field="incident",
            )
        row.state, row.rejection, row.decided_by, row.decided_at = state, rejection, by, at
    Incident.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, rejection=rejection, decided_by=by, decided_at=at
    )
    return rows


def _by_department(incidents: Sequence[Incident]) -> dict[Department, list[Incident]]:
    grouped: dict[Department, list[Incident]] = defaultdict(list)
    for each in incidents:
        grouped[each.staff.department].append(each)
    return grouped


def _follow(
    department: Department, changed: Sequence[Incident], *, by: Account | None, at: datetime, note: str
) -> None:
    """Bring the ledgers in line with incidents of one department and name the months that changed."""
    if not changed:
        return
    dates = ledgers_sync(changed=changed, by=by, at=at)
    facts_changed(
        department=department,
        months=dates,
        source=FactChange.Source.INCIDENT,
        by=by,
        at=at,
        note=f"{note}：{changed[0] if len(changed) == 1 else f'{len(changed)}条'}",
    )
