"""Which days somebody owes, and which of them a leave takes."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shifts.days_owed import DaysOwed
from shifts.planning.holidays import HolidayCalendar, PublishedYear

NOBODY_SAYS = DaysOwed()


def october(*days: int) -> list[date]:
    return [date(2026, 10, day) for day in days]


def taken(owed: DaysOwed, starts_on: date, days: str, *, natural: bool = False) -> list[tuple[str, D]]:
    return [(f"{on:%m-%d}", part) for on, part in owed.leave(starts_on, D(days), natural=natural)]


@pytest.mark.parametrize(
    ("day", "to_work", "paid"),
    [
        (date(2026, 10, 1), 0, 1),  # 国庆节
        (date(2026, 10, 3), 0, 1),  # a Saturday, but of the law's days
        (date(2026, 10, 6), 0, 0),  # off by the notice alone
        (date(2026, 10, 10), 1, 1),  # a Saturday that is worked
        (date(2026, 10, 11), 0, 0),
        (date(2026, 10, 12), 1, 1),
    ],
)
def test_without_a_roster_the_calendar_says(day: date, to_work: int, paid: int) -> None:
    assert (NOBODY_SAYS.to_work(day), NOBODY_SAYS.paid(day)) == (to_work, paid)


def test_the_roster_comes_first_then_what_attendance_lists() -> None:
    holiday, sunday, monday, saturday = october(1, 11, 12, 17)
    owed = DaysOwed(rostered={holiday: D(1), monday: D(0), saturday: D("0.5")}, listed={sunday, monday})
    assert [owed.to_work(day) for day in (holiday, sunday, monday, saturday)] == [1, 1, 0, D("0.5")]
    assert owed.paid(monday) == 0


def test_february_of_2026_has_sixteen_days_of_work_and_four_holidays_that_are_paid() -> None:
    days = [date(2026, 2, day) for day in range(1, 29)]
    assert sum(NOBODY_SAYS.to_work(day) for day in days) == 16
    assert sum(NOBODY_SAYS.paid(day) for day in days) == 20


def test_a_year_is_261_paid_days_as_the_law_reckons() -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    assert sum(NOBODY_SAYS.paid(day) for day in days) == 261  # 365 − 104


def test_leave_passes_over_the_weekend() -> None:
    assert taken(NOBODY_SAYS, date(2026, 11, 26), "4") == [
        ("11-26", 1),
        ("11-27", 1),
        ("11-30", 1),
        ("12-01", 1),
    ]
    assert NOBODY_SAYS.last_of_leave(date(2026, 11, 26), D(4)) == date(2026, 12, 1)
    assert taken(NOBODY_SAYS, date(2026, 10, 16), "2.5") == [("10-16", 1), ("10-19", 1), ("10-20", D("0.5"))]


def test_leave_that_begins_with_a_holiday_uses_up_its_days_until_work_begins() -> None:
    assert taken(NOBODY_SAYS, date(2026, 10, 1), "1") == []
    assert NOBODY_SAYS.last_of_leave(date(2026, 10, 1), D(1)) == date(2026, 10, 1)
    assert taken(NOBODY_SAYS, date(2026, 10, 6), "3") == [("10-08", 1)]


def test_natural_days_use_up_every_day_and_take_those_owed() -> None:
    assert taken(NOBODY_SAYS, date(2026, 9, 1), "6", natural=True) == [
        (f"09-0{day}", 1) for day in range(1, 5)
    ]
    assert NOBODY_SAYS.last_of_leave(date(2026, 6, 1), D(98), natural=True) == date(2026, 9, 6)


def test_half_a_saturday_uses_up_half_a_day_of_leave() -> None:
    owed = DaysOwed(rostered={date(2026, 10, 17): D("0.5")})
    assert taken(owed, date(2026, 10, 16), "2") == [("10-16", 1), ("10-17", D("0.5")), ("10-19", D("0.5"))]


def test_a_notice_that_was_entered_wins_over_the_library_and_the_law() -> None:
    notice = PublishedYear(off={date(2026, 10, 12)}, worked={date(2026, 10, 11)})
    owed = DaysOwed(HolidayCalendar(notices={2026: notice}))
    assert [owed.to_work(day) for day in october(11, 12, 10)] == [1, 0, 0]
    assert owed.calendar[date(2026, 10, 12)].words == "国庆节"
    assert owed.calendar[date(2026, 10, 2)].is_holiday  # the law's own day


@given(st.integers(1, 800), st.sets(st.integers(0, 120)))
def test_the_days_of_a_leave_that_begins_at_work_sum_to_its_days(quarters: int, rest: set[int]) -> None:
    first = date(2026, 7, 1)
    owed = DaysOwed(rostered={first + timedelta(days=i): D(0) for i in rest} | {first: D(1)})
    parts = owed.leave(first, D(quarters) / 4)
    assert sum(part for _, part in parts) == D(quarters) / 4
    assert len({on for on, _ in parts}) == len(parts)
