"""Whom shifts tell what, and when; the words are read in the page alone (`notices`)."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import NewNotice, notices_send, notices_send_each
from people.models import Department, Staff
from people.models.approvals import Requested
from people.selectors import not_left
from shifts.models import Roster, Swap
from shifts.selectors.leave_balances import balance_rows

OWN_PAGES = {
    "correction": "me_corrections",
    "outing": "me_outings",
    "overtime": "me_overtime",
    "leaverequest": "me_leave",
}


def request_waiting_notify(request: Requested, *, at: datetime) -> None:
    """Whoever may decide a request learns that it waits."""
    staff = request.staff
    name = request._meta.verbose_name
    notices_send(
        to=deciders(staff.department, "decide_requests", on=timezone.localdate(at), about=staff),
        kind=NoticeKind.REQUEST_WAITING,
        text=f"{staff}的{name}等您审批",
        url=reverse("shift_requests"),
        source=f"asked:{request._meta.model_name}:{request.pk}",
        at=at,
    )


def request_decided_notify(request: Requested, *, at: datetime) -> None:
    """Who asked learns how it was decided."""
    model = str(request._meta.model_name)
    notices_send(
        to=[request.staff.account_id],
        kind=NoticeKind.REQUEST,
        text=f"您的{request._meta.verbose_name}{request.get_state_display()}",
        url=reverse(OWN_PAGES[model]),
        source=f"decided:{model}:{request.pk}:{request.state}",
        at=at,
    )


def leave_expiring_notify(department: Department, *, at: datetime) -> int:
    """Whoever has days of leave that lapse within thirty days learns of it, once for each end of days."""
    today = timezone.localdate(at)
    staff = Staff.objects.filter(
        not_left(today), department=department, joined_on__lte=today, account__isnull=False
    )
    told = [
        NewNotice(
            to=row.staff.account_id,
            text=f"您的{row.balance.label}有{row.balance.words['expiring']}在30天内到期，最早{row.balance.expires_on}",
            url=reverse("me_leave_balances"),
            source=f"leave:{row.staff.pk}:{row.balance.type}:{row.balance.expires_on}",
        )
        for row in balance_rows(list(staff.order_by("pk")), today)
        if row.balance.expiring
    ]
    return notices_send_each(told=told, kind=NoticeKind.LEAVE, at=at)


def swap_notify(swap: Swap, *, at: datetime) -> None:
    """A swap has come one step on: the partner is asked, then the lead, then both learn the outcome."""
    to: Iterable[int | None]
    page = "swaps" if swap.state == Swap.State.AGREED else "me_swaps"
    match swap.state:
        case Swap.State.ASKED:
            to, text = [swap.partner.account_id], f"{swap.asker.name}想和您换班，等您答复"
        case Swap.State.AGREED:
            on, both = timezone.localdate(at), {swap.asker.account_id, swap.partner.account_id}
            to = deciders(swap.asker.department, "decide_requests", on=on, about=swap.asker) - both
            text = f"{swap.asker.name}和{swap.partner.name}的换班等您批准"
        case _:
            to = [swap.asker.account_id, swap.partner.account_id]
            text = f"{swap.asker.name}和{swap.partner.name}的换班{swap.get_state_display()}"
    notices_send(
        to=to,
        kind=NoticeKind.SWAP,
        text=text,
        url=reverse(page),
        source=f"swap:{swap.pk}:{swap.state}",
        at=at,
    )


def roster_notify(roster: Roster, *, at: datetime) -> None:
    """Everybody in a roster learns that it is published."""
    accounts = roster.days.filter(staff__account__isnull=False).values_list("staff__account", flat=True)
    notices_send(
        to=set(accounts.order_by()),
        kind=NoticeKind.ROSTER,
        text=f"{roster.month:%Y年%m月}的班表公布了",
        url=reverse("me_month"),
        source=f"roster:{roster.pk}:{at.isoformat()}",
        at=at,
    )
