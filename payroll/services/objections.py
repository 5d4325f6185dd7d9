"""Objections to lines of approved payslips: whose payslip it is objects, HR or the manager answers."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from commissions.models import OrderClaim
from notices.models import NoticeKind
from notices.services import notices_send
from payroll.errors import ManualLineRefused, ObjectionRefused
from payroll.models import REASON_LENGTH, TITLE_LENGTH, ManualLine, Objection, PayLine, SettlementPeriod
from payroll.selectors.objections import (
    incidents_in,
    incidents_standing,
    line_name,
    month_to_mend,
    objection_deadline,
)
from payroll.selectors.overlaps import (
    Appeal,
    appeals_overlapping,
    claims_overlapping,
    incidents_named,
    orders_assigned_since,
)
from payroll.services.manual_lines import manual_line_add
from payroll.workflow import period_open
from penalties.models import Incident, IncidentAppeal
from penalties.services import IncidentRefused, incident_reverse
from penalties.services.incidents import staff_lock
from people.models import Account

State = Objection.State
Appealed = IncidentAppeal.State


@transaction.atomic
def objection_raise(*, line: PayLine, reason: str, by: Account, at: datetime) -> Objection:
    """Object to a line of one's own approved payslip, within the department's days from the approval.

    ObjectionRefused for somebody else's line, a draft, too late, without a reason, or where an objection to
    the line waits or was upheld.
    """
    slip = line.payslip
    # The approval must not be taken back meanwhile.
    period = SettlementPeriod.objects.select_for_update(of=("self",)).get(pk=slip.period_id)
    if slip.staff.account_id != by.pk:
        raise ObjectionRefused("只能对本人的工资条提出异议")
    deadline = objection_deadline(period)
    if deadline is None:
        raise ObjectionRefused(f"{period}还没有批准，数字仍会变", "批准以后再提异议")
    if timezone.localdate(at) > deadline:
        raise ObjectionRefused(
            f"异议期限到{deadline:%Y-%m-%d}为止，已经过了", "请直接找人事或部门经理，有误仍可在以后月份调整"
        )
    _check_words(reason, "提出异议须写理由")
    name = line_name(line)
    earlier = Objection.objects.filter(period=period, staff=slip.staff_id, line=name)
    if earlier.filter(state=State.OPEN).exists():
        raise ObjectionRefused(f"“{line.title}”已有一条异议在等答复", "请等答复")
    if earlier.filter(state=State.UPHELD).exists():
        raise ObjectionRefused(f"对“{line.title}”的异议已经成立", "补正见以后月份的工资条")
    own = Incident.objects.filter(pk__in=incidents_in(line), staff=slip.staff_id)
    return Objection.objects.create(
        period=period,
        staff=slip.staff,
        line=name,
        code=line.code,
        title=line.title,
        amount=line.amount,
        line_reason=line.reason,
        incidents=sorted(own.values_list("pk", flat=True)),
        reason=reason.strip(),
        at=at,
    )


@transaction.atomic
def objection_reject(*, objection: Objection, answer: str, by: Account, at: datetime) -> Objection:
    """Answer that the line is right, and why. ObjectionRefused for one's own or an answered objection."""
    objection = _answerable(objection, answer, by)
    return _answered(objection, State.REJECTED, answer, by=by, at=at)


@transaction.atomic
def objection_uphold(
    *,
    objection: Objection,
    answer: str,
    amount: Decimal | None = None,
    incidents: Collection[int] | None = None,
    by: Account,
    at: datetime,
) -> Objection:
    """Answer that the line is wrong, and mend it; whoever may answer may mend by it.

    A deduction that came from the person's own incidents is mended by reversing them (`incidents`: only
    these; left out: all that still count), any other by a manual line of `amount` yuan (positive pays)
    in the next month that is not frozen. What comes back by itself, since a claim was accepted or an appeal
    granted after the payslip, is upheld without an amount. ObjectionRefused as for `objection_reject`, while
    such a claim or appeal waits, for an appeal that was refused, and without an amount otherwise.
    """
    _lock_people(objection)
    objection = _answerable(objection, answer, by)
    try:
        if objection.incidents:
            _reverse(objection, incidents, answer, by=by, at=at)
        elif not _comes_back(objection, amount):
            objection.manual_line = _manual_line(objection, amount, answer, by=by, at=at)
    except (IncidentRefused, ManualLineRefused) as refused:
        raise ObjectionRefused(refused.reason, refused.remedy) from refused
    return _answered(objection, State.UPHELD, answer, by=by, at=at)


def _lock_people(objection: Objection) -> None:
    """Claims of the person's orders and appeals about the line's incidents are not decided meanwhile."""
    named = Incident.objects.filter(pk__in=incidents_named(objection))
    staff_lock({objection.staff_id, *named.values_list("staff_id", flat=True)})


def _answerable(objection: Objection, answer: str, by: Account) -> Objection:
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("period__department", "staff")
        .get(pk=objection.pk)
    )
    if objection.state != State.OPEN:
        raise ObjectionRefused(f"这条异议已答复：{objection.get_state_display()}", "请刷新页面后再看")
    if objection.staff.account_id == by.pk:
        raise ObjectionRefused("不能答复自己的异议", "请由人事或部门经理中的另一位答复")
    _check_words(answer, "答复须写明理由")
    return objection


def _reverse(
    objection: Objection, incidents: Collection[int] | None, answer: str, *, by: Account, at: datetime
) -> None:
    standing = list(incidents_standing(objection).select_related("staff"))
    chosen = [each for each in standing if incidents is None or each.pk in incidents]
    if standing and not chosen:
        raise ObjectionRefused("没有选中要撤销的奖惩记录", "至少选一条，或答复为不成立")
    _check_appeals(objection, {each.pk for each in chosen})
    reason = f"异议成立（{objection.period.month:%Y年%m月}“{objection.title}”）：{answer.strip()}"
    for incident in chosen:
        incident_reverse(
            incident=incident, on=timezone.localdate(at), reason=reason[:REASON_LENGTH], by=by, at=at
        )


def _check_appeals(objection: Objection, incidents: Collection[int]) -> list[Appeal]:
    """The person's granted appeals; ObjectionRefused where one waits or was refused: it is decided once."""
    appeals = appeals_overlapping(objection, incidents)
    for appeal in appeals:
        if appeal.state == Appealed.ASKED:
            raise ObjectionRefused(
                f"{appeal}（{appeal.reason}）说的是同一笔，还没有决定", "先决定申诉，再答复异议"
            )
        if appeal.state == Appealed.REFUSED:
            raise ObjectionRefused(
                f"{appeal}（{appeal.reason}）说的是同一笔，已经决定，没有批准",
                "请答复为不成立；确有错的由部门经理撤销那条记录",
            )
    return appeals


def _comes_back(objection: Objection, amount: Decimal | None) -> bool:
    """Whether a later month pays it by itself; ObjectionRefused while that is open, or with an amount."""
    ways = [f"{appeal}已批准" for appeal in _check_appeals(objection, incidents_named(objection))]
    for claim in claims_overlapping(objection):
        if claim.state == OrderClaim.State.OPEN:
            raise ObjectionRefused(
                f"{objection.staff}认领的订单{claim.order}还没有决定",
                "先到“订单认领”决定；认定的订单会自动在以后月份补上",
            )
        ways.append(f"{objection.staff}认领的订单{claim.order}已认定")
    ways += [f"订单{order}已分给{objection.staff}" for order in orders_assigned_since(objection)]
    if ways and amount is not None:
        raise ObjectionRefused(
            f"{'、'.join(ways)}，会自动在以后月份补上",
            "不用写补正金额；还有别的要补的，另加手工项目",
            field="amount",
        )
    return bool(ways)


def _manual_line(
    objection: Objection, amount: Decimal | None, answer: str, *, by: Account, at: datetime
) -> ManualLine:
    if amount is None:
        raise ObjectionRefused("没有写补正金额", "写明补多少元；多发的写负数")
    department = objection.period.department
    month = month_to_mend(department, objection.period.month)
    what = f"{objection.period.month:%Y年%m月}“{objection.title}”"
    return manual_line_add(
        period=period_open(department=department, month=month),
        staff=objection.staff,
        title=f"异议补正：{objection.title}"[:TITLE_LENGTH],
        amount=amount,
        reason=f"异议{objection.pk}成立（{what}）：{answer.strip()}"[:REASON_LENGTH],
        by=by,
        at=at,
    )


def _answered(objection: Objection, state: str, answer: str, *, by: Account, at: datetime) -> Objection:
    objection.state, objection.answer = state, answer.strip()
    objection.answered_by, objection.answered_at = by, at
    objection.save(update_fields=["state", "answer", "answered_by", "answered_at", "manual_line"])
    notices_send(
        to=[objection.staff.account_id],
        kind=NoticeKind.OBJECTION,
        text=f"您对{objection.period.month:%Y年%m月}工资条的异议有了答复：{objection.get_state_display()}",
        url=reverse("me_objections"),
        source=f"objection:{objection.pk}:{at.isoformat()}",  # once more where it was opened again
        at=at,
    )
    return objection


def _check_words(text: str, missing: str) -> None:
    if not text.strip():
        raise ObjectionRefused(missing)
    if len(text.strip()) > REASON_LENGTH:
        raise ObjectionRefused(f"最多{REASON_LENGTH}字", "请写短一些")
