"""What failed exams of a programme suggest, for people to decide (s003-04-d01b, d03b, d23)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.periods import first_of
from penalties.models import Proposal
from penalties.services.proposals import MonthProposal, proposals_sync_month
from people.models import Department, Staff
from training.models import Enrolment
from training.plan import Plan
from training.selectors.programmes import plans_of

Place = tuple[int, str, str]  # staff id, code, proposal


def result_follow(*, staff: Staff, at: datetime) -> None:
    """A result of somebody's exam was recorded: what it means in a programme is proposed at once."""
    if Enrolment.objects.filter(staff=staff, ended_on__isnull=True).exists():
        failures_propose(department=staff.department, at=at)


@transaction.atomic
def failures_propose(*, department: Department, at: datetime) -> None:
    """Bring the proposals of a department's programmes in line with the exams: opened where no try is left,
    withdrawn where nobody has decided and a result was corrected or the programme ended.

    A proposal belongs to the month of the last try; three queries a month that has any.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    rows = Enrolment.objects.filter(department=department).select_related(
        "staff", "mentor", "provision__version"
    )
    codes = set(rows.order_by().values_list("code", flat=True).distinct())
    if not codes:
        return
    plans = plans_of(list(rows.filter(ended_on__isnull=True)), timezone.localdate(at))
    wanted = _wanted(plans)
    kept = Proposal.objects.filter(
        department=department, code__in=codes, state=Proposal.State.OPEN, month__isnull=False
    )
    months = {*wanted, *kept.values_list("month", flat=True)}
    for month in sorted(each for each in months if each is not None):
        proposals_sync_month(
            department=department, month=month, wanted=wanted.get(month, ()), codes=codes, at=at
        )


def _wanted(plans: Iterable[Plan]) -> dict[date, list[MonthProposal]]:
    """What is to be proposed in which month; of several exams that suggest the same, one with all reasons."""
    reasons: dict[date, dict[Place, list[str]]] = defaultdict(lambda: defaultdict(list))
    cited: dict[Place, dict[str, Any]] = {}
    for plan in plans:
        for each in plan.failed:
            assert each.standing is not None
            last = each.standing.tries[-1]
            for kind in each.standing.exam.failed:
                place = (plan.enrolment.staff_id, plan.enrolment.code, kind)
                tries = "、".join(f"{one.on:%m月%d日}" for one in each.standing.tries)
                reasons[first_of(last.on)][place].append(f"“{each.step.title}”{tries}不合格")
                version = f"第{plan.enrolment.provision.version.number}版"
                cited[place] = {"title": plan.title, "version": version}
    return {
        month: [
            MonthProposal(*place, {"reason": "；".join(words), "provision": cited[place]})
            for place, words in found.items()
        ]
        for month, found in reasons.items()
    }
