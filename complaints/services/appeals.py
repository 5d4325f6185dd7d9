"""What people say against their share of a loss before it reaches pay, and how it is decided."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import AppealRefused
from complaints.models import Appeal, Case, Charge, Ruling
from complaints.selectors.cases import is_against
from complaints.services.cases import case_locked
from complaints.services.notifications import appeal_decided_notify, appeal_raised_notify
from complaints.services.rulings import case_facts_changed
from complaints.services.written import written
from penalties.models import SourceKind
from penalties.services import money_reverse
from people.approvals import decision_write, request_locked, request_withdraw, requests_decidable_by
from people.errors import RequestRefused
from people.models import Account

State = Appeal.State
DECISIONS = (State.APPROVED, State.REFUSED)
TEXT_LENGTH = 200


@transaction.atomic
def appeal_raise(*, charge: Charge, reason: str, by: Account | None, at: datetime) -> Appeal:
    """Appeal against one's own charge, once and in time; until it is decided nothing of it is deducted.

    AppealRefused for somebody else's charge, after its last day, for one that was taken back or appealed
    before, and without a reason. That a charge has reached pay is seen by payroll/services/appeals.py.
    """
    case_locked(charge.ruling.case_id)
    charge = Charge.objects.select_related("staff", "ruling__case__department").get(pk=charge.pk)
    if by is not None and charge.staff.account_id != by.pk:
        raise AppealRefused("只能对本人承担的损失申诉", "请由本人提出", field="charge")
    if charge.ruling.state != Ruling.State.DECIDED:
        raise AppealRefused("这一裁定已撤销，没有要承担的", "不用申诉", field="charge")
    if timezone.localdate(at) > charge.appeal_until:
        raise AppealRefused(
            f"申诉期限到{charge.appeal_until:%Y-%m-%d}为止，已经过了",
            "请直接找部门经理；有误仍可撤销裁定，在以后月份退回",
            field="charge",
        )
    earlier = charge.appeals.exclude(state=State.WITHDRAWN).first()
    if earlier is not None:
        raise AppealRefused(
            f"这一笔已经申诉过（{earlier.get_state_display()}）", "每笔只能申诉一次，请看答复", field="charge"
        )
    reason = _words(reason, "申诉理由", "reason", "申诉没有写理由", "请写明理由")
    appeal = Appeal.objects.create(staff=charge.staff, charge=charge, reason=reason, asked_by=by, asked_at=at)
    case_facts_changed(charge.ruling, note="申诉", by=by, at=at)
    appeal_raised_notify(appeal, charge.ruling, at=at)
    return appeal


@transaction.atomic
def appeal_decide(
    *, appeal: Appeal, state: str, answer: str = "", by: Account | None, at: datetime
) -> Appeal:
    """Grant an appeal (`approved`: the charge is taken back in the ledger) or refuse it, with a word why.

    The same decision again changes nothing. AppealRefused without decide_appeals, to who decided the ruling
    or recorded the case, for the own one, and where it is decided otherwise or withdrawn.
    """
    if state not in DECISIONS:
        raise AppealRefused("没有写是否批准", "请选批准或不批准", field="state")
    case = case_locked(appeal.charge.ruling.case_id)
    appeal = request_locked(appeal, "charge__ruling__case__department")
    ruling = appeal.charge.ruling
    _check_decider(appeal, case, ruling, by, at)
    if appeal.state == state:
        return appeal
    if appeal.state != State.ASKED:
        raise AppealRefused(
            f"{appeal}{appeal.get_state_display()}，不能再决定", "刷新页面看最新的结果", field="appeal"
        )
    missing = "不批准须写明原因" if state == State.REFUSED else ""
    answer = _words(answer, "答复", "answer", missing, "请填写答复")
    decision_write(appeal, state, answer=answer, by=by, at=at)
    if state == State.APPROVED:
        money_reverse(source_kind=SourceKind.CASE_SHARE, source_ids=[appeal.charge_id], by=by, at=at)
    case_facts_changed(ruling, note=f"申诉{appeal.get_state_display()}", by=by, at=at)
    appeal_decided_notify(appeal, at=at)
    return appeal


@transaction.atomic
def appeal_withdraw(*, appeal: Appeal, by: Account, at: datetime) -> Appeal:
    """Take the own appeal back that nobody has decided: the charge stands again. AppealRefused otherwise."""
    case_locked(appeal.charge.ruling.case_id)
    try:
        appeal = request_withdraw(request=appeal, by=by, at=at)
    except RequestRefused as refused:
        raise AppealRefused(refused.reason, refused.remedy, field="appeal") from refused
    ruling = Ruling.objects.select_related("case__department").get(charges=appeal.charge_id)
    case_facts_changed(ruling, note="撤回申诉", by=by, at=at)
    return appeal


def _check_decider(appeal: Appeal, case: Case, ruling: Ruling, by: Account | None, at: datetime) -> None:
    if by is None:
        return
    if by.pk in (ruling.decided_by_id, ruling.recorded_by_id):
        raise AppealRefused("作出裁定或登记案件的人不能决定申诉", "请由另一位经理或总经理决定", field="by")
    if is_against(by, case):
        raise AppealRefused("被投诉的人不能决定本案的申诉", "请由另一位经理或总经理决定", field="by")
    decidable = requests_decidable_by(by, Appeal, on=timezone.localdate(at))
    if not decidable.filter(pk=appeal.pk).exists():
        raise AppealRefused("您不能决定此人的申诉", "请由部门经理或总经理决定", field="by")


def _words(text: str, what: str, field: str, missing: str, remedy: str) -> str:
    return written(
        text, what, most=TEXT_LENGTH, field=field, missing=missing, remedy=remedy, refused=AppealRefused
    )
