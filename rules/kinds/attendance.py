"""Kinds that follow from attendance and leave: late, early, absence, leave, full attendance."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from core.money import percent, plain, to_fen
from rules.kinds.base import Charge, Kind, Occurrence, PayBasis
from rules.kinds.fines_and_awards import DayPayParams, refuse_amount
from rules.kinds.labels import (
    ABSENCE_LABELS,
    BLANK,
    CATEGORY_LABELS,
    FORBIDDEN_LABELS,
    OF_LABELS,
    PROPOSALS,
    WITHOUT_LABELS,
    figure,
    in_percent,
    in_points,
    in_yuan,
    keyed,
    proposed,
)
from rules.kinds.params import (
    Choice,
    Keyed,
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
ABSENCES = {"absence": UNEXCUSED, "short_absence": SHORT}  # what `counts_as` and `beyond` name


@dataclass(frozen=True, slots=True)
class Day:
    """A rostered day: minutes late and early, days absent (旷工)."""

    on: date
    late_minutes: int = 0
    early_minutes: int = 0
    absent_days: Decimal = Decimal(0)


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

    def whole_days(self) -> list[date]:
        """The days that it took whole, one after another."""
        return [self.on + timedelta(days=i) for i in range(int(self.days))]


@dataclass(frozen=True, slots=True)
class LeaveFact:
    id: int
    on: date
    days: Decimal
    type: str
    certificate: bool = False
    approved: bool = True

    def dates(
        self, *, weekdays: bool = False, rest: Container[date] = frozenset()
    ) -> list[tuple[date, Decimal]]:
        """The days of leave one after another, the last one possibly a part of a day.

        `weekdays`: Monday to Friday is the roster, so weekends after the first day are no days of leave.
        `rest`: days on which a roster gives rest, which are none either.
        """
        return leave_dates(self.on, self.days, weekdays=weekdays, rest=rest)


def leave_dates(
    starts_on: date, days: Decimal, *, weekdays: bool = False, rest: Container[date] = frozenset()
) -> list[tuple[date, Decimal]]:
    """The days that a leave takes, each with its part; as `LeaveFact.dates` says."""
    dates, left, on = [], days, starts_on
    while left > 0:
        if on not in rest and (not weekdays or on == starts_on or on.weekday() < 5):
            dates.append((on, min(left, Decimal(1))))
            left -= 1
        on += timedelta(days=1)
    return dates


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
    """What late arrivals and early leaves share: a price by rank in the window, beyond a grace."""

    column: ClassVar[str] = "fine"
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("amount", "points", "tiers"),)

    grace_minutes: int = param(count, "宽限分钟", default=0)
    free_per_month: int = param(count, "每月免罚次数", default=0)
    amount: Decimal | None = param(money, "每次金额", blank=True, default=None)
    points: Decimal | None = param(factor, "每次扣分", blank=True, default=None)
    tiers: tuple[LateTier, ...] | None = param(
        Many(Nested(LateTier), at_least=1), "各档", blank=True, default=None
    )
    of: str = param(Choice(OF_LABELS), "比例的基数", default="base_pay")
    counts_as: CountsAs | None = param(Nested(CountsAs), "算作缺勤或旷工", default=None)

    def minutes(self, day: Day) -> int:
        """The minutes of the day that this kind looks at."""
        raise NotImplementedError

    def occurs(self, day: Day) -> bool:
        """Beyond the grace, and not so far beyond that it counts as absence."""
        return self.minutes(day) > self.grace_minutes and self.absence(day) is None

    def occurs_early(self, day: Day) -> bool:
        """Whether the day has an early leave that this kind prices."""
        return False

    def absence(self, day: Day) -> Absent | None:
        """The absence that the day counts as, if it does."""
        if self.counts_as is None or self.minutes(day) <= self.counts_as.over_minutes:
            return None
        cause = f"{self.label}{self.minutes(day)}分钟，超过{self.counts_as.over_minutes}分钟"
        return Absent(day.on, self.counts_as.days, ABSENCES[self.counts_as.as_], cause)

    def charge(
        self, occurrences: Sequence[tuple[date, str]], first: date, last: date, pay: PayBasis
    ) -> Charge:
        """Price the occurrences (day, words) of a window, by rank; only those from `first` to `last` cost.

        The first `free_per_month` of a month keep their rank and cost nothing.
        """
        amount, points, steps = Decimal(0), Decimal(0), []
        in_month: dict[tuple[int, int], int] = {}
        last_on = None
        for rank, (on, words) in enumerate(occurrences, 1):
            nth = in_month[(on.year, on.month)] = in_month.get((on.year, on.month), 0) + 1
            if not first <= on <= last:
                continue
            last_on = on
            if nth <= self.free_per_month:
                steps.append(f"{words}第{rank}次：每月前{self.free_per_month}次免罚")
            elif self.points is not None:
                points += self.points
                steps.append(f"{words}第{rank}次：扣{plain(self.points)}分")
            else:
                cost, step = self._cost(rank, on, pay)
                amount += cost
                steps.append(f"{words}第{rank}次：{step}")
        return Charge(-to_fen(amount), tuple(steps), points=points, last_on=last_on)

    def _cost(self, rank: int, on: date, pay: PayBasis) -> tuple[Decimal, str]:
        if self.tiers is None:
            return self.amount or Decimal(0), f"{self.amount}元"
        reached = [tier for tier in self.tiers if rank >= tier.from_count]
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
        if self.tiers is not None:
            words += [f"第{each.from_count}次起每次{self._tier_in_words(each)}" for each in self.tiers]
        elif self.points is not None:
            words.append(f"每次扣{in_points(self.points)}")
        else:
            words.append(f"每次罚{in_yuan(self.amount)}")
        if self.counts_as is not None:
            over = self.counts_as
            days = f"{plain(over.days)}天" if over.days else ""
            words.append(f"超过{over.over_minutes}分钟算{ABSENCE_LABELS[over.as_]}{days}")
        return "，".join(words)

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

    def minutes(self, day: Day) -> int:
        return day.late_minutes

    def occurs_early(self, day: Day) -> bool:
        return self.with_early and day.early_minutes > self.grace_minutes

    def in_words(self) -> str:
        return super().in_words() + ("（与早退合并计次）" if self.with_early else "")


@dataclass(frozen=True, kw_only=True)
class Early(Punctuality):
    """Leaving before the end of the shift; the same on the other end."""

    name: ClassVar[str] = "early"
    label: ClassVar[str] = "早退"

    def minutes(self, day: Day) -> int:
        return day.early_minutes

    def occurs_early(self, day: Day) -> bool:
        return self.occurs(day)


@dataclass(frozen=True, kw_only=True)
class AbsenceProposal:
    """Days of absence, in a row or in the month, that suggest something."""

    any_of: ClassVar[tuple[str, ...]] = ("consecutive_days", "days_in_month")

    consecutive_days: Decimal | None = param(positive, "连续天数", blank=True, default=None)
    days_in_month: Decimal | None = param(positive, "当月天数", blank=True, default=None)
    proposal: tuple[str, ...] = param(OneOrMany(Choice(PROPOSALS)), "建议")

    def is_reached(self, longest_run: Decimal, in_month: Decimal) -> bool:
        return (self.consecutive_days is not None and longest_run >= self.consecutive_days) or (
            self.days_in_month is not None and in_month >= self.days_in_month
        )

    def in_words(self) -> str:
        reached = [f"连续{figure(self.consecutive_days)}天"] if self.consecutive_days is not None else []
        if self.days_in_month is not None:
            reached.append(f"当月满{figure(self.days_in_month)}天")
        return f"{'或'.join(reached) or BLANK}建议{proposed(self.proposal)}"


@dataclass(frozen=True, kw_only=True)
class Absence(DayPayParams):
    """Absence without leave (旷工) or short absence (缺勤): days' pay, points, proposals."""

    name: ClassVar[str] = "absence"
    label: ClassVar[str] = "旷工缺勤"
    column: ClassVar[str] = "leave"
    takes_incidents: ClassVar[bool] = True
    any_of: ClassVar[tuple[str, ...]] = ("multiple", "day_amount", "points", "proposal")

    category: str = param(Choice(CATEGORY_LABELS), "类别", default=UNEXCUSED)
    points: Decimal | None = param(factor, "每次扣分", blank=True, default=None)
    proposal: tuple[AbsenceProposal, ...] = param(OneOrMany(Nested(AbsenceProposal)), "建议", default=())

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def charge(self, absences: Sequence[Absent], pay: PayBasis) -> Charge:
        """Pay by days and points by occurrence for the month's absences, in the order of their dates."""
        amount, points, steps = Decimal(0), Decimal(0), []
        for each in absences:
            cost, words = self.price(each.on, each.days, pay, each.unpaid)
            amount += cost
            if self.points is not None:
                points += self.points
                words = (
                    f"{words}，扣{plain(self.points)}分"
                    if self.times
                    else f"{each.on:%m-%d}：扣{plain(self.points)}分"
                )
            steps.append(f"{words}（{each.cause}）")
        last_on = absences[-1].on if absences else None
        return Charge(-to_fen(amount), tuple(steps), points=points, last_on=last_on)

    def in_words(self) -> str:
        words = []
        if self.times:
            words.append(f"每天扣{plain(self.times)}倍日薪（{self.day_in_words()}）")
        if self.points is not None:
            words.append(f"每次扣{in_points(self.points)}")
        words += [each.in_words() for each in self.proposal]
        return f"{CATEGORY_LABELS[self.category]}：{'；'.join(words) or BLANK}"


@dataclass(frozen=True, kw_only=True)
class LeaveTerms:
    """What a type of leave costs a day, and on which conditions it is leave at all."""

    multiple: Decimal | None = param(factor, "日薪倍数", blank=True, default=Decimal(0))
    fine: Decimal | None = param(money, "每天罚款", blank=True, default=Decimal(0))
    needs_certificate: bool = param(flag, "须有证明", default=False)
    certificate_from_days: Decimal = param(positive, "几天起须证明", default=Decimal(0))
    without: str = param(Choice(WITHOUT_LABELS), "无证明时", default="absence")
    notice_days: Decimal = param(factor, "提前天数", default=Decimal(0))
    two_levels_from_days: Decimal | None = param(positive, "几天起两级审批", default=None)
    free_per_month: int | None = param(count, "每月免扣次数", default=None)
    beyond: str | None = param(Choice(ABSENCE_LABELS), "超出时算作", default=None)

    def in_words(self) -> str:
        cost = [f"每天扣{figure(self.multiple)}倍日薪"] if self.multiple != 0 else []
        cost += [f"每天罚{in_yuan(self.fine)}"] if self.fine != 0 else []
        words = ["，".join(cost) or "不扣钱"]
        if self.needs_certificate:
            since = f"{plain(self.certificate_from_days)}天起" if self.certificate_from_days else ""
            words.append(f"{since}须有证明，没有的{WITHOUT_LABELS[self.without]}")
        if self.notice_days:
            words.append(f"提前{plain(self.notice_days)}天申请")
        if self.two_levels_from_days is not None:
            words.append(f"{plain(self.two_levels_from_days)}天起两级审批")
        if self.free_per_month is not None:
            beyond = f"，超出算{ABSENCE_LABELS[self.beyond]}" if self.beyond else ""
            words.append(f"每月{self.free_per_month}次以内不扣{beyond}")
        return "，".join(words)


@dataclass(frozen=True, slots=True)
class LeaveOutcome:
    """A leave as the provision sees it: what a day costs, or the absence that it counts as."""

    leave: LeaveFact
    multiple: Decimal
    fine: Decimal
    absence: str | None  # category
    words: str


@dataclass(frozen=True, kw_only=True)
class LeaveKind(DayPayParams):
    """Leave by type. `types` maps a type, or several with commas that share their free times, to terms."""

    name: ClassVar[str] = "leave"
    label: ClassVar[str] = "请假"
    column: ClassVar[str] = "leave"
    basis: ClassVar[str] = "benefit"

    types: dict[str, LeaveTerms | None] = param(Keyed(Nested(LeaveTerms), LEAVE_LABELS), "各类假")

    def __post_init__(self) -> None:
        if not self.types:
            raise ParamError("types 至少写一类假")
        names = [name for key in self.types for name in split_types(key)]
        if len(names) != len(set(names)):
            raise ParamError("types 中同一类假写了两次")

    def in_words(self) -> str:
        types = [f"{_named(key)}{terms.in_words() if terms else BLANK}" for key, terms in self.types.items()]
        paid = any(terms and terms.multiple for terms in self.types.values())
        return "；".join(types) + (f"（{self.day_in_words()}）" if paid else "")

    def terms_of(self, type_: str) -> tuple[str, LeaveTerms] | None:
        """The key and the terms under which a type falls."""
        for key, terms in self.types.items():
            if terms is not None and type_ in split_types(key):
                return key, terms
        return None

    def assess(
        self, leaves: Sequence[LeaveFact], personal: Callable[[], tuple[str, LeaveTerms] | None]
    ) -> list[LeaveOutcome]:
        """What each approved leave of a type that the provision knows comes to, in the order of dates.

        Free times are counted by the month in which a leave begins. `personal` gives the terms of
        personal leave where another provision holds them.
        """
        used: dict[tuple[str, int, int], int] = {}
        outcomes = []
        for leave in leaves:
            found = self.terms_of(leave.type)
            if found is None or not leave.approved:
                continue
            key, terms = found
            words = ""
            if (
                terms.needs_certificate
                and not leave.certificate
                and leave.days >= terms.certificate_from_days
            ):
                if terms.without == "absence":
                    outcomes.append(
                        LeaveOutcome(leave, Decimal(0), Decimal(0), UNEXCUSED, "没有证明，按旷工")
                    )
                    continue
                # Personal leave that no provision prices costs nothing, whoever takes it.
                key, terms = self.terms_of("personal") or personal() or ("personal", LeaveTerms())
                words = "没有证明，按事假；"
            outcomes.append(self._one(leave, key, terms, used, words))
        return outcomes

    def _one(
        self,
        leave: LeaveFact,
        key: str,
        terms: LeaveTerms,
        used: dict[tuple[str, int, int], int],
        words: str,
    ) -> LeaveOutcome:
        counter = (key, leave.on.year, leave.on.month)
        nth = used[counter] = used.get(counter, 0) + 1
        if terms.free_per_month is not None and nth <= terms.free_per_month:
            return LeaveOutcome(
                leave, Decimal(0), Decimal(0), None, f"{words}当月第{nth}次，{terms.free_per_month}次内不扣"
            )
        if terms.free_per_month is not None and terms.beyond is not None:
            name = "缺勤" if terms.beyond == "short_absence" else "旷工"
            note = f"{words}当月第{nth}次，超过{terms.free_per_month}次，按{name}"
            return LeaveOutcome(leave, Decimal(0), Decimal(0), ABSENCES[terms.beyond], note)
        return LeaveOutcome(leave, terms.multiple or Decimal(0), terms.fine or Decimal(0), None, words)

    def price_day(
        self, outcome: LeaveOutcome, on: date, part: Decimal, unpaid: Decimal, pay: PayBasis
    ) -> tuple[Decimal, str]:
        """Yuan (unrounded) for one day of a leave and the arithmetic in words."""
        units = max(outcome.multiple * part - unpaid, Decimal(0))
        cost, words = outcome.fine * part, f"{on:%m-%d}：{plain(part)}天"
        if units:
            cost += units * self.day_rate.on(on, pay)
            words += f"×{plain(outcome.multiple)}倍{self.day_rate.in_words(on, pay)}"
        if unpaid and outcome.multiple:
            words += f"（折算未发{plain(unpaid)}天，不重复扣）"
        if outcome.fine:
            words += f"，罚款{outcome.fine}元/天"
        return cost, words


def _named(key: str) -> str:
    return keyed(",".join(split_types(key)), LEAVE_LABELS)


def split_types(key: str) -> list[str]:
    return [name.strip() for name in key.strip("[]()").replace("、", ",").split(",") if name.strip()]


@dataclass(frozen=True, kw_only=True)
class FullAttendance(Kind):
    """Paid to who was employed and rostered for the whole month and did nothing of what it forbids."""

    name: ClassVar[str] = "full_attendance"
    label: ClassVar[str] = "全勤奖"
    column: ClassVar[str] = "bonus"
    basis: ClassVar[str] = "benefit"

    amount: Decimal | None = param(money, "金额")
    forbids: tuple[str, ...] = param(
        Many(Choice(FORBIDDEN_LABELS)),
        "不得有",
        default=("late", "early", "absence", "leave"),
    )

    def in_words(self) -> str:
        barred = "、".join(FORBIDDEN_LABELS[each] for each in self.forbids)
        return f"整月在岗奖{in_yuan(self.amount)}" + (f"，其间不得有{barred}" if barred else "")
