"""The ladder: what a step up or down takes, criterion by criterion. Nothing here moves anybody."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from people.models import Tier
from rules.kinds.base import Kind
from rules.kinds.labels import (
    BLANK,
    EXAM_LABELS,
    LEVELS,
    METRIC_LABELS,
    OF_MONTHS_LABELS,
    ORDER_LABELS,
    RANKED_AMONG_LABELS,
    SINCE_LABELS,
    WAY_LABELS,
    figure,
    level_label,
    metric_label,
)
from rules.kinds.params import (
    Choice,
    Either,
    Many,
    Nested,
    OpenChoice,
    ParamError,
    flag,
    number,
    param,
    text,
)
from rules.kinds.params import count as whole

GRADES = ("A", "B", "C", "D")  # best first
LOOKBACK = 12  # how many months a criterion looks back that names none
LONGEST = 36  # months; nobody keeps figures to compare for longer


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """By what people are ranked, as in a ranked award, and who takes part."""

    metric: str = param(OpenChoice(METRIC_LABELS), "指标")
    top: int | None = param(whole, "前几名")
    order: str = param(Choice(ORDER_LABELS), "次序", default="desc")
    scope: str = param(Choice(RANKED_AMONG_LABELS), "排名范围", default="department")
    without: tuple[str, ...] = param(Many(OpenChoice(LEVELS)), "不参加排名的职级", default=())

    @cached_property
    def terms(self) -> tuple[Any, ...]:
        """What makes two rankings the same."""
        return self.metric, self.order, self.scope, self.without

    def among(self) -> str:
        """`全部门（储备主管不参加）`."""
        named = "、".join(level_label(each) for each in self.without)
        return RANKED_AMONG_LABELS[self.scope] + (f"（{named}不参加）" if named else "")

    def by(self) -> str:
        return metric_label(self.metric) + ("" if self.order == "desc" else "（低者在前）")


@dataclass(frozen=True, kw_only=True)
class MonthsRanked(Ranked):
    """So many of the last months, be it in a row, in the first places (or outside them)."""

    any_of: ClassVar[tuple[str, ...]] = ("of_months", "at_least")

    of_months: int | None = param(whole, "看最近几个月", blank=True, default=None)
    at_least: int | None = param(whole, "至少几个月", blank=True, default=None)
    consecutive: bool = param(flag, "须连续", default=False)

    def __post_init__(self) -> None:
        _within("of_months", self.of_months)
        if self.at_least is not None and not 0 < self.at_least <= (self.of_months or LOOKBACK):
            raise ParamError(f"at_least 应为1至{self.of_months or LOOKBACK}；现为 {self.at_least}")

    @property
    def window(self) -> int:
        return self.of_months or LOOKBACK

    @property
    def needed(self) -> int:
        return self.at_least or self.window

    def in_words(self, where: str = "居") -> str:
        row = "连续" if self.consecutive else "有"
        months = f"最近{self.window}个月{row}{self.needed}个月"
        return f"{months}{self.by()}{where}{self.among()}前{figure(self.top)}名"


@dataclass(frozen=True, kw_only=True)
class AverageRank(Ranked):
    """The average of the last months in the first places."""

    months: int | None = param(whole, "平均几个月")

    def __post_init__(self) -> None:
        _within("months", self.months)

    def in_words(self) -> str:
        return f"最近{figure(self.months)}个月{self.by()}的平均居{self.among()}前{figure(self.top)}名"


@dataclass(frozen=True, kw_only=True)
class GradesHeld:
    """So many quarters with a grade, be it in a row."""

    grade: str = param(Choice({each: each for each in GRADES}), "等级")
    count: int | None = param(whole, "几次", blank=True, default=1)
    consecutive: bool = param(flag, "须连续", default=False)
    or_better: bool = param(flag, "更好的也算", default=False)
    or_worse: bool = param(flag, "更差的也算", default=False)
    of_quarters: int | None = param(whole, "看最近几个季度", blank=True, default=None)

    def __post_init__(self) -> None:
        if self.or_better and self.or_worse:
            raise ParamError("or_better 与 or_worse 只能写一项")
        if self.count == 0 or self.of_quarters == 0:
            raise ParamError("count 与 of_quarters 应大于0")
        if self.count and self.of_quarters and self.count > self.of_quarters:
            raise ParamError(f"count {self.count} 多于 of_quarters {self.of_quarters}")

    @cached_property
    def accepted(self) -> tuple[str, ...]:
        """The grades that count."""
        place = GRADES.index(self.grade)
        if self.or_better:
            return GRADES[: place + 1]
        return GRADES[place:] if self.or_worse else (self.grade,)

    def in_words(self) -> str:
        within = f"最近{self.of_quarters}个季度" if self.of_quarters else ""
        row = "连续" if self.consecutive else ""
        range_ = "或以上" if self.or_better else "或以下" if self.or_worse else ""
        return f"{within}季度等级{row}{figure(self.count)}次为{self.grade}{range_}"


@dataclass(frozen=True, kw_only=True)
class AwardsWon:
    """So many confirmed awards under a provision."""

    code: str | None = param(text, "奖励条款")
    count: int | None = param(whole, "几次", blank=True, default=1)

    def in_words(self) -> str:
        return f"获奖{figure(self.count)}次（{self.code or BLANK}）"


@dataclass(frozen=True, kw_only=True)
class MetricReached:
    """A figure reached (or stayed below) in the last months: in each, on average or together."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("at_least", "below"),)

    code: str = param(OpenChoice(METRIC_LABELS), "指标")
    at_least: Decimal | None = param(number, "至少", blank=True, default=None)
    below: Decimal | None = param(number, "低于", blank=True, default=None)
    months: int | None = param(whole, "看最近几个月", blank=True, default=1)
    of: str = param(Choice(OF_MONTHS_LABELS), "怎样算", default="each")

    def __post_init__(self) -> None:
        _within("months", self.months)

    def holds(self, value: Decimal) -> bool:
        """Whether a figure, average or sum is as asked."""
        if self.below is not None:
            return value < self.below
        return self.at_least is not None and value >= self.at_least

    def in_words(self) -> str:
        asked = f"低于{figure(self.below)}" if self.at_least is None and self.below is not None else ""
        asked = asked or f"至少{figure(self.at_least)}"
        months = f"最近{figure(self.months)}个月" if self.months != 1 else "最近一个月"
        how = OF_MONTHS_LABELS[self.of] if self.months != 1 else ""
        return f"{months}{metric_label(self.code)}{how}{asked}"


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One criterion: a map with a single key."""

    tenure_months: int | None = param(whole, "入职满几个月", blank=True, default=None)
    tier_months: int | None = param(whole, "任现职级满几个月", blank=True, default=None)
    months_in_top: MonthsRanked | None = param(Nested(MonthsRanked), "名列前茅的月数", default=None)
    months_outside_top: MonthsRanked | None = param(Nested(MonthsRanked), "名次落后的月数", default=None)
    average_rank: AverageRank | None = param(Nested(AverageRank), "平均名次", default=None)
    grades: GradesHeld | None = param(Nested(GradesHeld), "季度等级", default=None)
    awards: AwardsWon | None = param(Nested(AwardsWon), "获奖", default=None)
    no_violation_months: Any = param(
        Either({"从何时起": Choice(SINCE_LABELS), "几个月": whole}), "没有违纪", blank=True, default=None
    )
    passed_exam: str | None = param(OpenChoice(EXAM_LABELS), "考试合格（考试代码）", blank=True, default=None)
    metric: MetricReached | None = param(Nested(MetricReached), "指标", default=None)
    attested: Any = param(Either({"只须认定": flag, "认定的事项": text}), "由人认定", default=None)

    def __post_init__(self) -> None:
        if self.attested is False:
            raise ParamError("attested 应为 true 或认定的事项")

    @cached_property
    def given(self) -> tuple[str, Any]:
        """The key and what stands under it; None while it is blank."""
        names = [each.name for each in fields(self)]
        return next(
            ((name, getattr(self, name)) for name in names if getattr(self, name) is not None), ("", None)
        )

    @property
    def item(self) -> str:
        """What is to be certified, in the provision's words; empty where it is the whole provision."""
        return self.attested if isinstance(self.attested, str) else ""

    def in_words(self) -> str:
        name, value = self.given
        match name:
            case "":
                return BLANK
            case "tenure_months":
                return f"入职满{value}个月"
            case "tier_months":
                return f"任现职级满{value}个月"
            case "months_outside_top":
                return str(value.in_words("不在"))
            case "no_violation_months":
                return (
                    f"{SINCE_LABELS[value]}没有违纪" if isinstance(value, str) else f"{value}个月内没有违纪"
                )
            case "passed_exam":
                return f"考试合格（{EXAM_LABELS.get(value, value)}）"
            case "attested":
                return f"经认定：{value}" if isinstance(value, str) else "经评审人认定"
        return str(value.in_words())


Criterion.one_of = (tuple(each.name for each in fields(Criterion)),)  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class Step(Kind):
    """A step from one level to another; `all_of` and `any_of` both have to hold where both are given."""

    from_: str | None = param(OpenChoice(LEVELS), "现职级")
    to: str | None = param(OpenChoice(LEVELS), "到职级")
    all_of: tuple[Criterion, ...] = param(Many(Nested(Criterion)), "须同时满足", default=())
    any_of: tuple[Criterion, ...] = param(Many(Nested(Criterion)), "满足其一", default=())

    verb: ClassVar[str]
    upwards: ClassVar[bool]

    def __post_init__(self) -> None:
        if not self.all_of and not self.any_of:
            raise ParamError("all_of、any_of 至少给出一项")
        if self.from_ is None or self.to is None:
            return
        if self.from_ == self.to:
            raise ParamError(f"from 与 to 相同：{self.to}")
        rise = _rise(self.from_, self.to)
        if rise and (rise > 0) != self.upwards:
            raise ParamError(
                f"{level_label(self.from_)}到{level_label(self.to)}不是{self.label}，请检查 from 与 to"
            )

    @property
    def step(self) -> tuple[str, str]:
        return self.from_ or "", self.to or ""

    def in_words(self) -> str:
        start, end = (level_label(each) for each in (self.from_, self.to))
        parts = [_joined("同时满足", self.all_of), _joined("满足其一", self.any_of)]
        return f"{start}{self.verb}{end}：" + "；并且".join(each for each in parts if each)


@dataclass(frozen=True, kw_only=True)
class Promotion(Step):
    """What a step up takes."""

    name: ClassVar[str] = "promotion"
    label: ClassVar[str] = "晋升"
    basis: ClassVar[str] = "benefit"
    verb: ClassVar[str] = "升"
    upwards: ClassVar[bool] = True

    way: str = param(Choice(WAY_LABELS), "与同一级的其他条款", default="together")

    def in_words(self) -> str:
        return super().in_words() + ("（另一条途径）" if self.way == "alternative" else "")


@dataclass(frozen=True, kw_only=True)
class Demotion(Step):
    """What leads a step down; all that it looks at counts from the day on which the level began."""

    name: ClassVar[str] = "demotion"
    label: ClassVar[str] = "降级"
    basis: ClassVar[str] = "benefit"
    verb: ClassVar[str] = "降"
    upwards: ClassVar[bool] = False

    within_months: int | None = param(whole, "只看任职后几个月内", default=None)

    def in_words(self) -> str:
        within = f"（任职后{self.within_months}个月内）" if self.within_months else ""
        return super().in_words() + within


def _joined(how: str, criteria: Sequence[Criterion]) -> str:
    words = "，".join(each.in_words() for each in criteria)
    return words if len(criteria) == 1 else f"{how}{words}" if criteria else ""


def _within(name: str, months: int | None) -> None:
    if months is not None and not 0 < months <= LONGEST:
        raise ParamError(f"{name} 应为1至{LONGEST}；现为 {months}")


def _rise(from_: str, to: str) -> int:
    """Whether `to` is above (positive) or below; 0 where the two are of no one ladder."""
    for ladder in (Tier.values, [each for each in LEVELS if each.isdigit()]):
        if from_ in ladder and to in ladder:
            return ladder.index(to) - ladder.index(from_)
    return 0
