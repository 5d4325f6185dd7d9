"""Reads of the bank: which questions still say what their provision says, and may be drawn."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from people.models import Account, Department
from people.selectors import departments_where
from rules.models import Provision, Version
from rules.selectors import said
from training.models import Question

# What of a provision a question may be about: its text and its figures.
_SAID = ("code", "title", "clause", "kind", "params", "roles", "window", "collection")
DRAWN, COMING, REVIEW, RETIRED = "drawn", "coming", "review", "retired"
STATES = {DRAWN: "可抽", REVIEW: "待复核", COMING: "待生效", RETIRED: "已停用"}


def questions_on(day: date) -> QuerySet[Any]:
    """All questions with their `state` on a day: the one rule by which a changed provision retires them.

    A question is drawn while the version in force has its provision as the question cites it, in text and
    figures. One that cites a version to come waits for it; any other has to be reviewed. A question that
    cites nothing is about no provision and stays.
    """
    in_force = _version_of(Q(effective_on__lte=day))
    cited = {name: OuterRef(f"provision__{name}") for name in _SAID}
    says_so = Q(provision__isnull=True) | Q(Exists(Provision.objects.filter(version=in_force, **cited)))
    return Question.objects.annotate(
        state=Case(
            When(retired_at__isnull=False, then=Value(RETIRED)),
            When(says_so, then=Value(DRAWN)),
            When(provision__version__effective_on__gt=day, then=Value(COMING)),
            default=Value(REVIEW),
        )
    )


def _version_of(when: Q) -> Subquery:
    """The version that holds for the department of the question around the query that uses it."""
    outer: Any = OuterRef(OuterRef("department"))
    published = Version.objects.filter(when, department=outer, published_at__isnull=False)
    return Subquery(published.order_by("-effective_on", "-number").values("pk")[:1])


def questions_drawable(department: Department, day: date) -> QuerySet[Question]:
    """What may be drawn in a department on a day."""
    return questions_on(day).filter(department=department, state=DRAWN)


def questions_to_review(departments: QuerySet[Department], day: date) -> QuerySet[Question]:
    """What nobody is asked any more because its provision says something else now."""
    return questions_on(day).filter(department__in=departments, state=REVIEW)


def topics_drawable(department: Department, day: date) -> dict[str, int]:
    """How many questions of each topic may be drawn, by topic; one query."""
    rows = questions_drawable(department, day).order_by("topic").values_list("topic")
    return dict(rows.annotate(count=Count("pk")))


def topics_of(department: Department) -> list[str]:
    """The topics that the bank has."""
    rows = Question.objects.filter(department=department, retired_at__isnull=True).order_by("topic")
    return list(rows.values_list("topic", flat=True).distinct())


def questions_set_by(account: Account) -> QuerySet[Question]:
    """The questions, with what is right, that an account may read: of where it sets exams."""
    return Question.objects.filter(department__in=departments_where(account, "set_exams"))


def bank_of(department: Department, day: date, *, words: str = "", topic: str = "", state: str = "") -> Any:
    """The bank as its page lists it: of a topic, in a state (empty: all that are not retired), with words."""
    rows = questions_on(day).filter(department=department).select_related("provision__version", "by")
    rows = rows.filter(state=state) if state in STATES else rows.exclude(state=RETIRED)
    if topic:
        rows = rows.filter(topic=topic)
    if words:
        rows = rows.filter(Q(text__icontains=words) | Q(provision__code__icontains=words))
    return rows.order_by("topic", "-id")


def provisions_to_cite(department: Department, codes: Collection[str], day: date) -> dict[str, Provision]:
    """The provisions of some codes as the version in force has them, else the next one; one query."""
    rows = Provision.objects.filter(
        Q(version=_in_force(department, day)) | Q(version__effective_on__gt=day),
        version__department=department,
        version__published_at__isnull=False,
        code__in=codes,
    ).order_by("-version__effective_on", "version__number")
    return {each.code: each for each in rows}


def provisions_citable(department: Department, day: date, words: str) -> QuerySet[Provision]:
    """The provisions in force in which the words occur, by code."""
    rows = Provision.objects.filter(said(words), version=_in_force(department, day))
    return rows.order_by("code")


def _in_force(department: Department, day: date) -> Subquery:
    published = Version.objects.filter(
        department=department, published_at__isnull=False, effective_on__lte=day
    )
    return Subquery(published.order_by("-effective_on", "-number").values("pk")[:1])


def wordings_of(question: Question) -> QuerySet[Question]:
    """Every wording that a question had, the newest first."""
    rows = Question.objects.filter(series=question.series).select_related("by", "retired_by", "provision")
    return rows.order_by(F("pk").desc())
