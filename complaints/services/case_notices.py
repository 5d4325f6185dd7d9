"""Who learns that a case is theirs, or that a step of it waits for them."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from complaints.models import Case, CasePart
from complaints.selectors.cases import step_of
from notices.models import NoticeKind
from notices.selectors import reachable
from notices.services import notices_send
from people.models import Account
from people.permissions import EVERYWHERE, IN_OWN_EMPLOYMENT
from rules.kinds.cases import HOLDER


def case_given_notify(case: Case, *, by: Account | None, at: datetime) -> None:
    """Whoever holds a case now learns of it, unless they took it themselves."""
    account = case.holder.account_id if case.holder else None
    if account is None or (by is not None and account == by.pk):
        return
    notices_send(
        to=[account],
        kind=NoticeKind.CASE,
        text=f"投诉{case.number}由您承办",
        url=reverse("case", args=[case.pk]),
        source=f"case-held:{case.pk}:{at:%Y%m%d%H%M%S}",
        at=at,
    )


def step_waits_notify(case: Case, *, by: Account | None, at: datetime) -> None:
    """Whoever takes the present step learns that it waits, those who act everywhere where it is theirs.

    Not whom the case is about, who brought it here, or who has another part in it: recorder, investigator
    and decider are different people.
    """
    step = step_of(case)
    to = {case.holder.account_id} if HOLDER in step.by and case.holder else set()
    # Leads and agents find what is theirs among the cases that they see.
    groups = [each for each in step.by if each not in (HOLDER, *IN_OWN_EMPLOYMENT)]
    people = reachable(timezone.localdate(at)).filter(groups__name__in=groups)
    here = people.filter(
        Q(departments=case.department_id) | Q(groups__name__in=EVERYWHERE.intersection(groups))
    )
    to |= set(here.values_list("pk", flat=True)) if groups else set()
    if step.part is not None:
        others = CasePart.objects.filter(case=case).exclude(part=step.part)
        to -= set(others.values_list("account", flat=True))
    never = {by.pk if by else None, case.about.account_id if case.about else None}
    notices_send(
        to=to - never,
        kind=NoticeKind.CASE,
        text=f"投诉{case.number}等您办理“{step.label}”",
        url=reverse("case", args=[case.pk]),
        source=f"case-step:{case.pk}:{case.step}:{at:%Y%m%d%H%M%S}",
        at=at,
    )
