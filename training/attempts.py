"""Whether somebody may begin an exam now, from the paper and what they have sat of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from training.errors import ExamRefused
from training.models import ExamPaper, Sitting


def begin_refusal(paper: ExamPaper, sittings: Sequence[Sitting], *, at: datetime) -> ExamRefused | None:
    """Why a person with these sittings of a paper, in order, cannot begin another; None where they may.

    A sitting under way is no reason: it is gone on with.
    """
    if sittings and not sittings[-1].is_over(at):
        return None
    if paper.withdrawn_at is not None:
        return ExamRefused("这张试卷已停考；请问出卷人")
    if at < paper.opens_at:
        return ExamRefused(f"还没有开放；{_moment(paper.opens_at)}以后再来")
    if at >= paper.closes_at:
        return ExamRefused(f"{_moment(paper.closes_at)}已截止；请问出卷人有没有下一场")
    return _retake_refusal(paper, sittings, at) if sittings else None


def _retake_refusal(paper: ExamPaper, sittings: Sequence[Sitting], at: datetime) -> ExamRefused | None:
    last = sittings[-1]
    if last.marked_at is None:
        return ExamRefused("上一次还在阅卷；出了成绩再看要不要补考")
    if last.passed:
        return ExamRefused("已经及格；不必再考")
    if len(sittings) > paper.retakes:
        times = f"可补考{paper.retakes}次，已用完" if paper.retakes else "这场考试没有补考"
        return ExamRefused(f"{times}；请问出卷人")
    free_on = timezone.localdate(last.closed_at) + timedelta(days=paper.retake_days)
    if timezone.localdate(at) < free_on:
        return ExamRefused(f"补考须隔{paper.retake_days}天；{free_on:%m月%d日}起可以补考")
    return None


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%m月%d日 %H:%M}"
