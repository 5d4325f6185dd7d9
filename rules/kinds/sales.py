"""Kinds that follow from orders and metrics: commission, guarantee, ranked, streak and score awards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Protocol, TypeVar

from core.money import ZERO, percent, plain, split, to_fen
from rules.kinds.base import Kind, MonthlyKind
from rules.kinds.labels import (
    AFTER_AWARD,
    BLANK,
    MEASURE_LABELS,
    METRIC_LABELS,
    ORDER_LABELS,
    PAY_KEYS,
    REFUND_RATE_LABELS,
    SCALE_LABELS,
    SCOPE_LABELS,
    SENIORITY_LABELS,
    SPLIT_LABELS,
    TIES_LABELS,
    WHOSE_LABELS,
    figure,
    in_percent,
    in_yuan,
    keyed,
    metric_label,
)
from rules.kinds.params import (
    Choice,
    DayRange,
    Keyed,
    Many,
    Nested,
    OneOrMany,
    OpenChoice,
    ParamError,
    count,
    day_range,
    flag,
    money,
    number,
    param,
    rate,
    signed_money,
    text,
)

OWN, TEAM, WHOLE_DEPARTMENT = "own", "team", "department"
COMPUTED = ("sales", "refunds", "net_sales", "orders")  # codes that orders give; others are brought


class Stepped(Protocol):
    """A bracket's lower edge: `from_` inclusive or `above` exclusive."""

    @property
    def from_(self) -> Decimal | None: ...

    @property
    def above(self) -> Decimal | None: ...


# Shares of one; people read them as percentages.
RATIOS = {"conversion_rate", "refund_rate", "reply_rate", "answer_ratio", "satisfaction"}
RATIOS |= {"three_minute_reply_rate", "thirty_second_reply_rate", "repurchase_rate", "callback_rate"}


def metric_figure(code: str, value: Decimal) -> str:
    """A metric's value as people read it: 0.7241 of a rate is `72.41%`."""
    return percent(value) if code in RATIOS else plain(value)


B = TypeVar("B", bound=Stepped)


def bracket_of(brackets: Sequence[B], value: Decimal) -> B | None:
    """The highest bracket that `value` reaches: its `from` inclusive or its `above` exclusive."""
    reached = None
    for each in sorted(brackets, key=edge_of):
        if (each.from_ is not None and value >= each.from_) or (
            each.above is not None and value > each.above
        ):
            reached = each
    return reached


def edge_of(bracket: Stepped) -> tuple[Decimal, bool]:
    """Brackets in ascending order; at the same figure `from` comes before `above`."""
    if bracket.from_ is not None:
        return bracket.from_, False
    return bracket.above or Decimal(0), True


def edge_words(code: str, bracket: Stepped) -> str:
    """Where a bracket begins, in words: 达到 or 超过 so much of the metric."""
    if bracket.from_ is not None:
        return f"达到{metric_figure(code, bracket.from_)}"
    return f"超过{metric_figure(code, bracket.above or Decimal(0))}"


@dataclass(frozen=True, kw_only=True)
class RateBracket:
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("from", "above"), ("rate", "piece"))

    from_: Decimal | None = param(number, "达到", blank=True, default=None)
    above: Decimal | None = param(number, "超过", blank=True, default=None)
    rate: Decimal | None = param(rate, "比例", blank=True, default=None)
    piece: Decimal | None = param(money, "每件金额", blank=True, default=None)

    def in_words(self) -> str:
        return f"{edge_in_words(self)}计{price_in_words(self.rate, self.piece)}"


def edge_in_words(bracket: Stepped) -> str:
    """Where a bracket begins."""
    if bracket.above is not None:
        return f"超过{plain(bracket.above)}"
    return f"达到{figure(bracket.from_)}"


def price_in_words(rate: Decimal | None, piece: Decimal | None) -> str:
    """A share, or an amount a piece."""
    return in_percent(rate) if piece is None else f"每件{in_yuan(piece)}"


@dataclass(frozen=True, kw_only=True)
class Commission(Kind):
    """A share of what was sold, or an amount a piece; the rate may depend on a metric."""

    name: ClassVar[str] = "commission"
    label: ClassVar[str] = "提成"
    column: ClassVar[str] = "commission"
    basis: ClassVar[str] = "benefit"
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("rate", "piece", "brackets"),)

    measure: str = param(Choice(MEASURE_LABELS), "基数")
    rate: Decimal | None = param(rate, "比例", blank=True, default=None)
    piece: Decimal | None = param(money, "每件金额", blank=True, default=None)
    brackets: tuple[RateBracket, ...] | None = param(
        Many(Nested(RateBracket), at_least=1), "各档", blank=True, default=None
    )
    by: str | None = param(OpenChoice(METRIC_LABELS), "分档指标", default=None)
    scale: str = param(Choice(SCALE_LABELS), "分档方式", default="whole")
    exclude: tuple[DayRange, ...] = param(Many(day_range), "不计提成的付款日", default=())
    requires_attribution: bool = param(flag, "须有归属", default=True)
    of: str = param(Choice(WHOSE_LABELS), "谁的基数", default="own")
    split: str = param(Choice(SPLIT_LABELS), "共同的基数", default="whole")
    refund_rate: str = param(Choice(REFUND_RATE_LABELS), "退款扣回", default="own")

    def __post_init__(self) -> None:
        if self.split != "whole" and not self.is_common:
            raise ParamError("split 只用于小组或部门的基数（of: team、of: department）")
        if self.takes_back_at_sale and (self.measure != "net_sales" or self.is_common):
            raise ParamError("refund_rate: sale 只用于本人净销售额（net_sales）的提成")
        if self.scale == "marginal" and self.by not in (None, self.measure):
            raise ParamError("scale: marginal 只能按基数自身分段，请去掉 by")

    def is_excluded(self, paid_on: date) -> bool:
        return any(days.holds(paid_on) for days in self.exclude)

    @property
    def is_common(self) -> bool:
        """Whether the base is that of a team or of the whole department."""
        return self.of != OWN

    @property
    def takes_back_at_sale(self) -> bool:
        """Whether a refund takes back what the sale was paid, not what the refund's own day would pay."""
        return self.refund_rate == "sale"

    @property
    def unit(self) -> Decimal | None:
        """What one of the base is paid without any bracket, or in the first one."""
        priced = self if self.brackets is None else min(self.brackets, key=edge_of)
        return priced.rate if priced.rate is not None else priced.piece

    def needs(self) -> str | None:
        """The code of a metric that the brackets need besides the measure."""
        return self.by if self.brackets is not None and self.by not in (None, self.measure) else None

    def bracket_at(self, value: Decimal) -> RateBracket | None:
        """The bracket that pays all of the base; None for slices, and where the figure reaches none."""
        return bracket_of(self.brackets, value) if self.brackets and self.scale == "whole" else None

    def charge(
        self,
        base: Decimal,
        by: Decimal | None,
        whole: Decimal | None = None,
        below: Decimal = ZERO,
    ) -> tuple[Decimal, list[str]]:
        """Commission in yuan (rounded) on a base, and the arithmetic; a base below zero comes to less than 0.

        `by`: the brackets' metric. Where `base` is that of a stretch, `whole` is the month's, which chooses
        the bracket, and `below` what of it the stretches before have, which fill the lower slices.
        """
        if self.brackets is None:
            return self._flat(base, self.rate, self.piece)
        if self.scale == "marginal":
            return self._marginal(base, below)
        value = by if by is not None else base if whole is None else whole
        bracket = self.bracket_at(value)
        code = self.by or self.measure
        label = metric_label(code)
        if bracket is None:
            return ZERO, [f"{label}{metric_figure(code, value)}未到最低一档，不计提成"]
        amount, steps = self._flat(base, bracket.rate, bracket.piece)
        return amount, [f"{label}{metric_figure(code, value)}，{edge_words(code, bracket)}一档", *steps]

    def _flat(self, base: Decimal, share: Decimal | None, piece: Decimal | None) -> tuple[Decimal, list[str]]:
        label = metric_label(self.measure)
        if piece is not None:
            return to_fen(base * piece), [f"{label}{plain(base)}×每件{piece}元"]
        share = share or Decimal(0)
        return to_fen(base * share), [f"{label}{plain(base)}×{percent(share)}"]

    def _marginal(self, base: Decimal, below: Decimal) -> tuple[Decimal, list[str]]:
        """The slices from `below` to `below` + `base`; what lies below zero is in none."""
        total, steps = Decimal(0), []
        low, high = sorted((max(below, ZERO), max(below + base, ZERO)))
        sign = 1 if base >= 0 else -1
        ordered = sorted(self.brackets or (), key=edge_of)
        edges = [edge_of(each)[0] for each in ordered]
        for i, each in enumerate(ordered):
            lower = max(low, edges[i])
            upper = min(high, edges[i + 1]) if i + 1 < len(ordered) else high
            if upper <= lower:
                continue
            unit = each.rate if each.rate is not None else each.piece
            total += sign * (upper - lower) * (unit or Decimal(0))
            words = percent(each.rate) if each.rate is not None else f"每件{each.piece}元"
            steps.append(f"{plain(lower)}至{plain(upper)}：{plain(sign * (upper - lower))}×{words}")
        return to_fen(total), steps

    def in_words(self) -> str:
        whose = {TEAM: "小组", WHOLE_DEPARTMENT: "全部门"}.get(self.of, "")
        label = whose + metric_label(self.measure)
        if self.brackets is None:
            words = f"{label}的提成为{price_in_words(self.rate, self.piece)}"
        else:
            by = metric_label(self.by or self.measure)
            steps = "，".join(each.in_words() for each in self.brackets)
            words = f"{label}的提成按{by}分档：{steps}（{SCALE_LABELS[self.scale]}）"
        if self.exclude:
            words += f"；{'、'.join(each.in_words() for each in self.exclude)}付款的不计"
        if self.split != "whole":
            words += f"；{SPLIT_LABELS[self.split]}"
        if self.takes_back_at_sale:
            words += "；退款按付款时的比例扣回"
        return words if self.requires_attribution else f"{words}；不要求归属到人"


@dataclass(frozen=True, kw_only=True)
class Guarantee(MonthlyKind):
    """Tops a commission up to a minimum."""

    name: ClassVar[str] = "guarantee"
    label: ClassVar[str] = "提成保底"
    column: ClassVar[str] = "commission"
    basis: ClassVar[str] = "benefit"

    minimum: dict[str, Decimal | None] = param(Keyed(money, PAY_KEYS | SENIORITY_LABELS), "保底金额")
    of: str = param(text, "所保的提成条款")
    senior_from_months: int | None = param(count, "老员工起始月数", blank=True, default=None)

    def minimum_for(self, *, tier: str, role: str, tenure_months: int) -> Decimal | None:
        """The minimum in yuan: by tier, else role, else new or senior, else `*`; None where none is named."""
        seniority = []
        if self.senior_from_months is not None:
            seniority = ["senior" if tenure_months >= self.senior_from_months else "new"]
        for key in (tier, role, *seniority, "*"):
            if key and key in self.minimum:
                return self.minimum[key]
        return None

    def in_words(self) -> str:
        names = PAY_KEYS | SENIORITY_LABELS
        rows = "，".join(f"{keyed(key, names)}{in_yuan(each)}" for key, each in self.minimum.items())
        months = self.senior_from_months
        senior = f"（满{months}个月为老员工）" if months is not None else ""
        return f"{self.of or BLANK}的提成每月保底{rows or BLANK}{senior}"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What else is asked of who won a place; a figure that is not there is neither."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("below", "at_least"),)

    metric: str = param(OpenChoice(METRIC_LABELS), "指标")
    below: Decimal | None = param(number, "低于", blank=True, default=None)
    at_least: Decimal | None = param(number, "不低于", blank=True, default=None)

    def is_met(self, value: Decimal) -> bool:
        if self.below is not None:
            return value < self.below
        return self.at_least is not None and value >= self.at_least

    def in_words(self) -> str:
        edge = self.at_least if self.below is None else self.below
        shown = BLANK if edge is None else metric_figure(self.metric, edge)
        return f"{metric_label(self.metric)}{'不低于' if self.below is None else '低于'}{shown}"


@dataclass(frozen=True, kw_only=True)
class RankedAward(MonthlyKind):
    """Amounts for the first places by a metric."""

    name: ClassVar[str] = "ranked_award"
    label: ClassVar[str] = "名次奖"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "benefit"

    metric: str = param(OpenChoice(METRIC_LABELS), "指标")
    places: tuple[Decimal | None, ...] = param(Many(money, at_least=1), "各名次金额")
    order: str = param(Choice(ORDER_LABELS), "次序", default="desc")
    scope: str = param(Choice(SCOPE_LABELS), "范围", default="department")
    minimum: Decimal | None = param(number, "最低要求", default=None)
    ties: str = param(Choice(TIES_LABELS), "并列", default="all")
    requires: tuple[Requirement, ...] = param(OneOrMany(Nested(Requirement)), "另须", default=())

    def winners(self, values: Mapping[int, Decimal]) -> dict[int, tuple[int, Decimal]]:
        """Who (in the order of staff numbers) came to which place and earns what.

        A zero metric wins nothing, in either order. `all`: each of those who tie gets the place's
        amount and as many places are skipped; `share`: the places that they occupy are pooled and split.
        """
        able = {
            who: value
            for who, value in values.items()
            if value != 0 and (self.minimum is None or value >= self.minimum)
        }
        result: dict[int, tuple[int, Decimal]] = {}
        place = 1
        for value in sorted(set(able.values()), reverse=self.order == "desc"):
            if place > len(self.places):
                break
            tied = [who for who in able if able[who] == value]
            amounts = self.places[place - 1 : place - 1 + len(tied)]
            if self.ties == "share":
                pool = sum((amount or ZERO for amount in amounts), ZERO)
                shares = split(pool, dict.fromkeys(tied, Decimal(1)))
            else:
                shares = dict.fromkeys(tied, amounts[0] or ZERO)
            result.update({who: (place, shares[who]) for who in tied})
            place += len(tied)
        return result

    def in_words(self) -> str:
        places = "，".join(f"第{n}名奖{in_yuan(each)}" for n, each in enumerate(self.places, 1))
        least = "" if self.minimum is None else f"，至少{plain(self.minimum)}"
        order = (
            f"{SCOPE_LABELS[self.scope]}按{metric_label(self.metric)}排名，{ORDER_LABELS[self.order]}{least}"
        )
        also = "".join(f"；另须{each.in_words()}" for each in self.requires)
        return f"{order}：{places}（{TIES_LABELS[self.ties]}）{also}"


@dataclass(frozen=True, kw_only=True)
class StreakAward(MonthlyKind):
    """Consecutive months in first place, each at the step that the streak has reached."""

    name: ClassVar[str] = "streak_award"
    label: ClassVar[str] = "连续第一奖"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "benefit"

    metric: str = param(OpenChoice(METRIC_LABELS), "指标")
    steps: tuple[Decimal | None, ...] = param(Many(money, at_least=1), "各月金额")
    after: str = param(Choice(AFTER_AWARD), "其后", default="repeat")

    def first_place(self, values: Mapping[int, Decimal]) -> set[int]:
        """Who leads; all of those who tie. Nobody leads with a zero metric."""
        able = {who: value for who, value in values.items() if value != 0}
        top = max(able.values(), default=None)
        return {who for who, value in able.items() if value == top}

    def amount_of(self, length: int) -> Decimal:
        """Yuan for the month that makes the streak `length` months long."""
        if length <= len(self.steps):
            return self.steps[length - 1] or ZERO
        last = self.steps[-1] or ZERO
        if self.after == "repeat":
            return last
        return last * 2 ** (length - len(self.steps)) if self.after == "double" else ZERO

    def in_words(self) -> str:
        steps = "，".join(f"第{n}个月奖{in_yuan(each)}" for n, each in enumerate(self.steps, 1))
        return f"{metric_label(self.metric)}连续第一：{steps}，{AFTER_AWARD[self.after]}"


@dataclass(frozen=True, kw_only=True)
class AmountBracket:
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("from", "above"),)

    from_: Decimal | None = param(number, "达到", blank=True, default=None)
    above: Decimal | None = param(number, "超过", blank=True, default=None)
    amount: Decimal | None = param(signed_money, "金额")


@dataclass(frozen=True, kw_only=True)
class ScoreAward(MonthlyKind):
    """An amount, possibly negative, by the bracket that a metric reaches."""

    name: ClassVar[str] = "score_award"
    label: ClassVar[str] = "按分奖扣"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "performance"

    by: str = param(OpenChoice(METRIC_LABELS), "指标")
    brackets: tuple[AmountBracket, ...] = param(Many(Nested(AmountBracket), at_least=1), "各档")

    def in_words(self) -> str:
        steps = "，".join(f"{edge_in_words(each)}{_signed(each.amount)}" for each in self.brackets)
        return f"按{metric_label(self.by)}：{steps}"


def _signed(amount: Decimal | None) -> str:
    if amount is not None and amount < 0:
        return f"扣{in_yuan(-amount)}"
    return f"奖{in_yuan(amount)}"
