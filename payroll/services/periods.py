"""What people do with a month: submit, approve, send back, mark paid."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from core.text import listed
from notices.models import NoticeKind
from notices.services import notices_send
from payroll.errors import PeriodRefused
from payroll.models import REASON_LENGTH, BankReceipt, DebtEntry, PayLine, PeriodWaiver, SettlementPeriod
from payroll.selectors.debts import names_overtaken
from payroll.selectors.other_payments import other_payments, reckoned_from
from payroll.selectors.readiness import open_items
from payroll.services.cash import withheld_fines_post
from payroll.services.pay_day import paid_in_time_check, paid_on_of, pay_day_check
from payroll.workflow import period_lock, period_move
from people.models import Account

State = SettlementPeriod.State
NAMES_SHOWN = 10


@transaction.atomic
def period_submit(*, period: SettlementPeriod, by: Account, at: datetime) -> SettlementPeriod:
    """Take responsibility for a draft that beat or a command computed, so that another may approve it."""
    period = period_lock(period)
    if period.state != State.COMPUTED:
        raise PeriodRefused(f"{period}现为“{period.get_state_display()}”，没有待批准的草稿", "先结算")
    if period.prepared_by is not None:  # whoever computed it must not slip out of being its preparer
        raise PeriodRefused(
            f"{period}已由{period.prepared_by}编制，不必再提交", "由另一人批准，或自己重新结算"
        )
    period.prepared_by = by
    period_move(
        period=period, to=State.COMPUTED, by=by, at=at, reason="复核并提交批准", changed=["prepared_by"]
    )
    return period


@transaction.atomic
def period_approve(
    *, period: SettlementPeriod, reason: str = "", by: Account, at: datetime
) -> SettlementPeriod:
    """Freeze the draft as it stands; nothing is recomputed. PeriodRefused as `approval_check` says.

    What is still open or has changed since (`selectors.readiness`) hinders it, unless `reason` says why the
    month is approved all the same: that is stored by name.
    """
    period = period_lock(period)
    approval_check(period, by)
    _waive(period, reason.strip(), by, at)
    period.approved_by, period.approved_at = by, at
    period_move(period=period, to=State.APPROVED, by=by, at=at, changed=["approved_by", "approved_at"])
    accounts = period.payslips.filter(staff__account__isnull=False).values_list("staff__account", flat=True)
    notices_send(
        to=set(accounts.order_by()),
        kind=NoticeKind.PAYSLIP,
        text=f"{period.month:%Y年%m月}的工资条已批准",
        url=reverse("me_slip", args=[period.month]),
        source=f"payslip:{period.pk}:{at.isoformat()}",  # once more where it was sent back meanwhile
        at=at,
    )
    return period


def _waive(period: SettlementPeriod, reason: str, by: Account, at: datetime) -> None:
    """Store the reason for everything that is open; PeriodRefused names it where there is no reason."""
    found = open_items(period, at=at)
    if not found:
        return
    if not reason:
        told = "；".join(f"{item.title}：{item.words}" for item in found)
        raise PeriodRefused(
            f"还有{len(found)}项没有处理——{told}", "处理后重新结算，或写明理由放行", field="reason"
        )
    if len(reason) > REASON_LENGTH:
        raise PeriodRefused(f"放行的理由最多{REASON_LENGTH}字", "写短一些", field="reason")
    PeriodWaiver.objects.bulk_create(
        PeriodWaiver(period=period, key=item.key, words=item.words, reason=reason, by=by, at=at)
        for item in found
    )


def approval_check(period: SettlementPeriod, by: Account) -> None:
    """PeriodRefused where `by` may not approve the draft as it stands; at most eleven queries.

    Refused: a payslip that failed, the preparer's own draft (with four eyes), a draft that no person
    took responsibility for, one of another day of payment, months before it that are not approved or were
    approved after it was computed, payslips of the employer that its tax is reckoned from and that are not
    approved or came since, a debt that was paid otherwise meanwhile.
    """
    if period.state != State.COMPUTED:
        raise PeriodRefused(f"{period}现为“{period.get_state_display()}”，不能批准", "先结算")
    failed = period.payslips.exclude(failure="").values_list("number", "name")
    if failed:
        names = "、".join(f"{number} {name}" for number, name in failed[:10])
        raise PeriodRefused(
            f"{len(failed)}人未能结算（{names}），不能批准", "按其工资条上的补救办法处理后重新结算"
        )
    if period.department.four_eyes:
        if period.prepared_by_id is None:
            raise PeriodRefused("草稿由系统自动计算，还没有人复核", "先由人事复核并提交，再由另一人批准")
        if period.prepared_by_id == by.pk:
            raise PeriodRefused("编制人不能批准自己编制的工资", "请另一位有权限的人批准")
    pay_day_check(period)
    _check_earlier_months(period)
    _check_other_payments(period)
    paid = names_overtaken(period)
    if paid:
        raise PeriodRefused(
            f"{listed(paid, 10)}的欠款在本草稿计算之后已扣或已还，再扣就重复了", "重新结算后再批准"
        )


def _check_other_payments(period: SettlementPeriod) -> None:
    """Who was transferred within the employer has one tax computation, on the slip of the last department."""
    found = other_payments(period)
    for slip in found.before:
        other = slip.period
        how = "本草稿计算之后又重算过" if other.is_frozen else "还没有批准"
        raise PeriodRefused(
            f"{slip}的社保与个税连同{other}一起计算，{other}{how}",
            "重新结算后再批准" if other.is_frozen else f"先批准{other}",
        )
    for each in found.since:
        raise PeriodRefused(
            f"本草稿计算之后{each.payslip.period}才批准，{each.payslip}的个税要合并计算", "重新结算后再批准"
        )


def _check_earlier_months(period: SettlementPeriod) -> None:
    earlier = SettlementPeriod.objects.filter(department=period.department, month__lt=period.month)
    unfinished = earlier.exclude(state__in=SettlementPeriod.FROZEN).order_by("month").first()
    if unfinished is not None:
        raise PeriodRefused(f"{unfinished}还没有批准", "按月份先后批准")
    # Not the latest month: one that was begun late may have been approved after it.
    last = earlier.order_by("-approved_at").first()
    if last and last.approved_at and period.facts_read_at and last.approved_at > period.facts_read_at:
        raise PeriodRefused(f"本草稿计算之后{last}才批准，结转可能不同", "重新结算后再批准")


@transaction.atomic
def period_send_back(*, period: SettlementPeriod, reason: str, by: Account, at: datetime) -> SettlementPeriod:
    """Undo an approval, with a reason, until the month is paid or a later month stands on it."""
    period = period_lock(period)
    if not reason.strip():
        raise PeriodRefused("退回须写理由")
    if len(reason) > REASON_LENGTH:
        raise PeriodRefused(f"理由最多{REASON_LENGTH}字", "写短一些")
    send_back_check(period)
    period.approved_by = period.approved_at = None
    period_move(
        period=period,
        to=State.COMPUTED,
        by=by,
        at=at,
        reason=reason,
        changed=["approved_by", "approved_at"],
    )
    return period


def send_back_check(period: SettlementPeriod) -> None:
    """PeriodRefused unless the month is approved and nothing stands on it; six queries at most."""
    if period.state != State.APPROVED:
        raise PeriodRefused(
            f"{period}现为“{period.get_state_display()}”，不能退回", "已发放的月份只能在以后的月份调整"
        )
    later = SettlementPeriod.objects.filter(
        department=period.department, month__gt=period.month, state__in=SettlementPeriod.FROZEN
    ).first()
    if later is not None:
        raise PeriodRefused(f"{later}已批准，以本月为基础", f"先退回{later}")
    slip = reckoned_from(period)
    if slip is not None:
        is_paid = slip.period.state == State.PAID
        raise PeriodRefused(
            f"{slip}的社保与个税是连同本月一起计算的，{slip.period}{slip.period.get_state_display()}",
            "差额在以后月份调整" if is_paid else f"先退回{slip.period}",
        )
    _check_debts_untouched(period)


def _check_debts_untouched(period: SettlementPeriod) -> None:
    """PeriodRefused where a debt of the month was paid since, by hand or by another department."""
    entry = DebtEntry.objects.filter(line__payslip__period=period).select_related("line__payslip").first()
    if entry is not None:
        raise PeriodRefused(f"{entry.line.payslip}的欠款已有{entry}的登记，不能退回", "差额在以后月份调整")
    taken = PayLine.objects.filter(
        origin__payslip__period=period, payslip__period__state__in=SettlementPeriod.FROZEN
    ).select_related("payslip__period__department")
    line = taken.exclude(payslip__period=period).first()
    if line is not None:
        period_of = line.payslip.period
        raise PeriodRefused(f"{period_of}已扣了{line.payslip}的欠款，不能退回", f"先退回{period_of}")


@transaction.atomic
def period_mark_paid(
    *, period: SettlementPeriod, on: date | None = None, by: Account, at: datetime
) -> SettlementPeriod:
    """The month has been paid out: it is only ever adjusted in later ones, and its fines are the fund's.

    `on`: the day on which the money went out; without it that of `paid_on_of`. PeriodRefused as `paid_check`
    and `paid_in_time_check` say: the tax was computed for the month of that day, whenever it is entered.
    """
    period = period_lock(period)
    paid_check(period)
    period.paid_on = on or paid_on_of(period, at)
    paid_in_time_check(period, period.paid_on, at)
    period.paid_by, period.paid_at = by, at
    changed = ["paid_by", "paid_at", "paid_on"]
    period_move(period=period, to=State.PAID, by=by, at=at, changed=changed)
    withheld_fines_post(period=period, by=by, at=at)
    return period


def paid_check(period: SettlementPeriod) -> None:
    """PeriodRefused unless the month is approved, and the bank's receipt is there where a file went to it."""
    if period.state != State.APPROVED:
        raise PeriodRefused(f"{period}现为“{period.get_state_display()}”，不能标为已发放", "先批准")
    if period.bank_payments.exists() and not _has_receipt(period):
        raise PeriodRefused(f"{period}导出过银行代发文件，须凭银行回单标为已发放", "请到“报税与发放”登记回单")


def _has_receipt(period: SettlementPeriod) -> bool:
    return BankReceipt.objects.filter(payment__period=period, payment__at__gte=period.approved_at).exists()
