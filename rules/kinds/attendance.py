"""Kinds that follow from attendance: late, early, absence, full attendance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import ClassVar, NamedTuple

from core.money import ZERO, percent, plain, to_fen
from rules.kinds.base import (
    WORKING_DAYS_A_MONTH,
    Charge,
    DayRate,
    Kind,
    MonthlyKind,
    Occurrence,
    PayBasis,
    Taken,
)
from rules.kinds.fines_and_awards import DayPayParams, refuse_amount
from rules.kinds.labels import (
    ABSENCE_LABELS,
    BLANK,
    CATEGORY_LABELS,
    FORBIDDEN_LABELS,
    OF_LABELS,
    PROPOSALS,
    figure,
    in_percent,
    in_points,
    in_yuan,
    proposed,
)
from rules.kinds.params import (
    Choice,
    Many,
    Nested,
    OneOrMany,
    ParamError,
    count,
    factor,
    flag,
    money,
    param,
    positive,
    rate,
)
from rules.leave_types import LEAVE_LABELS

UNEXCUSED, SHORT = "unexcused", "short"
FORBIDDEN = {**FORBIDDEN_LABELS, **LEAVE_LABELS}  # what full attendance may forbid: single types of leave too
ABSENCES = {"absence": UNEXCUSED, "short_absence": SHORT}  # what `counts_as` and `beyond` name


@dataclass(frozen=True, slots=True)
class Day:
    """A rostered day: minutes late and early, days absent (旷工), punches missing of those it wants.

    `second_…`: what of the minutes was in the second part of a shift that is clocked part by part.
    """

    on: date
    late_minutes: int = 0
    early_minutes: int = 0
    absent_days: Decimal = Decimal(0)
    missing_punches: int = 0
    second_late_minutes: int = 0
    second_early_minutes: int = 0

    @property
    def late_by_part(self) -> tuple[int, int]:
        return self.late_minutes - self.second_late_minutes, self.second_late_minutes

    @property
    def early_by_part(self) -> tuple[int, int]:
        return self.early_minutes - self.second_early_minutes, self.second_early_minutes


class Unpunctual(NamedTuple):
    """One late arrival or early leave: its day, its words, its minutes."""

    on: date
    words: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Absent:
    """One occurrence of absence, of a category, with its cause in words.

    `unpaid`: the part of the days that proration leaves unpaid anyway.
    """

    on: date
    days: Decimal
    category: str
    cause: str
    unpaid: Decimal = Decimal(0)
    dates: tuple[date, ...] | None = None

    def whole_days(self) -> list[date]:
        """The days that it took whole: `dates` where they are known, else one after another."""
        if self.dates is not None:
            return list(self.dates)
        return [self.on + timedelta(days=i) for i in range(int(self.days))]


@dataclass(frozen=True, kw_only=True)
class LateTier:
    """From this rank on, an arrival costs a rate of pay or an amount."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("rate", "amount"),)

    from_count: int = param(count, "自第几次")
    rate: Decimal | None = param(rate, "比例", blank=True, default=None)
    amount: Decimal | None = param(money, "金额", blank=True, default=None)


@dataclass(frozen=True, kw_only=True)
class CountsAs:
    """More than so many minutes is no longer lateness but absence."""

    over_minutes: int = param(count, "超过分钟")
    as_: str = param(Choice(ABSENCE_LABELS), "算作")
    days: Decimal = param(factor, "天数", default=Decimal("0.5"))


@dataclass(frozen=True, kw_only=True)
class Punctuality(Kind):
    """What late arrivals and early leaves share: a price by rank or by the minute, beyond a grace."""

    column: ClassVar[str] = "fine"
    counts_in_window: ClassVar[bool] = True
    any_of: ClassVar[tuple[str, ...]] = ("amount", "points", "tiers", "per_minute", "every")
    together: ClassVar[tuple[tuple[str, ...], ...]] = (("every", "days"),)

    grace_minutes: int = param(count, "宽限分钟", default=0)
    free_per_month: int = param(count, "每月免罚次数", default=0)
    amount: Decimal | None = param(money, "每次金额", blank=True, default=None)
    points: Decimal | None = param(factor, "每次扣分", blank=True, default=None)
    tiers: tuple[LateTier, ...] | None = param(
        Many(Nested(LateTier), at_least=1), "各档", blank=True, default=None
    )
    per_minute: Decimal | None = param(money, "每分钟金额", blank=True, default=None)
    cumulative: bool = param(flag, "分钟按月累计", default=False)
    free_minutes: int = param(count, "每月免罚分钟", default=0)
    every: int | None = param(count, "每几次", blank=True, default=None)
    days: Decimal | None = param(positive, "每几次扣几天", blank=True, default=None)
    of: str = param(Choice(OF_LABELS), "基数", default="base_pay")
    divisor: Decimal = param(positive, "日薪折算天数", default=WORKING_DAYS_A_MONTH)
    counts_as: CountsAs | None = param(Nested(CountsAs), "算作缺勤或旷工", default=None)

    def __post_init__(self) -> None:
        priced = (self.amount, self.points, self.tiers, self.per_minute)
        if sum(each is not None for each in priced) > 1:
            raise ParamError("amount、points、tiers、per_minute 只能给出一项")
        if self.every == 0:
            raise ParamError("every：应大于0：0")
        if self.cumulative and self.per_minute is None and not self.free_minutes:
            raise ParamError("cumulative（分钟按月累计）须与 per_minute 或 free_minutes 同写")
        if self.free_minutes and not self.cumulative:
            raise ParamError("free_minutes（每月免罚分钟）须与 cumulative: true（分钟按月累计）同写")

    def by_part(self, day: Day) -> tuple[int, int]:
        """The minutes of the day that this kind looks at, of each part of the shift."""
        raise NotImplementedError

    def minutes(self, day: Day) -> int:
        """The minutes that count: each part of a shift has a grace of its own."""
        return self._beyond(self.by_part(day))

    def minutes_early(self, day: Day) -> int:
        """The minutes of an early leave that this kind prices."""
        return 0

    def _beyond(self, parts: tuple[int, int]) -> int:
        return sum(each for each in parts if each > self.grace_minutes)

    def occurs(self, day: Day) -> bool:
        """Beyond the grace, and not so far beyond that it counts as absence."""
        return self.minutes(day) > 0 and self.absence(day) is None

    def occurs_early(self, day: Day) -> bool:
        """Whether the day has an early leave that this kind prices."""
        return self.minutes_early(day) > 0

    def absence(self, day: Day) -> Absent | None:
        """The absence that the day counts as, if it does."""
        if self.counts_as is None:
            return None
        minutes = sum(each for each in self.by_part(day) if each > self.counts_as.over_minutes)
        if not minutes:
            return None
        cause = f"{self.label}{minutes}分钟，超过{self.counts_as.over_minutes}分钟"
        return Absent(day.on, self.counts_as.days, ABSENCES[self.counts_as.as_], cause)

    def charge(
        self,
        occurrences: Sequence[Unpunctual],
        first: date,
        last: date,
        pay: PayBasis,
        before: Sequence[date] = (),
    ) -> Charge:
        """Price the occurrences of a window, by rank; only those from `first` to `last` cost.

        The first `free_per_month` of a month keep their rank and cost nothing, as do those with which the
        month's minutes do not exceed `free_minutes` where they are added up. `before`: the days of earlier
        ones of the window that are counted and cost nothing here.
        """
        amount, points, steps = Decimal(0), Decimal(0), []
        in_month = Counter((on.year, on.month) for on in before)
        minutes: Counter[tuple[int, int]] = Counter()
        last_on = None
        for rank, each in enumerate(occurrences, len(before) + 1):
            month = (each.on.year, each.on.month)
            in_month[month] += 1
            is_free = in_month[month] <= self.free_per_month
            free_minutes = max(self.free_minutes - minutes[month], 0)
            minutes[month] += 0 if is_free else each.minutes
            if not first <= each.on <= last:
                continue
            last_on = each.on
            words = f"{each.words}第{rank}次"
            if is_free:
                steps.append(f"{words}：每月前{self.free_per_month}次免罚")
            elif self.cumulative and each.minutes <= free_minutes:
                steps.append(f"{words}：当月累计{minutes[month]}分钟，前{self.free_minutes}分钟免罚")
            else:
                points += self.points or Decimal(0)
                cost, found = self._cost(rank, each, each.minutes - free_minutes, pay)
                amount += cost
                steps.append(f"{words}：{'，另'.join(found) or '0元'}")
        return Charge(-to_fen(amount), tuple(steps), points=points, last_on=last_on)

    def _cost(self, rank: int, each: Unpunctual, minutes: int, pay: PayBasis) -> tuple[Decimal, list[str]]:
        """Yuan for one occurrence of which so many minutes count, and what it is made of in words."""
        cost, words = Decimal(0), []
        if self.tiers is not None:
            cost, step = self._cost_by_tier(rank, each.on, pay)
            words.append(step)
        elif self.per_minute is not None:
            cost = self.per_minute * minutes
            words.append(f"{minutes}分钟×{self.per_minute}元")
        elif self.points is not None:
            words.append(f"扣{plain(self.points)}分")
        elif self.amount is not None:
            cost = self.amount
            words.append(f"{self.amount}元")
        if self.every is not None and rank % self.every == 0:
            day_rate, days = DayRate(self.of, self.divisor), self.days or Decimal(0)
            cost += days * day_rate.on(each.on, pay)
            words.append(f"满{self.every}次，{plain(days)}天×{day_rate.in_words(each.on, pay)}")
        return cost, words

    def _cost_by_tier(self, rank: int, on: date, pay: PayBasis) -> tuple[Decimal, str]:
        reached = [tier for tier in self.tiers or () if rank >= tier.from_count]
        if not reached:
            return Decimal(0), "0元"
        tier = max(reached, key=lambda each: each.from_count)
        if tier.amount is not None:
            return tier.amount, f"{tier.amount}元"
        base = pay.amount(self.of, on)
        share = tier.rate or Decimal(0)
        return base * share, f"{OF_LABELS[self.of]}{base}×{percent(share)}"

    def in_words(self) -> str:
        words = [f"{self.grace_minutes}分钟以内不算"] if self.grace_minutes else []
        if self.free_per_month:
            words.append(f"每月前{self.free_per_month}次免罚")
        if self.cumulative:
            words.append(
                f"分钟按月累计，前{self.free_minutes}分钟免罚" if self.free_minutes else "分钟按月累计"
            )
        words += self._prices_in_words()
        if self.counts_as is not None:
            over = self.counts_as
            days = f"{plain(over.days)}天" if over.days else ""
            words.append(f"超过{over.over_minutes}分钟算{ABSENCE_LABELS[over.as_]}{days}")
        return "，".join(words)

    def _prices_in_words(self) -> list[str]:
        words = []
        if self.tiers is not None:
            words += [f"第{each.from_count}次起每次{self._tier_in_words(each)}" for each in self.tiers]
        elif self.points is not None:
            words.append(f"每次扣{in_points(self.points)}")
        elif self.per_minute is not None:
            words.append(f"每分钟罚{in_yuan(self.per_minute)}")
        elif self.amount is not None or self.every is None:
            words.append(f"每次罚{in_yuan(self.amount)}")
        if self.every is not None:
            day = f"{OF_LABELS[self.of]}÷{plain(self.divisor)}"
            words.append(f"每满{self.every}次扣{figure(self.days)}天日薪（{day}）")
        return words

    def _tier_in_words(self, tier: LateTier) -> str:
        if tier.amount is not None:
            return f"罚{in_yuan(tier.amount)}"
        return f"扣{OF_LABELS[self.of]}的{in_percent(tier.rate)}"


@dataclass(frozen=True, kw_only=True)
class Late(Punctuality):
    """Arrivals after the start of the shift. Within the grace nobody is late."""

    name: ClassVar[str] = "late"
    label: ClassVar[str] = "迟到"

    with_early: bool = param(flag, "与早退合并计次", default=False)

    def by_part(self, day: Day) -> tuple[int, int]:
        return day.late_by_part

    def minutes_early(self, day: Day) -> int:
        return self._beyond(day.early_by_part) if self.with_early else 0

    def in_words(self) -> str:
        return super().in_words() + ("（与早退合并计次）" if self.with_early else "")


@dataclass(frozen=True, kw_only=True)
class Early(Punctuality):
    """Leaving before the end of the shift; the same on the other end."""

    name: ClassVar[str] = "early"
    label: ClassVar[str] = "早退"

    def by_part(self, day: Day) -> tuple[int, int]:
        return day.early_by_part

    def occurs_early(self, day: Day) -> bool:
        return self.occurs(day)


@dataclass(frozen=True, kw_only=True)
class AbsenceProposal:
    """Days of absence, in a row or in the month, that suggest something."""

    any_of: ClassVar[tuple[str, ...]] = ("consecutive_days", "days_in_month")

    consecutive_days: Decimal | None = param(positive, "连续天数", blank=True, default=None)
    days_in_month: Decimal | None = param(positive, "期间内累计天数", blank=True, default=None)
    proposal: tuple[str, ...] = param(OneOrMany(Choice(PROPOSALS)), "建议")

    def reached_on(self, runs: Sequence[tuple[date, int]], absences: Sequence[Absent]) -> list[date]:
        """The days on which the count is reached: once a run, or once by the days of the window.

        `runs`: the days of the month with the length of the run that each of them makes; `absences` those
        of the window in their order.
        """
        days = self.consecutive_days
        found = [on for on, length in runs if days is not None and length - 1 < days <= length]
        if found or self.days_in_month is None:
            return found
        total = Decimal(0)
        for each in absences:
            total += each.days
            if total >= self.days_in_month:
                return [each.on]
        return []

    def count_in_words(self, category: str = "") -> str:
        reached = []
        if self.consecutive_days is not None:
            reached.append(f"连续{category}{figure(self.consecutive_days)}天")
        if self.days_in_month is not None:
            reached.append(f"累计{category}满{figure(self.days_in_month)}天")
        return "或".join(reached) or BLANK

    def in_words(self) -> str:
        return f"{self.count_in_words()}建议{proposed(self.proposal)}"


@dataclass(frozen=True, kw_only=True)
class Absence(DayPayParams):
    """Absence without leave (旷工) or short absence (缺勤): days' pay, points, proposals."""

    name: ClassVar[str] = "absence"
    label: ClassVar[str] = "旷工缺勤"
    column: ClassVar[str] = "leave"
    takes_incidents: ClassVar[bool] = True
    counts_in_window: ClassVar[bool] = True
    any_of: ClassVar[tuple[str, ...]] = ("multiple", "day_amount", "points", "proposal")

    category: str = param(Choice(CATEGORY_LABELS), "类别", default=UNEXCUSED)
    points: Decimal | None = param(factor, "每次扣分", blank=True, default=None)
    amount: Decimal | None = param(money, "满建议的天数时罚款", blank=True, default=None)
    proposal: tuple[AbsenceProposal, ...] = param(OneOrMany(Nested(AbsenceProposal)), "建议", default=())

    def __post_init__(self) -> None:
        if self.amount is not None and not self.proposal:
            raise ParamError("amount（满建议的天数时罚款）须与 proposal（建议）同写")

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def recorded(self, occurrence: Occurrence, cause: str) -> Absent:
        """The absence that an incident under this provision is: of its magnitude, else one day.

        Where only a count of days in a row costs something, who records it without a magnitude says that
        the count was reached on that day (s000-11-36).
        """
        run = max((each.consecutive_days or ZERO for each in self.proposal), default=ZERO)
        if occurrence.magnitude is not None:
            return Absent(occurrence.on, occurrence.magnitude, self.category, cause)
        if self.amount is None or self.times or self.points is not None or not run:
            return Absent(occurrence.on, Decimal(1), self.category, cause)
        days = run.to_integral_value(ROUND_CEILING)
        return Absent(occurrence.on - timedelta(days=int(days) - 1), days, self.category, cause)

    def charge(self, absences: Sequence[Absent], pay: PayBasis, reached: Sequence[date] = ()) -> Charge:
        """Pay by days and points by occurrence for the month's absences, in the order of their dates.

        `reached`: the days on which a proposal's count was reached, each of which costs `amount`.
        """
        amount, points, steps, taken = Decimal(0), Decimal(0), [], Taken()
        for each in absences:
            cost, words = self.price(each.on, each.days, pay, each.unpaid)
            amount += cost
            taken += self.taken(each.on, each.days, pay, each.unpaid)
            if self.points is not None:
                points += self.points
                words = (
                    f"{words}，扣{plain(self.points)}分"
                    if self.times
                    else f"{each.on:%m-%d}：扣{plain(self.points)}分"
                )
            if self.times or self.points is not None:
                steps.append(f"{words}（{each.cause}）")
        if self.amount is not None:
            amount += self.amount * len(reached)
            steps += [f"{on:%m-%d}{self._counts_in_words()}：罚{self.amount}元" for on in reached]
        last_on = max([*(each.on for each in absences), *reached], default=None)
        return Charge(-to_fen(amount), tuple(steps), points=points, last_on=last_on, taken=taken)

    def _counts_in_words(self) -> str:
        return "或".join(each.count_in_words(CATEGORY_LABELS[self.category]) for each in self.proposal)

    def in_words(self) -> str:
        words = []
        if self.times:
            words.append(f"每天扣{plain(self.times)}倍日薪（{self.day_in_words()}）")
        if self.points is not None:
            words.append(f"每次扣{in_points(self.points)}")
        if self.amount is not None:
            words.append(f"{self._counts_in_words()}罚{in_yuan(self.amount)}")
        words += [each.in_words() for each in self.proposal]
        return f"{CATEGORY_LABELS[self.category]}：{'；'.join(words) or BLANK}"


@dataclass(frozen=True, kw_only=True)
class FullAttendance(MonthlyKind):
    """Paid to who was employed and rostered for the whole month and did nothing of what it forbids."""

    name: ClassVar[str] = "full_attendance"
    label: ClassVar[str] = "全勤奖"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "benefit"

    amount: Decimal | None = param(money, "金额")
    forbids: tuple[str, ...] = param(
        Many(Choice(FORBIDDEN)),
        "不得有",
        default=("late", "early", "absence", "leave"),
    )

    def in_words(self) -> str:
        barred = "、".join(FORBIDDEN[each] for each in self.forbids)
        return f"整月在岗奖{in_yuan(self.amount)}" + (f"，其间不得有{barred}" if barred else "")
