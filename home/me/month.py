"""A person's month as a calendar: every day, with what the roster, the clock and leave say of it in words."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from people.models import Staff
from shifts.models import Attendance
from shifts.selectors.clock import DayShown, month_of


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a day, and how it is coloured beside: `good`, `warn`, `bad`, `info` or nothing."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MonthCalendar:
    """The days of a month; `starts_on` is the weekday of the first, 1 for Monday."""

    days: list[DayShown]
    words: dict[date, list[Word]]
    starts_on: int
    worked: int
    rest: int

    @property
    def is_empty(self) -> bool:
        return not any(day.roster or day.attendance or day.punches or day.leaves for day in self.days)


def calendar_of(staff: Staff, month: date, *, today: date) -> MonthCalendar:
    """Every day of somebody's month; four queries."""
    known = {day.on: day for day in month_of(staff, month)}
    dates = [month + timedelta(days=i) for i in range(monthrange(month.year, month.month)[1])]
    days = [known.get(on) or DayShown(on) for on in dates]
    return MonthCalendar(
        days=days,
        words={day.on: words_of(day, today=today) for day in days},
        starts_on=month.isoweekday(),
        worked=sum(day.roster is not None and not day.is_rest for day in days),
        rest=sum(day.is_rest for day in days),
    )


def words_of(day: DayShown, *, today: date) -> list[Word]:
    """What became of a day: leave first, then what the clock told."""
    words = [
        Word(leave.get_type_display() if leave.approved else f"{leave.get_type_display()}（未批准）", "info")
        for leave in day.leaves
    ]
    if day.attendance is not None:
        words += _attendance_words(day.attendance) or ([] if day.leaves else [Word("正常", "good")])
    elif day.on <= today and day.punches:
        words.append(Word("已打卡"))
    return words


def _attendance_words(row: Attendance) -> list[Word]:
    said = (
        (row.late_minutes, f"迟到{row.late_minutes}分", "warn"),
        (row.early_minutes, f"早退{row.early_minutes}分", "warn"),
        (row.missing_punches, "缺卡", "warn"),
        (row.absent_days, f"旷工{row.absent_days.normalize():f}天", "bad"),
        (row.overtime_minutes, f"加班{row.overtime_minutes}分", "info"),
        (row.outing_minutes, f"外出{row.outing_minutes}分", "info"),
    )
    return [Word(text, tone) for figure, text, tone in said if figure]
