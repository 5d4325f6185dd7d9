"""Which days the law makes holidays, and which are only days off beside them."""

from datetime import date, timedelta

import pytest
from chinese_calendar.constants import holidays

from shifts.planning.holidays import calendar_of, is_statutory

PUBLISHED = range(2020, max(holidays).year + 1)


def statutory(year: int) -> list[str]:
    days = (date(year, 1, 1) + timedelta(days=i) for i in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and is_statutory(day)]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 02-10 02-11 02-12 04-04 05-01 06-10 09-17 10-01 10-02 10-03"),
        (2025, "01-01 01-28 01-29 01-30 01-31 04-04 05-01 05-02 05-31 10-01 10-02 10-03 10-06"),
        (2026, "01-01 02-16 02-17 02-18 02-19 04-05 05-01 05-02 06-19 09-25 10-01 10-02 10-03"),
        # Long before anybody publishes it.
        (2060, "01-01 02-01 02-02 02-03 02-04 04-04 05-01 05-02 06-03 09-09 10-01 10-02 10-03"),
    ],
)
def test_the_holidays_of_the_law(year: int, days: str) -> None:
    assert statutory(year) == days.split()


@pytest.mark.parametrize("year", PUBLISHED)
def test_what_was_published_has_them_all_off(year: int) -> None:
    calendar = calendar_of(date(year, 1, 1), date(year, 12, 31))
    # In 2020 the Mid-Autumn Festival was on the first of October.
    assert len(statutory(year)) == (13 if year >= 2025 else 10 if year == 2020 else 11)
    assert all(calendar[date.fromisoformat(f"{year}-{day}")].is_holiday for day in statutory(year))
