"""A department whose bank has questions and which has a paper open, for tests of exams."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from people.models import Account, Department
from tests.factories import WHEN
from training.models import ExamPaper, Question, Sitting
from training.services.papers import PaperFact, paper_add
from training.services.questions import questions_add
from training.wording import QuestionFact

CLOSES = WHEN + timedelta(hours=3)


def facts(count: int, topic: str = "退款", **given: Any) -> list[QuestionFact]:
    """True or false questions; all of them are true."""
    whole = {"topic": topic, "kind": "true_false", "answer": "对", **given}
    return [QuestionFact(text=f"{topic}第{index}问", **whole) for index in range(count)]


def bank(of: Department, by: Account, *, count: int = 6, at: datetime = WHEN, **given: Any) -> list[Question]:
    return questions_add(department=of, facts=facts(count, **given), by=by, at=at)


def paper(of: Department, by: Account, *, at: datetime = WHEN, **given: Any) -> ExamPaper:
    """Three questions of 退款 in thirty minutes, sixty points to pass, until three hours later."""
    whole: dict[str, Any] = {
        "code": "day10",
        "title": "第十天考试",
        "limit_minutes": 30,
        "opens_at": at,
        "closes_at": at + timedelta(hours=3),
        "pass_mark": Decimal(60),
        "topics": [("退款", 3)],
        **given,
    }
    return paper_add(department=of, fact=PaperFact(**whole), key=uuid4().hex, by=by, at=at)


def answers(sitting: Sitting, *right: bool) -> dict[int, tuple[int, list[str]]]:
    """True or false for each question in order, as a page that knows nothing yet sends it."""
    return {
        position: (0, ["true" if is_right else "false"]) for position, is_right in enumerate(right, start=1)
    }
