"""Who learns of incidents: whoever confirms them, that some wait; people, of those of theirs that count."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import NewNotice, notices_send, notices_send_each
from penalties.models import Incident
from people.models import Account, Department


def incidents_waiting_notify(
    department: Department, incidents: Sequence[Incident], *, by: Account | None, at: datetime
) -> None:
    """Whoever confirms incidents of the department learns how many wait; not who recorded them."""
    if not incidents:
        return
    to = deciders(department, "confirm_incidents", on=timezone.localdate(at)) - {by.pk if by else 0}
    notices_send(
        to=to,
        kind=NoticeKind.INCIDENT_WAITING,
        text=f"{department}有{len(incidents)}条奖惩待确认",
        url=reverse("incidents"),
        source=f"incident-waiting:{incidents[0].pk}",
        at=at,
    )


def incidents_confirmed_notify(incidents: Sequence[Incident], *, at: datetime) -> None:
    """People learn that incidents of theirs count now: one notice each, however many there are."""
    theirs: dict[int, list[Incident]] = defaultdict(list)
    for each in incidents:
        if each.staff.account_id is not None:
            theirs[each.staff.account_id].append(each)
    told = []
    for account, rows in theirs.items():
        first = f"{min(each.work_date for each in rows):%Y-%m-%d}"
        told.append(
            NewNotice(
                to=account,
                text=f"{first}的奖惩已确认" if len(rows) == 1 else f"{first}起的{len(rows)}条奖惩已确认",
                url=reverse("incident", args=[rows[0].pk]) if len(rows) == 1 else reverse("me_ledger"),
                source=f"incident:{rows[0].pk}",
            )
        )
    notices_send_each(told=told, kind=NoticeKind.INCIDENT, at=at)
