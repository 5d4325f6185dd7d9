"""The fund's book: cash that comes in and goes back, what pay took, what becomes cash of it.

Every transaction balances; whoever moves cash holds the lock on the department, so that it never runs out
twice. `key` is the form's own: the same again gives the transaction that it made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.money import ZERO
from core.text import shortened
from penalties.cash_fines import CashFine, cash_fines
from penalties.errors import FundRefused
from penalties.fund import fund_balances
from penalties.models import FundPosting, FundTransaction, Incident
from people.models import Account, Department, FactChange, Staff
from people.services import facts_changed

Kind = FundTransaction.Kind
Book = FundPosting.Account
TEXT_LENGTH = 200
MOST = Decimal(10) ** 8  # yuan in one transaction; more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the pay of a month took (positive) or gave back of fines, by the line that did."""

    key: str
    staff_id: int
    amount: Decimal
    text: str
    incident_id: int | None = None


@transaction.atomic
def cash_payment_record(
    *, incident: Incident, staff: Staff, amount: Decimal, on: date, key: str, by: Account | None, at: datetime
) -> FundTransaction:
    """A person pays a fine, or part of it, in cash on a day; the fund's income at once.

    FundRefused where nothing of it is owed in cash, for more than is owed that day, and for a day that is to
    come or lies before the incident. That pay has it already is seen by payroll/services/cash.py.
    """
    department = fund_lock(staff.department_id)
    if known := FundTransaction.objects.filter(key=key).first():
        return known
    fine = _fine_of(incident, staff)
    check_amount(amount)
    check_day(on, at)
    if by is not None and staff.account_id == by.pk:
        raise FundRefused("不能登记自己交的罚款", "请由别人收取并登记", field="staff")
    if on < fine.incident.work_date:
        raise FundRefused(f"交款日期{on}早于事情发生的{fine.incident.work_date}", "请核对日期", field="on")
    owed = ZERO if fine.withheld else fine.owed(on)
    if owed <= 0:
        raise FundRefused(
            f"{fine.incident}已经交清或从工资扣过，没有要交的",
            "请不要再收；核对是不是别的记录",
            field="incident",
        )
    if amount > owed:
        raise FundRefused(f"交了{amount}元，多于到{on}应交的{owed}元", "请按应交的数收", field="amount")
    made = post(
        department,
        Kind.PAYMENT,
        {Book.CASH: amount, Book.FINES: -amount},
        text=f"{staff.name} {fine.incident.provision.title}",
        on=on,
        key=key,
        by=by,
        at=at,
        staff=staff,
        incident=incident,
    )
    _fine_changed(department, fine, note=f"现金缴纳：{fine.incident}", by=by, at=at)
    return made


@transaction.atomic
def cash_refund_record(
    *, incident: Incident, staff: Staff, on: date, key: str, by: Account | None, at: datetime
) -> FundTransaction:
    """Give back what a person paid in cash beyond what the fine is since it was reversed or corrected.

    FundRefused where nothing was overpaid, or where the cash is not there.
    """
    department = fund_lock(staff.department_id)
    if known := FundTransaction.objects.filter(key=key).first():
        return known
    fine = _fine_of(incident, staff)
    check_day(on, at)
    amount = -fine.owed(on)
    if amount <= 0:
        raise FundRefused(f"{fine.incident}没有多交的", "只有撤销或更正以后多交的才退还", field="incident")
    check_cash(department, amount)
    made = post(
        department,
        Kind.REFUND,
        {Book.CASH: -amount, Book.FINES: amount},
        text=f"退还{staff.name} {fine.incident.provision.title}",
        on=on,
        key=key,
        by=by,
        at=at,
        staff=staff,
        incident=incident,
    )
    _fine_changed(department, fine, note=f"退还：{fine.incident}", by=by, at=at)
    return made


@transaction.atomic
def withheld_post(
    *, department: Department, month: date, lines: Sequence[Withheld], by: Account | None, at: datetime
) -> list[FundTransaction]:
    """What the pay of a month took of fines becomes income of the fund, to be handed over in cash later.

    A line that is entered already stays as it is. Three queries for any number of lines.
    """
    fund_lock(department.pk)
    known = set(
        FundTransaction.objects.filter(key__in=[each.key for each in lines]).values_list("key", flat=True)
    )
    wanted = [each for each in lines if each.amount and each.key not in known]
    rows = FundTransaction.objects.bulk_create(
        FundTransaction(
            department=department,
            kind=Kind.PAYROLL,
            on=timezone.localdate(at),
            text=shortened(f"{month:%Y年%m月}工资：{each.text}", TEXT_LENGTH),
            staff_id=each.staff_id,
            incident_id=each.incident_id,
            key=each.key,
            by=by,
            at=at,
        )
        for each in wanted
    )
    FundPosting.objects.bulk_create(
        FundPosting(transaction=row, account=book, amount=amount)
        for row, each in zip(rows, wanted, strict=True)
        for book, amount in ((Book.PAYROLL, each.amount), (Book.FINES, -each.amount))
    )
    return rows


@transaction.atomic
def transfer_record(
    *, department: Department, amount: Decimal, on: date, key: str, by: Account | None, at: datetime
) -> FundTransaction:
    """What pay withheld is handed over in cash; FundRefused for more than still waits."""
    fund_lock(department.pk)
    if known := FundTransaction.objects.filter(key=key).first():
        return known
    check_amount(amount)
    check_day(on, at)
    waiting = fund_balances(department)[Book.PAYROLL]
    if amount > waiting:
        raise FundRefused(f"转入{amount}元，多于待转入的{waiting}元", "请核对金额", field="amount")
    return post(
        department,
        Kind.TRANSFER,
        {Book.CASH: amount, Book.PAYROLL: -amount},
        text="工资代扣的罚款转入现金",
        on=on,
        key=key,
        by=by,
        at=at,
    )


def fund_lock(department_id: int) -> Department:
    """The department, locked until the transaction ends: one change of its fund at a time."""
    return Department.objects.select_for_update(no_key=True).get(pk=department_id)


def check_cash(department: Department, amount: Decimal) -> None:
    """FundRefused where the fund has less cash than `amount`; its department is locked."""
    cash = fund_balances(department)[Book.CASH]
    if amount > cash:
        raise FundRefused(
            f"基金现金只有{cash}元，不够支出{amount}元", "先收齐罚款或转入代扣，或减少金额", field="amount"
        )


def post(
    department: Department,
    kind: str,
    legs: Mapping[str, Decimal],
    *,
    text: str,
    on: date,
    key: str,
    by: Account | None,
    at: datetime,
    **source: object,
) -> FundTransaction:
    """One transaction with its postings; the caller holds the lock and has checked it."""
    made = FundTransaction.objects.create(
        department=department,
        kind=kind,
        text=shortened(text, TEXT_LENGTH),
        on=on,
        key=key,
        by=by,
        at=at,
        **source,
    )
    FundPosting.objects.bulk_create(
        FundPosting(transaction=made, account=book, amount=amount) for book, amount in legs.items()
    )
    return made


def _fine_of(incident: Incident, staff: Staff) -> CashFine:
    found = cash_fines(Incident.objects.filter(pk=incident.pk))
    for each in found:
        if each.staff_id == staff.pk:
            return each
    raise FundRefused(f"{incident}不收现金，或还没有确认", "随工资扣的罚款不用交现金", field="incident")


def check_amount(amount: Decimal) -> None:
    if not amount.is_finite() or not 0 < amount < MOST or amount != round(amount, 2):
        raise FundRefused(f"金额{amount}不对", "应大于0，最多两位小数", field="amount")


def check_day(on: date, at: datetime) -> None:
    if on > timezone.localdate(at):
        raise FundRefused(f"日期{on}还没有到", "请填实际收付的日期", field="on")


def _fine_changed(
    department: Department, fine: CashFine, *, note: str, by: Account | None, at: datetime
) -> None:
    """Pay of the month in which the fine is due may take something else now."""
    facts_changed(
        department=department,
        months=[fine.due_on],
        source=FactChange.Source.INCIDENT,
        note=note,
        by=by,
        at=at,
    )
