"""The payment file of a month for the bank: who is paid how much on which account, and who is not in it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from core.money import ZERO
from core.text import listed
from payroll.errors import FilingRefused
from payroll.filings.layouts import Layout
from payroll.filings.writing import cells_of
from payroll.models import BankPayment, Payslip, SettlementPeriod
from people.identities import bank_accounts_of

NAMES_SHOWN = 10
NO_ACCOUNT = "没有登记银行账户"
NOTHING_TO_PAY = "实发为0"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody of the month whom the bank does not pay, and why; `net` in yuan, as text."""

    number: str
    name: str
    net: str
    why: str


@dataclass(frozen=True, slots=True)
class BankFile:
    """The rows of a file as its layout has them, their sum, and who is left out."""

    rows: Sequence[Sequence[Any]]
    total: Decimal
    left_out: Sequence[LeftOut]

    @property
    def left_out_rows(self) -> list[dict[str, str]]:
        return [asdict(each) for each in self.left_out]


def numbers_without_account(payment: BankPayment) -> set[str]:
    """Who was left out of a file for want of an account."""
    return {each["number"] for each in payment.left_out if each["why"] == NO_ACCOUNT}


def numbers_to_pay(period: SettlementPeriod, *, nth: int, at: datetime) -> set[str] | None:
    """Whom the nth file of a month pays that is exported at that moment: None for everybody, after the bank's
    receipt whoever had no account in the file that it is of."""
    paid = BankPayment.objects.filter(period=period, nth__lt=nth, receipt__at__lte=at).order_by("nth").last()
    if paid is None:
        return None
    return numbers_without_account(paid)


def bank_file(
    period: SettlementPeriod, layout: Layout, *, on: date, numbers: Collection[str] | None = None
) -> BankFile:
    """The payment of a frozen month with the accounts that hold on a day; four queries for any number.

    `numbers`: of these people alone (`numbers_to_pay`). FilingRefused where an account is held by somebody
    of another name, where nobody is to be paid, and where rows and those left out do not come to the
    payslips.
    """
    payslips = period.payslips.all() if numbers is None else period.payslips.filter(number__in=numbers)
    slips = list(
        payslips.order_by("number", "staff_id").values_list("staff", "staff__name", "number", "name", "net")
    )
    accounts = bank_accounts_of([staff for staff, *_ in slips], on=on)
    remark = f"{period.month:%Y年%m月}工资"
    employer = period.department.employer
    shared = {"remark": remark, "employer": employer.name if employer else "", "day": f"{on:%Y%m%d}"}
    rows: list[Sequence[Any]] = []
    left_out: list[LeftOut] = []
    held_by_others: list[str] = []
    total = ZERO
    for staff, name_now, number, name, net in slips:
        account = accounts.get(staff)
        if net <= 0 or account is None:
            why = NO_ACCOUNT if net > 0 else NOTHING_TO_PAY
            left_out.append(LeftOut(number, name, f"{net:.2f}", why))
            continue
        if account.holder not in (name, name_now):  # who has another name by now is paid in that
            held_by_others.append(f"第{len(rows) + 1}笔 {number} {name}（户名{account.holder}）")
        values = {
            "position": len(rows) + 1,
            "account": account.number,
            "holder": account.holder,
            "bank": account.bank,
            "net": net,
            **shared,
        }
        rows.append(cells_of(layout, values))
        total += net
    if held_by_others:
        raise FilingRefused(
            f"{len(held_by_others)}人的户名不是本人姓名：{listed(held_by_others, NAMES_SHOWN)}",
            "请更正员工的银行账户，再导出",
        )
    if not rows:
        raise FilingRefused(f"{period}没有要由银行代发的工资", "先登记员工的银行账户")
    found = BankFile(rows, total, left_out)
    _check_sums(payslips, found)
    return found


def _check_sums(payslips: QuerySet[Payslip], found: BankFile) -> None:
    stored = payslips.aggregate(people=Count("pk"), net=Sum("net"))
    net = found.total + sum((Decimal(each.net) for each in found.left_out), ZERO)
    people = len(found.rows) + len(found.left_out)
    if (people, net) != (stored["people"], stored["net"]):
        raise FilingRefused(
            f"文件{people}人{net}元，工资条{stored['people']}人{stored['net']}元，两边不符", "请再导出一次"
        )
