"""What the balances of leave allow, and corrections of them by hand."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from people.models import Account, Staff
from rules.leave_types import LEAVE_LABELS
from shifts.days_owed import DaysOwed
from shifts.errors import LeaveRefused
from shifts.leave_account import NO_DAYS, LeaveAccount, Use
from shifts.models import Leave, LeaveCorrection, LeaveRequest
from shifts.selectors.leave_balances import (
    LeaveAccounts,
    departments_with_balances,
    leave_account_of,
    uses_of,
)
from shifts.services.common import check_employed

REMEDY = "改短，或改请别的假"


def check_balance(leave: Leave | LeaveRequest, owed: DaysOwed) -> None:
    """LeaveRefused for more leave than is left, where the rules give its type a balance.

    Requests that wait hold their days against another request, not against leave that is recorded. The
    caller has locked the person, so that of two at once the second sees the first.
    """
    if isinstance(leave, Leave) and not leave.approved:
        return
    if not departments_with_balances().filter(pk=leave.staff.department_id).exists():
        return
    account = leave_account_of(leave.staff, leave.type, leave.starts_on)
    if account is None:
        return
    if isinstance(leave, Leave):
        account = account.decided()
    if words := account.refusal(uses_of(leave, owed)):
        raise LeaveRefused(f"{words}；{REMEDY}")


def beyond_balance(
    wanted: Collection[tuple[int, Leave]], replaced: Collection[Leave], owed: Mapping[int, DaysOwed]
) -> Iterator[tuple[int, Leave, str]]:
    """Of the rows of a file those that take more than is left, with why; the people are locked until the end.

    `replaced`: recorded leave in whose place rows come. A row that says what is recorded already is no more
    than that. The rows are taken in their order; so many queries however many they are.
    """
    recorded = {_said(leave): leave.pk for leave in replaced}
    rows = [(number, leave) for number, leave in wanted if leave.approved and _said(leave) not in recorded]
    if not rows:
        return
    staff = {leave.staff_id for _, leave in rows}
    list(Staff.objects.select_for_update(no_key=True).filter(pk__in=staff).order_by("pk").values_list("pk"))
    accounts = LeaveAccounts(staff, max(leave.starts_on for _, leave in rows))
    same = {_said(leave) for _, leave in wanted}
    gone = {leave.pk for leave in replaced if _said(leave) not in same}
    taken: dict[tuple[int, str], list[Use]] = {}
    for number, leave in rows:
        account = accounts.account(leave.staff_id, leave.type, leave.starts_on)
        if account is None:
            continue
        before = taken.setdefault((leave.staff_id, leave.type), [])
        uses = uses_of(leave, owed[leave.staff_id])
        words = account.decided().having(before, without=gone).refusal(uses)
        if words:
            yield number, leave, words
        else:
            before += uses


@transaction.atomic
def leave_correct(
    *,
    staff: Staff,
    type: str,
    days: Decimal,
    on: date,
    until: date | None = None,
    reason: str,
    seen: int | None = None,
    by: Account | None,
    at: datetime,
) -> LeaveCorrection:
    """Add days to somebody's balance from a day on (`until`: else by the rule), or take some off.

    `seen`: how many corrections there were when `by` looked; a second press enters nothing. LeaveRefused
    without a rule about the type, without a reason, before the day of an opening balance, or for more than
    is left. What is wrong is made good by another correction.
    """
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if seen is not None and LeaveCorrection.objects.filter(staff=staff).count() != seen:
        raise LeaveRefused(f"{staff}的余额在您打开页面以后更正过；核对下面的余额，要更正再登记一次")
    if type not in LEAVE_LABELS:
        raise LeaveRefused("没有这种假；重新选择")
    if not days or days != days.quantize(Decimal("0.01")) or abs(days) > 366:
        raise LeaveRefused("天数应不是0、在±366之间、最多两位小数；检查天数")
    if not reason.strip():
        raise LeaveRefused("没有写理由；写明为什么更正")
    check_employed(staff, on)
    if until is not None and (days < 0 or until < on):
        raise LeaveRefused("用到哪天只写给增加的天数，不早于起始日；检查日期")
    account = leave_account_of(staff, type, on)
    if account is None:
        raise LeaveRefused(f"{on:%Y-%m-%d}的制度没有{LEAVE_LABELS[type]}的余额；先在制度里写明")
    if on < account.since:
        raise LeaveRefused(f"{account.since:%Y-%m-%d}以前的已计入期初余额；日期改为这一天或以后")
    if days < 0:
        _check_taken_off(account, on, -days)
    return LeaveCorrection.objects.create(
        staff=staff, type=type, days=days, on=on, until=until, reason=reason.strip(), by=by, at=at
    )


def _check_taken_off(account: LeaveAccount, on: date, days: Decimal) -> None:
    left = account.decided().balance(on).left
    if days > max(left, NO_DAYS):
        raise LeaveRefused(f"{on:%Y-%m-%d}只剩{account.kind.shown(left)}；减少的天数不能更多")


def _said(leave: Leave) -> tuple[Any, ...]:
    """What a row says of a leave; the same again takes nothing more."""
    return (
        *(leave.staff_id, leave.type, leave.starts_on, leave.half, leave.starts_at, leave.days),
        *(leave.natural, leave.approved),
    )
