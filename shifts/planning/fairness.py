"""How evenly a roster treats people: evenings, rest, and rest on weekends and holidays."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from shifts.planning.plan import REST, Plan, PlannedPerson

SCALE = 100  # figures are hundredths of a day of a whole month
FEWEST_SHARE = 4  # who is there for less than a quarter of the month is not compared


@dataclass(frozen=True, slots=True)
class Fairness:
    """The distance between who has most and who has least of something, in hundredths of a day.

    Everybody's count is taken as if they were there for the whole month: two evenings in half a month are
    four. Lower is fairer.
    """

    evenings: int
    rest: int
    off_days: int

    @property
    def total(self) -> int:
        return self.evenings + self.rest + self.off_days

    def words(self) -> str:
        return (
            f"晚班相差{in_days(self.evenings)}天，休息相差{in_days(self.rest)}天，"
            f"周末节假日休息相差{in_days(self.off_days)}天"
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """What one person's month comes to; days of a shift on leave do not count as worked."""

    work: int
    evenings: int
    rest: int
    off_days: int  # days of rest on weekends and public holidays
    minutes: int

    @property
    def hours(self) -> str:
        return f"{self.minutes / 60:.1f}".removesuffix(".0")


def counts_of(plan: Plan, person: PlannedPerson) -> Counts:
    """A person's days of the plan, counted."""
    found: Counter[str] = Counter()
    day = plan.first
    while day <= plan.last:
        slot = plan.slot(person, day)
        if slot == REST:
            found["rest"] += 1
            found["off_days"] += plan.calendar[day].is_off
        elif slot is not None and not person.is_away(day):
            shift = plan.shifts[slot]
            found["work"] += 1
            found["evenings"] += shift.is_evening
            found["minutes"] += shift.on(day).worked
        day += timedelta(days=1)
    return Counts(found["work"], found["evenings"], found["rest"], found["off_days"], found["minutes"])


def scale_of(plan: Plan, person: PlannedPerson) -> int:
    """By what a person's counts are multiplied to be compared; 0 for who is hardly there."""
    days = plan.days
    there = sum(person.is_there(day) for day in days)
    return round(SCALE * len(days) / there) if there * FEWEST_SHARE >= len(days) else 0


def fairness_of(plan: Plan) -> Fairness:
    """How far people are apart in the plan."""
    counts = [(scale, counts_of(plan, person)) for person in plan.people if (scale := scale_of(plan, person))]

    def spread(name: str) -> int:
        scaled = [getattr(each, name) * scale for scale, each in counts]
        return max(scaled) - min(scaled) if scaled else 0

    return Fairness(spread("evenings"), spread("rest"), spread("off_days"))


def in_days(hundredths: int) -> str:
    return f"{hundredths / SCALE:.2f}".rstrip("0").rstrip(".")
