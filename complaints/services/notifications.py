"""Whom losses tell what: who decides, what waits; who is charged, what it comes to and how it ends."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from complaints.models import Appeal, Charge, Ruling
from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import NewNotice, notices_send, notices_send_each


def ruling_proposed_notify(ruling: Ruling, *, at: datetime) -> None:
    """Whoever may decide learns that a responsibility waits; not who recorded the case or proposed it."""
    case = ruling.case
    about = case.about.account_id if case.about else None
    notices_send(
        to=deciders(
            case.department,
            "decide_cases",
            on=timezone.localdate(at),
            but=[ruling.proposed_by_id, ruling.recorded_by_id, about],
        ),
        kind=NoticeKind.CASE,
        text=f"{case.number}的责任归属等您裁定",
        url=reverse("case", args=[case.pk]),
        source=f"ruling:{ruling.pk}",
        at=at,
    )


def ruling_decided_notify(ruling: Ruling, charges: Sequence[Charge], *, at: datetime) -> None:
    """Who proposed learns how it was decided, who is charged what it comes to."""
    notices_send(
        to=[ruling.proposed_by_id],
        kind=NoticeKind.CASE,
        text=f"{ruling.case.number}的责任归属{ruling.get_state_display()}",
        url=reverse("case", args=[ruling.case_id]),
        source=f"ruling-decided:{ruling.pk}",
        at=at,
    )
    told = [
        NewNotice(
            to=each.staff.account_id,
            text=f"投诉{ruling.case.number}的损失您承担{each.amount}元，"
            f"可以申诉到{each.appeal_until:%Y-%m-%d}",
            url=reverse("me_charges"),
            source=f"charge:{each.pk}",
        )
        for each in charges
        if each.amount
    ]
    notices_send_each(told=told, kind=NoticeKind.CHARGE, at=at)


def charges_reversed_notify(ruling: Ruling, charges: Iterable[Charge], *, at: datetime) -> None:
    """Who was charged learns that it is taken back."""
    notices_send(
        to={each.staff.account_id for each in charges},
        kind=NoticeKind.CHARGE,
        text=f"投诉{ruling.case.number}的责任裁定已撤销，您承担的损失退回",
        url=reverse("me_charges"),
        source=f"ruling-reversed:{ruling.pk}",
        at=at,
    )


def appeal_raised_notify(appeal: Appeal, ruling: Ruling, *, at: datetime) -> None:
    """Whoever may decide appeals learns that one waits; not who decided the ruling or recorded the case."""
    case = ruling.case
    about = case.about.account_id if case.about else None
    notices_send(
        to=deciders(
            case.department,
            "decide_appeals",
            on=timezone.localdate(at),
            about=appeal.staff,
            but=[ruling.decided_by_id, ruling.recorded_by_id, about],
        ),
        kind=NoticeKind.CASE,
        text=f"{appeal.staff}对{case.number}的申诉等您决定",
        url=reverse("case", args=[case.pk]),
        source=f"appeal:{appeal.pk}",
        at=at,
    )


def appeal_decided_notify(appeal: Appeal, *, at: datetime) -> None:
    """Who appealed learns how it was decided."""
    notices_send(
        to=[appeal.staff.account_id],
        kind=NoticeKind.CHARGE,
        text=f"您的申诉{appeal.get_state_display()}",
        url=reverse("me_charges"),
        source=f"appeal-decided:{appeal.pk}",
        at=at,
    )
