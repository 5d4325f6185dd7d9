"""What an answer is worth, where no person is needed to say so."""

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from training.models import Question

WHOLE = Decimal(100)


def points_of(question: Question, answer: Sequence[str]) -> int | None:
    """The points of an answer: all or none. None for a text that a person has to mark.

    Several choices are right only all together; what is filled in is compared without spaces, case and width.
    """
    if question.is_marked_by_person:
        return None if any(each.strip() for each in answer) else 0
    if question.kind == Question.Kind.FILL:
        accepted = {_plain(each) for each in question.correct}
        is_right = bool(answer) and _plain(answer[0]) in accepted
    else:
        is_right = set(answer) == set(question.correct)
    return question.points if is_right else 0


def score_of(marks: Iterable[tuple[int, int]]) -> Decimal:
    """The score out of 100 from (points, points there were) of each question, rounded to two places."""
    given, whole = (sum(each) for each in zip(*marks, strict=True))
    return (WHOLE * given / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
