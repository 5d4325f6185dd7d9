"""Kinds that incidents fall under: fines, awards, points, rates of pay, days' pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, ClassVar

from core.money import ZERO, percent, plain, to_fen
from rules.kinds.base import (
    WORKING_DAYS_A_MONTH,
    Assessment,
    Charge,
    DayRate,
    FactRefused,
    Kind,
    Occurrence,
    PayBasis,
    Taken,
)
from rules.kinds.labels import (
    AFTER_FINE,
    CALENDAR_DAYS,
    MEASURES,
    OF_LABELS,
    PROPOSALS,
    ROLE_LABELS,
    ROUNDING_LABELS,
    UNIT_LABELS,
    between,
    figure,
    in_percent,
    in_points,
    in_yuan,
    keyed,
)
from rules.kinds.params import (
    Choice,
    Either,
    Keyed,
    Many,
    Nested,
    OneOrMany,
    ParamError,
    count,
    factor,
    flag,
    money,
    number,
    param,
    positive,
    rate,
)


def refuse_amount(occurrence: Occurrence) -> None:
    if occurrence.amount is not None:
        raise FactRefused("此条款的金额由条款决定，不能另定金额；请去掉金额")


@dataclass(frozen=True, kw_only=True)
class IncidentKind(Kind):
    """A kind whose money or points are known when the incident is confirmed: they enter the ledgers."""

    takes_incidents: ClassVar[bool] = True
    posts_to_ledger: ClassVar[bool] = True

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        """What each of the occurrences of one person in one window comes to, in their order."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Fine(IncidentKind):
    """A fixed amount for each occurrence, or for each unit of a measure."""

    name: ClassVar[str] = "fine"
    label: ClassVar[str] = "定额罚款"
    column: ClassVar[str] = "fine"
    takes_cash: ClassVar[bool] = True

    amount: Decimal | None = param(money, "金额")
    unit: str = param(Choice(UNIT_LABELS), "计量", default="occurrence")
    unit_size: Decimal = param(positive, "每单位的量", default=Decimal(1))
    rounding: str = param(Choice(ROUNDING_LABELS), "零头", default="down")
    max: Decimal | None = param(money, "每次上限", default=None)
    also: dict[str, Decimal] = param(Keyed(money, ROLE_LABELS), "连带责任", default_factory=dict)

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)
        if self.unit != "occurrence" and occurrence.magnitude is None:
            raise FactRefused(f"此条款按{MEASURES[self.unit]}计，请填写数量（{MEASURES[self.unit]}）")

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        return [self._one(occurrence) for occurrence in occurrences]

    def _one(self, occurrence: Occurrence) -> Assessment:
        assert self.amount is not None
        if self.unit == "occurrence":
            units = Decimal(occurrence.quantity)
            words = f"每次{self.amount}元×{units}次"
        else:
            mode = ROUND_FLOOR if self.rounding == "down" else ROUND_CEILING
            measured = occurrence.magnitude or Decimal(0)
            units = (measured / self.unit_size).to_integral_value(rounding=mode) * occurrence.quantity
            measure = MEASURES[self.unit]
            price = f"每{plain(self.unit_size)}{measure}{self.amount}元"
            words = f"{plain(measured)}{measure}，{price}，计{units}个单位"
        total = to_fen(self.amount * units)
        if self.max is not None and total > self.max:
            total, words = self.max, f"{words}，每次最多{self.max}元"
        also = {role: -to_fen(each * units) for role, each in self.also.items()}
        return Assessment(money=-total, reason=words, also=also)

    def in_words(self) -> str:
        if self.unit == "occurrence":
            words = [f"每次罚{in_yuan(self.amount)}"]
        else:
            size = "" if self.unit_size == 1 else plain(self.unit_size)
            words = [f"每{size}{MEASURES[self.unit]}罚{in_yuan(self.amount)}"]
            words += [ROUNDING_LABELS[self.rounding]] if size else []
        if self.max is not None:
            words.append(f"每次最多{in_yuan(self.max)}")
        words += [f"{keyed(role, ROLE_LABELS)}连带{in_yuan(each)}" for role, each in self.also.items()]
        return "，".join(words)


@dataclass(frozen=True, kw_only=True)
class RangeFine(IncidentKind):
    """The recorder names the amount within a range, with a reason."""

    name: ClassVar[str] = "range_fine"
    label: ClassVar[str] = "幅度罚款"
    column: ClassVar[str] = "fine"
    takes_cash: ClassVar[bool] = True
    sign: ClassVar[int] = -1

    min: Decimal | None = param(money, "最低")
    max: Decimal | None = param(money, "最高")

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ParamError("min 不能大于 max（最低不能高于最高）")

    def check(self, occurrence: Occurrence) -> None:
        if occurrence.amount is None:
            raise FactRefused(f"请定金额，{self.min}至{self.max}元")
        assert self.min is not None and self.max is not None
        if not self.min <= occurrence.amount <= self.max:
            raise FactRefused(f"金额{occurrence.amount}不在{self.min}至{self.max}元之内")

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        return [
            Assessment(
                money=self.sign * to_fen((each.amount or ZERO) * each.quantity),
                reason=f"在{self.min}至{self.max}元内定为{each.amount}元"
                + (f"×{each.quantity}次" if each.quantity > 1 else ""),
            )
            for each in occurrences
        ]

    def in_words(self) -> str:
        return f"{'罚' if self.sign < 0 else '奖'}{between(self.min, self.max, '元')}，由记录人定"


@dataclass(frozen=True, kw_only=True)
class Final:
    """The count at which a proposal is made."""

    at: int = param(count, "第几次")
    proposal: str = param(Choice(PROPOSALS), "建议")


@dataclass(frozen=True, kw_only=True)
class EscalatingFine(IncidentKind):
    """The first, the second, … occurrence in the window each at its own amount; a count may propose."""

    counts_in_window: ClassVar[bool] = True
    name: ClassVar[str] = "escalating_fine"
    label: ClassVar[str] = "递进罚款"
    column: ClassVar[str] = "fine"
    takes_cash: ClassVar[bool] = True

    steps: tuple[Decimal | None, ...] = param(Many(money, at_least=1), "各次金额")
    after: str = param(Choice(AFTER_FINE), "其后", default="repeat")
    final: tuple[Final, ...] = param(OneOrMany(Nested(Final)), "到次数时建议", default=())

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def amount_of(self, rank: int) -> Decimal:
        """Yuan for the occurrence of this rank, counted from 1."""
        if rank <= len(self.steps):
            return self.steps[rank - 1] or ZERO
        last = self.steps[-1] or ZERO
        if self.after == "repeat":
            return last
        return last * 2 ** (rank - len(self.steps)) if self.after == "double" else ZERO

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        results = []
        rank = 0
        for each in occurrences:
            ranks = range(rank + 1, rank + each.quantity + 1)
            rank += each.quantity
            total = sum((self.amount_of(n) for n in ranks), ZERO)
            words = "，".join(f"第{n}次{self.amount_of(n)}元" for n in ranks)
            proposals = tuple(final.proposal for final in self.final if final.at in ranks)
            results.append(Assessment(money=-total, reason=words, proposals=proposals))
        return results

    def in_words(self) -> str:
        suggested: dict[int, list[str]] = {}
        for each in self.final:
            suggested.setdefault(each.at, []).append(PROPOSALS[each.proposal])
        words = ["不罚款"]
        if any(step != 0 for step in self.steps):
            steps = "、".join(f"第{n}次{in_yuan(step)}" for n, step in enumerate(self.steps, 1))
            words = [f"罚款{steps}，{AFTER_FINE[self.after]}"]
        words += [f"第{at}次建议{'、'.join(names)}" for at, names in suggested.items()]
        return "；".join(words)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """At this count of occurrences the window's deduction is at least this total."""

    count: int = param(count, "满次数")
    total: Decimal | None = param(factor, "累计扣分")


@dataclass(frozen=True, kw_only=True)
class PointsRange:
    """The recorder names the points of an occurrence between these."""

    min: Decimal | None = param(factor, "最低")
    max: Decimal | None = param(factor, "最高")


@dataclass(frozen=True, kw_only=True)
class Points(IncidentKind):
    """Points deducted from the month's points; thresholds raise the total of the window."""

    counts_in_window: ClassVar[bool] = True
    name: ClassVar[str] = "points"
    label: ClassVar[str] = "扣分"

    deduct: Decimal | PointsRange | None = param(
        Either({"由记录人在范围内定": Nested(PointsRange), "定值": factor}), "每次扣分"
    )
    thresholds: tuple[Threshold, ...] = param(Many(Nested(Threshold)), "累计档", default=())
    base: Decimal = param(factor, "每月基础分", default=Decimal(10))
    floor: Decimal = param(factor, "最低分", default=Decimal(0))

    def check(self, occurrence: Occurrence) -> None:
        if not isinstance(self.deduct, PointsRange):
            return refuse_amount(occurrence)
        low, high = self.deduct.min, self.deduct.max
        if occurrence.amount is None:
            raise FactRefused(f"请定扣分，{low}至{high}分")
        assert low is not None and high is not None
        if not low <= occurrence.amount <= high:
            raise FactRefused(f"扣分{occurrence.amount}不在{low}至{high}分之内")
        return None

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        results = []
        single: list[Decimal] = []
        before = Decimal(0)
        for each in occurrences:
            value = each.amount if isinstance(self.deduct, PointsRange) else self.deduct
            single.extend([value or Decimal(0)] * each.quantity)
            total = self.total(single)
            reason = f"周期内累计{len(single)}次，累计扣{plain(total)}分，本次{plain(total - before)}分"
            results.append(Assessment(points=total - before, reason=reason))
            before = total
        return results

    def total(self, single: Sequence[Decimal]) -> Decimal:
        """The window's deduction for occurrences that each deduct `single`: the largest that applies."""
        candidates = [sum(single, Decimal(0))]
        for threshold in self.thresholds:
            if len(single) >= threshold.count:
                candidates.append(
                    (threshold.total or Decimal(0)) + sum(single[threshold.count :], Decimal(0))
                )
        return max(candidates)

    def in_words(self) -> str:
        if isinstance(self.deduct, PointsRange):
            words = [f"每次扣{between(self.deduct.min, self.deduct.max, '分')}，由记录人定"]
        else:
            words = [] if self.deduct == 0 and self.thresholds else [f"每次扣{in_points(self.deduct)}"]
        words += [f"满{each.count}次累计扣{in_points(each.total)}" for each in self.thresholds]
        floor = f"，最低{in_points(self.floor)}" if self.floor else ""
        return f"{'，'.join(words)}（每月基础{in_points(self.base)}{floor}）"


@dataclass(frozen=True, kw_only=True)
class RateTier:
    """From this rank on, an occurrence is charged at this rate."""

    from_count: int = param(count, "自第几次")
    rate: Decimal | None = param(rate, "比例")


@dataclass(frozen=True, kw_only=True)
class RateDeduction(Kind):
    """A share of pay for each occurrence, at the rate of its own rank; known at settlement."""

    counts_in_window: ClassVar[bool] = True
    name: ClassVar[str] = "rate_deduction"
    label: ClassVar[str] = "按比例扣款"
    column: ClassVar[str] = "fine"
    takes_incidents: ClassVar[bool] = True

    of: str = param(Choice(OF_LABELS), "基数")
    tiers: tuple[RateTier, ...] = param(Many(Nested(RateTier), at_least=1), "各档")

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def rate_of(self, rank: int) -> Decimal:
        """The rate for the occurrence of this rank: that of the highest tier it reaches, else 0."""
        reached = [tier for tier in self.tiers if rank >= tier.from_count]
        return (max(reached, key=lambda tier: tier.from_count).rate or Decimal(0)) if reached else Decimal(0)

    def charge(self, ranked: Sequence[tuple[int, Occurrence]], pay: PayBasis) -> Charge:
        """What the month's occurrences come to; each comes with the rank of its first unit in the window."""
        total, steps = Decimal(0), []
        for first, each in ranked:
            for rank in range(first, first + each.quantity):
                share = self.rate_of(rank)
                base = pay.amount(self.of, each.on)
                total += base * share
                steps.append(f"{each.on:%m-%d}第{rank}次：{OF_LABELS[self.of]}{base}×{percent(share)}")
        return Charge(-to_fen(total), tuple(steps), last_on=ranked[-1][1].on if ranked else None)

    def in_words(self) -> str:
        tiers = "，".join(f"第{each.from_count}次起每次{in_percent(each.rate)}" for each in self.tiers)
        return f"扣{OF_LABELS[self.of]}：{tiers}"


@dataclass(frozen=True, kw_only=True)
class DayPayParams(Kind):
    """How many days' pay a day costs, and what a day's pay is; shared by all kinds that price days."""

    multiple: Decimal | None = param(factor, "日薪倍数", blank=True, default=None)
    of: str = param(Choice(OF_LABELS), "基数", default="base_pay")
    divisor: Any = param(
        Either({"当月日历天数": Choice(CALENDAR_DAYS), "固定天数": positive}),
        "折算天数",
        default=WORKING_DAYS_A_MONTH,
    )
    calendar_days: bool = param(flag, "按当月日历天数折算", default=False)
    day_amount: Decimal | None = param(money, "每日金额", blank=True, default=None)

    @property
    def day_rate(self) -> DayRate:
        by_calendar = self.calendar_days or self.divisor == "calendar_days"
        return DayRate(self.of, None if by_calendar else self.divisor, self.day_amount)

    @property
    def times(self) -> Decimal:
        """The multiple; 1 where only an amount a day is given, 0 where days cost no pay."""
        if self.multiple is not None:
            return self.multiple
        return Decimal(0) if self.day_amount is None else Decimal(1)

    def price(
        self, day: date, days: Decimal, pay: PayBasis, unpaid: Decimal = Decimal(0)
    ) -> tuple[Decimal, str]:
        """Yuan (unrounded, not negative) for `days` on `day`, and the arithmetic in words.

        `unpaid`: days of it that proration did not pay in the first place; they are not taken twice.
        """
        units = max(self.times * days - unpaid, Decimal(0))
        words = f"{day:%m-%d}：{plain(self.times)}倍×{plain(days)}天"
        if unpaid and self.times:
            words += f"－折算未发{plain(unpaid)}天"
        if not units:
            return Decimal(0), words
        return units * self.day_rate.on(day, pay), f"{words}×{self.day_rate.in_words(day, pay)}"

    def taken(self, day: date, days: Decimal, pay: PayBasis, unpaid: Decimal = Decimal(0)) -> Taken:
        """What of the price is at most a day's pay a day."""
        here = days - unpaid
        if not self.times or here <= 0:
            return Taken()
        units = max(min(self.times, Decimal(1)) * days - unpaid, Decimal(0))
        whole = here if self.times >= 1 else Decimal(0)
        return Taken(here, whole, units * self.day_rate.on(day, pay))

    def day_in_words(self) -> str:
        """What a day's pay is."""
        if self.day_amount is not None:
            return f"日薪{in_yuan(self.day_amount)}"
        divisor = self.day_rate.divisor
        days = CALENDAR_DAYS["calendar_days"] if divisor is None else f"{plain(divisor)}天"
        return f"日薪按{OF_LABELS[self.of]}÷{days}"

    def in_words(self) -> str:
        times = self.multiple if self.day_amount is None else self.times
        return f"每天扣{figure(times)}倍日薪（{self.day_in_words()}）"


@dataclass(frozen=True, kw_only=True)
class DayPay(DayPayParams):
    """So many days' pay for each day of the incident; known at settlement."""

    name: ClassVar[str] = "day_pay"
    label: ClassVar[str] = "按日薪扣款"
    column: ClassVar[str] = "leave"
    takes_incidents: ClassVar[bool] = True
    any_of: ClassVar[tuple[str, ...]] = ("multiple", "day_amount")

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def charge(self, occurrences: Sequence[Occurrence], pay: PayBasis) -> Charge:
        """Multiple × days × a day's pay over the month; days are the magnitude, else the quantity."""
        priced = [self.price(each.on, days_of(each), pay) for each in occurrences]
        total = sum((amount for amount, _ in priced), Decimal(0))
        last_on = occurrences[-1].on if occurrences else None
        return Charge(-to_fen(total), tuple(words for _, words in priced), last_on=last_on)


def days_of(occurrence: Occurrence) -> Decimal:
    """The days of an incident that is priced by days: its magnitude, else its quantity."""
    return occurrence.magnitude if occurrence.magnitude is not None else Decimal(occurrence.quantity)


@dataclass(frozen=True, kw_only=True)
class Award(IncidentKind):
    """A fixed amount paid for each occurrence; it may add to the month's points (s004-02-5-01)."""

    name: ClassVar[str] = "award"
    label: ClassVar[str] = "定额奖励"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "benefit"

    amount: Decimal | None = param(money, "金额")
    points: Decimal | None = param(factor, "加分", blank=True, default=Decimal(0))

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        amount, points, words = self.amount or ZERO, self.points or Decimal(0), self.points_in_words()
        return [
            Assessment(to_fen(amount * n), -points * n, f"每次{self.amount}元{words}×{n}次")
            for n in (each.quantity for each in occurrences)
        ]

    def points_in_words(self) -> str:
        """`，加5分`, nothing where the award gives no points."""
        return f"，加{in_points(self.points)}" if self.points != 0 else ""

    def in_words(self) -> str:
        return f"每次奖{in_yuan(self.amount)}{self.points_in_words()}"


@dataclass(frozen=True, kw_only=True)
class RangeAward(RangeFine):
    """The recorder names the award within a range, with a reason."""

    name: ClassVar[str] = "range_award"
    label: ClassVar[str] = "幅度奖励"
    column: ClassVar[str] = "bonus"
    takes_cash: ClassVar[bool] = False
    basis: ClassVar[str] = "benefit"
    sign: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class PointsBand(Kind):
    """A month's points at or below a line, once or for consecutive months, suggest something.

    After a proposal the count of consecutive months starts anew, unless `again`: then every further month
    proposes.
    """

    name: ClassVar[str] = "points_band"
    label: ClassVar[str] = "得分界线"

    at_or_below: Decimal | None = param(number, "等于或低于")
    proposal: str = param(Choice(PROPOSALS), "建议")
    months: int = param(count, "连续月数", default=1)
    again: bool = param(flag, "建议以后每月再提", default=False)

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ParamError("months（连续月数）至少为1")

    def in_words(self) -> str:
        span = f"连续{self.months}个月" if self.months > 1 else "当月"
        again = "，此后每月再提" if self.again and self.months > 1 else ""
        return f"{span}得分不高于{in_points(self.at_or_below)}，建议{PROPOSALS[self.proposal]}{again}"
