"""Days of a leave that people are entitled to: what is granted, carried over and lapses by rule.

Statutory annual leave: 5 days a year from 1 year of service, 10 from 10, 15 from 20 (职工带薪年休假条例 3).
In a year in which somebody joins, leaves or passes a threshold the days are in proportion to the calendar
days, ÷ 365, and what is no whole day is dropped (企业职工带薪年休假实施办法 5 and 12). Overtime on a day of
rest may be made good by days off; on other days of work and on statutory holidays it is paid (劳动法 44).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from core.money import plain
from core.periods import last_of
from rules.kinds.base import Kind
from rules.kinds.overtime import HOURS_A_DAY
from rules.kinds.params import (
    Choice,
    Either,
    Many,
    Nested,
    ParamError,
    count,
    factor,
    month_day,
    param,
    positive,
)
from rules.leave_types import LEAVE_LABELS

BY_SERVICE, YEARLY, MONTHLY, OVERTIME, NONE = "by_service", "yearly", "monthly", "overtime", "none"
ACCRUAL_LABELS = {
    BY_SERVICE: "每年按累计工龄",
    YEARLY: "每年固定天数",
    MONTHLY: "每月固定天数",
    OVERTIME: "加班换休",
    NONE: "只有期初与更正",
}
ANNUAL = (BY_SERVICE, YEARLY)
ALL, NOTHING = "all", "none"
CARRY_LABELS = {ALL: "全部结转", NOTHING: "不结转"}
REST, ANY = "rest", "any"
COMPENSATED_LABELS = {REST: "休息日的加班", ANY: "休息日与工作日的加班"}
LEAVE, PAY = "leave", "pay"
DEFAULT_LABELS = {LEAVE: "换调休", PAY: "付加班费"}
REFUSE, ALLOW = "refuse", "allow"
BEYOND_LABELS = {REFUSE: "不能请", ALLOW: "可以预支"}
DAY, HOUR = "day", "hour"
UNIT_LABELS = {DAY: "天", HOUR: "小时"}

DAYS_A_YEAR = 365  # by the measure's formula, in leap years as well
PLACES = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class ServiceDays:
    """From so many years of service on so many days a year."""

    from_years: int = param(count, "工龄满几年")
    days: Decimal = param(factor, "每年几天")


STATUTORY = tuple(
    ServiceDays(from_years=years, days=Decimal(days)) for years, days in ((1, 5), (10, 10), (20, 15))
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Calendar days one after another on which so many days a year (or a month) are due."""

    first: date
    last: date
    rate: Decimal

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, kw_only=True)
class LeaveBalance(Kind):
    """The days of one type of leave to which somebody is entitled, and until when they are to be taken."""

    name: ClassVar[str] = "leave_balance"
    label: ClassVar[str] = "假期余额"
    basis: ClassVar[str] = "benefit"

    type: str = param(Choice(LEAVE_LABELS), "假别")
    accrual: str = param(Choice(ACCRUAL_LABELS), "怎样取得")
    days: Decimal | None = param(positive, "天数", default=None)
    table: tuple[ServiceDays, ...] = param(Many(Nested(ServiceDays)), "工龄与天数", default=())
    carry_over: Decimal | str = param(
        Either({"全部或不结转": Choice(CARRY_LABELS), "至多几天": factor}), "年末结转", default=ALL
    )
    expires_on: tuple[int, int] | None = param(month_day, "结转的用到次年", default=None)
    expires_after: int | None = param(count, "取得后几天内用完", default=None)
    hours_per_day: Decimal = param(positive, "几小时折一天", default=HOURS_A_DAY)
    overtime: str = param(Choice(COMPENSATED_LABELS), "可以换休的加班", default=REST)
    overtime_default: str = param(Choice(DEFAULT_LABELS), "加班没有选时", default=LEAVE)
    beyond: str = param(Choice(BEYOND_LABELS), "超过余额", default=REFUSE)
    unit: str = param(Choice(UNIT_LABELS), "余额显示为", default=DAY)

    def __post_init__(self) -> None:
        if (self.days is not None) != (self.accrual in (YEARLY, MONTHLY)):
            raise ParamError("days 在每年或每月固定天数时须写，其余不写")
        if self.table and self.accrual != BY_SERVICE:
            raise ParamError("table 只用于按累计工龄")
        years = [row.from_years for row in self.table]
        if years != sorted(set(years)):
            raise ParamError("table 的年数应由小到大，各不相同")

    @property
    def is_annual(self) -> bool:
        return self.accrual in ANNUAL

    @property
    def most_carried(self) -> Decimal | None:
        """The days that go on into the next year at most; None: all of them."""
        if isinstance(self.carry_over, Decimal):
            return self.carry_over
        return None if self.carry_over == ALL else Decimal(0)

    def pieces(self, first: date, last: date, service_since: date) -> list[Piece]:
        """The days from `first` to `last`, cut where more years of service bring another figure."""
        if self.accrual != BY_SERVICE:
            return [Piece(first, last, self.days or Decimal(0))]
        rows = [(_anniversary(service_since, row.from_years), row.days) for row in self.table or STATUTORY]
        starts = sorted({first, *(on for on, _ in rows if first < on <= last)})
        ends = [on - timedelta(days=1) for on in starts[1:]] + [last]
        held = [[days for on, days in rows if on <= start] for start in starts]
        return [
            Piece(start, end, days[-1] if days else Decimal(0))
            for start, end, days in zip(starts, ends, held, strict=True)
        ]

    def until(self, year: int, on: date) -> date | None:
        """The last day on which days of a year, earned on a day, can be taken; None: they do not lapse."""
        ends = []
        if self.expires_after is not None:
            ends.append(on + timedelta(days=self.expires_after))
        if self.most_carried == 0:
            ends.append(date(year, 12, 31))
        elif self.expires_on is not None:
            ends.append(date(year + 1, *self.expires_on))
        return min(ends, default=None)

    def days_for(self, hours: Decimal) -> Decimal:
        """The days off that hours of overtime earn, unrounded."""
        return hours / self.hours_per_day

    def shown(self, days: Decimal) -> str:
        """Days as people read them: `2.5天`, or by the provision `20小时`."""
        factor_ = self.hours_per_day if self.unit == HOUR else Decimal(1)
        return f"{plain((days * factor_).quantize(PLACES, ROUND_HALF_UP))}{UNIT_LABELS[self.unit]}"

    def in_words(self) -> str:
        words = [f"{LEAVE_LABELS[self.type]}：{self._accrual_in_words()}"]
        carried = self.carry_over
        words.append(
            f"年末至多结转{plain(carried)}天"
            if isinstance(carried, Decimal)
            else f"年末{CARRY_LABELS[carried]}"
        )
        if self.expires_on is not None and self.most_carried != 0:
            words.append("结转的用到次年{}月{}日".format(*self.expires_on))
        if self.expires_after is not None:
            words.append(f"取得后{self.expires_after}天内用完")
        words.append(f"超过余额的{BEYOND_LABELS[self.beyond]}")
        return "，".join(words)

    def _accrual_in_words(self) -> str:
        match self.accrual:
            case "by_service":
                rows = [f"满{row.from_years}年{plain(row.days)}天" for row in self.table or STATUTORY]
                return f"每年按累计工龄{'、'.join(rows)}"
            case "yearly":
                return f"每年{plain(self.days or Decimal(0))}天"
            case "monthly":
                return f"每月{plain(self.days or Decimal(0))}天"
            case "overtime":
                which, default = COMPENSATED_LABELS[self.overtime], DEFAULT_LABELS[self.overtime_default]
                return f"{which}每{plain(self.hours_per_day)}小时换一天，没有选的{default}"
        return ACCRUAL_LABELS[NONE]


def days_of_year(pieces: Sequence[Piece], year: int) -> Decimal:
    """What the days of a year come to: the whole figure, or in proportion with parts of a day dropped.

    *Joined on 1 July, 5 days a year: 184 ÷ 365 × 5 = 2.52: 2 days.*
    """
    return _due(pieces, date(year, 1, 1), date(year, 12, 31), DAYS_A_YEAR, Decimal(1))


def days_of_month(pieces: Sequence[Piece], month: date) -> Decimal:
    """What the days of a month come to: the whole figure, or in proportion, down to a half."""
    return _due(pieces, month, last_of(month), last_of(month).day, Decimal("0.5"))


def _due(pieces: Sequence[Piece], first: date, last: date, divisor: int, step: Decimal) -> Decimal:
    rates = {piece.rate for piece in pieces}
    if len(rates) == 1 and sum(piece.length for piece in pieces) == (last - first).days + 1:
        return rates.pop()
    exact = sum((piece.rate * piece.length for piece in pieces), Decimal(0)) / divisor
    return min(exact // step * step, max(rates, default=Decimal(0)))


def _anniversary(since: date, years: int) -> date:
    """The day on which so many years are complete; of 29 February in other years 1 March."""
    try:
        return since.replace(year=since.year + years)
    except ValueError:
        return date(since.year + years, 3, 1)
