"""Formulas of targets: exact, in words, and nothing but arithmetic. What is refused: test_kinds_params."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds.formula import FormulaFailure, evaluated, formula_in_words, names_in

FIGURES = {"a": Fraction(1000), "promotion_cost": Fraction("0.1"), "zero": Fraction(0)}


@pytest.mark.parametrize(
    ("written", "value", "words"),
    [
        ("a / 7 * 7", "1000", "a÷7×7"),
        ("推广费×10－（a－998）", "-1", "推广费×10－（a－998）"),
        ("promotion_cost * 3 - 0.3", "0", "推广费×3－0.3"),
        ("max(a / 3, 300, 推广费)", "1000/3", "取大（a÷3，300，推广费）"),
        ("min(a, 2) / (4 * 5)", "1/10", "取小（a，2）÷（4×5）"),
        ("-(a - 1) / 2", "-999/2", "－（a－1）÷2"),
        ("a - (1 - 2) + (3 + 4)", "1008", "a－（1－2）＋（3＋4）"),
    ],
)
def test_a_formula_is_reckoned_exactly_and_reads_as_it_is_reckoned(written, value, words) -> None:
    assert evaluated(written, FIGURES.get) == Fraction(value)
    assert formula_in_words(written) == words


@given(st.lists(st.integers(1, 999), min_size=2, max_size=6), st.data())
def test_the_words_reckon_to_the_same(numbers: list[int], data: st.DataObject) -> None:
    parts = [str(each) for each in numbers]
    while len(parts) > 1:
        i = data.draw(st.integers(0, len(parts) - 2))
        sign = data.draw(st.sampled_from("+-*/"))
        parts[i : i + 2] = [f"({parts[i]}{sign}{parts[i + 1]})"]
    try:
        value = evaluated(parts[0], FIGURES.get)
    except FormulaFailure:
        return
    assert evaluated(formula_in_words(parts[0]), FIGURES.get) == value


@pytest.mark.parametrize(
    ("written", "said", "missing"),
    [
        ("a / (推广费 - 0.1)", "除数“推广费－0.1”是0，不能除", ()),
        ("net_profit * unknown", "缺纯利、unknown", ("net_profit", "unknown")),
    ],
)
def test_what_has_no_value_says_why(written, said, missing) -> None:
    with pytest.raises(FormulaFailure, match=said) as failed:
        evaluated(written, FIGURES.get)
    assert failed.value.missing == missing
    assert names_in("a + 推广费 + a") == ("a", "promotion_cost")
