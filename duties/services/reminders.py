"""Who is reminded of what, and how long before: duties due soon, memos, handovers that nobody signed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from duties.models import HandoverEntry, HandoverItem
from duties.obligations import State
from duties.selectors.duties import owed_between
from duties.selectors.handover import items_of_department, open_items
from duties.selectors.memos import memos_to_remind
from notices.models import NoticeKind
from notices.services import NewNotice, notices_send_each
from people.models import Department

MEMOS_BACK = timedelta(days=2)  # what beat slept through, but nothing older
DUTY_AHEAD = timedelta(hours=2)
HANDOVER_AFTER, HANDOVER_BACK = timedelta(hours=1), timedelta(days=3)


def memos_notify(*, at: datetime) -> int:
    """Everybody is reminded of the memos whose time has come, once each; how many are new."""
    told = [
        NewNotice(
            to=memo.staff.account_id,
            text=f"备忘：{memo.text[:100]}",
            url=reverse("me_memo", args=[memo.pk]),
            source=f"memo:{memo.pk}:{memo.remind_at:%Y%m%d%H%M}",
        )
        for memo in memos_to_remind(since=at - MEMOS_BACK, until=at)
    ]
    return notices_send_each(told=told, kind=NoticeKind.MEMO, at=at)


def duties_notify(department: Department, *, at: datetime) -> int:
    """Remind a department's people of duties due soon, and of what they handed over and nobody signed."""
    today = timezone.localdate(at)
    duties = [
        NewNotice(
            to=staff.account_id,
            text=f"“{each.rule.title}”{timezone.localtime(each.due_at):%m-%d %H:%M}到期",
            url=reverse("me_duties"),
            source=f"due:{each.key}"[:100],
        )
        for staff, each in owed_between(department, today - timedelta(days=1), today + timedelta(days=1))
        if each.state(at) == State.OPEN and each.due_at <= at + DUTY_AHEAD
    ]
    unsigned = [
        NewNotice(
            to=item.author.account_id,
            text=f"{item.work_date:%m-%d}交接的一项还没有人签收，仍由您负责",
            url=reverse("me_handover_item", args=[item.pk]),
            source=f"unsigned:{item.pk}",
        )
        for item in _unsigned(department, at)
    ]
    return notices_send_each(told=duties, kind=NoticeKind.DUTY_DUE, at=at) + notices_send_each(
        told=unsigned, kind=NoticeKind.HANDOVER, at=at
    )


def _unsigned(department: Department, at: datetime) -> Iterable[HandoverItem]:
    """What was handed over a while ago, whose author's shift is over, and that nobody has signed."""
    written = items_of_department(department).filter(at__gte=at - HANDOVER_BACK, at__lte=at - HANDOVER_AFTER)
    rows = open_items(written).filter(signature__isnull=True)
    return rows.exclude(entries__kind=HandoverEntry.Kind.WAIVED).exclude(
        shift_ends_at__gt=at - HANDOVER_AFTER
    )
