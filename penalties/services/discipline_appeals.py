"""What the person says against a disciplinary decision, and who answers: nobody who had a part in it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.text import shortened
from penalties.errors import AppealRefused
from penalties.models import DisciplinaryCase, DisciplineAppeal
from penalties.models.discipline import REASON_LENGTH
from penalties.selectors import discipline_appeals_decidable_by, last_appeal_day
from penalties.services.appeals import DECISIONS, answer_of, check_undecided, reason_of
from penalties.services.discipline import case_locked, decision_take_back
from penalties.services.discipline_notices import (
    discipline_appeal_raised_notify,
    discipline_appeal_refused_notify,
)
from people.approvals import decision_write, request_locked, request_withdraw
from people.errors import RequestRefused
from people.models import Account

State = DisciplineAppeal.State


def discipline_appeal_hindrance(case: DisciplinaryCase, *, by: Account, at: datetime) -> AppealRefused | None:
    """Why a decision cannot be appealed against at a moment; None where it can. At most one query."""
    if case.staff.account_id != by.pk:
        return AppealRefused("只能对本人的处分申诉", "请由本人提出", field="case")
    if case.state != DisciplinaryCase.State.DECIDED or case.decided_at is None:
        return AppealRefused(
            f"{case}{case.get_state_display()}，没有要申诉的", "决定以后才能申诉", field="case"
        )
    until = last_appeal_day(case.staff.department, case.decided_at)
    if timezone.localdate(at) > until:
        return AppealRefused(
            f"申诉期限到{until:%Y-%m-%d}为止，已经过了", "请直接找总经理；有误仍可撤销处分", field="case"
        )
    earlier = case.appeals.exclude(state=State.WITHDRAWN).first()
    if earlier is not None:
        return AppealRefused(
            f"这项处分已经申诉过（{earlier.get_state_display()}）",
            "每项只能申诉一次，请看答复",
            field="case",
        )
    return None


@transaction.atomic
def discipline_appeal(*, case: DisciplinaryCase, reason: str, by: Account, at: datetime) -> DisciplineAppeal:
    """Appeal against one's own disciplinary decision, once and within the department's days for it.

    The decision and what it takes from pay stand until the appeal is granted. AppealRefused as
    `discipline_appeal_hindrance` says, and without a reason.
    """
    row = case_locked(case)
    if hindrance := discipline_appeal_hindrance(row, by=by, at=at):
        raise hindrance
    appeal = DisciplineAppeal.objects.create(
        staff=row.staff, case=row, reason=reason_of(reason), asked_by=by, asked_at=at
    )
    discipline_appeal_raised_notify(appeal, at=at)
    return appeal


@transaction.atomic
def discipline_appeal_decide(
    *, appeal: DisciplineAppeal, state: str, answer: str = "", by: Account, at: datetime
) -> DisciplineAppeal:
    """Grant an appeal (`approved`: the decision is taken back) or refuse it, with a word why.

    The same decision again changes nothing. Of a dismissal, too, a manager who had no part in it may decide:
    the only gm cannot review the own decision. AppealRefused without decide_appeals, to who proposed, heard
    or decided the case, for the own one, and where it is decided otherwise or withdrawn.
    """
    if state not in DECISIONS:
        raise AppealRefused("没有写是否批准", "请选批准或不批准", field="state")
    case = case_locked(appeal.case)
    appeal = request_locked(appeal)
    _check_decider(appeal, case, by, at)
    if appeal.state == state:
        return appeal
    check_undecided(appeal)
    answer = answer_of(answer, state)
    decision_write(appeal, state, answer=answer, by=by, at=at)
    if state == State.APPROVED:
        reason = shortened(f"申诉成立：{answer or appeal.reason}", REASON_LENGTH)
        decision_take_back(case, reason, by=by, at=at)
    else:
        discipline_appeal_refused_notify(appeal, at=at)
    return appeal


@transaction.atomic
def discipline_appeal_withdraw(*, appeal: DisciplineAppeal, by: Account, at: datetime) -> DisciplineAppeal:
    """Take the own appeal back that nobody has decided; AppealRefused otherwise."""
    case_locked(appeal.case)
    try:
        return request_withdraw(request=appeal, by=by, at=at)
    except RequestRefused as refused:
        raise AppealRefused(refused.reason, refused.remedy, field="appeal") from refused


def _check_decider(appeal: DisciplineAppeal, case: DisciplinaryCase, by: Account, at: datetime) -> None:
    if by.pk in (case.proposed_by_id, case.heard_by_id, case.decided_by_id):
        raise AppealRefused(
            "提出、听取或决定这项处分的人不能决定申诉", "请由另一位经理或总经理决定", field="by"
        )
    decidable = discipline_appeals_decidable_by(by, on=timezone.localdate(at))
    if not decidable.filter(pk=appeal.pk).exists():
        raise AppealRefused("您不能决定此人的申诉", "请由部门经理或总经理决定", field="by")
