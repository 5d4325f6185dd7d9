"""Whom duties tell what has become of a turn or a duty; the words are read in the page alone (`notices`)."""

from collections.abc import Collection
from datetime import datetime

from django.urls import reverse

from duties.models import DutySwap, DutyTurn
from notices.models import NoticeKind
from notices.services import NewNotice, notices_send, notices_send_each
from penalties.models import Incident
from people.models import Staff


def turn_swap_notify(swap: DutySwap, *, at: datetime) -> None:
    """The partner is asked to exchange turns; who asked learns the answer."""
    is_open = swap.state == DutySwap.State.ASKED
    notices_send(
        to=[swap.partner.account_id if is_open else swap.asker.account_id],
        kind=NoticeKind.SWAP,
        text=f"{swap.asker.name}想和您换值日，等您答复"
        if is_open
        else f"您的值日换班{swap.get_state_display()}",
        url=reverse("me_duties"),
        source=f"turn-swap:{swap.pk}:{swap.state}",
        at=at,
    )


def turn_given_notify(turn: DutyTurn, former: Staff, *, at: datetime) -> None:
    """Who has a turn now and who had it learn that it was given anew."""
    notices_send(
        to=[turn.staff.account_id, former.account_id],
        kind=NoticeKind.SWAP,
        text=f"{turn.on:%m月%d日}的值日改由{turn.staff.name}做",
        url=reverse("me_duties"),
        source=f"turn:{turn.pk}:{turn.staff_id}:{at.isoformat()}",
        at=at,
    )


def missed_duties_notify(incidents: Collection[Incident], *, at: datetime) -> None:
    """People learn what they missed, as it was recorded."""
    told = [
        NewNotice(
            to=each.staff.account_id,
            text=f"{each.work_date:%m-%d}有一项职责未完成，已记录，等经理确认",
            url=reverse("incident", args=[each.pk]),
            source=f"missed:{each.pk}",
        )
        for each in incidents
        if each.state == Incident.State.RECORDED
    ]
    notices_send_each(told=told, kind=NoticeKind.DUTY_MISSED, at=at)
