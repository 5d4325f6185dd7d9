"""Questions as they are copied out of a spreadsheet: a line each, columns between tabs."""

import csv
import io
from collections.abc import Sequence

from training.errors import QuestionRefused, QuestionsRefused
from training.models import Question
from training.wording import QuestionFact

COLUMNS = ("题型", "主题", "题干", "选项", "答案", "分值", "条款")
_NEEDED = 5
_KINDS = {label: value for value, label in Question.Kind.choices}


def questions_read(text: str) -> list[QuestionFact]:
    """The questions of a pasted table, its header or none; options stand between `|`.

    QuestionsRefused names the lines, counted without the header, that cannot be read.
    """
    rows = [row for row in csv.reader(io.StringIO(text), delimiter="\t") if any(cell.strip() for cell in row)]
    if rows and rows[0][0].strip() == COLUMNS[0]:
        del rows[0]
    facts, refusals = [], {}
    for index, row in enumerate(rows):
        try:
            facts.append(_fact(row))
        except QuestionRefused as refused:
            refusals[index] = refused
    if refusals:
        raise QuestionsRefused(refusals)
    return facts


def _fact(row: Sequence[str]) -> QuestionFact:
    if not _NEEDED <= len(row) <= len(COLUMNS):
        raise QuestionRefused(f"有{len(row)}列；依次是{'、'.join(COLUMNS)}，后两列可以不写")
    kind, topic, text, options, answer, points, code = [
        *(cell.strip() for cell in row),
        *[""] * (len(COLUMNS) - len(row)),
    ]
    if points and not (points.isdecimal() and len(points) < 5):
        raise QuestionRefused(f"分值“{points}”不是整数；请改")
    return QuestionFact(
        topic=topic,
        kind=_KINDS.get(kind, kind),
        text=text,
        options=tuple(options.split("|")) if options else (),
        answer=answer,
        points=int(points or 1),
        code=code,
    )
