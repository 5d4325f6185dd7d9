"""Public holidays and make-up workdays of China.

What HR entered of a year's notice wins over the table of the installed library. A year that neither knows has
the days off of the law, named, and weekends.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import Holiday, get_holiday_detail
from holidays.countries import China

_NAMES = {each.value: each.chinese for each in Holiday}
_NEAR = 15  # days from a holiday of the law within which a notice moves days off and on


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """Whether offices rest on a day, and the holiday that it belongs to or makes up for."""

    is_off: bool
    name: str = ""

    @property
    def is_holiday(self) -> bool:
        return self.is_off and bool(self.name)

    @property
    def is_make_up(self) -> bool:
        return not self.is_off and bool(self.name)

    @property
    def words(self) -> str:
        if not self.name:
            return "周末" if self.is_off else ""
        return self.name if self.is_off else f"{self.name}调休上班"


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """A year's notice as it was entered: its days off, and the weekend days on which people work."""

    off: Collection[date] = frozenset()
    worked: Collection[date] = frozenset()


Notices = Mapping[int, PublishedYear]


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """Every day of China's calendar. `days`: those that somebody asked for, `notices`: what was entered."""

    days: Mapping[date, CalendarDay] = field(default_factory=dict)
    notices: Notices = field(default_factory=dict)
    unknown: tuple[int, ...] = ()  # years of those days in which nobody knows the moved days

    def __getitem__(self, day: date) -> CalendarDay:
        return self.days.get(day) or day_of(day, self.notices)

    @property
    def notes(self) -> list[str]:
        return [
            f"{year}年的调休本版本还不知道，按法定节假日和周末计；更新软件，或录入{year}年的放假通知"
            for year in self.unknown
        ]


def calendar_of(first: date, last: date, notices: Notices | None = None) -> HolidayCalendar:
    """The days from `first` to `last`, both included."""
    notices = notices or {}
    span = (first + timedelta(days=i) for i in range((last - first).days + 1))
    days = {day: day_of(day, notices) for day in span}
    years = range(first.year, last.year + 1)
    return HolidayCalendar(
        days, notices, tuple(year for year in years if year not in notices and not _has_table(year))
    )


def day_of(day: date, notices: Notices) -> CalendarDay:
    """What is known of a day: from the notices, the library's table, the law and the week."""
    for notice in notices.values():
        if day in notice.off or day in notice.worked:
            return CalendarDay(day in notice.off, _nearest_holiday(day))
    return _by_law(day) if day.year in notices else _installed(day)


@lru_cache(maxsize=8192)
def _installed(day: date) -> CalendarDay:
    try:
        is_off, name = get_holiday_detail(day)
    except NotImplementedError:  # the library has no table of that year
        return _by_law(day)
    return CalendarDay(is_off, _NAMES.get(name, name or ""))


def _has_table(year: int) -> bool:
    try:
        get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _by_law(day: date) -> CalendarDay:
    name = _holiday(day)
    return CalendarDay(True, name) if name else CalendarDay(is_weekend(day))


# The holidays of the law alone, without the days off that each year's notice moves beside them.
_LAW = China(observed=False, language="zh_CN")
_LAW.has_special_holidays = False
# As the library of notices calls them.
_SHORT = {"农历除夕": "春节", "清明节": "清明", "端午节": "端午", "中秋节": "中秋"}


def _holiday(day: date) -> str:
    name = (_LAW.get(day) or "").partition(";")[0]
    return _SHORT.get(name, name)


def _nearest_holiday(day: date) -> str:
    near = sorted((timedelta(days=i) for i in range(-_NEAR, _NEAR + 1)), key=abs)
    return next((name for step in near if (name := _holiday(day + step))), "放假安排")


def is_weekend(day: date) -> bool:
    return day.isoweekday() > 5


@lru_cache(maxsize=8192)
def is_statutory(day: date) -> bool:
    """Whether the law (全国年节及纪念日放假办法) makes the day a holiday; days off moved beside are none."""
    return day in _LAW
