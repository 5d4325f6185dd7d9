"""Appraisal schemes and grades of quarters: marks, weights, missing parts, brackets, shares of rank."""

from decimal import Decimal

import pytest

from rules.kinds import ParamError, parse_kind
from rules.kinds.appraisal import Evaluation, Grade

SCHEME = [
    {"name": "满意度", "source": "metric", "metric": "satisfaction", "weight": "40"},
    {
        **{"name": "守时", "source": "late", "weight": "20", "scale": "10"},
        "brackets": [{"from": "0", "score": "10"}, {"from": "1", "score": "6"}, {"from": "3", "score": "0"}],
    },
    {"name": "态度", "source": "supervisor", "weight": "40"},
]


def evaluation(items=SCHEME, **params) -> Evaluation:
    kind, blanks = parse_kind("evaluation", {"items": items, **params})
    assert isinstance(kind, Evaluation) and not blanks
    return kind


def grade(**params) -> Grade:
    kind, blanks = parse_kind("grade", params)
    assert isinstance(kind, Grade) and not blanks
    return kind


def total(kind: Evaluation, **values: str) -> Decimal | None:
    return kind.total(kind.marks({name: Decimal(value) for name, value in values.items()}))


def test_a_score_is_the_sum_of_marks_by_scale_and_weight():
    # 95 ÷ 100 × 40 + 6 ÷ 10 × 20 + 80 ÷ 100 × 40
    assert total(evaluation(), 满意度="0.95", 守时="1", 态度="80") == Decimal("82.00")


def test_a_missing_part_refuses_the_score_or_the_others_are_weighed_anew_and_it_is_never_zero():
    assert total(evaluation(), 守时="1", 态度="80") is None
    reweighed = evaluation(missing="reweigh")
    assert total(reweighed, 守时="1", 态度="80") == Decimal("73.33")  # 44 ÷ 60
    assert [mark.item.name for mark in reweighed.marks({"守时": Decimal(1)}) if mark.score is None] == [
        "满意度",
        "态度",
    ]
    assert total(reweighed) is None


def test_marks_stay_between_nothing_and_the_full_marks():
    score = evaluation().items[0].score
    assert (score(Decimal("1.2")), score(Decimal("-0.1"))) == (Decimal(100), Decimal(0))
    late = evaluation().items[1].score
    assert [late(Decimal(times)) for times in (0, 1, 2, 3, 9)] == [10, 6, 6, 0, 0]


@pytest.mark.parametrize(
    "items, said",
    [
        ([SCHEME[0] | {"weight": "39"}, *SCHEME[1:]], "items 的权重合计99%，应正好100%；改到合计100%"),
        ([SCHEME[0] | {"weight": "40.01"}, *SCHEME[1:]], "合计100.01%"),
        ([SCHEME[2], SCHEME[2]], "“态度”写了两次"),
        ([{"name": "守时", "source": "late", "weight": "100"}], "须写 brackets"),
        ([{"name": "销售", "source": "metric", "weight": "100"}], "须写 metric"),
        ([SCHEME[2] | {"metric": "sales"}], "metric 只用于"),
        ([SCHEME[0] | {"metric": "appraisal_score"}], "不能是 appraisal_score"),
        ([SCHEME[2] | {"weight": "0"}], "应大于0"),
        ([SCHEME[1] | {"scale": "5"}], "超过满分5"),
    ],
)
def test_a_scheme_that_does_not_add_up_is_refused(items, said):
    with pytest.raises(ParamError, match=said):
        evaluation(items)


def test_weights_that_the_source_left_open_are_blank_and_not_a_wrong_sum():
    _, blanks = parse_kind("evaluation", {"items": [each | {"weight": None} for each in SCHEME]})
    assert blanks == [f"items[{i}].weight" for i in range(3)]


def test_a_quarter_with_a_month_missing_has_no_average():
    assert Grade.average([Decimal(92), Decimal(88), Decimal("90.01")]) == Decimal("90.00")
    assert Grade.average([Decimal(92), None, Decimal(90)]) is None
    assert Grade.average([]) is None


def test_brackets_give_grades_and_below_the_lowest_there_is_none():
    kind = grade(
        brackets=[{"from": 90, "grade": "A"}, {"from": 80, "grade": "B"}, {"above": 60, "grade": "C"}]
    )
    values = {1: Decimal(90), 2: Decimal("89.99"), 3: Decimal("60.01"), 4: Decimal(60)}
    assert kind.grades(values) == {1: "A", 2: "B", 3: "C"}


def test_shares_of_rank_round_half_up_and_who_ties_has_the_same_grade():
    kind = grade(
        shares=[
            {"share": "0.2", "grade": "A"},
            {"share": "0.5", "grade": "B"},
            {"share": "0.3", "grade": "C"},
        ]
    )
    seven = {who: Decimal(100 - who) for who in range(7)}
    assert "".join(kind.grades(seven).values()) == "ABBBBCC"
    assert kind.grades({1: Decimal(90), 2: Decimal(90), 3: Decimal(80)}) == {1: "A", 2: "A", 3: "C"}


def test_shares_that_are_not_the_whole_are_refused():
    with pytest.raises(ParamError, match="shares 的占比合计99%，应正好100%"):
        grade(shares=[{"share": "0.2", "grade": "A"}, {"share": "0.79", "grade": "B"}])
