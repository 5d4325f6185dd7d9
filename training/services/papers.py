"""Writing of exam papers: they are made, changed until somebody begins, withdrawn, and announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.locks import form_lock
from people.models import Account, Department, Staff
from training.errors import ExamRefused
from training.models import ExamItem, ExamPaper, Question
from training.models.exams import MINUTES_MOST
from training.selectors.exams import candidates_of
from training.selectors.questions import questions_drawable, topics_drawable
from training.services.notifications import exam_opened_notify

QUESTIONS_MOST = 100
RETAKES_MOST, DAYS_MOST = 20, 365


@dataclass(frozen=True, slots=True)
class PaperFact:
    """A paper as somebody sets it: questions per topic (topic, how many), and fixed ones."""

    code: str
    title: str
    limit_minutes: int
    opens_at: datetime
    closes_at: datetime
    pass_mark: Decimal
    topics: Sequence[tuple[str, int]] = ()
    questions: Sequence[Question] = ()
    retakes: int = 0
    retake_days: int = 0
    roles: Sequence[str] = ()
    people: Sequence[Staff] = ()


@transaction.atomic
def paper_add(*, department: Department, fact: PaperFact, key: str, by: Account, at: datetime) -> ExamPaper:
    """Make a paper; the same `key` again gives the paper made under it.

    ExamRefused for what does not fit, and for more questions of a topic than may be drawn today.
    """
    form_lock(key)
    made = ExamPaper.objects.filter(key=key).first()
    if made is not None:
        if made.department_id != department.pk:
            raise ExamRefused("这个页面已过时；请刷新后再出卷")
        return made
    _check(department, fact, at)
    paper = ExamPaper.objects.create(department=department, key=key, by=by, at=at, **_fields(fact))
    _write_parts(paper, fact)
    return paper


@transaction.atomic
def paper_change(*, paper: ExamPaper, fact: PaperFact, at: datetime) -> ExamPaper:
    """Set a paper anew; ExamRefused once somebody has begun it, and where it does not fit."""
    row = _locked(paper)
    if row.withdrawn_at is not None:
        raise ExamRefused("这张试卷已停考，不能再改；请另出一张")
    if row.sittings.exists():
        raise ExamRefused("已有人开考，试卷不能再改；请停考后另出一张")
    _check(row.department, fact, at)
    for name, value in _fields(fact).items():
        setattr(row, name, value)
    row.announced_at = None  # who is a candidate now and was not is told as well
    row.save()
    row.items.all().delete()
    _write_parts(row, fact)
    return row


@transaction.atomic
def paper_withdraw(*, paper: ExamPaper, at: datetime) -> ExamPaper:
    """Nobody begins the paper any more; who is at it goes on. Again changes nothing."""
    row = _locked(paper)
    if row.withdrawn_at is None:
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
    return row


@transaction.atomic
def papers_announce(*, at: datetime) -> int:
    """Tell the candidates of each paper that has opened, once; how many papers."""
    opened = ExamPaper.objects.filter(
        announced_at__isnull=True, withdrawn_at__isnull=True, opens_at__lte=at, closes_at__gt=at
    )
    papers = list(opened.select_for_update(skip_locked=True, of=("self",)).select_related("department"))
    for paper in papers:
        accounts = candidates_of(paper, timezone.localdate(at)).values_list("account", flat=True)
        exam_opened_notify(paper, list(accounts), at=at)
        paper.announced_at = at
        paper.save(update_fields=["announced_at"])
    return len(papers)


def _locked(paper: ExamPaper) -> ExamPaper:
    """The paper as it is now; whoever begins it or changes it waits."""
    rows = ExamPaper.objects.select_for_update(of=("self",)).select_related("department")
    return rows.get(pk=paper.pk)


def _fields(fact: PaperFact) -> dict[str, object]:
    return {
        "code": fact.code.strip(),
        "title": fact.title.strip(),
        "limit_minutes": fact.limit_minutes,
        "opens_at": fact.opens_at,
        "closes_at": fact.closes_at,
        "pass_mark": fact.pass_mark,
        "retakes": fact.retakes,
        "retake_days": fact.retake_days,
        "roles": list(fact.roles),
    }


def _write_parts(paper: ExamPaper, fact: PaperFact) -> None:
    given = [{"topic": topic, "count": count} for topic, count in fact.topics]
    given += [{"question": each} for each in fact.questions]
    ExamItem.objects.bulk_create(
        ExamItem(paper=paper, position=position, **each) for position, each in enumerate(given, start=1)
    )
    paper.people.set(fact.people)


def _check(department: Department, fact: PaperFact, at: datetime) -> None:
    for name, label, most in (("code", "考试编号", 32), ("title", "名称", 100)):
        if not 1 <= len(getattr(fact, name).strip()) <= most:
            raise ExamRefused(f"{label}须有1到{most}字；请填写", field=name)
    if not 1 <= fact.limit_minutes <= MINUTES_MOST:
        raise ExamRefused(f"时长在1到{MINUTES_MOST}分钟之间；请改时长", field="limit_minutes")
    if fact.closes_at <= fact.opens_at:
        raise ExamRefused("截止不晚于开放；请改时间", field="closes_at")
    if fact.closes_at <= at:
        raise ExamRefused("截止时间已过，没有人能考；请改时间", field="closes_at")
    if not 0 <= fact.pass_mark <= 100:
        raise ExamRefused("及格分在0到100之间；请改及格分", field="pass_mark")
    for name, label, most in (
        ("retakes", "可补考次数", RETAKES_MOST),
        ("retake_days", "补考间隔", DAYS_MOST),
    ):
        if not 0 <= getattr(fact, name) <= most:
            raise ExamRefused(f"{label}在0到{most}之间；请改", field=name)
    if any(each.department_id != department.pk for each in fact.people):
        raise ExamRefused("考生里有别的部门的人；请去掉", field="people")
    _questions_check(department, fact, at)


def _questions_check(department: Department, fact: PaperFact, at: datetime) -> None:
    topics = dict(fact.topics)
    whole = sum(topics.values()) + len(fact.questions)
    if not 1 <= whole <= QUESTIONS_MOST or any(count < 1 for count in topics.values()):
        raise ExamRefused(f"一张试卷1到{QUESTIONS_MOST}题；请填各主题的题数或固定的题")
    if len(topics) < len(fact.topics):
        raise ExamRefused("同一主题写了两次；请合在一起")
    day = timezone.localdate(at)
    there = topics_drawable(department, day)
    given = {each.series for each in fact.questions}
    fixed = questions_drawable(department, day).filter(series__in=given).values_list("series", "topic")
    found = dict(fixed)
    if len(given) < len(fact.questions) or given - found.keys():
        raise ExamRefused("固定的题里有重复、停用或待复核的；请换成可抽的题", field="questions")
    for topic, count in topics.items():
        free = there.get(topic, 0) - sum(1 for each in found.values() if each == topic)
        if count > free:
            raise ExamRefused(f"题库里“{topic}”只有{free}题可抽，要{count}题；请先补题", field="topics")
