"""Debts of who is not paid any more: paid back by hand, or written off."""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core.money import to_fen
from payroll.errors import DebtRefused
from payroll.models import REASON_LENGTH, DebtEntry, PayLine
from payroll.selectors.debts import debts_of
from people.models import Account
from people.selectors import may

Kind = DebtEntry.Kind
ACTIONS = {Kind.REPAID: "add_manual_lines", Kind.WRITTEN_OFF: "write_off_debts"}


@transaction.atomic
def debt_settle(
    *,
    line: PayLine,
    kind: str,
    amount: Decimal,
    on: date,
    reason: str,
    seen: Decimal,
    by: Account,
    at: datetime,
) -> DebtEntry:
    """Enter what was paid back of a debt (`kind` repaid) or what is written off of it, in yuan.

    `seen` is what was owed when `by` looked: a second press enters nothing. PermissionDenied for who may not
    do it in the department; DebtRefused for more than is owed, without a receipt or a reason, for a day to
    come, and where the debt was settled meanwhile.
    """
    if not may(by, ACTIONS[Kind(kind)], line.payslip.period.department):
        raise PermissionDenied
    PayLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    debt = debts_of().filter(pk=line.pk).first()
    rest = debt.rest if debt else Decimal(0)
    if rest != seen:
        raise DebtRefused(f"{line.payslip}的这笔欠款现为{rest}元，与您看到的{seen}元不同；请刷新后再操作")
    if not reason.strip():
        raise DebtRefused("还款须写收据号，核销须写理由；请补写", field="reason")
    if len(reason.strip()) > REASON_LENGTH:
        raise DebtRefused(f"凭据或理由最多{REASON_LENGTH}字；请写短一些", field="reason")
    if not 0 < amount <= rest or amount != to_fen(amount):
        raise DebtRefused(f"金额{amount}不对，这笔还欠{rest}元；请填大于零、不超过所欠的金额", field="amount")
    if on > timezone.localdate(at):
        raise DebtRefused(f"日期{on}还没有到；请填实际还款或核销的日期", field="on")
    return DebtEntry.objects.create(
        line=line, kind=kind, amount=amount, on=on, reason=reason.strip(), by=by, at=at
    )
