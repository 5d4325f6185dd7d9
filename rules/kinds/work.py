"""Kinds that say when people work and what they owe: shift patterns, rest, duties.

They bring no pay lines: rosters, the clock and the duties of a day are read from them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from rules.kinds.base import Kind
from rules.kinds.labels import BLANK, DUTY_EVERY_LABELS, PROOF_LABELS, WEEKDAYS, in_clock
from rules.kinds.params import (
    Choice,
    Many,
    Nested,
    ParamError,
    clock_time,
    count,
    flag,
    month_day,
    param,
    text,
    weekday,
)

DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class ShiftHours:
    """One shift's hours in minutes after midnight; an end at or before the start is on the next day.

    `from_`: the day of every year from which the hours hold, where summer and winter differ.
    """

    name: str = param(text, "班次")
    start: int | None = param(clock_time, "上班")
    end: int | None = param(clock_time, "下班")
    break_start: int | None = param(clock_time, "中断自", default=None)
    break_end: int | None = param(clock_time, "中断至", default=None)
    from_: tuple[int, int] | None = param(month_day, "每年自何日起", blank=True, default=None)
    weekdays: tuple[int, ...] = param(Many(weekday), "只在星期", default=())

    def __post_init__(self) -> None:
        if (self.break_start is None) != (self.break_end is None):
            raise ParamError("break_start 与 break_end 须同时给出")
        if self.start is None or self.end is None or self.break_start is None or self.break_end is None:
            return
        length = _after(self.start, self.end) or DAY
        first, last = _after(self.start, self.break_start), _after(self.start, self.break_end)
        if not 0 < first < last < length:
            raise ParamError("break_start 与 break_end 应在上班与下班之间")

    def in_words(self) -> str:
        if self.start is None or self.end is None:
            return f"{self.name}{BLANK}"
        start, end = in_clock(self.start), in_clock(self.end)
        span = f"{start}至{'次日' if self.end <= self.start else ''}{end}"
        if self.break_start is not None and self.break_end is not None:
            span += f"（{in_clock(self.break_start)}至{in_clock(self.break_end)}中断）"
        days = f"，限{'、'.join(WEEKDAYS[each] for each in self.weekdays)}" if self.weekdays else ""
        season = f"（{self.from_[0]}月{self.from_[1]}日起）" if self.from_ else ""
        return f"{self.name}{season}{span}{days}"


def _after(start: int, end: int) -> int:
    """Minutes from one clock time to the next that reads as the other."""
    return (end - start) % DAY


@dataclass(frozen=True, kw_only=True)
class ServiceHours:
    """Hours during which somebody must be on duty, whatever the shifts; minutes after midnight.

    An end at or before the start is on the next day; 00:00 to 24:00 is round the clock.
    """

    start: int | None = param(clock_time, "自")
    end: int | None = param(clock_time, "至")
    weekdays: tuple[int, ...] = param(Many(weekday), "只在星期", default=())

    def on(self, day: date) -> tuple[int, int] | None:
        """From when to when on a day, an end beyond 24 hours on the next; None on other days of the week."""
        if self.start is None or self.end is None:
            return None
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return None
        return self.start, self.end + (DAY if self.end <= self.start else 0)

    def in_words(self) -> str:
        days = "、".join(WEEKDAYS[each] for each in self.weekdays) or "每天"
        return f"{days}{self.hours_in_words()}"

    def hours_in_words(self) -> str:
        if self.start is None or self.end is None:
            return BLANK
        if (self.start, self.end) == (0, DAY):
            return "24小时"
        return f"{in_clock(self.start)}至{'次日' if self.end <= self.start else ''}{in_clock(self.end)}"


@dataclass(frozen=True, kw_only=True)
class ShiftPatternKind(Kind):
    """The shifts that a roster is made of, and what holds of all of them.

    `service`: hours in which somebody of the department must be on duty, whoever it is; how they are divided
    into shifts is the roster's.
    `extends`: who still serves a customer at the end works on; that is noted and is no overtime.
    `ready_minutes`: how long before the start people should be there; being late begins at the start.
    """

    name: ClassVar[str] = "shift_pattern"
    label: ClassVar[str] = "班次"
    any_of: ClassVar[tuple[str, ...]] = ("shifts", "service", "extends", "ready_minutes", "maximum_staff")

    shifts: tuple[ShiftHours, ...] = param(Many(Nested(ShiftHours)), "各班", default=())
    service: tuple[ServiceHours, ...] = param(Many(Nested(ServiceHours)), "须有人值守的时段", default=())
    extends: tuple[str, ...] = param(Many(text), "接待未完自动顺延的班次", default=())
    ready_minutes: int = param(count, "提前到岗分钟", default=0)
    minimum_staff: int = param(count, "每班至少人数", default=0)
    maximum_staff: int | None = param(count, "每班至多人数", default=None)

    def in_words(self) -> str:
        words = [each.in_words() for each in self.shifts]
        if self.service:
            words.append(f"{'、'.join(each.in_words() for each in self.service)}须有人值守")
        if self.extends:
            words.append(f"{'、'.join(self.extends)}到点仍有客户咨询的，接待自动顺延")
        if self.ready_minutes:
            words.append(f"提前{self.ready_minutes}分钟到岗")
        if self.minimum_staff:
            words.append(f"每班至少{self.minimum_staff}人")
        if self.maximum_staff is not None:
            words.append(f"每班至多{self.maximum_staff}人")
        return "；".join(words)


@dataclass(frozen=True, kw_only=True)
class Rest(Kind):
    """What a roster must respect; a breach is shown while rostering and forbids nothing.

    `minimum_on_post`: how many stay while others eat or rest; a shift needs a moment with more than that.
    """

    name: ClassVar[str] = "rest"
    label: ClassVar[str] = "休息"
    any_of: ClassVar[tuple[str, ...]] = (
        "days_per_week",
        "days_per_month",
        "work_days_in_row",
        "weekdays",
        "holidays",
        "minimum_on_post",
        "break_minutes",
        "notice_days",
    )

    days_per_week: int | None = param(count, "每周休息天数", blank=True, default=None)
    days_per_month: int | None = param(count, "每月休息天数", blank=True, default=None)
    work_days_in_row: int | None = param(count, "最多连续上班天数", blank=True, default=None)
    weekdays: tuple[int, ...] = param(Many(weekday), "只能休在星期", default=())
    holidays: bool = param(flag, "法定节假日休息", default=False)
    minimum_on_post: int = param(count, "休息时至少留守人数", default=0)
    break_minutes: int = param(count, "用餐休息分钟", default=0)
    notice_days: int = param(count, "排班提前公布天数", default=0)

    def in_words(self) -> str:
        parts = [
            (self.days_per_week, "每周休{}天"),
            (self.days_per_month, "每月休{}天"),
            (self.work_days_in_row, "连续上班不超过{}天"),
            (self.minimum_on_post, "休息时至少{}人留守"),
            (self.break_minutes, "用餐休息{}分钟"),
            (self.notice_days, "排班提前{}天公布"),
        ]
        words = [said.format(figure) for figure, said in parts if figure]
        if self.weekdays:
            words.append(f"休息日限{'、'.join(WEEKDAYS[each] for each in self.weekdays)}")
        if self.holidays:
            words.append("法定节假日休息")
        return "，".join(words) or BLANK


@dataclass(frozen=True, kw_only=True)
class Duty(Kind):
    """What somebody owes again and again, by when, and what a miss falls under.

    `every: shift` is due at the end of each shift worked unless a `time` is given; `week` on its weekday
    (Sunday), `month` on its `day` (the last where the month is shorter or none is given), `half_month` on
    the 15th and the last, `quarter` and `year` on their last day. Without a `time` a duty is due at the
    end of its day. `proof` says what shows that it was done; `missing` is the code of the provision
    under which a miss is recorded, `undone` that under which a handed-over item falls which somebody signed
    and left undone (s000-03-01f).
    """

    name: ClassVar[str] = "duty"
    label: ClassVar[str] = "职责"

    every: str | None = param(Choice(DUTY_EVERY_LABELS), "周期")
    weekday: int | None = param(weekday, "星期", blank=True, default=7)
    day: int | None = param(count, "几号", blank=True, default=None)
    time: int | None = param(clock_time, "时刻", blank=True, default=None)
    min_length: int = param(count, "至少字数", default=0)
    shifts: tuple[str, ...] = param(Many(text), "只限班次", default=())
    proof: str = param(Choice(PROOF_LABELS), "凭什么算完成", default="report")
    missing: str | None = param(text, "未完成时依据的条款", default=None)
    undone: str | None = param(text, "签收后未办依据的条款", default=None)

    def __post_init__(self) -> None:
        if self.undone is not None and self.proof != "handover":
            raise ParamError("undone 只用于 proof 为 handover 的职责")
        if self.day is not None and not 1 <= self.day <= 31:
            raise ParamError("day 应在1与31之间")

    def due_days(self, first: date, last: date) -> list[date]:
        """The days from `first` to `last` on which it is due; for `shift` and `day` each of them."""
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        return [day for day in days if self._is_due_on(day)]

    def _is_due_on(self, day: date) -> bool:
        is_last = (day + timedelta(days=1)).day == 1
        match self.every:
            case "week":
                return day.isoweekday() == self.weekday
            case "half_month":
                return day.day == 15 or is_last
            case "quarter":
                return is_last and day.month % 3 == 0
            case "year":
                return is_last and day.month == 12
            case "month":
                wanted = self.day or 31
                return day.day == wanted or (is_last and day.day < wanted)
        return self.every is not None

    def in_words(self) -> str:
        when = DUTY_EVERY_LABELS[self.every] if self.every else BLANK
        if self.every == "week":
            when = f"每{WEEKDAYS[self.weekday] if self.weekday else f'周{BLANK}'}"
        elif self.every == "month" and self.day is not None:
            when = f"每月{self.day}日"
        until = f"{in_clock(self.time)}前" if self.time is not None else ""
        words = [f"{when}{until}{PROOF_LABELS[self.proof]}"]
        if self.shifts:
            words.append(f"限{'、'.join(self.shifts)}")
        if self.min_length:
            words.append(f"至少{self.min_length}字")
        if self.missing:
            words.append(f"未完成按{self.missing}")
        if self.undone:
            words.append(f"签收的事项未办按{self.undone}")
        return "，".join(words)
