"""Which days the law makes holidays, and which are only days off beside them."""

from datetime import date, timedelta

import pytest
from chinese_calendar.constants import holidays

from shifts.planning.holidays import PublishedYear, calendar_of, is_statutory

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


@pytest.mark.parametrize(
    ("month", "last", "off"),
    [(1, 31, 11), (2, 28, 10), (4, 30, 9)],  # 元旦 on a Friday; 春节 from Friday to Monday; 清明 on a Monday
)
def test_a_year_without_a_table_has_the_days_of_the_law_off(month: int, last: int, off: int) -> None:
    calendar = calendar_of(date(2027, month, 1), date(2027, month, last))
    assert sum(calendar[date(2027, month, day)].is_off for day in range(1, last + 1)) == off
    (note,) = calendar.notes
    assert note.startswith("2027年的调休本版本还不知道") and "更新软件" in note


def test_the_days_of_the_law_are_named_in_a_year_without_a_table() -> None:
    calendar = calendar_of(date(2027, 1, 1), date(2027, 12, 31))
    named = {f"{day:%m-%d}": calendar[day].words for day in calendar.days if calendar[day].is_holiday}
    assert (
        named["01-01"] == "元旦" and named["02-05"] == named["02-08"] == "春节" and named["04-05"] == "清明"
    )


def test_a_notice_that_was_entered_is_known() -> None:
    notice = PublishedYear(off={date(2027, 2, 9)}, worked={date(2027, 1, 30)})
    calendar = calendar_of(date(2027, 1, 1), date(2027, 2, 28), {2027: notice})
    assert calendar.notes == []
    assert calendar[date(2027, 1, 30)].words == "春节调休上班"
    assert calendar[date(2027, 2, 9)].words == calendar[date(2027, 2, 8)].words == "春节"
    assert not calendar[date(2027, 2, 10)].is_off
