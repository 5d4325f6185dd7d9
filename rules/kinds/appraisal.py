"""Kinds of appraisal: what a month's score is made of, and the grade that a quarter of scores comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from core.money import percent, plain, to_fen
from people.models import Tier
from rules.kinds.base import Kind
from rules.kinds.labels import BLANK, METRIC_LABELS, figure, in_percent, metric_label
from rules.kinds.params import Choice, Many, Nested, OpenChoice, ParamError, factor, number, param, rate, text
from rules.kinds.sales import RATIOS, bracket_of, edge_in_words, edge_words, metric_figure

GRADES = ("A", "B", "C", "D")  # best first
WHOLE = Decimal(100)  # percent
LONGEST_NAME = 40
OWN = "appraisal_score"  # the metric that a scheme's total becomes
METRIC, POINTS, LATE, ABSENCE, SUPERVISOR = "metric", "points", "late", "absence", "supervisor"
COUNTED = (LATE, ABSENCE)  # of which less is better: only brackets say what they are worth
SOURCE_LABELS = {
    METRIC: "指标",
    POINTS: "当月得分",
    LATE: "迟到次数",
    ABSENCE: "旷工缺勤次数",
    SUPERVISOR: "主管评分",
}
REFUSE, REWEIGH = "refuse", "reweigh"
MISSING_LABELS = {REFUSE: "缺一项就不出总分", REWEIGH: "缺的项不计，其余按权重折算"}
AVERAGE_LABELS = {"average": "各月平均"}
GRADE_LABELS = {grade: grade for grade in GRADES}
TIER_LABELS: dict[str, str] = dict(Tier.choices)


def left_out(tiers: Sequence[str]) -> str:
    """`；储备主管不参加`, nothing where everybody takes part."""
    return f"；{'、'.join(TIER_LABELS[each] for each in tiers)}不参加" if tiers else ""


def above_zero(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """A number above zero with at most two places: full marks, a weight in percent."""
    value = number(raw, path, blanks)
    if value <= 0 or value != to_fen(value):
        raise ParamError(f"{path}：应大于0，最多两位小数：{raw}")
    return value


@dataclass(frozen=True, kw_only=True)
class ScoreBracket:
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("from", "above"),)

    from_: Decimal | None = param(number, "达到", blank=True, default=None)
    above: Decimal | None = param(number, "超过", blank=True, default=None)
    score: Decimal | None = param(factor, "得分")

    def in_words(self) -> str:
        return f"{edge_in_words(self)}得{figure(self.score)}分"


@dataclass(frozen=True, kw_only=True)
class EvaluationItem:
    """One item of a scheme: where its value comes from, what it is worth and out of how many marks."""

    name: str = param(text, "项目")
    source: str = param(Choice(SOURCE_LABELS), "来源")
    metric: str | None = param(OpenChoice(METRIC_LABELS), "指标", blank=True, default="")
    weight: Decimal | None = param(above_zero, "权重（%）")
    scale: Decimal = param(above_zero, "满分", default=WHOLE)
    brackets: tuple[ScoreBracket, ...] | None = param(
        Many(Nested(ScoreBracket)), "各档得分", blank=True, default=()
    )

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME:
            raise ParamError(f"name（项目名称）最多{LONGEST_NAME}字：{self.name[:LONGEST_NAME]}…")
        if self.source == METRIC and self.metric == "":
            raise ParamError("来源是指标的项目须写 metric（哪个指标）")
        if self.source != METRIC and self.metric:
            raise ParamError("metric 只用于来源为 metric（指标）的项目；请去掉")
        if self.metric == OWN:
            raise ParamError(f"metric 不能是 {OWN}：它就是考评的总分；改写别的指标")
        if self.source in COUNTED and self.brackets == ():
            raise ParamError(f"来源是{SOURCE_LABELS[self.source]}的项目须写 brackets（各档得分）")
        if self.source == SUPERVISOR and self.brackets:
            raise ParamError("主管直接打分，不用 brackets（各档得分）；请去掉")
        if any(each.score is not None and each.score > self.scale for each in self.brackets or ()):
            raise ParamError(f"brackets 有一档的得分超过满分{plain(self.scale)}；改小得分或改大满分")

    @property
    def origin(self) -> str:
        """Where the value comes from, in words."""
        return metric_label(self.metric) if self.source == METRIC else SOURCE_LABELS[self.source]

    def score(self, value: Decimal) -> Decimal:
        """What a value is worth, from 0 to `scale`, to two places.

        By the bracket that it reaches (below the lowest nothing), else as it is; a rate, whose whole is 1, as
        that part of the full marks.
        """
        if self.brackets:
            bracket = bracket_of(self.brackets, value)
            return bracket.score or Decimal(0) if bracket is not None else Decimal(0)
        marks = value * self.scale if self._is_rate else value
        return to_fen(min(max(marks, Decimal(0)), self.scale))

    def figure(self, value: Decimal) -> str:
        """A value as people read it."""
        return metric_figure(self.metric or "", value) if self.source == METRIC else plain(value)

    @property
    def steps(self) -> list[str]:
        """Each bracket in words; where a rate begins in percent."""
        if not self._is_rate:
            return [each.in_words() for each in self.brackets or ()]
        return [
            f"{edge_words(self.metric or '', each)}得{figure(each.score)}分"
            if (each.from_, each.above) != (None, None)
            else each.in_words()
            for each in self.brackets or ()
        ]

    @property
    def _is_rate(self) -> bool:
        return self.source == METRIC and self.metric in RATIOS

    def in_words(self) -> str:
        weight = BLANK if self.weight is None else f"{plain(self.weight)}%"
        words = f"{self.name}（{self.origin}）{weight}，满分{plain(self.scale)}"
        if self.brackets is None:
            return f"{words}，各档{BLANK}"
        return "，".join([words, *self.steps])


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody has in one item: the value and its marks out of the item's scale; None: missing."""

    item: EvaluationItem
    value: Decimal | None
    score: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """The part of the total, in points of 100, unrounded."""
        if self.score is None:
            return None
        return self.score / self.item.scale * (self.item.weight or Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Evaluation(Kind):
    """A month's appraisal: items with weights that make a score out of 100."""

    name: ClassVar[str] = "evaluation"
    label: ClassVar[str] = "考评方案"
    basis: ClassVar[str] = "performance"

    items: tuple[EvaluationItem, ...] | None = param(Many(Nested(EvaluationItem), at_least=1), "考评项目")
    missing: str = param(Choice(MISSING_LABELS), "缺项时", default=REFUSE)
    except_tiers: tuple[str, ...] = param(Many(Choice(TIER_LABELS)), "不参加的职级", default=())

    def __post_init__(self) -> None:
        items = self.items or ()
        names = [each.name for each in items]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice is not None:
            raise ParamError(f"items 里“{twice}”写了两次；合并成一项，或改一个名称")
        weights = [each.weight for each in items]
        total = sum((each for each in weights if each is not None), Decimal(0))
        if items and None not in weights and total != WHOLE:
            raise ParamError(f"items 的权重合计{plain(total)}%，应正好100%；改到合计100%")

    def marks(self, values: Mapping[str, Decimal | None]) -> list[Mark]:
        """What each item comes to, from its value by the item's name, in the order of the items."""
        found = []
        for item in self.items or ():
            value = values.get(item.name)
            found.append(Mark(item, value, None if value is None else item.score(value)))
        return found

    def total(self, marks: Sequence[Mark]) -> Decimal | None:
        """The score out of 100, rounded once to two places; None while it cannot be told.

        A missing item is never zero: the scheme has no score then, or the others are weighed anew.
        """
        there = [mark for mark in marks if mark.share is not None]
        if not there or (self.missing == REFUSE and len(there) < len(marks)):
            return None
        weights = sum((mark.item.weight or Decimal(0) for mark in there), Decimal(0))
        shares = sum((mark.share or Decimal(0) for mark in there), Decimal(0))
        return to_fen(shares * WHOLE / weights)

    def in_words(self) -> str:
        items = BLANK if self.items is None else "；".join(each.in_words() for each in self.items)
        return f"每月考评：{items}；{MISSING_LABELS[self.missing]}{left_out(self.except_tiers)}"


@dataclass(frozen=True, kw_only=True)
class GradeBracket:
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("from", "above"),)

    from_: Decimal | None = param(number, "达到", blank=True, default=None)
    above: Decimal | None = param(number, "超过", blank=True, default=None)
    grade: str = param(Choice(GRADE_LABELS), "等级")

    def in_words(self) -> str:
        return f"{edge_in_words(self)}为{self.grade}"


@dataclass(frozen=True, kw_only=True)
class GradeShare:
    share: Decimal | None = param(rate, "人数占比")
    grade: str = param(Choice(GRADE_LABELS), "等级")

    def in_words(self) -> str:
        return f"{in_percent(self.share)}为{self.grade}"


@dataclass(frozen=True, kw_only=True)
class Grade(Kind):
    """The grade of a quarter: by the bracket that its average reaches, or by the place among all."""

    name: ClassVar[str] = "grade"
    label: ClassVar[str] = "季度等级"
    basis: ClassVar[str] = "performance"
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("brackets", "shares"),)

    by: str = param(OpenChoice(METRIC_LABELS), "指标", default=OWN)
    of: str = param(Choice(AVERAGE_LABELS), "怎么合计", default="average")
    brackets: tuple[GradeBracket, ...] | None = param(
        Many(Nested(GradeBracket), at_least=1), "各档等级", blank=True, default=None
    )
    shares: tuple[GradeShare, ...] | None = param(
        Many(Nested(GradeShare), at_least=1), "按名次的占比", blank=True, default=None
    )
    except_tiers: tuple[str, ...] = param(Many(Choice(TIER_LABELS)), "不参加的职级", default=())

    def __post_init__(self) -> None:
        shares = [each.share for each in self.shares or ()]
        total = sum((each for each in shares if each is not None), Decimal(0))
        if shares and None not in shares and total != 1:
            raise ParamError(f"shares 的占比合计{percent(total)}，应正好100%；改到合计100%")

    @staticmethod
    def average(values: Sequence[Decimal | None]) -> Decimal | None:
        """The average of a quarter's months, to two places; None while one of them is missing."""
        there = [each for each in values if each is not None]
        if not values or len(there) < len(values):
            return None
        return to_fen(sum(there, Decimal(0)) / len(there))

    def grades(self, averages: Mapping[int, Decimal]) -> dict[int, str]:
        """The grade of everybody who has one; below the lowest bracket there is none.

        By share of rank who ties has the better place, and each grade goes down to its part of all people,
        rounded half up: of seven 20 % are the first one.
        """
        if self.brackets is not None:
            found = {who: bracket_of(self.brackets, value) for who, value in averages.items()}
            return {who: bracket.grade for who, bracket in found.items() if bracket is not None}
        grades = {}
        for who, place in places_of(averages).items():
            reached = Decimal(0)
            for each in self.shares or ():
                reached += (each.share or Decimal(0)) * len(averages)
                if place <= reached.quantize(Decimal(1), rounding=ROUND_HALF_UP):
                    grades[who] = each.grade
                    break
        return grades

    def in_words(self) -> str:
        way = f"季度等级按{metric_label(self.by)}的{AVERAGE_LABELS[self.of]}"
        rows: Sequence[GradeBracket | GradeShare] = self.brackets or self.shares or ()
        steps = "，".join(each.in_words() for each in rows)
        ranked = "排名" if self.shares is not None else ""
        return f"{way}{ranked}：{steps or BLANK}{left_out(self.except_tiers)}"


def places_of(values: Mapping[int, Decimal]) -> dict[int, int]:
    """Everybody's place, the highest first; who ties has the same and as many places are skipped."""
    ordered = sorted(values.values(), reverse=True)
    return {who: ordered.index(value) + 1 for who, value in values.items()}
