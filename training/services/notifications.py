"""Whom exams tell what; the words are read in the page alone (`notices`)."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from core.money import plain
from notices.models import NoticeKind
from notices.services import notices_send
from training.models import ExamPaper, Sitting


def exam_opened_notify(paper: ExamPaper, accounts: Iterable[int | None], *, at: datetime) -> None:
    """Candidates learn that a paper may be sat, and until when."""
    until = timezone.localtime(paper.closes_at)
    notices_send(
        to=accounts,
        kind=NoticeKind.EXAM,
        text=f"考试“{paper.title}”已开放，{until:%m月%d日 %H:%M}截止，时长{paper.limit_minutes}分钟",
        url=reverse("me_exams"),
        source=f"exam:{paper.pk}",
        at=at,
    )


def exam_result_notify(sitting: Sitting, *, at: datetime) -> None:
    """Who sat learns the score."""
    score = "" if sitting.score is None else plain(sitting.score)
    notices_send(
        to=[sitting.staff.account_id],
        kind=NoticeKind.EXAM,
        text=f"考试“{sitting.paper.title}”{score}分，{'及格' if sitting.passed else '不及格'}",
        url=reverse("me_sitting", args=[sitting.pk]),
        source=f"exam-result:{sitting.pk}",
        at=at,
    )
