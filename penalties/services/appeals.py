"""What the person does with an incident: signs that it was seen, or appeals against it in time.

Whoever pays a share of it as a lead appeals against that share alone.
"""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from penalties.errors import AppealRefused
from penalties.models import DisciplinaryCase, Incident, IncidentAppeal, IncidentSignature, MoneyEntry
from penalties.selectors import appeal_until, appeals_decidable_by
from penalties.services.evidence import evidence_add
from penalties.services.incidents import incident_reverse, incidents_locked, joint_share_release
from penalties.services.notifications import (
    appeal_raised_notify,
    appeal_refused_notify,
    share_released_notify,
)
from people.approvals import decision_write, request_locked, request_withdraw
from people.errors import RequestRefused
from people.models import Account, Staff
from people.models.approvals import Requested

State = IncidentAppeal.State
DECISIONS = (State.APPROVED, State.REFUSED)
TEXT_LENGTH = 200


@transaction.atomic
def incident_sign(*, incident: Incident, by: Account, at: datetime) -> IncidentSignature:
    """Sign that the own incident was seen; again changes nothing. It may be appealed against all the same.

    AppealRefused for somebody else's, and for one that does not count.
    """
    (row,) = incidents_locked([incident])
    if row.staff.account_id != by.pk:
        raise AppealRefused("只能为本人的记录签字", "请由本人签字", field="incident")
    if row.state != Incident.State.CONFIRMED:
        raise AppealRefused(f"{row}{row.get_state_display()}", "确认以后才要签字", field="incident")
    return IncidentSignature.objects.get_or_create(incident=row, defaults={"by": by, "at": at})[0]


def appellant_of(incident: Incident, by: Account | None) -> Staff | None:
    """Who of an account may have something against an incident: the person, or a lead who pays a share.

    None where it costs the account nothing; the person where nobody in particular asks. At most one query.
    """
    if by is None or incident.staff.account_id == by.pk:
        return incident.staff
    own = MoneyEntry.objects.of_incident(incident.pk).filter(staff__account=by).order_by().values("staff")
    paying = own.annotate(total=Sum("amount")).exclude(total=0).values("staff")
    return Staff.objects.filter(pk__in=paying).select_related("department").order_by("pk").first()


def appeal_hindrance(incident: Incident, *, by: Account | None, at: datetime) -> AppealRefused | None:
    """Why an account cannot appeal against an incident at a moment; None where it can. At most four queries.

    What a disciplinary decision takes is contested with the decision.
    """
    staff = appellant_of(incident, by)
    if staff is None:
        return AppealRefused("只能对本人的记录申诉", "请由本人提出", field="incident")
    until = appeal_until(incident)
    if until is None:
        words = incident.get_state_display()
        return AppealRefused(f"{incident}{words}，没有要申诉的", "确认以后才能申诉", field="incident")
    if hasattr(incident, "reversal"):
        return AppealRefused(f"{incident}已撤销，没有要申诉的", "不用申诉", field="incident")
    case = DisciplinaryCase.objects.filter(incident=incident).first()
    if case is not None:
        return AppealRefused(f"这是处分{case.number}的扣款", "请在处分的页面对处分申诉", field="incident")
    if timezone.localdate(at) > until:
        return AppealRefused(
            f"申诉期限到{until:%Y-%m-%d}为止，已经过了",
            "请直接找部门经理；有误仍可撤销，在以后月份退回",
            field="incident",
        )
    earlier = incident.appeals.filter(staff=staff).exclude(state=State.WITHDRAWN).first()
    if earlier is not None:
        return AppealRefused(
            f"这条记录已经申诉过（{earlier.get_state_display()}）",
            "每条只能申诉一次，请看答复",
            field="incident",
        )
    return None


@transaction.atomic
def incident_appeal(
    *,
    incident: Incident,
    reason: str,
    files: Sequence[UploadedFile] = (),
    by: Account | None,
    at: datetime,
) -> IncidentAppeal:
    """Appeal against what an incident costs oneself, once and within the department's days for it.

    It stands until the appeal is granted; of approved pay it is paid back by an adjustment.
    AppealRefused as `appeal_hindrance` says and without a reason, FileRefused for evidence that is no
    picture or PDF.
    """
    (row,) = incidents_locked([incident])
    if hindrance := appeal_hindrance(row, by=by, at=at):
        raise hindrance
    staff = appellant_of(row, by)
    assert staff is not None
    appeal = IncidentAppeal.objects.create(
        staff=staff, incident=row, reason=reason_of(reason), asked_by=by, asked_at=at
    )
    evidence_add(row, files, by=by, at=at)
    appeal_raised_notify(appeal, at=at)
    return appeal


@transaction.atomic
def incident_appeal_decide(
    *, appeal: IncidentAppeal, state: str, answer: str = "", by: Account | None, at: datetime
) -> IncidentAppeal:
    """Grant an appeal (`approved`) or refuse it, with a word why.

    Granted to the person, the incident is taken back; to a lead, the lead's share of it. The same decision
    again changes nothing. AppealRefused without decide_appeals, to who recorded or confirmed the incident,
    for the own one, and where it is decided otherwise or withdrawn.
    """
    if state not in DECISIONS:
        raise AppealRefused("没有写是否批准", "请选批准或不批准", field="state")
    (incident,) = incidents_locked([appeal.incident])
    appeal = request_locked(appeal, "incident")
    _check_decider(appeal, by, at)
    if appeal.state == state:
        return appeal
    check_undecided(appeal)
    answer = answer_of(answer, state)
    decision_write(appeal, state, answer=answer, by=by, at=at)
    if state == State.REFUSED:
        appeal_refused_notify(appeal, at=at)
    elif appeal.staff_id == incident.staff_id:
        reason = f"申诉成立：{answer or appeal.reason}"
        incident_reverse(incident=incident, on=timezone.localdate(at), reason=reason, by=by, at=at)
    else:
        joint_share_release(incident=incident, by=by, at=at)
        share_released_notify(appeal, at=at)
    return appeal


@transaction.atomic
def incident_appeal_withdraw(*, appeal: IncidentAppeal, by: Account, at: datetime) -> IncidentAppeal:
    """Take the own appeal back that nobody has decided; AppealRefused otherwise."""
    incidents_locked([appeal.incident])
    try:
        return request_withdraw(request=appeal, by=by, at=at)
    except RequestRefused as refused:
        raise AppealRefused(refused.reason, refused.remedy, field="appeal") from refused


def _check_decider(appeal: IncidentAppeal, by: Account | None, at: datetime) -> None:
    if by is None:
        return
    if by.pk in (appeal.incident.recorded_by_id, appeal.incident.decided_by_id):
        raise AppealRefused("记录或确认这条奖惩的人不能决定申诉", "请由另一位经理或总经理决定", field="by")
    if not appeals_decidable_by(by, on=timezone.localdate(at)).filter(pk=appeal.pk).exists():
        raise AppealRefused("您不能决定此人的申诉", "请由部门经理或总经理决定", field="by")


def check_undecided(appeal: Requested) -> None:
    """AppealRefused for an appeal that somebody has decided or taken back; it is locked."""
    if appeal.state != State.ASKED:
        raise AppealRefused(
            f"{appeal}{appeal.get_state_display()}，不能再决定", "刷新页面看最新的结果", field="appeal"
        )


def reason_of(text: str) -> str:
    """Why somebody appeals, as it is stored; AppealRefused without a word."""
    if not text.strip():
        raise AppealRefused("申诉没有写理由", "请写明理由", field="reason")
    return _fitting(text, "reason")


def answer_of(text: str, state: str) -> str:
    """What is answered, as it is stored; AppealRefused for a refusal without a word."""
    if state == State.REFUSED and not text.strip():
        raise AppealRefused("不批准须写明原因", "请填写答复", field="answer")
    return _fitting(text, "answer")


def _fitting(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LENGTH:
        raise AppealRefused(f"写了{len(text)}字", f"最多{TEXT_LENGTH}字，请写短一些", field=field)
    return text
