"""Public holidays and make-up workdays of China; a year that is not published yet counts by weekends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import Holiday, get_holiday_detail
from holidays.countries import China

_NAMES = {each.value: each.chinese for each in Holiday}


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
class HolidayCalendar:
    """The days of a roster; `unpublished`: years whose holidays nobody knows yet."""

    days: Mapping[date, CalendarDay]
    unpublished: tuple[int, ...] = ()

    def __getitem__(self, day: date) -> CalendarDay:
        return self.days.get(day) or by_weekend(day)

    @property
    def notes(self) -> list[str]:
        return [f"{year}年节假日尚未公布，按周末计" for year in self.unpublished]


def calendar_of(first: date, last: date) -> HolidayCalendar:
    """The days from `first` to `last`, both included."""
    days, unpublished = {}, set()
    for i in range((last - first).days + 1):
        day = first + timedelta(days=i)
        try:
            is_off, name = get_holiday_detail(day)
        except NotImplementedError:  # the library has no table of that year
            unpublished.add(day.year)
            days[day] = by_weekend(day)
        else:
            days[day] = CalendarDay(is_off, _NAMES.get(name, name or ""))
    return HolidayCalendar(days, tuple(sorted(unpublished)))


def by_weekend(day: date) -> CalendarDay:
    return CalendarDay(day.isoweekday() > 5)


# The holidays of the law alone, without the days off that each year's notice moves beside them.
_LAW = China(observed=False)
_LAW.has_special_holidays = False


def is_statutory(day: date) -> bool:
    """Whether the law (全国年节及纪念日放假办法) makes the day a holiday; days off moved beside are none."""
    return day in _LAW
