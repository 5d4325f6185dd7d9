"""Payment files for the bank, and its receipt, by which a month is marked as paid."""

from datetime import date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from files.models import Attachment
from files.services import attachment_add
from payroll.errors import FilingRefused
from payroll.filings.bank_file import bank_file, numbers_to_pay
from payroll.filings.layouts import layout_of
from payroll.filings.writing import Written, check_csv, digests_of
from payroll.models import BankPayment, BankReceipt, SettlementPeriod
from payroll.services.periods import period_mark_paid
from payroll.workflow import period_lock
from people.identities import departments_with
from people.models import AccessLog, Account, Staff
from people.services import access_log
from people.services.identity import employer_lock, identities_viewed

State = SettlementPeriod.State
NUMBER_LENGTH = 64


@transaction.atomic
def bank_payment_export(
    *, period: SettlementPeriod, layout: str, seen: int, by: Account, at: datetime
) -> BankPayment:
    """Export the payment file of an approved month; a second one says that it is the second. After the
    bank's receipt the next pays whoever had no account before (`numbers_to_pay`).

    `seen`: how many exports whoever presses the button was shown. FilingRefused for a month that is not
    approved or is paid to everybody, where somebody exported meanwhile, and as `bank_file` and `check_csv`
    say.
    """
    period, chosen = period_lock(period), layout_of(layout, "bank")
    last = BankPayment.objects.filter(period=period).aggregate(last=Max("nth"))["last"] or 0
    numbers = numbers_to_pay(period, nth=last + 1, at=at)
    if period.state != State.APPROVED and not (period.state == State.PAID and numbers):
        remedy = "已经发过了，不要再发" if period.state == State.PAID else "先批准"
        raise FilingRefused(f"{period}现为“{period.get_state_display()}”，不能导出代发文件", remedy)
    if last != seen:
        raise FilingRefused(f"{period}的代发文件刚由别人导出，已是第{last}次", "请刷新页面核对，不要重复付款")
    found = bank_file(period, chosen, on=timezone.localdate(at), numbers=numbers)
    if chosen.is_csv:
        check_csv(chosen, found.rows)
    return BankPayment.objects.create(
        period=period,
        layout=chosen.code,
        nth=last + 1,
        count=len(found.rows),
        total=found.total,
        left_out=found.left_out_rows,
        digest=digests_of(chosen, found.rows)[0],
        by=by,
        at=at,
    )


@transaction.atomic
def bank_payment_file(*, payment: BankPayment, by: Account, at: datetime) -> Written:
    """The file of an export, as it was; who downloads it and whose accounts are in it is noted.

    FilingRefused where it would say something else by now.
    """
    period, layout = payment.period, layout_of(payment.layout, "bank")
    if not period.is_frozen:
        raise FilingRefused(f"{period}已退回重算，这份代发文件作废", "批准以后重新导出")
    numbers = numbers_to_pay(period, nth=payment.nth, at=payment.at)
    found = bank_file(period, layout, on=timezone.localdate(payment.at), numbers=numbers)
    if payment.digest not in digests_of(layout, found.rows):
        raise FilingRefused("这份代发文件的内容已经不同", "工资或员工的账户在导出以后有变更，请重新导出")
    identities_viewed(
        staff=Staff.objects.filter(payslips__period=period),
        what=AccessLog.What.ACCOUNT,
        reason=f"{period.month:%Y年%m月}代发文件",
        month=period.month,
        by=by,
        at=at,
    )
    access_log(what=AccessLog.What.EXPORT, department=period.department, month=period.month, by=by, at=at)
    again = f"-第{payment.nth}次导出" if payment.nth > 1 else ""
    name = f"代发-{period.department.name}-{period.month:%Y-%m}{again}.{layout.suffix}"
    return Written(name, layout, found.rows)


@transaction.atomic
def bank_receipt_record(
    *,
    payment: BankPayment,
    number: str = "",
    content: UploadedFile | None = None,
    amount: Decimal,
    on: date | None = None,
    by: Account,
    at: datetime,
) -> BankReceipt:
    """The bank's receipt of a payment file: the month is paid, on the day `on` (`period_mark_paid`). Of those
    paid after it by a file of their own the receipt is kept and the month stays as it is.

    FilingRefused without number and file, for another amount than the file's, for a file of an approval that
    was sent back since, for a number that another month has, and for a file whose people were paid by another
    since or that has its receipt.
    """
    period = period_lock(payment.period)
    number = number.replace("\x00", "").strip()
    if not number and content is None:
        raise FilingRefused("没有回单号，也没有回单文件", "请填回单号或上传回单", field="number")
    if len(number) > NUMBER_LENGTH:
        raise FilingRefused(f"回单号超过{NUMBER_LENGTH}字", "请照回单填写", field="number")
    is_first = numbers_to_pay(period, nth=payment.nth, at=payment.at) is None
    if period.state != (State.APPROVED if is_first else State.PAID):
        remedy = "不用再登记" if period.state == State.PAID else "批准并重新导出以后再登记"
        raise FilingRefused(f"{period}现为“{period.get_state_display()}”，不能登记回单", remedy)
    if not is_first and BankReceipt.objects.filter(payment__period=period, at__gt=payment.at).exists():
        raise FilingRefused("这份代发文件导出以后已经登记过回单", "不用再登记；还有人没有发到的，重新导出")
    if period.approved_at is not None and payment.at < period.approved_at:
        raise FilingRefused("这份代发文件是退回以前导出的", "请重新导出，以新文件的回单登记")
    if amount != payment.total:
        raise FilingRefused(
            f"回单{amount}元，代发文件合计{payment.total}元", "两者须相等，请核对回单", field="amount"
        )
    _check_unused(period, number)
    attachment = None
    if content is not None:
        purpose = Attachment.Purpose.RECEIPT
        attachment = attachment_add(staff=None, purpose=purpose, content=content, by=by, at=at)
    receipt = BankReceipt.objects.create(
        payment=payment, number=number, attachment=attachment, amount=amount, by=by, at=at
    )
    if is_first:
        period_mark_paid(period=period, on=on, by=by, at=at)
    return receipt


def _check_unused(period: SettlementPeriod, number: str) -> None:
    """Of all months of the employer; whoever enters another receipt of it waits until this one is stored."""
    if not number:
        return
    employer_lock(period.department)
    known = BankReceipt.objects.filter(
        number=number, payment__period__department__in=departments_with(period.department)
    )
    other = known.select_related("payment__period__department").first()
    if other is not None:
        raise FilingRefused(
            f"回单号{number}已登记给{other.payment.period}",
            "请核对回单，不要用一张回单登记两次",
            field="number",
        )
