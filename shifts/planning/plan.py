"""A roster as plain data: people, shifts and what each person does on each day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from rules.kinds.work import Rest, ServiceHours
from shifts.planning.holidays import HolidayCalendar

REST = 0  # in a slot: a day of rest; any other figure is a shift's id
MINUTES_A_DAY = 24 * 60

# By staff id and day a shift's id or REST; nothing where the day is open.
Slots = Mapping[int, Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class SeasonHours:
    """A shift's hours from a day of every year on, in minutes after midnight of the day it starts.

    `end` is beyond 24 hours where the shift ends on the next day; `pause`: minutes that are not worked.
    """

    month: int
    day: int
    start: int
    end: int
    pause: int = 0

    @property
    def worked(self) -> int:
        return self.end - self.start - self.pause


@dataclass(frozen=True, slots=True)
class PlannedShift:
    """A shift pattern as planning sees it; `hours` in the order of the year, at least one."""

    id: int
    code: str
    name: str
    hours: tuple[SeasonHours, ...]
    colour: int = 1
    minimum: int = 0
    maximum: int | None = None
    is_evening: bool = False
    is_retired: bool = False

    def on(self, day: date) -> SeasonHours:
        """The hours of a day: the latest that began in the year, else the last of the year before."""
        begun = [each for each in self.hours if (each.month, each.day) <= (day.month, day.day)]
        return begun[-1] if begun else self.hours[-1]


@dataclass(frozen=True, slots=True)
class PlannedLeave:
    """Leave on a day: how much of it, and which in words."""

    part: Decimal
    words: str


def takes_the_day(away: Iterable[PlannedLeave]) -> bool:
    """Whether what there is of leave takes the whole day."""
    return sum((each.part for each in away), Decimal(0)) >= 1


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """Somebody of the roster: the days on which the roster is theirs, and their leave on them."""

    id: int
    number: str
    name: str
    role: str
    days: frozenset[date]
    away: Mapping[date, tuple[PlannedLeave, ...]] = field(default_factory=dict)

    def is_away(self, day: date) -> bool:
        """Whether leave takes the whole day."""
        return takes_the_day(self.away.get(day, ()))

    def is_there(self, day: date) -> bool:
        """Whether the person can be rostered on the day."""
        return day in self.days and not self.is_away(day)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


@dataclass(frozen=True, slots=True)
class RestRule:
    """A provision on rest with the days of the plan on which it is in force."""

    code: str
    title: str
    rest: Rest
    first: date
    last: date
    roles: tuple[str, ...] = ()

    def binds(self, person: PlannedPerson) -> bool:
        return not self.roles or person.role in self.roles

    def holds_on(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """A provision on hours in which somebody must be on duty, with the days on which it is in force."""

    code: str
    hours: tuple[ServiceHours, ...]
    first: date
    last: date

    def holds_on(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Plan:
    """The roster of some people from `first` to `last`; `slots` also has days around it.

    `elsewhere`: the shifts that people of the department who are not in the plan have on each day; the
    service hours are the department's. `published`: of the slots the roster that published them, if one did,
    by person and day.
    """

    first: date
    last: date
    people: Sequence[PlannedPerson]
    shifts: Mapping[int, PlannedShift]
    slots: Slots
    calendar: HolidayCalendar
    rules: Sequence[RestRule] = ()
    service: Sequence[ServiceRule] = ()
    elsewhere: Mapping[date, Collection[int]] = field(default_factory=dict)
    published: Mapping[tuple[int, date], int] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=i) for i in range((self.last - self.first).days + 1)]

    def of(self, person: PlannedPerson) -> Mapping[date, int]:
        """What the person does on each day; open days are not in it."""
        return self.slots.get(person.id, {})

    def slot(self, person: PlannedPerson, day: date) -> int | None:
        return self.of(person).get(day)

    def shift(self, person: PlannedPerson, day: date) -> PlannedShift | None:
        """The shift that somebody has on a day."""
        slot = self.slot(person, day)
        return self.shifts.get(slot) if slot else None

    def works(self, person: PlannedPerson, day: date) -> bool:
        """Whether somebody has a shift and is not on leave for the whole of it."""
        return bool(self.slot(person, day)) and not person.is_away(day)

    def is_begun(self, day: date) -> bool:
        """Whether anything is rostered on a day."""
        return any(self.slot(person, day) is not None for person in self.people)

    def with_slots(self, slots: Slots) -> "Plan":
        return replace(self, slots=slots)


def collisions(plan: Plan, person: PlannedPerson) -> Iterator[tuple[date, date]]:
    """The days whose shifts of one person overlap in time, each with the day before."""
    for day in sorted(plan.of(person)):
        former = day - timedelta(days=1)
        one, other = plan.shift(person, former), plan.shift(person, day)
        if one is not None and other is not None and overlap(one, other, day):
            yield former, day


def overlap(one: PlannedShift, other: PlannedShift, day: date) -> bool:
    """Whether `one` of the day before `day` goes on when `other` of the day begins."""
    return one.on(day - timedelta(days=1)).end - MINUTES_A_DAY > other.on(day).start
