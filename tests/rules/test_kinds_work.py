"""When duties are due."""

from datetime import date

import pytest

from rules.kinds import parse_kind
from rules.kinds.work import Duty

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


def due(**params: object) -> list[int]:
    kind, _ = parse_kind("duty", params)
    assert isinstance(kind, Duty)
    return [day.day for day in kind.due_days(FIRST, LAST)]


@pytest.mark.parametrize(
    ("params", "days"),
    [
        ({"every": "week", "weekday": 6}, [7, 14, 21, 28]),
        ({"every": "week"}, [1, 8, 15, 22]),
        ({"every": "week", "weekday": None}, []),
        ({"every": "half_month"}, [15, 28]),
        ({"every": "month"}, [28]),
        ({"every": "month", "day": 31}, [28]),
        ({"every": "month", "day": 5}, [5]),
        ({"every": "quarter"}, []),
        ({"every": "year"}, []),
        ({"every": None}, []),
        ({"every": "day"}, list(range(1, 29))),
        ({"every": "shift"}, list(range(1, 29))),
    ],
)
def test_a_duty_is_due_on_its_days(params, days):
    assert due(**params) == days


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("quarter", [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)]),
        ("year", [date(2026, 12, 31)]),
    ],
)
def test_a_duty_of_the_quarter_or_the_year_is_due_on_its_last_day(every, days):
    kind, _ = parse_kind("duty", {"every": every})
    assert isinstance(kind, Duty)
    assert kind.due_days(date(2026, 1, 1), date(2026, 12, 31)) == days
