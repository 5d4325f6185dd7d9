"""Reads of papers: who sees them, who is to sit them, what a person has sat."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from people.models import Account, Department, Role, Staff, Term
from people.selectors import (
    departments_visible_to,
    departments_where,
    groups_of,
    staff_visible_to,
    staff_where,
)
from rules.selectors import employed_in, role_on
from training.attempts import begin_refusal
from training.errors import ExamRefused
from training.models import ExamPaper, Sitting

ACTIONS = ("set_exams", "mark_exams")


def exams_overseen_by(account: Account) -> QuerySet[Department]:
    """The departments whose papers an account sees; who is an agent alone sees the own exams elsewhere."""
    if groups_of(account) <= {"agent"}:
        return Department.objects.none()
    return departments_visible_to(account)


def papers_visible_to(account: Account) -> QuerySet[ExamPaper]:
    """The papers whose results, as far as it sees the people, an account sees."""
    return ExamPaper.objects.filter(department__in=exams_overseen_by(account)).select_related("department")


def papers_set_by(account: Account) -> QuerySet[ExamPaper]:
    """The papers that an account may change."""
    rows = ExamPaper.objects.filter(department__in=departments_where(account, "set_exams"))
    return rows.select_related("department")


def candidates_of(paper: ExamPaper, day: date) -> QuerySet[Staff]:
    """Who is to sit a paper on a day: who works there then, of its roles, or whom it names; by number."""
    rows = employed_in(paper.department, day)
    if paper.roles:
        terms = Term.objects.filter(staff=OuterRef("pk"), valid__contains=day)
        in_role = Q(Exists(terms.filter(role__in=paper.roles)))
        if Role.AGENT in paper.roles:
            in_role |= ~Q(Exists(terms))
        rows = rows.filter(in_role)
    named = ExamPaper.people.through.objects.filter(exampaper=paper)
    return rows.filter(~Exists(named) | Exists(named.filter(staff=OuterRef("pk"))))


def papers_of(staff: Staff, day: date) -> QuerySet[ExamPaper]:
    """The papers that a person is to sit on a day or has sat, the newest first."""
    named = ExamPaper.people.through.objects.filter(exampaper=OuterRef("pk"))
    role = role_on(staff, day)
    is_candidate = (
        Q(department=staff.department_id)
        & (Q(roles=[]) | Q(roles__contains=[role]))
        & (~Exists(named) | Exists(named.filter(staff=staff)))
    )
    sat = Exists(Sitting.objects.filter(paper=OuterRef("pk"), staff=staff))
    return ExamPaper.objects.filter(is_candidate & Q(withdrawn_at__isnull=True) | Q(sat))


@dataclass(frozen=True, slots=True)
class OwnExam:
    """A paper as the person who is to sit it sees it."""

    paper: ExamPaper
    sittings: list[Sitting]
    refusal: ExamRefused | None
    at: datetime

    @property
    def under_way(self) -> Sitting | None:
        return next((each for each in self.sittings if not each.is_over(self.at)), None)

    @property
    def next_number(self) -> int:
        return len(self.sittings) + 1

    @property
    def last(self) -> Sitting | None:
        return self.sittings[-1] if self.sittings else None


def own_exams(staff: Staff, papers: list[ExamPaper], *, at: datetime) -> list[OwnExam]:
    """Some papers with what the person has sat of each, and why no other can be begun; one query."""
    sat: defaultdict[int, list[Sitting]] = defaultdict(list)
    for each in Sitting.objects.filter(staff=staff, paper__in=papers).order_by("number"):
        sat[each.paper_id].append(each)
    return [OwnExam(paper, sat[paper.pk], begin_refusal(paper, sat[paper.pk], at=at), at) for paper in papers]


def results_of(paper: ExamPaper, account: Account, *, at: datetime) -> QuerySet[Staff]:
    """Whom of a paper an account sees, who is to sit it or has, by number, with `sat`: the sittings."""
    sat = Sitting.objects.filter(paper=paper)
    concerned = Q(pk__in=candidates_of(paper, timezone.localdate(at)).values("pk"))
    concerned |= Q(Exists(sat.filter(staff=OuterRef("pk"))))
    rows = Staff.objects.filter(concerned, pk__in=staff_visible_to(account).values("pk"))
    return rows.order_by("number", "pk").prefetch_related(
        Prefetch("exam_sittings", queryset=sat.order_by("number"), to_attr="sat")
    )


def sittings_visible_to(account: Account) -> QuerySet[Sitting]:
    """The sittings of whom an account sees, of papers that it sees."""
    return Sitting.objects.filter(
        paper__in=papers_visible_to(account), staff__in=staff_visible_to(account)
    ).select_related("paper__department", "staff")


def sittings_to_mark(account: Account, *, on: date | None = None) -> QuerySet[Sitting]:
    """What waits for somebody to mark it and this account may, the oldest first; never its own."""
    rows = Sitting.objects.filter(
        closed_at__isnull=False, marked_at__isnull=True, staff__in=staff_where(account, "mark_exams", on=on)
    ).exclude(staff__account=account)
    return rows.select_related("paper__department", "staff").order_by("closed_at", "pk")


def extendable_by(account: Account, *, on: date | None = None) -> QuerySet[Staff]:
    """Whom an account may give more time: about whom it may set or mark exams, never itself."""
    allowed = Q(pk__in=staff_where(account, "set_exams", on=on).values("pk"))
    allowed |= Q(pk__in=staff_where(account, "mark_exams", on=on).values("pk"))
    return Staff.objects.filter(allowed).exclude(account=account)
