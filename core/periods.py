"""Calendar months and the windows in which occurrences are counted. A month is its first day."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache


def first_of(day: date) -> date:
    return day.replace(day=1)


@lru_cache(maxsize=4096)
def last_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def shift_months(month: date, count: int) -> date:
    """The first day of the month `count` months after (before, when negative) that of `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def parse_month(text: str) -> date:
    """`2026-10` as the first day of that month; ValueError otherwise, and before 1900 or after 2900."""
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not "1900" <= year <= "2900":
        raise ValueError(text)
    return date(int(year), int(month), 1)


def window_start(window: str, day: date) -> date:
    """First day of the counting window (`month`, `quarter`, `year`, `employment`) that holds `day`."""
    if window == "month":
        return first_of(day)
    if window == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if window == "year":
        return date(day.year, 1, 1)
    return date.min


def window_end(window: str, day: date) -> date:
    """Last day of the counting window that holds `day`."""
    if window == "month":
        return last_of(day)
    if window == "quarter":
        return last_of(shift_months(window_start("quarter", day), 2))
    if window == "year":
        return date(day.year, 12, 31)
    return date.max


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; empty when they are out of order."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def tenure_months(hired_on: date, day: date) -> int:
    """Complete months of service on `day`, counted from `hired_on`."""
    months = (day.year - hired_on.year) * 12 + day.month - hired_on.month
    # Who was hired on the 31st completes a shorter month on its last day.
    complete = day.day >= hired_on.day or day == last_of(day)
    return months if complete else months - 1


def months_after(day: date, count: int) -> date:
    """The day `count` months later (before, when negative), by which `tenure_months` are complete."""
    month = shift_months(day, count)
    return month.replace(day=min(day.day, last_of(month).day))
