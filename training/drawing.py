"""Which questions a sitting gets, and in which order; chance alone is passed in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random
from uuid import UUID

from training.errors import ExamRefused
from training.models import ExamItem, Question

NEVER = -1.0


def questions_draw(
    items: Iterable[ExamItem],
    pool: Sequence[Question],
    *,
    seen: Mapping[UUID, datetime],
    chance: Random,
) -> list[Question]:
    """The questions of a new sitting, shuffled, from those of the bank that may be drawn (`pool`).

    `seen`: when the person was last asked each series. What was never asked comes first, then what was asked
    longest ago, so that a retake has other questions as far as the bank has them. ExamRefused where the bank
    has fewer than the paper asks for, or a fixed question is not to be asked any more.
    """
    items = list(items)
    of_series = {each.series: each for each in pool}
    taken: dict[UUID, Question] = {}
    for item in items:
        if item.question is not None:
            fixed = of_series.get(item.question.series)
            if fixed is None:
                raise ExamRefused(f"固定的第{item.position}项题目已停用或待复核；请出卷人处理后再考")
            taken[fixed.series] = fixed
    for item in items:
        if item.question is not None:
            continue
        free = [each for each in pool if each.topic == item.topic and each.series not in taken]
        if len(free) < item.count:
            raise ExamRefused(
                f"题库里“{item.topic}”只有{len(free)}题可抽，试卷要{item.count}题；请出卷人补题后再考"
            )
        chance.shuffle(free)
        free.sort(key=lambda each: seen[each.series].timestamp() if each.series in seen else NEVER)
        taken |= {each.series: each for each in free[: item.count]}
    drawn = list(taken.values())
    chance.shuffle(drawn)
    return drawn
