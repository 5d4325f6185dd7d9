"""Pay by level, allowances, and the kinds that compute nothing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from core.periods import tenure_months
from rules.kinds.base import WORKING_DAYS_A_MONTH, Kind, MonthlyKind
from rules.kinds.labels import BLANK, EVERY_LABELS, PAY_BY, PAY_KEYS, PER_LABELS, figure, in_yuan, keyed
from rules.kinds.params import (
    Choice,
    Either,
    Keyed,
    Many,
    Nested,
    ParamError,
    count,
    factor,
    flag,
    money,
    param,
    positive,
    text,
)


@dataclass(frozen=True, kw_only=True)
class TenurePay:
    """From so many complete years of service on."""

    from_: Decimal | None = param(factor, "满年数")
    amount: Decimal | None = param(money, "金额")


@dataclass(frozen=True, kw_only=True)
class BasePay(Kind):
    """A monthly amount by tier, role, star or years of service; a person's own agreed pay wins over it."""

    name: ClassVar[str] = "base_pay"
    label: ClassVar[str] = "级别工资"
    column: ClassVar[str] = "base"
    basis: ClassVar[str] = "benefit"

    by: str = param(Choice(PAY_BY), "依据", default="tier")
    table: Any = param(
        Either({"按年资": Many(Nested(TenurePay), at_least=1), "按职级、岗位或星级": Keyed(money, PAY_KEYS)}),
        "工资表",
        blank=True,
    )
    divisor: Decimal = param(positive, "折算天数", default=WORKING_DAYS_A_MONTH)

    def __post_init__(self) -> None:
        if self.table is not None and (self.by == "tenure_years") != isinstance(self.table, tuple):
            raise ParamError("table 应为：按年资写列表 {from, amount}，其余写键值表")

    def monthly(self, *, tier: str, role: str, star: int | None, years: int) -> Decimal | None:
        """The monthly amount in yuan; None where the table has no place for the person."""
        if self.by == "tenure_years":
            reached = [each for each in self.table if years >= each.from_]
            return max(reached, key=lambda each: each.from_).amount if reached else None
        key = {"tier": tier, "role": role, "star": "" if star is None else str(star)}[self.by]
        return self.table.get(key)

    def in_words(self) -> str:
        if self.table is None:
            rows = BLANK
        elif isinstance(self.table, tuple):
            rows = "，".join(f"满{figure(each.from_)}年{in_yuan(each.amount)}" for each in self.table)
        else:
            star = "{}星" if self.by == "star" else "{}"
            rows = "，".join(
                f"{star.format(keyed(key, PAY_KEYS))}{in_yuan(each)}" for key, each in self.table.items()
            )
        return f"每月按{PAY_BY[self.by]}：{rows}"


@dataclass(frozen=True, kw_only=True)
class AllowanceWhen:
    tenure_years: int = param(count, "满年数", default=0)
    tenure_months: int = param(count, "满月数", default=0)


@dataclass(frozen=True, slots=True)
class ShiftWorked:
    """The part of a day that somebody worked, and the shift that it was, as far as that is known."""

    part: Decimal
    code: str = ""
    name: str = ""
    is_night: bool = False  # ends after midnight


@dataclass(frozen=True, kw_only=True)
class Allowance(MonthlyKind):
    """A fixed amount every month (or at the end of every quarter or year), or for each day or shift worked;
    from a length of service on.
    """

    name: ClassVar[str] = "allowance"
    label: ClassVar[str] = "补贴"
    column: ClassVar[str] = "allowance"
    basis: ClassVar[str] = "benefit"

    amount: Decimal | None = param(money, "金额")
    every: str = param(Choice(EVERY_LABELS), "周期", default="month")
    when: AllowanceWhen = param(Nested(AllowanceWhen), "条件", default=AllowanceWhen())
    each_year: bool = param(flag, "每满一年工龄一份", default=False)
    per: str = param(Choice(PER_LABELS), "按", default="month")
    shifts: tuple[str, ...] = param(Many(text), "哪些班", default=())

    def __post_init__(self) -> None:
        if (self.per == "shift") != bool(self.shifts):
            raise ParamError("shifts（班次代码、名称，或 night 跨零点的班）须与 per: shift 同写")
        if self.per != "month" and self.each_year:
            raise ParamError("each_year 只用于按期发的补贴，按出勤日或按班的不写")
        if self.per != "month" and self.every != "month":
            raise ParamError("按出勤日或按班的补贴每月发，every 只能是 month")

    def pays(self, shift: "ShiftWorked") -> bool:
        """Whether a worked day is paid: any, or one with a shift that is named."""
        if self.per == "day":
            return True
        names = {shift.code, shift.name} | ({"night"} if shift.is_night else set())
        return not names.isdisjoint(self.shifts)

    def due_in(self, *, hired_on: date, last: date) -> Decimal:
        """What is due in the month that ends on `last`, in yuan; once for each year of service if so."""
        amount = self.amount or Decimal(0)
        return amount * (tenure_months(hired_on, last) // 12) if self.each_year else amount

    def is_due(self, *, hired_on: date, last: date) -> bool:
        """Whether it is paid in the month that ends on `last`: from the month in which service suffices."""
        months = self.when.tenure_years * 12 + self.when.tenure_months
        in_turn = {"month": True, "quarter": last.month % 3 == 0, "year": last.month == 12}[self.every]
        return in_turn and tenure_months(hired_on, last) >= months

    def in_words(self) -> str:
        years, months = self.when.tenure_years, self.when.tenure_months
        span = (f"{years}年" if years else "") + (f"{months}个月" if months else "")
        of = "、".join("跨零点的班" if each == "night" else each for each in self.shifts)
        turn = EVERY_LABELS[self.every] if self.per == "month" else PER_LABELS[self.per]
        turn += f"（{of}）" if of else ""
        turn += "每满一年工龄" if self.each_year else ""
        return f"{turn}{in_yuan(self.amount)}" + (f"，司龄满{span}起" if span else "")


@dataclass(frozen=True, kw_only=True)
class Conduct(Kind):
    """Points of conduct that staff sign; fines and points may cite them."""

    name: ClassVar[str] = "conduct"
    label: ClassVar[str] = "行为准则"

    codes: tuple[str, ...] = param(Many(text), "准则", default=())

    def in_words(self) -> str:
        return "；".join(each or BLANK for each in self.codes)


@dataclass(frozen=True, kw_only=True)
class Text(Kind):
    """Shown, signed and cited; nothing to compute."""

    name: ClassVar[str] = "text"
    label: ClassVar[str] = "条文"

    def in_words(self) -> str:
        return ""
