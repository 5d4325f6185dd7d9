"""Who learns of incidents: who confirms them or decides appeals, what waits; people, of what is theirs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from core.text import shortened
from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import TEXT_LENGTH, NewNotice, notices_send, notices_send_each
from penalties.models import Incident, IncidentAppeal, MoneyEntry
from penalties.selectors import last_appeal_day
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


def incidents_confirmed_notify(
    department: Department, incidents: Sequence[Incident], *, at: datetime
) -> None:
    """People learn that incidents of theirs count now: one notice each, however many there are.

    Leads learn of each for which they answer.
    """
    theirs: dict[int, list[Incident]] = defaultdict(list)
    for each in incidents:
        if each.staff.account_id is not None:
            theirs[each.staff.account_id].append(each)
    until = last_appeal_day(department, at)
    told = []
    for account, rows in theirs.items():
        first = f"{min(each.work_date for each in rows):%Y-%m-%d}"
        what = f"{first}的奖惩" if len(rows) == 1 else f"{first}起的{len(rows)}条奖惩"
        told.append(
            NewNotice(
                to=account,
                text=f"{what}已确认，请签字；不服的可以申诉到{until:%Y-%m-%d}",
                url=reverse("incident", args=[rows[0].pk]) if len(rows) == 1 else reverse("me_ledger"),
                source=f"incident:{rows[0].pk}",
            )
        )
    told += _joint_notices(incidents, f"不服的可以申诉到{until:%Y-%m-%d}")
    notices_send_each(told=told, kind=NoticeKind.INCIDENT, at=at)


def _joint_notices(incidents: Sequence[Incident], remedy: str) -> Iterator[NewNotice]:
    """What leads who answer for incidents are told, one notice each; one query."""
    by_id = {each.pk: each for each in incidents}
    shares = MoneyEntry.objects.of_incidents(by_id).filter(reverses=None, reversed_by=None)
    joint: dict[int, list[Incident]] = defaultdict(list)
    for share in shares.select_related("staff").order_by("id"):
        if share.staff_id != by_id[share.source_id].staff_id and share.staff.account_id is not None:
            joint[share.staff.account_id].append(by_id[share.source_id])
    for account, rows in joint.items():
        first = rows[0]
        what = f"{first.staff}{first.work_date:%Y-%m-%d}的奖惩" if len(rows) == 1 else f"{len(rows)}条奖惩"
        yield NewNotice(
            to=account,
            text=f"您对{what}负连带责任；{remedy}",
            url=reverse("incident", args=[first.pk]) if len(rows) == 1 else reverse("me_ledger"),
            source=f"incident-joint:{first.pk}",
        )


def incident_reversed_notify(incident: Incident, *, at: datetime) -> None:
    """The person learns that an incident is taken back, and why."""
    reason = incident.reversal.reason
    notices_send(
        to=[incident.staff.account_id],
        kind=NoticeKind.INCIDENT_APPEAL,
        text=shortened(f"{incident.work_date:%Y-%m-%d}的奖惩已撤销：{reason}", TEXT_LENGTH),
        url=reverse("incident", args=[incident.pk]),
        source=f"incident-reversed:{incident.pk}",
        at=at,
    )


def appeal_raised_notify(appeal: IncidentAppeal, *, at: datetime) -> None:
    """Whoever may decide the appeal learns that it waits: not who recorded or confirmed the incident."""
    incident = appeal.incident
    notices_send(
        to=deciders(
            appeal.staff.department,
            IncidentAppeal.ACTION,
            on=timezone.localdate(at),
            about=appeal.staff,
            but=[incident.recorded_by_id, incident.decided_by_id],
        ),
        kind=NoticeKind.INCIDENT_APPEAL,
        text=f"{appeal.staff}对{incident.work_date:%Y-%m-%d}的奖惩提出申诉，等您决定",
        url=reverse("incident", args=[incident.pk]),
        source=f"incident-appeal:{appeal.pk}",
        at=at,
    )


def appeal_refused_notify(appeal: IncidentAppeal, *, at: datetime) -> None:
    """Who appealed learns that it was refused; of one that is granted the reversal tells."""
    notices_send(
        to=[appeal.staff.account_id],
        kind=NoticeKind.INCIDENT_APPEAL,
        text=f"您对{appeal.incident.work_date:%Y-%m-%d}的奖惩的申诉未批准",
        url=reverse("incident", args=[appeal.incident_id]),
        source=f"incident-appeal-refused:{appeal.pk}",
        at=at,
    )


def share_released_notify(appeal: IncidentAppeal, *, at: datetime) -> None:
    """A lead who answered for an incident learns that the own share is taken back."""
    incident = appeal.incident
    notices_send(
        to=[appeal.staff.account_id],
        kind=NoticeKind.INCIDENT_APPEAL,
        text=f"您对{incident.work_date:%Y-%m-%d}的奖惩的申诉已批准，连带的部分已撤销",
        url=reverse("incident", args=[incident.pk]),
        source=f"incident-appeal-approved:{appeal.pk}",
        at=at,
    )
