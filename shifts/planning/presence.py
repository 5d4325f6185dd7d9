"""Who is on duty at any time of a day, by the shifts that go on then.

A shift counts as one stretch from its start to its end; a break in it is not looked at.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from rules.kinds.work import ServiceHours
from shifts.planning.plan import MINUTES_A_DAY, REST, Plan, ServiceRule

# A shift's id and the day on which it begins.
Begun = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a day's hours in which no shift begins or ends, and the shifts that go on in it.

    Minutes after midnight of the day, beyond 24 hours on the next.
    """

    start: int
    end: int
    shifts: tuple[Begun, ...]


def pieces(plan: Plan, day: date, start: int, end: int) -> list[Piece]:
    """The hours of a day cut wherever a shift of it, of the day before or of the day after begins or ends."""
    spans = []
    for step in (-1, 0, 1):
        on, offset = day + timedelta(days=step), step * MINUTES_A_DAY
        for shift in plan.shifts.values():
            hours = shift.on(on)
            spans.append(((on, shift.id), hours.start + offset, hours.end + offset))
    cuts = {start, end, *(at for _, *ends in spans for at in ends if start < at < end)}
    return [
        Piece(one, other, tuple(begun for begun, begin, over in spans if begin <= one and other <= over))
        for one, other in pairwise(sorted(cuts))
    ]


def coverage(plan: Plan, around: int = 0) -> dict[date, Counter[int]]:
    """How many of the plan's people have each shift on its days, and on so many days around it.

    Who is on leave for the whole day does not count.
    """
    more = [timedelta(days=i + 1) for i in range(around)]
    days = [*(plan.first - each for each in more), *plan.days, *(plan.last + each for each in more)]
    counts: dict[date, Counter[int]] = {day: Counter() for day in days}
    for person in plan.people:
        for day, slot in plan.of(person).items():
            if slot != REST and day in counts and not person.is_away(day):
                counts[day][slot] += 1
    return counts


def on_duty(plan: Plan) -> dict[date, Counter[int]]:
    """The same with the day before and the day after; on a day not begun anybody may still have any shift."""
    counts = coverage(plan, around=1)
    anybody = {shift.id: len(plan.people) for shift in plan.shifts.values() if not shift.is_retired}
    return {day: count if plan.is_begun(day) else Counter(anybody) for day, count in counts.items()}


# The hours in which somebody must be on duty


def service_on(plan: Plan, day: date) -> Iterator[tuple[ServiceRule, ServiceHours, list[Piece]]]:
    """What the provisions in force on a day want, each with its hours in pieces."""
    for service in plan.service:
        for hours in service.hours if service.holds_on(day) else ():
            if span := hours.on(day):
                yield service, hours, pieces(plan, day, *span)


def is_attended(plan: Plan, piece: Piece, duty: Mapping[date, Counter[int]]) -> bool:
    """Whether anybody of the department is there: of the plan's people by `duty`, or somebody else."""
    return any(duty[day][slot] or slot in plan.elsewhere.get(day, ()) for day, slot in piece.shifts)


def gaps(plan: Plan, asked: list[Piece], duty: Mapping[date, Counter[int]]) -> list[tuple[int, int]]:
    """When nobody is there, pieces that follow on each other together; minutes as in a piece."""
    found: list[tuple[int, int]] = []
    for piece in asked:
        if is_attended(plan, piece, duty):
            continue
        if found and found[-1][1] == piece.start:
            found[-1] = (found[-1][0], piece.end)
        else:
            found.append((piece.start, piece.end))
    return found


def shifts_wanted(plan: Plan) -> list[tuple[Begun, ...]]:
    """Shifts of the plan's days of which somebody must have at least one, for the service hours.

    Without what the days around the plan and other people see to, and what no shift could. In an order
    that is always the same.
    """
    around = {day: count for day, count in on_duty(plan).items() if not plan.first <= day <= plan.last}
    duty = around | {day: Counter() for day in plan.days}
    wanted = {
        tuple(begun for begun in piece.shifts if begun[0] not in around): None
        for day in plan.days
        for _, _, asked in service_on(plan, day)
        for piece in asked
        if not is_attended(plan, piece, duty)
    }
    return [choices for choices in wanted if choices]
