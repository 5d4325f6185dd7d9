"""Writing of the bank: questions are added, worded anew and retired, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from people.models import Account, Department
from rules.models import Provision
from training.errors import QuestionRefused, QuestionsRefused
from training.models import Question
from training.selectors.questions import DRAWN, provisions_to_cite, questions_on
from training.wording import QuestionFact, question_check

MANY = 200


def question_add(*, department: Department, fact: QuestionFact, by: Account, at: datetime) -> Question:
    """Add a question; QuestionRefused for what does not fit, and for a text that the bank has already."""
    try:
        return questions_add(department=department, facts=[fact], by=by, at=at)[0]
    except QuestionsRefused as refused:
        raise refused.refusals[0] from None


@transaction.atomic
def questions_add(
    *, department: Department, facts: Sequence[QuestionFact], by: Account, at: datetime
) -> list[Question]:
    """Add many questions, all or none: QuestionsRefused says what is wrong by position from 0."""
    if not 1 <= len(facts) <= MANY:
        raise QuestionRefused(f"有{len(facts)}道题，一次1到{MANY}道；请分几次")
    _locked(department)
    tidied = [fact.tidied() for fact in facts]
    cited = _cited(department, tidied, at)
    known = set(
        Question.objects.filter(
            department=department, retired_at__isnull=True, text__in=[each.text for each in tidied]
        ).values_list("text", flat=True)
    )
    rows, refusals = [], {}
    for index, fact in enumerate(tidied):
        try:
            row = _written(department, fact, cited, by, at)
            if fact.text in known:
                raise QuestionRefused("题库里已有这道题；请改原来的题", field="text")
            known.add(fact.text)
            rows.append(row)
        except QuestionRefused as refused:
            refusals[index] = refused
    if refusals:
        raise QuestionsRefused(refusals)
    return Question.objects.bulk_create(rows)


@transaction.atomic
def question_change(*, question: Question, fact: QuestionFact, by: Account, at: datetime) -> Question:
    """Word a question anew, citing its provision as it is now; who began before keeps the former wording.

    What says the same about the same provision changes nothing. QuestionRefused for a wording that is not
    the newest, and where a question does not fit.
    """
    _locked(question.department)
    newest = Question.objects.filter(series=question.series).latest("pk")
    fact = fact.tidied()
    row = _written(question.department, fact, _cited(question.department, [fact], at), by, at)
    row.series = question.series
    if _content(row) == _content(newest) and newest.retired_at is None:
        on_day = questions_on(timezone.localdate(at)).filter(pk=newest.pk, state=DRAWN)
        if row.provision_id == newest.provision_id or on_day.exists():
            return newest
    if newest.pk != question.pk:
        raise QuestionRefused("这道题已另有新的写法；请打开最新的再改")
    others = Question.objects.filter(department=question.department, retired_at__isnull=True, text=row.text)
    if others.exclude(series=row.series).exists():
        raise QuestionRefused("题库里已有这道题；请改那一道", field="text")
    if newest.retired_at is None:
        _retire(newest, "改写", by, at)
    row.save()
    return row


@transaction.atomic
def question_retire(*, question: Question, why: str, by: Account, at: datetime) -> Question:
    """Take a question out of the bank, with a reason; again changes nothing. Sittings keep it."""
    _locked(question.department)
    row = Question.objects.get(pk=question.pk)
    if row.retired_at is not None:
        return row
    if not why.strip() or len(why.strip()) > 200:
        raise QuestionRefused("停用须写明原因，最多200字；请填写", field="why")
    return _retire(row, why.strip(), by, at)


def _retire(row: Question, why: str, by: Account, at: datetime) -> Question:
    row.retired_at, row.retired_by, row.retired_why = at, by, why
    row.save(update_fields=["retired_at", "retired_by", "retired_why"])
    return row


def _locked(department: Department) -> None:
    """Whoever writes into the same bank waits."""
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)


def _written(
    department: Department, fact: QuestionFact, cited: Mapping[str, Provision], by: Account, at: datetime
) -> Question:
    """A row to be stored; QuestionRefused where something is missing, does not fit or is cited wrongly."""
    if fact.code and fact.code not in cited:
        raise QuestionRefused(f"制度里没有条款 {fact.code}；请查“制度”里的编号", field="code")
    return Question(
        department=department,
        topic=fact.topic,
        kind=fact.kind,
        text=fact.text,
        options=list(fact.options),
        correct=question_check(fact),
        points=fact.points,
        provision=cited.get(fact.code),
        by=by,
        at=at,
    )


def _cited(department: Department, facts: Sequence[QuestionFact], at: datetime) -> dict[str, Provision]:
    codes = {fact.code for fact in facts if fact.code}
    return provisions_to_cite(department, codes, timezone.localdate(at)) if codes else {}


def _content(row: Question) -> tuple[object, ...]:
    provision = row.provision.code if row.provision else ""
    return row.topic, row.kind, row.text, list(row.options), list(row.correct), row.points, provision
