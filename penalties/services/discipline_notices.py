"""Who learns of disciplinary cases: the person, what is proposed and decided; whoever decides, what waits."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import notices_send
from penalties.models.appeals import DisciplineAppeal
from penalties.models.discipline import DisciplinaryCase
from penalties.selectors import last_appeal_day
from people.models import Account


def discipline_proposed_notify(case: DisciplinaryCase, *, at: datetime) -> None:
    """The person learns that an action is proposed, and may speak."""
    _tell(
        case, [case.staff.account_id], f"对您提出了处分（{case.get_level_display()}），请陈述", "proposed", at
    )


def discipline_heard_notify(case: DisciplinaryCase, *, by: Account, at: datetime) -> None:
    """Whoever may decide learns that a case waits; not who proposed it, nor who heard it and knows."""
    to = deciders(
        case.staff.department,
        case.action,
        on=timezone.localdate(at),
        about=case.staff,
        but=[case.proposed_by_id],
    )
    _tell(case, to - {by.pk}, f"{case.staff}的处分（{case.get_level_display()}）等您决定", "heard", at)


def discipline_decided_notify(case: DisciplinaryCase, *, at: datetime) -> None:
    """The person, with the last day for an appeal, and who proposed it learn how it was decided."""
    words = f"{case.staff}的处分（{case.get_level_display()}）{case.get_state_display()}"
    _tell(case, [case.proposed_by_id], words, "decided", at)
    if case.state == DisciplinaryCase.State.DECIDED:
        words += f"，不服的可以申诉到{last_appeal_day(case.staff.department, at):%Y-%m-%d}"
    _tell(case, [case.staff.account_id], words, "decided", at)


def discipline_reversed_notify(case: DisciplinaryCase, *, at: datetime) -> None:
    """The person learns that the decision is taken back."""
    _tell(case, [case.staff.account_id], f"处分{case.number}已撤销", "reversed", at)


def discipline_appeal_raised_notify(appeal: DisciplineAppeal, *, at: datetime) -> None:
    """Whoever may decide the appeal learns that it waits: nobody who had a part in the decision."""
    case = appeal.case
    to = deciders(
        case.staff.department,
        DisciplineAppeal.ACTION,
        on=timezone.localdate(at),
        about=case.staff,
        but=[case.proposed_by_id, case.heard_by_id, case.decided_by_id],
    )
    _tell(case, to, f"{case.staff}对处分{case.number}提出申诉，等您决定", f"appeal-{appeal.pk}", at)


def discipline_appeal_refused_notify(appeal: DisciplineAppeal, *, at: datetime) -> None:
    """Who appealed learns that it was refused; of one that is granted the reversal tells."""
    told = [appeal.staff.account_id]
    _tell(appeal.case, told, f"您对处分{appeal.case.number}的申诉未批准", f"appeal-refused-{appeal.pk}", at)


def _tell(case: DisciplinaryCase, to: Iterable[int | None], text: str, what: str, at: datetime) -> None:
    notices_send(
        to=to,
        kind=NoticeKind.DISCIPLINE,
        text=text,
        url=reverse("disciplinary_case", args=[case.pk]),
        source=f"discipline-{what}:{case.pk}",
        at=at,
    )
