"""Reads of nominations: whose an account sees, what of them, a month's board, a year's honours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.periods import last_of
from nominations.models import Nomination, Voice
from nominations.selectors.rules import award_rules
from people.models import Account, Department, Staff
from people.permissions import IN_OWN_EMPLOYMENT
from people.selectors import (
    departments_visible_to,
    departments_where,
    groups_of,
    not_left,
    staff_visible_to,
)
from rules.kinds.nominated import NominatedAward
from rules.provisions import Rule

State = Nomination.State


def award_places(account: Account) -> QuerySet[Department]:
    """The departments whose awards an account may read: where it works today, and where it acts."""
    visible = departments_visible_to(account)
    if groups_of(account) - IN_OWN_EMPLOYMENT:
        return visible
    here = Staff.objects.filter(not_left(timezone.localdate()), account=account, department=OuterRef("pk"))
    return visible.filter(Exists(here))


def nominations_visible_to(account: Account) -> QuerySet[Nomination]:
    """Nominations lie open to the department (s004-02-1-01); one's own of former times stay readable."""
    here = Q(department__in=award_places(account).order_by().values("pk"))
    own = Q(staff__account=account)
    waiting = ~Q(state=State.WITHDRAWN) | Q(by=account)
    rows = Nomination.objects.filter(here | own, waiting)
    return rows.select_related("staff__department", "provision", "incident__reversal")


def nominations_to_decide(account: Account) -> QuerySet[Nomination]:
    """What an account may decide: of months that are over, checked nominations and placings.

    Not those about itself nor those that it made.
    """
    today = timezone.localdate()
    ready = Q(checked_at__isnull=False) | Q(origin=Nomination.Origin.RANKING)
    rows = Nomination.objects.filter(
        ready,
        state=State.NOMINATED,
        month__lt=today.replace(day=1),
        department__in=departments_where(account, "decide_awards"),
    )
    return rows.exclude(staff__account=account).exclude(by=account)


def staff_looked_into(account: Account, rows: Collection[Nomination]) -> set[int]:
    """Of whom the account may read criteria and files: one's own, and whoever it sees anyway; one query."""
    wanted = {each.staff_id for each in rows}
    return set(staff_visible_to(account).filter(pk__in=wanted).values_list("pk", flat=True))


@dataclass
class AwardShown:
    """An award of the month: how it reads, until when people nominate, who was put forward on this page."""

    code: str
    title: str
    words: str
    closes_on: date | None
    is_open: bool = False
    candidates: list[Nomination] = field(default_factory=list)

    @property
    def is_placed(self) -> bool:
        """Whether settlement ranks and pays it by itself."""
        return any(each.is_placing for each in self.candidates)


def awards_shown(
    department: Department, month: date, candidates: Sequence[Nomination], *, on: date, is_closed: bool
) -> list[AwardShown]:
    """The awards of a month in the order of the rules, each with its candidates; placed ones at the end.

    Of awards that no rule of the month knows any more those with candidates are shown.
    """
    shown = {
        rule.code: _nominated(
            rule, month, is_open=not is_closed and month <= on <= rule.kind.closes_on(month)
        )
        for rule in award_rules(department, min(max(on, month), last_of(month)))
    }
    for each in candidates:
        title = each.provision.title
        award = shown.setdefault(each.code, AwardShown(each.code, title, "", None))
        award.candidates.append(each)
    return list(shown.values())


def _nominated(rule: Rule[NominatedAward], month: date, *, is_open: bool) -> AwardShown:
    return AwardShown(rule.code, rule.title, rule.kind.in_words(), rule.kind.closes_on(month), is_open)


def board_of(account: Account, department: Department, month: date) -> QuerySet[Nomination]:
    """A month's nominations, award by award, with the number of voices for and against."""
    rows = nominations_visible_to(account).filter(department=department, month=month)
    return rows.annotate(
        supporting=Count("voices", filter=Q(voices__supports=True)),
        opposing=Count("voices", filter=Q(voices__supports=False)),
    ).order_by("code", "place", "staff__number", "id")


def voices_of(nomination: Nomination) -> QuerySet[Voice]:
    """What was said of a nomination; whoever shows it shows no name."""
    return nomination.voices.order_by("-supports", "-id")


def honours_of(account: Account, department: Department, year: int) -> QuerySet[Nomination]:
    """The awards won in a year that stand, the latest month first."""
    rows = nominations_visible_to(account).filter(
        department=department, month__year=year, state=State.WON, incident__reversal__isnull=True
    )
    return rows.order_by("-month", "code", "place", "staff__number")


def honours_by_person(rows: QuerySet[Nomination], *, most: int) -> list[dict[str, Any]]:
    """Who won how often, the first `most` of those who won most."""
    counted = rows.order_by().values("staff", "staff__number", "staff__name").annotate(won=Count("pk"))
    return [dict(each) for each in counted.order_by("-won", "staff__number")[:most]]
