"""Who learns what of the fund: people, of cash they owe; approvers and witnesses, of what waits for them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from core.text import shortened
from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import TEXT_LENGTH, NewNotice, notices_send, notices_send_each
from penalties.cash_fines import CashFine, cash_fines, fines_due
from penalties.models import FundCount, FundExpense, Incident
from people.models import Department, Staff

DAY = timedelta(days=1)
OVERDUE_DAYS = 7  # for so long a day on which nothing was sent is made up for


def cash_fines_notify(incidents: Sequence[Incident], *, at: datetime) -> None:
    """People learn what of incidents that count now they owe in cash, and by when: one notice each."""
    _tell_each(_owing(cash_fines(Incident.objects.filter(pk__in=[each.pk for each in incidents])), at), at)


def cash_fines_remind(department: Department, *, at: datetime) -> int:
    """Remind of fines that are due today or tomorrow, and once of overdue ones; how many are new."""
    today = timezone.localdate(at)
    owing = _owing(fines_due(department.pk, today - OVERDUE_DAYS * DAY, today + DAY), at)
    told = []
    for account, fines in owing.items():
        for each in fines:
            is_overdue = today > each.due_on
            told.append(
                NewNotice(
                    to=account,
                    text=_one_in_words(each, today),
                    url=reverse("incident", args=[each.incident.pk]),
                    source=f"cash-{'overdue' if is_overdue else 'due'}:{each.incident.pk}:{each.staff_id}",
                )
            )
    return notices_send_each(told=told, kind=NoticeKind.FUND, at=at)


def expense_asked_notify(expense: FundExpense, *, at: datetime) -> None:
    """Whoever may approve the expense learns that it waits; not who asked for it."""
    staff = expense.staff
    notices_send(
        to=deciders(
            staff.department,
            FundExpense.ACTION,
            on=timezone.localdate(at),
            about=staff,
            but=[expense.asked_by_id],
        ),
        kind=NoticeKind.FUND,
        text=shortened(f"{staff}申请基金支出{expense.amount}元（{expense.reason}），等您批准", TEXT_LENGTH),
        url=reverse("fund_expense", args=[expense.pk]),
        source=f"fund-expense:{expense.pk}",
        at=at,
    )


def expense_decided_notify(expense: FundExpense, *, at: datetime) -> None:
    """Who wants the money, and who asked for them, learn how it was decided."""
    notices_send(
        to={expense.staff.account_id, expense.asked_by_id},
        kind=NoticeKind.FUND,
        text=f"基金支出{expense.amount}元{expense.get_state_display()}",
        url=reverse("fund_expense", args=[expense.pk]),
        source=f"fund-expense-decided:{expense.pk}",
        at=at,
    )


def count_recorded_notify(count: FundCount, *, at: datetime) -> None:
    """The witness learns that a count waits for their word."""
    notices_send(
        to=[count.witness_id],
        kind=NoticeKind.FUND,
        text=f"{count.department.name}的基金盘点等您见证：实有现金{count.counted}元，账面{count.booked}元",
        url=f"{reverse('fund')}?department={count.department.code}&view=counts",
        source=f"fund-count:{count.pk}",
        at=at,
    )


def _owing(fines: Sequence[CashFine], at: datetime) -> dict[int, list[CashFine]]:
    """The fines of which something is still to be paid in cash, by the account of who owes it; one query."""
    today = timezone.localdate(at)
    owed = [each for each in fines if each.owed(today) > 0 and not each.withheld]
    staff = Staff.objects.filter(pk__in={each.staff_id for each in owed}, account__isnull=False)
    accounts = dict(staff.values_list("pk", "account"))
    found: dict[int, list[CashFine]] = defaultdict(list)
    for each in owed:
        if each.staff_id in accounts:
            found[accounts[each.staff_id]].append(each)
    return found


def _tell_each(owing: dict[int, list[CashFine]], at: datetime) -> None:
    today = timezone.localdate(at)
    told = []
    for account, fines in owing.items():
        first = fines[0]
        source = f"cash-fine:{first.incident.pk}:{first.staff_id}"
        if len(fines) == 1:
            text = _one_in_words(first, today)
            url = reverse("incident", args=[first.incident.pk])
        else:
            total, due = sum(each.owed(today) for each in fines), min(each.due_on for each in fines)
            text = f"有{len(fines)}笔罚款共{total}元要交现金，最早的{due:%Y-%m-%d}到期"
            url = reverse("me_ledger")
        told.append(NewNotice(to=account, text=text, url=url, source=source))
    notices_send_each(told=told, kind=NoticeKind.FUND, at=at)


def _one_in_words(fine: CashFine, today: date) -> str:
    return f"{fine.incident.work_date:%Y-%m-%d}的罚款{fine.state(today).text}"
