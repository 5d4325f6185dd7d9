"""Who learns of reviews: panel and voters, that they are asked; people, what was decided about them."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import notices_send
from penalties.selectors import last_appeal_day
from promotions.models import GradeAppeal, GradeChange, ReviewRound


def panel_asked_notify(round: ReviewRound, *, at: datetime) -> None:
    """Who sits on the panel learns of it."""
    notices_send(
        to=round.panel.values_list("pk", flat=True),
        kind=NoticeKind.GRADE,
        text=f"请您担任评委：{round.department}{round}",
        url=reverse("round", args=[round.pk]),
        source=f"round-panel:{round.pk}",
        at=at,
    )


def ballot_opened_notify(round: ReviewRound, voters: Iterable[int | None], *, at: datetime) -> None:
    """Who may vote learns that the ballot is open. Nothing is told when somebody votes."""
    notices_send(
        to=set(voters),
        kind=NoticeKind.GRADE,
        text="本组有匿名投票等您投",
        url=reverse("me_grades"),
        source=f"round-ballot:{round.pk}",
        at=at,
    )


def change_proposed_notify(change: GradeChange, *, at: datetime) -> None:
    """Whoever may decide the change learns that it waits; not who proposed it."""
    to = deciders(
        change.staff.department,
        change.action,
        on=timezone.localdate(at),
        about=change.staff,
        but=[change.proposed_by_id],
    )
    _tell(change, to, f"{change}（{change.tiers}）等您决定", "proposed", at)


def change_decided_notify(change: GradeChange, *, at: datetime) -> None:
    """Who proposed it and the person learn the decision; of a demotion that is declined only the former."""
    words = f"{change}（{change.tiers}）{change.get_state_display()}"
    _tell(change, [change.proposed_by_id], words, "decided", at)
    if change.state == GradeChange.State.DECIDED:
        words = f"您自{change.effective_on:%Y-%m-%d}起{change.get_direction_display()}：{change.tiers}"
        if change.direction == GradeChange.Direction.DEMOTION:
            words += f"，不服的可以申诉到{last_appeal_day(change.staff.department, at):%Y-%m-%d}"
        _tell(change, [change.staff.account_id], words, "decided", at)
    elif change.direction == GradeChange.Direction.PROMOTION:
        words = f"您的晋升（{change.tiers}）未通过"
        _tell(change, [change.staff.account_id], words, "decided", at)


def change_reversed_notify(change: GradeChange, *, at: datetime) -> None:
    """The person learns that the change is taken back."""
    words = f"您的{change.get_direction_display()}（{change.number}）已撤销"
    _tell(change, [change.staff.account_id], words, "reversed", at)


def grade_appeal_raised_notify(appeal: GradeAppeal, *, at: datetime) -> None:
    """Whoever may decide the appeal learns that it waits: nobody who proposed or decided the demotion."""
    change = appeal.change
    to = deciders(
        change.staff.department,
        GradeAppeal.ACTION,
        on=timezone.localdate(at),
        about=change.staff,
        but=[change.proposed_by_id, change.decided_by_id],
    )
    _tell(change, to, f"{change.staff}对降级{change.number}提出申诉，等您决定", f"appeal-{appeal.pk}", at)


def grade_appeal_refused_notify(appeal: GradeAppeal, *, at: datetime) -> None:
    """Who appealed learns that it was refused; of one that is granted the reversal tells."""
    words = f"您对降级{appeal.change.number}的申诉未批准"
    _tell(appeal.change, [appeal.staff.account_id], words, f"appeal-refused-{appeal.pk}", at)


def _tell(change: GradeChange, to: Iterable[int | None], text: str, what: str, at: datetime) -> None:
    notices_send(
        to=to,
        kind=NoticeKind.GRADE,
        text=text,
        url=reverse("grade_change", args=[change.pk]),
        source=f"grade-{what}:{change.pk}",
        at=at,
    )
