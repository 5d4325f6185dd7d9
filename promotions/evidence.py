"""What is known of one person when a ladder is judged, and at which days of it a provision looks."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from core.periods import last_of, shift_months
from promotions.standings import Seat, Standings
from rules.kinds.ladder import LONGEST

NEXT = range(1, 2 * LONGEST)  # how many months (or quarters) ahead are looked at for the earliest date
NEVER = range(0)


class Exam(NamedTuple):
    on: date
    passed: bool
    score: Decimal | None


class Won(NamedTuple):
    on: date
    code: str
    quantity: int


class Violation(NamedTuple):
    on: date
    title: str


class Word(NamedTuple):
    """What somebody certified."""

    on: date
    id: int
    answer: bool
    note: str
    by: str


class Facts(NamedTuple):
    """What is known of one person on a day.

    `since`: the levels (tier, star, role) that the person has that day, each with the day from which;
    `grades` by the first day of the quarter; `attested` by provision, then item, the newest; `known`: each
    code that the rules of the day have or cover, with those under which it may be recorded.
    """

    who: int
    on: date
    hired_on: date
    seat: Seat
    since: Mapping[str, date]
    standings: Standings
    grades: Mapping[date, str]
    exams: Mapping[str, Sequence[Exam]]
    awards: Sequence[Won]
    violations: Sequence[Violation]
    attested: Mapping[str, Mapping[str, Word]]
    known: Mapping[str, frozenset[str]]

    @property
    def last_month(self) -> date:
        """The last month that is over on the day."""
        return ended_months(self.on, 1)[0][0]


class Look(NamedTuple):
    """At what a provision looks: the days from `since` to `until`, whom it ranks, its own codes."""

    since: date
    until: date
    level_since: date
    roles: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    ahead: range = NEXT  # how many months or quarters ahead it may still come about

    def holds(self, day: date) -> bool:
        return self.since <= day <= self.until


@lru_cache(maxsize=256)
def ended_months(on: date, count: int) -> tuple[tuple[date, date], ...]:
    """The last `count` months that are over on a day, each with its last day, the earliest first."""
    last = on.replace(day=1) if on == last_of(on) else shift_months(on, -1)
    months = (shift_months(last, -back) for back in range(count - 1, -1, -1))
    return tuple((month, last_of(month)) for month in months)
