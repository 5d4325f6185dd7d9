"""What else becomes of a case: its holder, pauses, reopening, merging, call-backs, forgetting who it was."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from complaints.errors import CaseRefused
from complaints.models import Callback, Case, CaseEvent, Complainant, Loss, Ruling
from complaints.selectors.cases import path_of
from complaints.services.case_notices import case_given_notify, step_waits_notify
from complaints.services.cases import (
    Kind,
    State,
    case_locked,
    check_holder,
    check_moment,
    check_open,
    check_steers,
    check_works_on,
    event_add,
)
from complaints.services.clocks import (
    clocks_end,
    clocks_pause,
    clocks_received_earlier,
    clocks_repeat,
    clocks_resume,
)
from complaints.services.written import written
from people.models import Account, Department, Staff
from people.selectors import may
from rules.kinds.cases import Retention
from rules.selectors import timeline_of

REASON_LENGTH = 500


@transaction.atomic
def case_assign(*, case: Case, holder: Staff, by: Account | None, at: datetime) -> Case:
    """Give the case to somebody who works on it from now on.

    Who steers cases gives any; whoever records cases may take one that nobody holds. CaseRefused otherwise,
    and for a holder whom the case is about or who has left.
    """
    case = case_locked(case.pk)
    check_open(case)
    takes = case.holder_id is None and by is not None and holder.account_id == by.pk
    if by is not None and not (takes and may(by, "record_cases", case.department)):
        check_steers(by, case)
    if holder.department_id != case.department_id:
        raise CaseRefused(f"工号{holder.number}不属于{case.department}", "请核对人员", field="holder")
    check_holder(holder, case.about, timezone.localdate(at))
    if case.holder_id == holder.pk:
        return case
    former = case.holder
    case.holder = holder
    case.save(update_fields=["holder"])
    words = f"由{former}转给{holder}" if former else f"交给{holder}"
    event_add(case, Kind.ASSIGNED, at, note=words, data={"holder": holder.number}, by=by, at=at)
    case_given_notify(case, by=by, at=at)
    return case


@transaction.atomic
def case_pause(*, case: Case, reason: str, happened_at: datetime, by: Account | None, at: datetime) -> Case:
    """Stop the clocks for a stated reason; whoever steers cases may. CaseRefused where none can be paused."""
    case = case_locked(case.pk)
    check_open(case)
    check_steers(by, case)
    reason = _reason(reason, "暂停")
    moment = happened_at.replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    clocks_pause(case=case, reason=reason, happened_at=moment, by=by, at=at)
    event_add(case, Kind.PAUSED, moment, note=reason, by=by, at=at)
    return case


@transaction.atomic
def case_resume(*, case: Case, happened_at: datetime, by: Account | None, at: datetime) -> Case:
    """Let the clocks go on; their ends move by the pause."""
    case = case_locked(case.pk)
    check_open(case)
    check_steers(by, case)
    moment = happened_at.replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    clocks_resume(case=case, happened_at=moment, by=by, at=at)
    event_add(case, Kind.RESUMED, moment, by=by, at=at)
    return case


@transaction.atomic
def case_reopen(
    *, case: Case, reason: str, happened_at: datetime | None = None, by: Account | None, at: datetime
) -> Case:
    """Take a case up again that was closed or declined: from its first step, with a second round of clocks.

    The first clocks and the first closing stay in the figures.
    """
    case = case_locked(case.pk)
    check_steers(by, case)
    if case.state not in (State.CLOSED, State.DECLINED):
        raise CaseRefused(
            f"投诉{case.number}{case.get_state_display()}，不能重新打开", "请核对案件", field="case"
        )
    reason = _reason(reason, "重新打开")
    moment = (happened_at or at).replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    if case.closed_at is not None and moment < case.closed_at:
        raise CaseRefused("重新打开的时间早于结案时间", "请核对时间", field="happened_at")
    case.state, case.closed_at, case.is_upheld = State.OPEN, None, None
    case.step = path_of(case).steps[0].code
    case.save(update_fields=["state", "closed_at", "is_upheld", "step"])
    # A call-back that is still owed runs no more: nothing tells a clock of an earlier round that it was made.
    clocks_end(case=case, reason="已重新打开", happened_at=moment, by=by, at=at)
    clocks_repeat(case=case, happened_at=moment, by=by, at=at)
    event_add(case, Kind.REOPENED, moment, note=reason, by=by, at=at)
    step_waits_notify(case, by=by, at=at)
    return case


@transaction.atomic
def case_merge(*, case: Case, into: Case, reason: str, by: Account | None, at: datetime) -> Case:
    """Go on with `case` as a part of another: its clocks end, the earliest receipt holds, losses move once.

    Both must be open and of one department; CaseRefused otherwise, and while somebody is held responsible for
    the one that ends.
    """
    if case.pk == into.pk:
        raise CaseRefused("不能并入自己", "请选另一件投诉", field="into")
    # Locks in one order: two merges of the same cases wait for each other.
    locked = {row.pk: row for row in map(case_locked, sorted((case.pk, into.pk)))}
    case, into = locked[case.pk], locked[into.pk]
    if case.department_id != into.department_id:
        raise CaseRefused(
            f"两件投诉不在同一部门，{into.number}属于{into.department}", "请核对编号", field="into"
        )
    for each in (case, into):
        check_steers(by, each)
        if not each.is_open:
            raise CaseRefused(
                f"投诉{each.number}{each.get_state_display()}，不能并案",
                "只有处理中的可以并案，已结案的请先重新打开",
                field="into",
            )
    if Ruling.objects.filter(case=case, state__in=["proposed", "decided"]).exists():
        raise CaseRefused(f"投诉{case.number}已有归责", "请先撤销归责再并案", field="case")
    reason = _reason(reason, "并案")
    clocks_end(case=case, reason=f"并入{into.number}", happened_at=at, by=by, at=at)
    case.state, case.merged_into = State.MERGED, into
    case.save(update_fields=["state", "merged_into"])
    for loss in Loss.objects.filter(case=case, moved_to__isnull=True):
        moved = Loss.objects.create(
            case=into, amount=loss.amount, basis=loss.basis, moved_from=loss, by=by, at=at
        )
        moved.evidence.set(loss.evidence.all())
    event_add(case, Kind.MERGED, at, note=f"并入{into.number}：{reason}", by=by, at=at)
    event_add(into, Kind.MERGED, at, note=f"{case.number}并入本案：{reason}", by=by, at=at)
    if case.received_at < into.received_at:
        into.received_at = case.received_at
        into.save(update_fields=["received_at"])
        clocks_received_earlier(case=into, by=by, at=at)
    return into


@transaction.atomic
def callback_record(
    *,
    case: Case,
    happened_at: datetime,
    is_reached: bool,
    satisfaction: int | None = None,
    note: str = "",
    by: Account | None,
    at: datetime,
) -> Callback:
    """Note a call-back to the customer, with 1 to 5 for how content they are where they were reached.

    The same by the same person again is noted once.
    """
    case = case_locked(case.pk)
    check_works_on(by, case)
    if case.state not in (State.CLOSED, State.DECLINED):
        raise CaseRefused(
            f"投诉{case.number}{case.get_state_display()}，还不能回访", "请结案后再回访", field="case"
        )
    moment = happened_at.replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    if case.closed_at is not None and moment < case.closed_at:
        raise CaseRefused("回访时间早于结案时间", "请核对时间", field="happened_at")
    if is_reached != (satisfaction is not None and 1 <= satisfaction <= 5):
        raise CaseRefused("满意度不对", "联系上的评1至5分，没有联系上的不评", field="satisfaction")
    former = case.callbacks.filter(at=moment, satisfaction=satisfaction, by=by).first() if by else None
    if former is not None:
        return former
    callback = Callback.objects.create(
        case=case,
        at=moment,
        is_reached=is_reached,
        satisfaction=satisfaction,
        note=note.strip()[:REASON_LENGTH],
        by=by,
        recorded_at=at,
    )
    if is_reached:
        event_add(case, Kind.REVISITED, moment, note=callback.note, by=by, at=at)
    return callback


@transaction.atomic
def phone_show(*, case: Case, by: Account, at: datetime) -> str:
    """The complainant's phone, in full, to who works on the case; that it was looked at is noted there."""
    case = case_locked(case.pk)
    check_works_on(by, case)
    complainant = Complainant.objects.filter(case=case).first()
    if complainant is None or not complainant.phone:
        raise CaseRefused(f"投诉{case.number}没有电话", "可能已按保存期限删去", field="phone")
    event_add(case, Kind.SHOWN, at, by=by, at=at)
    return complainant.phone


@transaction.atomic
def complainants_erase(*, department: Department, at: datetime) -> int:
    """Remove who complained from cases that were over longer ago than the department keeps it; how many.

    The rule that holds on the day decides; without one nothing is removed.
    """
    days = [rule.kind.days for rule in timeline_of(department).on(timezone.localdate(at)).of_kind(Retention)]
    kept = min((each for each in days if each is not None), default=None)
    if kept is None:
        return 0
    over = at - timedelta(days=int(kept))
    rows = Complainant.objects.filter(case__department=department)
    gone = rows.filter(case__state__in=[State.CLOSED, State.DECLINED], case__closed_at__lt=over)
    merged = rows.filter(
        case__state=State.MERGED,
        case__merged_into__state__in=[State.CLOSED, State.DECLINED],
        case__merged_into__closed_at__lt=over,
    )
    cases = list((gone | merged).values_list("case", flat=True))
    CaseEvent.objects.bulk_create(
        CaseEvent(case_id=pk, kind=Kind.ERASED, at=at, note=f"结案满{int(kept)}天", recorded_at=at)
        for pk in cases
    )
    Complainant.objects.filter(case__in=cases).delete()
    return len(cases)


def _reason(reason: str, what: str) -> str:
    missing = f"没有写{what}的理由"
    return written(reason, "理由", most=REASON_LENGTH, field="reason", missing=missing, remedy="请写明理由")
