"""Marking of what a person has to mark, and the result of a sitting when all is marked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from people.models import Account
from training.errors import SittingRefused
from training.marking import score_of
from training.models import Question, Sitting, SittingQuestion
from training.selectors.exams import sittings_to_mark
from training.services.notifications import exam_result_notify
from training.services.results import exam_result_record

REMARK_LENGTH = 500


@transaction.atomic
def sitting_mark(
    *,
    sitting: Sitting,
    marks: Mapping[int, int],
    remarks: Mapping[int, str] | None = None,
    by: Account,
    at: datetime,
) -> Sitting:
    """Mark the texts of a sitting, all together (points by position), which gives it its result, once.

    The same marks again change nothing. SittingRefused for whoever may not mark it, a question left out and
    points that the question does not have.
    """
    rows = Sitting.objects.select_for_update(of=("self",)).select_related("paper", "staff__department")
    row = rows.get(pk=sitting.pk)
    questions = list(row.questions.select_related("question").order_by("position"))
    texts = [each for each in questions if each.question.kind == Question.Kind.FREE]
    if row.marked_at is not None:
        if all(each.points == marks.get(each.position, each.points) for each in texts):
            return row
        raise SittingRefused("已经评完，成绩不能再改；有疑问的由经理另外登记成绩")
    if row.closed_at is None:
        raise SittingRefused("还没有交卷；交卷以后再评")
    if not sittings_to_mark(by, on=timezone.localdate(at)).filter(pk=row.pk).exists():
        raise SittingRefused("不能评这份试卷；请由其组长、主管或经理评，自己的由别人评")
    for each in texts:
        _mark(each, marks.get(each.position, each.points), (remarks or {}).get(each.position, ""))
    SittingQuestion.objects.bulk_update(texts, ["points", "remark"])
    return sitting_finish(row, questions, by=by, at=at)


def _mark(each: SittingQuestion, points: int | None, remark: str) -> None:
    if points is None:
        raise SittingRefused(f"第{each.position}题还没有给分；每题都要给分")
    if not 0 <= points <= each.question.points:
        raise SittingRefused(f"第{each.position}题给0到{each.question.points}分；请改")
    if len(remark) > REMARK_LENGTH:
        raise SittingRefused(f"第{each.position}题的评语最多{REMARK_LENGTH}字；请写短一些")
    each.points, each.remark = points, remark.strip()


def sitting_finish(
    row: Sitting, questions: Sequence[SittingQuestion], *, by: Account | None, at: datetime
) -> Sitting:
    """Give a locked, ended sitting its score and result where everything is marked, else leave it waiting.

    The result is of the day on which the sitting ended.
    """
    marks = [(each.points, each.question.points) for each in questions if each.points is not None]
    if len(marks) < len(questions) or row.closed_at is None:
        return row
    row.score = score_of(marks)
    row.passed = row.score >= row.paper.pass_mark
    row.marked_at, row.marked_by = at, by
    exam_result_record(
        staff=row.staff,
        code=row.paper.code,
        on=timezone.localdate(row.closed_at),
        passed=row.passed,
        score=row.score,
        note=f"{row.paper.title}，第{row.number}次",
        sitting=row,
        by=by,
        at=at,
    )
    exam_result_notify(row, at=at)
    return row
