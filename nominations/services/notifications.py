"""Who learns of nominations: who decides them, that one waits; people, what became of theirs."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from nominations.models import Nomination
from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import notices_send
from people.models import Account


def nomination_made_notify(nomination: Nomination, *, by: Account | None, at: datetime) -> None:
    """Whoever decides learns of it, not who nominated nor who is nominated."""
    never = [by.pk if by else None, nomination.staff.account_id]
    notices_send(
        to=deciders(nomination.department, "decide_awards", on=timezone.localdate(at), but=never),
        kind=NoticeKind.AWARD,
        text=f"{nomination.staff}被提名“{nomination.provision.title}”",
        url=reverse("nomination", args=[nomination.pk]),
        source=f"nomination:{nomination.pk}",
        at=at,
    )


def award_decided_notify(nomination: Nomination, *, at: datetime) -> None:
    """The person and who nominated learn what was decided."""
    won = nomination.state == Nomination.State.WON
    award = f"{nomination.month:%Y年%m月}“{nomination.provision.title}”"
    notices_send(
        to={nomination.staff.account_id, nomination.by_id},
        kind=NoticeKind.AWARD,
        text=f"{nomination.staff}{'获得' if won else '没有获得'}{award}",
        url=reverse("nomination", args=[nomination.pk]),
        source=f"nomination-decided:{nomination.pk}",
        at=at,
    )


def award_revoked_notify(nomination: Nomination, *, at: datetime) -> None:
    """The person learns that the award was taken back."""
    notices_send(
        to=[nomination.staff.account_id],
        kind=NoticeKind.AWARD,
        text=f"{nomination.month:%Y年%m月}“{nomination.provision.title}”已撤销",
        url=reverse("nomination", args=[nomination.pk]),
        source=f"nomination-revoked:{nomination.pk}",
        at=at,
    )
