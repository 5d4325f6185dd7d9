"""Hours paid beside the month: approved overtime, and duty on statutory holidays.

Duty on a holiday is owed without a request (劳动法 44). A day of rest or a statutory holiday may have its own
multiple.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core.money import plain, to_fen
from rules.kinds.base import WORKING_DAYS_A_MONTH, Charge, Kind, PayBasis
from rules.kinds.labels import figure, in_yuan
from rules.kinds.params import Choice, factor, money, param, positive

MINUTES = Decimal(60)  # an hour
HOURS_A_DAY = Decimal(8)


SHIFT, HOURS, NONE = "shift", "hours", "none"
DUTY_LABELS = {
    SHIFT: "当天的班落在节日里的小时",
    HOURS: "落在节日里的小时，含前一天夜班过零点的",
    NONE: "不自动计，须申请加班",
}


@dataclass(frozen=True, slots=True)
class OvertimeDay:
    """Hours of a calendar day, and what kind of day that is: approved overtime, or rostered duty.

    Of duty `minutes` is None where nobody knows the shift's hours, `part` how much of the shift was worked,
    `of_eve` whether it began on the day before, which is no holiday.
    """

    on: date
    minutes: int | None
    is_rest: bool = False
    is_holiday: bool = False
    is_duty: bool = False
    of_eve: bool = False
    part: Decimal = Decimal(1)

    def in_words(self) -> str:
        where = "法定节假日" if self.is_holiday else "休息日" if self.is_rest else ""
        return f"{self.on:%m-%d}{where}{'值班' if self.is_duty else '加班'}"


@dataclass(frozen=True, kw_only=True)
class OvertimeKind(Kind):
    """An hour's pay (given, or base pay ÷ divisor ÷ hours a day) × the multiple of the day × the hours.

    A holiday without its own multiple is a day of rest or of work like any other; so is a day of rest.
    """

    name: ClassVar[str] = "overtime"
    label: ClassVar[str] = "加班"
    column: ClassVar[str] = "allowance"
    basis: ClassVar[str] = "benefit"
    any_of: ClassVar[tuple[str, ...]] = ("per_hour", "multiple")

    per_hour: Decimal | None = param(money, "每小时金额", blank=True, default=None)
    multiple: Decimal | None = param(factor, "平时倍数", blank=True, default=None)
    rest_multiple: Decimal | None = param(factor, "休息日倍数", default=None)
    holiday_multiple: Decimal | None = param(factor, "法定节假日倍数", default=None)
    divisor: Decimal = param(positive, "折算天数", default=WORKING_DAYS_A_MONTH)
    hours_per_day: Decimal = param(positive, "每天小时", default=HOURS_A_DAY)
    holiday_duty: str = param(Choice(DUTY_LABELS), "法定节假日值班", default=SHIFT)

    @property
    def pays_duty(self) -> bool:
        """Whether duty on a statutory holiday is paid without a request: it needs a multiple of its own."""
        return self.holiday_multiple is not None and self.holiday_duty != NONE

    def pays(self, day: OvertimeDay) -> bool:
        """Whether the hours are paid: approved overtime is, and duty as the provision has it."""
        return not day.is_duty or (self.pays_duty and (self.holiday_duty == HOURS or not day.of_eve))

    def minutes(self, day: OvertimeDay) -> Decimal:
        """The minutes that were worked; a day's hours where those of the shift are unknown."""
        whole = self.hours_per_day * MINUTES if day.minutes is None else Decimal(day.minutes)
        return whole * day.part

    def times(self, day: OvertimeDay) -> Decimal:
        """The multiple of the day; 1 where only an amount an hour is given."""
        if day.is_holiday and self.holiday_multiple is not None:
            return self.holiday_multiple
        if day.is_rest and self.rest_multiple is not None:
            return self.rest_multiple
        return Decimal(1) if self.multiple is None else self.multiple

    def charge(self, days: Sequence[OvertimeDay], pay: PayBasis) -> Charge:
        """What the overtime of these days pays, rounded once; fails where base pay is needed and unknown."""
        total, steps = Decimal(0), []
        paid = [day for day in days if self.pays(day)]
        for day in paid:
            minutes, times = self.minutes(day), self.times(day)
            if self.per_hour is not None:
                amount, hourly = self.per_hour, f"{self.per_hour}元"
            else:
                amount = pay.amount("base_pay", day.on)
                hourly = f"（基本工资{amount}÷{plain(self.divisor)}÷{plain(self.hours_per_day)}）"
            total += amount * times * minutes
            steps.append(f"{day.in_words()}{_hours(minutes)}小时×时薪{hourly}×{plain(times)}倍")
        # Divided once, so that thirds of an hour add up to whole ones.
        per = MINUTES if self.per_hour is not None else MINUTES * self.divisor * self.hours_per_day
        return Charge(to_fen(total / per), tuple(steps), last_on=paid[-1].on if paid else None)

    def in_words(self) -> str:
        usual = Decimal(1) if self.multiple is None and self.per_hour is not None else self.multiple
        words = [f"每小时付{figure(usual)}倍时薪"]
        if self.rest_multiple is not None:
            words.append(f"休息日{plain(self.rest_multiple)}倍")
        if self.holiday_multiple is not None:
            words.append(f"法定节假日{plain(self.holiday_multiple)}倍")
        if self.pays_duty:
            words.append("节日值班不用申请")
        hourly = f"按基本工资÷{plain(self.divisor)}天÷{plain(self.hours_per_day)}小时"
        if self.per_hour is not None:
            hourly = in_yuan(self.per_hour)
        return f"{'，'.join(words)}（时薪{hourly}）"


def _hours(minutes: Decimal) -> str:
    """The hours as a figure of the arithmetic; thirds of an hour stay a quotient."""
    return plain(minutes / MINUTES) if minutes % 3 == 0 else f"{plain(minutes)}÷{MINUTES}"
