"""The questions of a sitting as a page shows them; what is right only where the page may show it."""

from collections.abc import Iterable
from dataclasses import dataclass

from training.models import Question, SittingQuestion
from training.wording import CHOSEN, LETTERS, TRUE, answer_in_words

Kind = Question.Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """An option where it stands for this person."""

    value: str
    letter: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it was put to somebody, with the answer.

    `right` in words, and the points of what needs no person to mark it, which would tell, may be withheld.
    """

    position: int
    kind: str
    label: str
    text: str
    points_most: int
    choices: list[Choice]
    written: str
    said: str
    sequence: int
    points: int | None
    remark: str
    right: str

    @property
    def is_multiple(self) -> bool:
        return self.kind == Kind.MULTIPLE

    @property
    def is_free(self) -> bool:
        return self.kind == Kind.FREE


def asked_of(rows: Iterable[SittingQuestion], *, with_right: bool = False) -> list[Asked]:
    """The questions in their order; their `question` is loaded."""
    return [_asked(each, with_right) for each in rows]


def _asked(row: SittingQuestion, with_right: bool) -> Asked:
    question = row.question
    return Asked(
        position=row.position,
        kind=question.kind,
        label=question.get_kind_display(),
        text=question.text,
        points_most=question.points,
        choices=_choices(row),
        written="".join(row.answer) if question.kind in (Kind.FILL, Kind.FREE) else "",
        said=answer_in_words(question, row.answer),
        sequence=row.sequence,
        points=row.points if with_right or row.question.is_marked_by_person else None,
        remark=row.remark,
        right=answer_in_words(question, question.correct) if with_right else "",
    )


def _choices(row: SittingQuestion) -> list[Choice]:
    if row.question.kind == Kind.TRUE_FALSE:
        return [
            Choice(value, "", text, value in row.answer) for value, text in ((TRUE, "对"), ("false", "错"))
        ]
    if row.question.kind not in CHOSEN:
        return []
    return [
        Choice(str(index), letter, row.question.options[index], str(index) in row.answer)
        for letter, index in zip(LETTERS, row.order, strict=False)
    ]
