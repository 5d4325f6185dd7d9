"""What answers are worth without a person."""

from decimal import Decimal

import pytest

from training.marking import points_of, score_of
from training.models import Question


@pytest.mark.parametrize(
    ("kind", "correct", "answer", "points"),
    [
        ("single", ["1"], ["1"], 3),
        ("single", ["1"], ["0"], 0),
        ("multiple", ["0", "2"], ["2", "0"], 3),
        ("multiple", ["0", "2"], ["0"], 0),
        ("multiple", ["0", "2"], ["0", "1", "2"], 0),
        ("true_false", ["false"], ["false"], 3),
        ("true_false", ["false"], [], 0),
        ("fill", ["20元", "二十元"], [" 20 元"], 3),
        ("fill", ["VIP"], ["ｖｉｐ"], 3),
        ("fill", ["20元"], ["30元"], 0),
        ("fill", ["20元"], [], 0),
        ("free", ["道歉"], ["道歉"], None),
        ("free", ["道歉"], [], 0),
    ],
)
def test_an_answer_has_all_points_or_none(
    kind: str, correct: list[str], answer: list[str], points: int | None
) -> None:
    assert points_of(Question(kind=kind, correct=correct, points=3), answer) == points


def test_the_score_is_out_of_a_hundred_whatever_the_points_come_to() -> None:
    assert score_of([(1, 1), (1, 2)]) == Decimal("66.67")
    assert score_of([(0, 5)]) == 0
