"""A target to reach: what it names is paid, charged or suggested once it is met, or missed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from core.money import plain
from rules.kinds.attendance import FullAttendance
from rules.kinds.base import Kind
from rules.kinds.fines_and_awards import Award, EscalatingFine, Fine, Points, RateDeduction
from rules.kinds.formula import evaluated, formula, formula_in_words, names_in
from rules.kinds.labels import FIGURE_LABELS, METRIC_LABELS, PROPOSALS, figure, figure_label
from rules.kinds.params import Either, Nested, OneOrMany, OpenChoice, number, param, text
from rules.kinds.pay import Allowance
from rules.kinds.sales import (
    RATIOS,
    Commission,
    Guarantee,
    RankedAward,
    ScoreAward,
    StreakAward,
    metric_figure,
)

# What settles by itself, and pays nothing by itself while a target names it.
GATED: tuple[type[Kind], ...] = (
    *(Commission, Guarantee, RankedAward, StreakAward, ScoreAward, Allowance, FullAttendance),
)
# What is otherwise recorded: a target that names it is one occurrence of the month.
OCCURRING: tuple[type[Kind], ...] = (Award, Fine, EscalatingFine, Points, RateDeduction)
SHOWN = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class TargetFormula:
    """The target as arithmetic over the department's figures of the month."""

    formula: str = param(formula, "公式")

    def in_words(self) -> str:
        return formula_in_words(self.formula)


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a target was met, and the arithmetic in words."""

    is_met: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Target(Kind):
    """A measure that is to reach a number or a formula; reaching it exactly is meeting it.

    The measure is a department's figure, which binds everybody alike, else each person's metric.
    """

    name: ClassVar[str] = "target"
    label: ClassVar[str] = "指标"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "performance"
    any_of: ClassVar[tuple[str, ...]] = ("met", "missed")

    measure: str | None = param(OpenChoice({**FIGURE_LABELS, **METRIC_LABELS}), "考核的数字", blank=True)
    target: Any = param(Either({"数字": number, "公式": Nested(TargetFormula)}), "须达到", blank=True)
    met: tuple[str, ...] = param(OneOrMany(text), "达成后才有的条款或建议", default=())
    missed: tuple[str, ...] = param(OneOrMany(text), "未达成才有的条款或建议", default=())

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.met, *self.missed)

    @property
    def figures(self) -> tuple[str, ...]:
        """The department's figures that the target itself reads."""
        return names_in(self.target.formula) if isinstance(self.target, TargetFormula) else ()

    def reached(self, value: Decimal, figures: Callable[[str], Decimal | None]) -> Reached:
        """Whether `value` reaches the target; FormulaFailure where a formula has no value."""
        wanted, words = self._wanted(figures)
        is_met = Fraction(value) >= wanted
        label = figure_label(self.measure)
        shown = metric_figure(self.measure or "", value)
        return Reached(is_met, f"{label}{shown}{'≥' if is_met else '＜'}{words}")

    def _wanted(self, figures: Callable[[str], Decimal | None]) -> tuple[Fraction, str]:
        if not isinstance(self.target, TargetFormula):
            return Fraction(self.target), metric_figure(self.measure or "", self.target)

        def exact(code: str) -> Fraction | None:
            found = figures(code)
            return None if found is None else Fraction(found)

        wanted = evaluated(self.target.formula, exact)
        read = {code: plain(figures(code) or Decimal(0)) for code in self.figures}
        arithmetic = formula_in_words(self.target.formula, read)
        return wanted, f"{arithmetic}＝{_shown(wanted)}" if self.figures else arithmetic

    def in_words(self) -> str:
        if isinstance(self.target, TargetFormula):
            wanted = self.target.in_words()
        elif self.measure in RATIOS and self.target is not None:
            wanted = metric_figure(self.measure, self.target)
        else:
            wanted = figure(self.target)
        parts = [f"{figure_label(self.measure)}须达到{wanted}"]
        for words, named in (("达成", self.met), ("未达成", self.missed)):
            if named:
                parts.append(f"{words}才有{'、'.join(PROPOSALS.get(each, each) for each in named)}")
        return "；".join(parts)


def unfit_names(kind: Target, kinds: Callable[[str], type[Kind] | None]) -> Sequence[str]:
    """What of a target's names is neither a provision that it can decide nor a proposal.

    `kinds` gives the kind of a code, or None.
    """
    return [
        each
        for each in kind.names
        if each not in PROPOSALS and not issubclass(kinds(each) or Kind, (*GATED, *OCCURRING))
    ]


def _shown(value: Fraction) -> str:
    return plain((Decimal(value.numerator) / Decimal(value.denominator)).quantize(SHOWN))
