"""Leave: what a type of it costs a day, and when it counts as absence instead."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from core.money import plain
from rules.kinds.attendance import ABSENCES, UNEXCUSED
from rules.kinds.base import PayBasis
from rules.kinds.fines_and_awards import DayPayParams
from rules.kinds.labels import (
    ABSENCE_LABELS,
    BLANK,
    WITHOUT_LABELS,
    figure,
    in_yuan,
    keyed,
)
from rules.kinds.params import (
    Choice,
    Keyed,
    Nested,
    ParamError,
    count,
    factor,
    flag,
    money,
    param,
    positive,
)
from rules.leave_types import LEAVE_LABELS


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
    first: date = date.min  # the days of it on which the provision holds
    last: date = date.max

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


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
