"""What the person says against a demotion, and who answers: nobody who proposed or decided it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.text import shortened
from penalties.selectors import last_appeal_day
from people.approvals import request_decide, request_withdraw
from people.models import Account
from promotions.errors import GradeRefused
from promotions.models import GradeAppeal, GradeChange
from promotions.models.changes import REASON_LENGTH
from promotions.services.changes import ANSWER_LENGTH, change_locked, decision_take_back
from promotions.services.notifications import grade_appeal_raised_notify, grade_appeal_refused_notify

State = GradeAppeal.State
DECISIONS = (State.APPROVED, State.REFUSED)


def grade_appeal_hindrance(change: GradeChange, *, by: Account, at: datetime) -> GradeRefused | None:
    """Why a change cannot be appealed against at a moment; None where it can. At most one query."""
    if change.staff.account_id != by.pk:
        return GradeRefused("只能对本人的降级申诉", "请由本人提出")
    if change.direction != GradeChange.Direction.DEMOTION:
        return GradeRefused("晋升没有要申诉的", "不用申诉")
    if change.state != GradeChange.State.DECIDED or change.decided_at is None:
        return GradeRefused(f"{change}{change.get_state_display()}，没有要申诉的", "决定以后才能申诉")
    until = last_appeal_day(change.staff.department, change.decided_at)
    if timezone.localdate(at) > until:
        return GradeRefused(f"申诉期限到{until:%Y-%m-%d}为止，已经过了", "请直接找总经理；有误仍可撤销")
    earlier = change.appeals.exclude(state=State.WITHDRAWN).first()
    if earlier is not None:
        return GradeRefused(
            f"这次降级已经申诉过（{earlier.get_state_display()}）", "每次只能申诉一次，请看答复"
        )
    return None


@transaction.atomic
def grade_appeal(*, change: GradeChange, reason: str, by: Account, at: datetime) -> GradeAppeal:
    """Appeal against one's own demotion, once and within the department's days for it; it stands until then.

    GradeRefused as `grade_appeal_hindrance` says, and without a reason.
    """
    row = change_locked(change)
    if hindrance := grade_appeal_hindrance(row, by=by, at=at):
        raise hindrance
    reason = reason.strip()
    if not reason:
        raise GradeRefused("申诉没有写理由", "请写明理由", field="reason")
    if len(reason) > ANSWER_LENGTH:
        raise GradeRefused(f"写了{len(reason)}字", f"最多{ANSWER_LENGTH}字，请写短一些", field="reason")
    appeal = GradeAppeal.objects.create(staff=row.staff, change=row, reason=reason, asked_by=by, asked_at=at)
    grade_appeal_raised_notify(appeal, at=at)
    return appeal


@transaction.atomic
def grade_appeal_decide(
    *, appeal: GradeAppeal, state: str, answer: str = "", by: Account, at: datetime
) -> GradeAppeal:
    """Grant an appeal (`approved`: the demotion is taken back from its day) or refuse it, with a word why.

    The same decision again changes nothing. GradeRefused for who proposed or decided the demotion and while
    a later change builds on it; RequestRefused without decide_appeals, for the own one, without a word of
    refusal, and for another decision than the one made.
    """
    if state not in DECISIONS:
        raise GradeRefused("没有写是否批准", "请选批准或不批准", field="state")
    if len(answer) > ANSWER_LENGTH:
        raise GradeRefused(f"答复写了{len(answer)}字", f"最多{ANSWER_LENGTH}字，请写短一些", field="answer")
    change = change_locked(appeal.change)
    if by.pk in (change.proposed_by_id, change.decided_by_id):
        raise GradeRefused("提出或决定这次降级的人不能决定申诉", "请由另一位经理或总经理决定")
    appeal, is_new = request_decide(request=appeal, state=state, answer=answer, by=by, at=at)
    if is_new and state == State.APPROVED:
        reason = shortened(f"申诉成立：{answer.strip() or appeal.reason}", REASON_LENGTH)
        decision_take_back(change, reason, by=by, at=at)
    elif is_new:
        grade_appeal_refused_notify(appeal, at=at)
    return appeal


@transaction.atomic
def grade_appeal_withdraw(*, appeal: GradeAppeal, by: Account, at: datetime) -> GradeAppeal:
    """Take the own appeal back that nobody has decided; RequestRefused otherwise."""
    change_locked(appeal.change)
    return request_withdraw(request=appeal, by=by, at=at)
