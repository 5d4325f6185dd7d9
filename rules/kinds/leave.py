"""Leave: what a type of it costs a day, and when it counts as absence instead."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core.money import plain, to_fen
from rules.kinds.attendance import ABSENCES, UNEXCUSED
from rules.kinds.base import PayBasis, Taken
from rules.kinds.fines_and_awards import DayPayParams
from rules.kinds.labels import (
    ABSENCE_LABELS,
    BLANK,
    WITHOUT_LABELS,
    figure,
    in_percent,
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
from rules.leave_types import LEAVE_LABELS, LeaveType

WORKING, NATURAL = "working", "natural"
COUNT_LABELS = {WORKING: "工作日", NATURAL: "自然日"}
# Leave that the law gives by the calendar (女职工劳动保护特别规定 7) unless a provision says otherwise.
NATURAL_TYPES = frozenset({LeaveType.MATERNITY})


@dataclass(frozen=True, slots=True)
class LeaveFact:
    """Leave of so many days owed, or of the calendar's (`natural`)."""

    id: int
    on: date
    days: Decimal
    type: str
    certificate: bool = False
    approved: bool = True
    natural: bool = False


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
    floor_rate: Decimal | None = param(factor, "假期工资不低于最低工资的比例", blank=True, default=None)
    free_per_month: int | None = param(count, "每月免扣次数", default=None)
    beyond: str | None = param(Choice(ABSENCE_LABELS), "超出时算作", default=None)
    count: str | None = param(Choice(COUNT_LABELS), "天数按", default=None)

    def in_words(self) -> str:
        cost = [f"每天扣{figure(self.multiple)}倍日薪"] if self.multiple != 0 else []
        cost += [f"每天罚{in_yuan(self.fine)}"] if self.fine != 0 else []
        words = ["，".join(cost) or "不扣钱"]
        if self.floor_rate is not None:
            words.append(f"假期工资不低于最低工资的{in_percent(self.floor_rate)}")
        if self.count is not None:
            words.append(f"天数按{COUNT_LABELS[self.count]}")
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
    floor_rate: Decimal | None = None
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

    def is_natural(self, type_: str) -> bool | None:
        """Whether leave of a type counts every day of the calendar; None where the provision is silent."""
        found = self.terms_of(type_)
        return None if found is None or found[1].count is None else found[1].count == NATURAL

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
        return LeaveOutcome(
            leave, terms.multiple or Decimal(0), terms.fine or Decimal(0), None, words, terms.floor_rate
        )

    def price_day(
        self, outcome: LeaveOutcome, on: date, part: Decimal, unpaid: Decimal, pay: PayBasis
    ) -> tuple[Decimal, Taken, str]:
        """Yuan (unrounded) for one day of a leave, what of it is at most a day's pay, and the arithmetic."""
        units = max(outcome.multiple * part - unpaid, Decimal(0))
        cost, words = outcome.fine * part, f"{on:%m-%d}：{plain(part)}天"
        taken = Taken()
        if units:
            rate = self.day_rate.on(on, pay)
            deducted, floored = self._down_to_floor(outcome, on, units * rate, part - unpaid, pay)
            cost += deducted
            words += f"×{plain(outcome.multiple)}倍{self.day_rate.in_words(on, pay)}{floored}"
            here = part - unpaid
            at_most_a_day = min(outcome.multiple, Decimal(1)) * part - unpaid
            ordinary = min(deducted, max(at_most_a_day, Decimal(0)) * rate)
            taken = Taken(here, here if ordinary == here * rate else Decimal(0), ordinary)
        if unpaid and outcome.multiple:
            words += f"（折算未发{plain(unpaid)}天，不重复扣）"
        if outcome.fine:
            words += f"，罚款{outcome.fine}元/天"
        return cost, taken, words

    def _down_to_floor(
        self, outcome: LeaveOutcome, on: date, deducted: Decimal, part: Decimal, pay: PayBasis
    ) -> tuple[Decimal, str]:
        """What may be deducted of a part of a day whose pay has a floor, and the words about it."""
        if outcome.floor_rate is None:
            return deducted, ""
        floor = pay.least(on) * outcome.floor_rate / self.day_rate.divisor_on(on)
        most = max((self.day_rate.on(on, pay) - floor) * part, Decimal(0))
        if deducted <= most:
            return deducted, ""
        return (
            most,
            f"，减至{plain(to_fen(most))}元（假期工资不低于最低工资的{in_percent(outcome.floor_rate)}）",
        )


def is_natural(kinds: Iterable[LeaveKind], type_: str) -> bool:
    """Whether leave of a type counts natural days under the provisions that bind somebody."""
    said = (kind.is_natural(type_) for kind in kinds)
    return next((each for each in said if each is not None), type_ in NATURAL_TYPES)


def _named(key: str) -> str:
    return keyed(",".join(split_types(key)), LEAVE_LABELS)


def split_types(key: str) -> list[str]:
    return [name.strip() for name in key.strip("[]()").replace("、", ",").split(",") if name.strip()]
