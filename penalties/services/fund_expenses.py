"""What is spent of the fund: asked for with its receipts, approved by somebody else, paid out then."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from files.models import Attachment
from files.services import attachment_add
from penalties.errors import FundRefused
from penalties.models import FundExpense, FundPosting, FundTransaction
from penalties.services.fund import check_amount, check_cash, check_day, fund_lock, post
from penalties.services.fund_notices import expense_asked_notify, expense_decided_notify
from people.approvals import is_already, request_decide, request_withdraw
from people.models import Account, Staff

Book = FundPosting.Account
State = FundExpense.State
REASON_LENGTH = 200


@transaction.atomic
def expense_request(
    *,
    staff: Staff,
    amount: Decimal,
    on: date,
    reason: str,
    receipts: Sequence[UploadedFile],
    key: str,
    by: Account,
    at: datetime,
) -> FundExpense:
    """Ask for money that was spent for the department; the same `key` again gives the first request.

    FundRefused without a receipt or a reason; FileRefused for a receipt that is no picture or PDF.
    """
    fund_lock(staff.department_id)
    if known := FundExpense.objects.filter(key=key).first():
        return known
    check_amount(amount)
    check_day(on, at)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise FundRefused(
            "没有写用途" if not reason else f"用途有{len(reason)}字",
            f"写明用途，最多{REASON_LENGTH}字",
            field="reason",
        )
    if not receipts:
        raise FundRefused("没有凭据", "附上发票或收据的照片", field="receipts")
    expense = FundExpense.objects.create(
        staff=staff, amount=amount, on=on, reason=reason, key=key, asked_by=by, asked_at=at
    )
    purpose = Attachment.Purpose.FUND
    rows = [attachment_add(staff=staff, purpose=purpose, content=each, by=by, at=at) for each in receipts]
    expense.receipts.add(*rows)
    expense_asked_notify(expense, at=at)
    return expense


@transaction.atomic
def expense_decide(
    *, expense: FundExpense, state: str, answer: str = "", by: Account, at: datetime
) -> FundExpense:
    """Approve (the cash goes out at once) or refuse with a word; the same decision again changes nothing.

    RequestRefused as people/approvals.py says, to whoever asked for somebody else as well; FundRefused
    where the cash is not there.
    """
    fund_lock(expense.staff.department_id)
    expense = FundExpense.objects.select_related("staff__department").get(pk=expense.pk)
    if expense.asked_by_id == by.pk:
        raise FundRefused("不能批准自己登记的支出", "请由别人批准", field="by")
    if state == State.APPROVED and not is_already(expense, state):
        check_cash(expense.staff.department, expense.amount)
    expense, is_new = request_decide(request=expense, state=state, answer=answer, by=by, at=at)
    if is_new and state == State.APPROVED:
        post(
            expense.staff.department,
            FundTransaction.Kind.EXPENSE,
            {Book.EXPENSES: expense.amount, Book.CASH: -expense.amount},
            text=f"{expense.reason}（{expense.staff.name}）",
            on=timezone.localdate(at),
            key=f"expense:{expense.pk}",
            by=by,
            at=at,
            expense=expense,
        )
    if is_new:
        expense_decided_notify(expense, at=at)
    return expense


def expense_withdraw(*, expense: FundExpense, by: Account, at: datetime) -> FundExpense:
    """Take the own request back that nobody has decided; RequestRefused otherwise."""
    return request_withdraw(request=expense, by=by, at=at)
