"""Writing of sittings, on the server's clock (docs/adr/0022-exam-clock.md).

A sitting's end is stored when it begins and moved by extensions alone. Whoever writes to a sitting, or looks
at it, ends it first where its time is over: what was saved until then counts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from core.locks import form_lock
from people.models import Account, Staff
from training.attempts import begin_refusal
from training.drawing import questions_draw
from training.errors import ExamRefused, SittingRefused
from training.marking import points_of
from training.models import ExamExtension, ExamPaper, Question, Sitting, SittingQuestion
from training.selectors.exams import extendable_by, papers_of
from training.selectors.questions import questions_drawable
from training.services.marks import sitting_finish
from training.wording import CHOSEN, FALSE, TRUE

CHANCE = SystemRandom()
MINUTES_MOST, REASON_LENGTH = 240, 200
WRITTEN_LENGTH = {Question.Kind.FILL: 200, Question.Kind.FREE: 4000}
TOO_LATE = "考试时间已到，已按最后一次自动保存的答案收卷；请看考试结果"
Ending = Sitting.Ending


@transaction.atomic
def sitting_begin(
    *, paper: ExamPaper, staff: Staff, number: int, at: datetime, chance: Random = CHANCE
) -> Sitting:
    """Begin the `number`th sitting of a paper, or give the one that was begun under that number.

    It ends `limit_minutes` later and what allowances add, never past the window. ExamRefused where the person
    is no candidate or may not begin now (`begin_refusal`), or the bank has too few questions.
    """
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    paper = _held(paper)
    begun = _locked_all(paper, staff)
    if number <= len(begun):
        return begun[number - 1]
    for each in begun:
        _end_if_over(each, at)
    day = timezone.localdate(at)
    if not staff.is_employed_on(day) or not papers_of(staff, day).filter(pk=paper.pk).exists():
        raise ExamRefused("不是这场考试的考生；请问出卷人")
    refusal = begin_refusal(paper, begun, at=at)
    if refusal is not None:
        raise refusal
    if begun and begun[-1].closed_at is None:
        return begun[-1]
    questions = questions_draw(
        paper.items.select_related("question").order_by("position"),
        list(questions_drawable(paper.department, day).order_by("pk")),
        seen=_seen(paper, staff),
        chance=chance,
    )
    sitting = Sitting.objects.create(
        paper=paper,
        staff=staff,
        number=len(begun) + 1,
        began_at=at,
        expires_at=min(at + timedelta(minutes=_minutes(paper, staff)), paper.closes_at),
    )
    SittingQuestion.objects.bulk_create(
        SittingQuestion(
            sitting=sitting,
            position=position,
            question=each,
            order=chance.sample(range(len(each.options)), len(each.options)),
        )
        for position, each in enumerate(questions, start=1)
    )
    return sitting


def _held(paper: ExamPaper) -> ExamPaper:
    """The paper as it is now; it cannot be changed until the end, while others begin it as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM training_exampaper WHERE id = %s FOR KEY SHARE", [paper.pk])
    return ExamPaper.objects.get(pk=paper.pk)


def _minutes(paper: ExamPaper, staff: Staff) -> int:
    allowed = paper.extensions.filter(staff=staff, sitting__isnull=True)
    return paper.limit_minutes + (allowed.aggregate(sum=Sum("minutes"))["sum"] or 0)


def _seen(paper: ExamPaper, staff: Staff) -> dict[UUID, datetime]:
    """When the person was last asked each question, in any sitting of this exam."""
    asked = SittingQuestion.objects.filter(
        sitting__staff=staff, sitting__paper__code=paper.code, sitting__paper__department=paper.department_id
    )
    return dict(asked.order_by().values_list("question__series").annotate(last=Max("sitting__began_at")))


Answers = Mapping[int, tuple[int, Sequence[str]]]  # by position: the sequence that the page knew, the answer


def answers_save(*, sitting: Sitting, answers: Answers, at: datetime) -> Sitting:
    """Keep answers, all or none; the same answer again changes nothing.

    SittingRefused after the sitting's time (which ends it), for an answer from a page that is older than what
    is stored, and for what is no answer to the question.
    """
    with transaction.atomic():
        row = _locked(sitting)
        if not _end_if_over(row, at):
            _save(row, answers, at)
            return row
    raise SittingRefused(_over(row))


def sitting_submit(*, sitting: Sitting, answers: Answers, at: datetime) -> Sitting:
    """Hand in, with the answers that the page has; again changes nothing.

    SittingRefused after the sitting's time, when what was saved last counts, and where another page has saved
    something newer meanwhile: then nothing is handed in.
    """
    with transaction.atomic():
        row = _locked(sitting)
        if row.ending == Ending.SUBMITTED:
            return row
        if not _end_if_over(row, at):
            _save(row, answers, at)
            return _end(row, Ending.SUBMITTED, ended_at=at, at=at)
    raise SittingRefused(_over(row))


def sittings_close_due(*, at: datetime, within: QuerySet[Sitting] | None = None) -> int:
    """End the sittings whose time is over, each from what was saved last; how many. One query for none.

    `within`: only some, for who looks at them. What somebody else is at is passed over.
    """
    rows = Sitting.objects.all() if within is None else within
    due = rows.filter(closed_at__isnull=True, expires_at__lte=at).order_by("expires_at", "pk")
    return sum(_close_due(pk, at) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _close_due(pk: int, at: datetime) -> bool:
    rows = Sitting.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.select_related("paper", "staff__department").filter(pk=pk, closed_at__isnull=True).first()
    return row is not None and _end_if_over(row, at)


@transaction.atomic
def time_give(
    *, paper: ExamPaper, staff: Staff, minutes: int, reason: str, key: str, by: Account, at: datetime
) -> ExamExtension:
    """Give a person more time, with a reason; the same `key` again gives what was given under it.

    Who is sitting the paper has that sitting's end moved, never past the window; who is not has an allowance
    for the sittings to come. SittingRefused for whoever may not, where nothing would be gained, and for who
    has nothing left to sit, and for another's key.
    """
    form_lock(key)
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    given = ExamExtension.objects.filter(key=key).first()
    if given is not None and (given.paper_id, given.staff_id) != (paper.pk, staff.pk):
        raise SittingRefused("这个页面已过时；请刷新后再加时")
    if given is not None:
        return given
    reason = reason.strip()
    if not extendable_by(by, on=timezone.localdate(at)).filter(pk=staff.pk).exists():
        raise SittingRefused("不能给此人加时；请由其组长、主管或经理办理，自己的由别人办理")
    if not 1 <= minutes <= MINUTES_MOST:
        raise SittingRefused(f"加时在1到{MINUTES_MOST}分钟之间；请改", field="minutes")
    if not reason or len(reason) > REASON_LENGTH:
        raise SittingRefused(f"加时须写明原因，最多{REASON_LENGTH}字；请填写", field="reason")
    if at >= paper.closes_at or paper.withdrawn_at is not None:
        raise SittingRefused("考试已截止或停考，加时没有用；请另出一张试卷")
    written = {"paper": paper, "staff": staff, "minutes": minutes, "reason": reason, "key": key}
    sittings = _locked_all(paper, staff)
    if not sittings or sittings[-1].is_over(at):
        if len(sittings) > paper.retakes or any(each.passed for each in sittings):
            raise SittingRefused("此人已经考完，没有下一次可加；请看成绩")
        return ExamExtension.objects.create(**written, by=by, at=at)
    row = sittings[-1]
    before, after = row.expires_at, min(row.expires_at + timedelta(minutes=minutes), paper.closes_at)
    if after <= before:
        raise SittingRefused("已到考试截止的时间，加不了；请另出一张试卷")
    row.expires_at = after
    row.save(update_fields=["expires_at"])
    return ExamExtension.objects.create(
        **written, sitting=row, moved_from=before, moved_to=after, by=by, at=at
    )


def _locked_all(paper: ExamPaper, staff: Staff) -> list[Sitting]:
    """A person's sittings of a paper in order, as they are now; whoever writes to one of them waits."""
    rows = paper.sittings.filter(staff=staff).select_for_update(of=("self",)).order_by("number")
    return list(rows.select_related("paper", "staff__department"))


def _locked(sitting: Sitting) -> Sitting:
    """The sitting as it is now; whoever writes to it at the same time waits."""
    rows = Sitting.objects.select_for_update(of=("self",)).select_related("paper", "staff__department")
    return rows.get(pk=sitting.pk)


def _over(row: Sitting) -> str:
    return "已经交卷，答案不能再改；请看考试结果" if row.ending == Ending.SUBMITTED else TOO_LATE


def _end_if_over(row: Sitting, at: datetime) -> bool:
    """Whether a locked sitting has ended; where its time is over it is ended now, as of then."""
    if row.closed_at is None and row.is_over(at):
        _end(row, Ending.EXPIRED, ended_at=row.expires_at, at=at)
    return row.closed_at is not None


def _end(row: Sitting, ending: str, *, ended_at: datetime, at: datetime) -> Sitting:
    """End a locked sitting and mark what needs no person; with nothing else to mark it has its result."""
    row.closed_at, row.ending = ended_at, ending
    row.save(update_fields=["closed_at", "ending"])
    questions = list(row.questions.select_related("question"))
    for each in questions:
        each.points = points_of(each.question, each.answer)
    SittingQuestion.objects.bulk_update(questions, ["points"])
    return sitting_finish(row, questions, by=None, at=at)


def _save(row: Sitting, answers: Answers, at: datetime) -> None:
    """Keep what differs from what is stored, all or nothing."""
    asked = {each.position: each for each in row.questions.select_related("question")}
    for position, (sequence, answer) in sorted(answers.items()):
        if position not in asked:
            raise SittingRefused(f"这次考试没有第{position}题；请刷新页面")
        each = asked[position]
        given = _answer(each, answer)
        if given == each.answer:
            continue
        if sequence != each.sequence:
            raise SittingRefused(
                f"第{position}题在另一个页面改过，这里的没有保存；请看现在的答案，要改的再改一次"
            )
        each.answer, each.sequence, each.answered_at = given, each.sequence + 1, at
        each.save(update_fields=["answer", "sequence", "answered_at"])


def _answer(asked: SittingQuestion, answer: Sequence[str]) -> list[str]:
    """An answer as it is stored; SittingRefused for what cannot be one."""
    question, position = asked.question, asked.position
    given = sorted({each for each in answer if each.strip()})
    if question.kind in WRITTEN_LENGTH:
        if len(given) > 1 or any(len(each) > WRITTEN_LENGTH[Question.Kind(question.kind)] for each in given):
            most = WRITTEN_LENGTH[Question.Kind(question.kind)]
            raise SittingRefused(f"第{position}题最多写{most}字；请写短一些")
        return given
    if question.kind in CHOSEN:
        offered = {str(index) for index in range(len(question.options))}
    else:
        offered = {TRUE, FALSE}
    is_one = question.kind != Question.Kind.MULTIPLE
    if set(given) - offered or (is_one and len(given) > 1):
        raise SittingRefused(f"第{position}题没有这个选项；请刷新页面")
    return given
