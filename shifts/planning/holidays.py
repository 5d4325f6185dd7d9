"""Public holidays and make-up workdays of China; a year that is not published yet counts by weekends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import Holiday, get_holiday_detail

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
class Calendar:
    """The days of a roster; `unpublished`: years whose holidays nobody knows yet."""

    days: Mapping[date, CalendarDay]
    unpublished: tuple[int, ...] = ()

    def __getitem__(self, day: date) -> CalendarDay:
        return self.days.get(day) or by_weekend(day)

    @property
    def notes(self) -> list[str]:
        return [f"{year}年节假日尚未公布，按周末计" for year in self.unpublished]


def calendar_of(first: date, last: date) -> Calendar:
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
    return Calendar(days, tuple(sorted(unpublished)))


def by_weekend(day: date) -> CalendarDay:
    return CalendarDay(day.isoweekday() > 5)


# Of each year: the first day of the lunar year, Qingming, the Dragon Boat and the Mid-Autumn Festival.
_FESTIVALS = {
    2020: ("01-25", "04-04", "06-25", "10-01"),
    2021: ("02-12", "04-04", "06-14", "09-21"),
    2022: ("02-01", "04-05", "06-03", "09-10"),
    2023: ("01-22", "04-05", "06-22", "09-29"),
    2024: ("02-10", "04-04", "06-10", "09-17"),
    2025: ("01-29", "04-04", "05-31", "10-06"),
    2026: ("02-17", "04-05", "06-19", "09-25"),
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
}


def is_statutory(day: date) -> bool:
    """Whether the law (全国年节及纪念日放假办法) makes the day a holiday; days off moved beside it are none.

    Of a year that is not in the table every day off of a published holiday counts.
    """
    if day.year not in _FESTIVALS:
        return calendar_of(day, day)[day].is_holiday
    new_year, *others = (date.fromisoformat(f"{day.year}-{each}") for each in _FESTIVALS[day.year])
    days = {new_year + timedelta(days=i) for i in range(3)} | set(others)
    days |= {date(day.year, 1, 1), date(day.year, 5, 1), *(date(day.year, 10, each) for each in (1, 2, 3))}
    if day.year >= 2025:  # the eve of the lunar year and a second day in May came in then
        days |= {new_year - timedelta(days=1), date(day.year, 5, 2)}
    return day in days
