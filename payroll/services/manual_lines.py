"""Lines by hand: added to the next draft with a reason, withdrawn, on record for ever."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from core.money import to_fen
from notices.models import NoticeKind
from notices.services import notices_send
from payroll.errors import ManualLineRefused
from payroll.models import REASON_LENGTH, TITLE_LENGTH, ManualLine, Objection, SettlementPeriod
from payroll.settlement.payslip_drafts import LARGEST
from payroll.workflow import period_lock
from people.models import Account, Staff


@transaction.atomic
def manual_line_add(
    *,
    period: SettlementPeriod,
    staff: Staff,
    title: str,
    amount: Decimal,
    reason: str,
    by: Account,
    at: datetime,
) -> ManualLine:
    """Add a line by hand to the next draft: `amount` yuan, negative deducts; it needs a reason."""
    period = period_lock(period)
    if period.is_frozen:
        raise ManualLineRefused(
            f"{period}{period.get_state_display()}，不能再加手工项目", "加在下一个未批准的月份"
        )
    if not reason.strip() or not title.strip():
        raise ManualLineRefused("手工项目须写项目名称和理由")
    if len(reason) > REASON_LENGTH or len(title) > TITLE_LENGTH:
        raise ManualLineRefused(f"项目名称最多{TITLE_LENGTH}字，理由最多{REASON_LENGTH}字", "写短一些")
    if not amount.is_finite() or not 0 < abs(amount) < LARGEST or amount != to_fen(amount):
        raise ManualLineRefused(f"金额{amount}不对", "填写不为零、最多两位小数、小于百亿的金额")
    if staff.department_id != period.department_id:
        raise ManualLineRefused(f"{staff}不在{period.department}", "选择本部门的员工")
    return ManualLine.objects.create(
        period=period, staff=staff, title=title.strip(), amount=amount, reason=reason.strip(), by=by, at=at
    )


@transaction.atomic
def manual_line_withdraw(*, line: ManualLine, by: Account, at: datetime) -> ManualLine:
    """Take a manual line out of the next draft; it stays on record.

    An upheld objection that it answered waits for an answer again, and who objected is told; nobody
    could object to the same line meanwhile. ManualLineRefused in a frozen month.
    """
    period = period_lock(line.period)
    if period.is_frozen:
        raise ManualLineRefused(f"{period}{period.get_state_display()}，不能撤回手工项目")
    line.refresh_from_db(fields=["withdrawn_at"])
    if line.withdrawn_at is not None:
        raise ManualLineRefused(f"“{line.title}”已经撤回", "请刷新页面后再看")
    line.withdrawn_at, line.withdrawn_by = at, by
    line.save(update_fields=["withdrawn_at", "withdrawn_by"])
    for objection in Objection.objects.select_for_update(of=("self",)).filter(manual_line=line):
        _objection_reopen(objection, at)
    return line


def _objection_reopen(objection: Objection, at: datetime) -> None:
    objection.state, objection.answer, objection.manual_line = Objection.State.OPEN, "", None
    objection.answered_by = objection.answered_at = None
    objection.save(update_fields=["state", "answer", "manual_line", "answered_by", "answered_at"])
    notices_send(
        to=[objection.staff.account_id],
        kind=NoticeKind.OBJECTION,
        text=f"您对{objection.period.month:%Y年%m月}工资条的异议重新处理：补正项目已撤回",
        url=reverse("me_objections"),
        source=f"objection:{objection.pk}:{at.isoformat()}",
        at=at,
    )
