"""What waits for a decision, as figures of the first page: who looks, and the rows that are counted for them.

A tile counts rows that its link shows; all of a page are counted in one query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from duties.models import Suggestion
from duties.selectors.handover import REVIEW_DAYS, days_unreviewed
from nominations.selectors.nominations import nominations_to_decide
from payroll.models import Objection
from payroll.selectors.debts import debts_of_leavers
from penalties.models import Incident, Proposal
from penalties.selectors import discipline_to_review, discipline_waiting, incidents_to_decide
from people.counting import counts_of
from people.models import Account, Department
from people.permissions import GROUP_ACTIONS, IN_OWN_EMPLOYMENT
from people.selectors import departments_visible_to, departments_where
from promotions.selectors.changes import changes_to_review, changes_waiting
from training.selectors.exams import sittings_to_mark
from training.selectors.questions import questions_to_review

ROWS_SHOWN = 20  # departments


@dataclass(frozen=True)
class Viewer:
    """Who looks and when, and where they may act."""

    account: Account
    groups: frozenset[str]
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def where(self, action: str) -> QuerySet[Department]:
        return departments_where(self.account, action)

    @cached_property
    def pay_departments(self) -> list[Department]:
        """The first departments whose pay the account sees, by code."""
        return list(self.where("view_pay").order_by("code")[:ROWS_SHOWN])

    @cached_property
    def departments(self) -> QuerySet[Department]:
        """The departments that the account manages in any way."""
        return self.where("view_pay") if self.may("view_pay") else departments_visible_to(self.account)

    @property
    def month(self) -> date:
        return self.today.replace(day=1)

    def may(self, action: str) -> bool:
        """Whether a group that manages may do it somewhere; cards limit where."""
        if self.account.is_superuser:
            return True
        return any(action in GROUP_ACTIONS[each] for each in self.groups - IN_OWN_EMPLOYMENT)


@dataclass(frozen=True, slots=True)
class Tile:
    """Rows that somebody should know of, and the page where they are; `figure` once they are counted."""

    label: str
    rows: QuerySet[Any, Any]
    url: str
    figure: int = 0


def counted(viewer: Viewer, tiles: Sequence[Tile]) -> list[Tile]:
    """The same tiles with their figures; one query for all of them."""
    figures = counts_of(viewer.account, [tile.rows for tile in tiles])
    return [replace(tile, figure=figure) for tile, figure in zip(tiles, figures, strict=True)]


def incidents_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("confirm_incidents"):
        return None
    places = viewer.where("confirm_incidents")
    rows = Incident.objects.filter(state=Incident.State.RECORDED, staff__department__in=places)
    return Tile("条奖惩待确认", rows, reverse("incidents"))


def appeals_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_appeals"):
        return None
    rows = incidents_to_decide(viewer.account)
    return Tile("条奖惩申诉待决定", rows, f"{reverse('incidents')}?state=appealed")


def proposals_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("confirm_incidents"):
        return None
    places = viewer.where("confirm_incidents")
    rows = Proposal.objects.filter(state=Proposal.State.OPEN, department__in=places)
    return Tile("项处理建议待决定", rows, reverse("proposals"))


def objections_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("answer_objections"):
        return None
    places = viewer.where("answer_objections")
    rows = Objection.objects.filter(state=Objection.State.OPEN, period__department__in=places)
    return Tile("条工资异议待答复", rows, reverse("objections"))


def debts_waiting(viewer: Viewer) -> Tile | None:
    if not (viewer.may("write_off_debts") or viewer.may("add_manual_lines")):
        return None
    rows = debts_of_leavers(viewer.where("view_pay"), on=viewer.today).filter(rest__gt=0)
    return Tile("笔离职及调出人员欠款", rows, reverse("debts"))


def handovers_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("countersign_handover"):
        return None
    places = viewer.where("countersign_handover")
    days = days_unreviewed(places, since=viewer.today - REVIEW_DAYS, until=viewer.today)
    return Tile("天交接待复核", days, reverse("handover"))


def suggestions_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_suggestions"):
        return None
    places = viewer.where("decide_suggestions")
    rows = Suggestion.objects.filter(state=Suggestion.State.SENT, staff__department__in=places)
    return Tile("条建议待答复", rows, reverse("suggestions"))


def discipline_to_decide(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_discipline"):
        return None
    return Tile("项处分待决定", discipline_waiting(viewer.account), f"{reverse('discipline')}?state=heard")


def discipline_appeals_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_appeals"):
        return None
    rows = discipline_to_review(viewer.account)
    return Tile("项处分申诉待决定", rows, f"{reverse('discipline')}?state=appealed")


def grades_to_decide(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_grades"):
        return None
    rows = changes_waiting(viewer.account)
    return Tile("项职级变动待决定", rows, f"{reverse('grade_changes')}?state=waiting")


def grade_appeals_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_appeals"):
        return None
    rows = changes_to_review(viewer.account)
    return Tile("项降级申诉待决定", rows, f"{reverse('grade_changes')}?state=appealed")


def sittings_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("mark_exams"):
        return None
    return Tile("份试卷待阅", sittings_to_mark(viewer.account, on=viewer.today), reverse("marking"))


def questions_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("set_exams"):
        return None
    rows = questions_to_review(viewer.where("set_exams"), viewer.today)
    return Tile("道题待复核", rows, f"{reverse('questions')}?state=review")


def awards_waiting(viewer: Viewer) -> Tile | None:
    if not viewer.may("decide_awards"):
        return None
    return Tile("个提名待决定", nominations_to_decide(viewer.account), reverse("awards_waiting"))


TILES: tuple[Callable[[Viewer], Tile | None], ...] = (
    incidents_waiting,
    appeals_waiting,
    proposals_waiting,
    discipline_to_decide,
    discipline_appeals_waiting,
    grades_to_decide,
    grade_appeals_waiting,
    awards_waiting,
    objections_waiting,
    debts_waiting,
    handovers_waiting,
    suggestions_waiting,
    sittings_waiting,
    questions_waiting,
)
