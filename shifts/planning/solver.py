"""Fills a month by constraint solving (OR-Tools CP-SAT).

Hard: one thing a day, no two shifts at once, leave, what is fixed already. Everything else may be broken at a
price, dearest first: rest, coverage with the service hours, allowed days of rest, evenness. What remains
broken is found by the same checks as in the grid.

The search begins with the plain rotation and solves the days of a few people at a time, everybody else's
standing still, until a round over all people betters nothing. One worker on small problems of a fixed effort
gives the same roster every time, which a search in parallel would not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from ortools.sat.python import cp_model

from rules.kinds.work import Rest
from shifts.planning.checks import WEEK, Finding, due_rest, findings, rest_due_in, weeks_of
from shifts.planning.fairness import Fairness, fairness_of
from shifts.planning.plan import REST, Plan, PlannedPerson, PlannedShift, Slots, overlap
from shifts.planning.presence import coverage, shifts_wanted
from shifts.planning.rotation import rotated, usual_cycles

# What a breach costs, by the day or person.
BROKEN_REST, BROKEN_COVERAGE, BROKEN_DAYS = 100_000, 60_000, 20_000
UNEVEN, OTHER_REST, OTHER_COVERAGE, SHORT_NIGHT = 200, 400, 100, 8
SHORT_NIGHT_MINUTES = 11 * 60
SEED = 20
GROUP, EFFORT = 6, 0.3  # people at a time, and how long to look for their best days
HARDLY = 1_000  # a round that gains no more is the last one
FAR = 10_000  # further than any count of people or days

Expr = Any  # a variable, a sum of them, or a plain figure where nothing is left to choose


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver made: slots of the plan's days, what they break, how fair they and the rotation are."""

    slots: Slots
    broken: list[Finding]
    fairness: Fairness
    rotation: Fairness
    is_rotation: bool
    is_settled: bool  # the search ended by itself, not by the time allowed


def solve(plan: Plan, *, seconds: float, cycle: Sequence[int] | None = None) -> Solution:
    """Fill the open days of a plan. What is rostered stays; the same plan gives the same roster.

    `seconds`: how long to look, of the solver's own measure, which does not depend on the machine's load.
    `cycle`: of the plain rotation to compare with, as for `rotation_of`.
    ValueError where there is no shift in use.
    """
    used = [shift for shift in plan.shifts.values() if not shift.is_retired]
    plain = rotation_of(plan, cycle)
    made, is_settled = _bettered(plan, plain, used, seconds)
    solved, rotation = fairness_of(made), fairness_of(plain)
    kept = plain if solved.total > rotation.total else made
    return Solution(
        slots=kept.slots,
        broken=findings(kept),
        fairness=min(solved, rotation, key=lambda each: each.total),
        rotation=rotation,
        is_rotation=kept is plain,
        is_settled=is_settled,
    )


def _bettered(plan: Plan, begun: Plan, used: list[PlannedShift], seconds: float) -> tuple[Plan, bool]:
    """The plan with open days filled better and better; whether the search ended by itself."""
    chance = Random(SEED)
    people = [person for person in plan.people if any(_is_open(plan, person, day) for day in plan.days)]
    parts = _Parts(plan, used)
    now, spent, gain = begun, 0.0, float(FAR)
    while people and gain > HARDLY:
        chance.shuffle(people)
        gain = 0.0
        for start in range(0, len(people), GROUP):
            slots, better, effort = _searched(_Model(parts, now, people[start : start + GROUP]))
            now, gain, spent = now.with_slots(slots), gain + better, spent + effort
            if spent > seconds:
                return now, False
    return now, True


def _searched(model: "_Model") -> tuple[Slots, float, float]:
    """The slots with the best days found for the model's people, what they gained, and the effort."""
    former = _solver()
    former.parameters.fix_variables_to_their_hinted_value = True
    former.solve(model.model)
    model.model.clear_hints()  # a search that follows them hardly leaves them
    solver = _solver()
    solver.parameters.max_deterministic_time = EFFORT
    solver.parameters.linearization_level = 2
    status = solver.solve(model.model)
    effort = former.response_proto.deterministic_time + solver.response_proto.deterministic_time
    if (
        status not in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        or solver.objective_value >= former.objective_value
    ):
        return model.now.slots, 0, effort
    return model.slots(solver), former.objective_value - solver.objective_value, effort


def _solver() -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = SEED
    solver.parameters.num_workers = 1
    return solver


def _is_open(plan: Plan, person: PlannedPerson, day: date) -> bool:
    return person.is_there(day) and plan.slot(person, day) is None


def rotation_of(plan: Plan, cycle: Sequence[int] | None = None) -> Plan:
    """The plain rotation where days are open, without a shift that would collide with what is fixed.

    `cycle`: left out, six days on and one off, from one shift to the next where there are several.
    ValueError where there is no shift in use.
    """
    cycles = [each for _, each in usual_cycles(plan.shifts.values())]
    if cycle is None and not cycles:
        raise ValueError("no shift in use")
    round_ = rotated(plan, cycle if cycle is not None else cycles[-2])
    slots = {staff_id: dict(days) for staff_id, days in plan.slots.items()}
    for person in plan.people:
        days = slots.setdefault(person.id, {})
        for day, slot in sorted(round_.get(person.id, {}).items()):
            if day not in days:
                days[day] = REST if slot != REST and _collides(plan, days, day, slot) else slot
    return plan.with_slots(slots)


def _collides(plan: Plan, days: dict[date, int], day: date, slot: int) -> bool:
    shift = plan.shifts[slot]
    before = plan.shifts.get(days.get(day - timedelta(days=1), REST))
    after = plan.shifts.get(days.get(day + timedelta(days=1), REST))
    return bool(before and overlap(before, shift, day)) or bool(
        after and overlap(shift, after, day + timedelta(days=1))
    )


class _Parts:
    """What is everybody's and every day's part, by the days on which people are there."""

    def __init__(self, plan: Plan, used: list[PlannedShift]) -> None:
        self.plan, self.used = plan, used
        self.there = {each.id: [day for day in plan.days if each.is_there(day)] for each in plan.people}
        self.rest = {each.id: rest_wanted(plan, each) for each in plan.people}
        self.shares = shares_of(used)
        self.wanted = shifts_wanted(plan)
        self.working = {
            staff_id: 1 - self.rest[staff_id] / len(days) if days else 0.0
            for staff_id, days in self.there.items()
        }
        self.crew = dict.fromkeys(plan.days, 0.0)  # of a day, as far as it can be foreseen
        for staff_id, days in self.there.items():
            for day in days:
                self.crew[day] += self.working[staff_id]


class _Model:
    """The open days of some people to be chosen, everybody else's as they are now."""

    def __init__(self, parts: _Parts, now: Plan, people: Sequence[PlannedPerson]) -> None:
        self.parts, self.plan, self.used = parts, parts.plan, parts.used
        self.now, self.people = now, people
        self.model = cp_model.CpModel()
        self.cost: list[Expr] = []
        self.has: dict[tuple[int, date, int], Expr] = {}  # whether somebody's day is this slot
        for person in people:
            self._days(person)
        for person in people:
            self._nights(person)
            self._rest(person)
            self._fair(person)
        self._coverage()
        self.objective = cp_model.LinearExpr.sum(self.cost)
        self.model.minimize(self.objective)

    def slots(self, solver: cp_model.CpSolver) -> Slots:
        """What was found for these people, with everything else as it was."""
        slots = {staff_id: dict(days) for staff_id, days in self.now.slots.items()}
        for (staff_id, day, slot), chosen in self.has.items():
            if solver.boolean_value(chosen):
                slots[staff_id][day] = slot
        return slots

    # Days

    def _days(self, person: PlannedPerson) -> None:
        """One slot for each open day; what is fixed, and the days around, are constants."""
        for day in self.plan.days:
            if not _is_open(self.plan, person, day):
                continue
            choices = []
            for slot in (REST, *(shift.id for shift in self.used)):
                chosen = self.model.new_bool_var("")
                self.has[person.id, day, slot] = chosen
                self.model.add_hint(chosen, self.now.slot(person, day) == slot)
                choices.append(chosen)
            self.model.add_exactly_one(choices)

    def _is(self, person: PlannedPerson, day: date, slot: int) -> Expr:
        found = self.has.get((person.id, day, slot))
        if found is not None:
            return found
        is_open = (person.id, day, REST) in self.has
        return 0 if is_open else int(self.plan.slot(person, day) == slot and not person.is_away(day))

    def _works(self, person: PlannedPerson, day: date) -> Expr:
        if (person.id, day, REST) in self.has:
            return 1 - self.has[person.id, day, REST]
        return int(self.plan.works(person, day))

    def _nights(self, person: PlannedPerson) -> None:
        """No shift begins before the last one has ended; a short night is better avoided."""
        for day in [*self.plan.days, self.plan.last + timedelta(days=1)]:
            former = day - timedelta(days=1)
            for one in self.plan.shifts.values():
                for other in self.plan.shifts.values():
                    pair = self._is(person, former, one.id), self._is(person, day, other.id)
                    if all(isinstance(each, int) for each in pair) or 0 in [
                        each for each in pair if isinstance(each, int)
                    ]:
                        continue
                    gap = other.on(day).start + 24 * 60 - one.on(former).end
                    if gap < 0:
                        self.model.add(pair[0] + pair[1] <= 1)
                    elif gap < SHORT_NIGHT_MINUTES:
                        short = self.model.new_bool_var("")
                        self.model.add(pair[0] + pair[1] <= 1 + short)
                        self.cost.append(SHORT_NIGHT * short)

    # Rest

    def _rest(self, person: PlannedPerson) -> None:
        days, wanted = self.parts.there[person.id], self.parts.rest[person.id]
        rests = [self._is(person, day, REST) for day in days]
        self.cost.append(OTHER_REST * self._distance(sum(rests), wanted, wanted))
        for rule in self.plan.rules:
            if not rule.binds(person):
                continue
            if rule.rest.days_per_week is not None:
                for week in weeks_of(self.plan):
                    if any(map(rule.holds_on, week)):
                        self._weekly(person, week, rule.rest.days_per_week)
            if rule.rest.days_per_month is not None:
                due = rest_due_in(self.plan, person, self.plan.days, rule.rest.days_per_month)
                self._at_least(sum(rests), due, BROKEN_REST)
            if rule.rest.work_days_in_row is not None:
                self._in_row(person, rule.rest.work_days_in_row)
            self._allowed(person, rule.rest, [day for day in days if rule.holds_on(day)])

    def _weekly(self, person: PlannedPerson, week: list[date], figure: int) -> None:
        due = rest_due_in(self.plan, person, week, figure)
        rests: list[Expr] = [self._is(person, day, REST) for day in week]
        # Days around the month that nobody rostered may be rest.
        rests += [
            1
            for day in week
            if not self.plan.first <= day <= self.plan.last
            and self.plan.slot(person, day) is None
            and not person.is_away(day)
        ]
        self._at_least(sum(rests), due, BROKEN_REST)

    def _in_row(self, person: PlannedPerson, limit: int) -> None:
        first = self.plan.first - timedelta(days=limit)
        for i in range((self.plan.last - first).days + 1):
            window = [first + timedelta(days=i + j) for j in range(limit + 1)]
            worked = [self._works(person, day) for day in window]
            if any(each == 0 for each in worked if isinstance(each, int)):
                continue
            if all(isinstance(each, int) for each in worked):
                continue  # nothing to choose
            over = self.model.new_bool_var("")
            self.model.add(sum(worked) <= limit + over)
            self.cost.append(BROKEN_REST * over)

    def _allowed(self, person: PlannedPerson, rest: Rest, days: list[date]) -> None:
        for day in days:
            known = self.plan.calendar[day]
            if rest.weekdays and day.isoweekday() not in rest.weekdays and not known.is_holiday:
                self.cost.append(BROKEN_DAYS * self._is(person, day, REST))
            if rest.holidays and known.is_holiday:
                self.cost.append(BROKEN_DAYS * self._works(person, day))

    # Coverage

    def _coverage(self) -> None:
        ours = {person.id for person in self.people}
        others = [person for person in self.plan.people if person.id not in ours]
        counts = coverage(replace(self.now, people=others))
        for day in self.plan.days:
            for shift in self.used:
                count = counts[day][shift.id] + sum(self._is(each, day, shift.id) for each in self.people)
                self._at_least(count, shift.minimum, BROKEN_COVERAGE)
                most = len(self.plan.people)
                if shift.maximum is not None:
                    most = shift.maximum
                    self.cost.append(BROKEN_COVERAGE * self._distance(count, 0, most))
                expected = int(self.parts.crew[day] * self.parts.shares[shift.id])
                self.cost.append(
                    OTHER_COVERAGE * self._distance(count, min(expected, most), min(expected + 1, most))
                )
        for choices in self.parts.wanted:
            if not any(counts[day][slot] for day, slot in choices):
                there = sum(self._is(each, day, slot) for each in self.people for day, slot in choices)
                self._at_least(there, 1, BROKEN_COVERAGE)

    # Fairness

    def _fair(self, person: PlannedPerson) -> None:
        """Somebody's evenings and rest on weekends near their part, by the days on which they are there.

        Distances from one's own part, not between the most and the least: those add up person by person,
        which a search can better step by step.
        """
        evening_share = sum(self.parts.shares[shift.id] for shift in self.used if shift.is_evening)
        days, working = self.parts.there[person.id], self.parts.working[person.id]
        if 0 < evening_share < 1:
            evenings = [shift.id for shift in self.plan.shifts.values() if shift.is_evening]
            count = sum(self._is(person, day, slot) for day in days for slot in evenings)
            self._part(count, len(days) * working * evening_share)
        free = [day for day in days if self.plan.calendar[day].is_off]
        self._part(sum(self._is(person, day, REST) for day in free), len(free) * (1 - working))

    def _part(self, count: Expr, part: float) -> None:
        low = int(part)
        self.cost.append(UNEVEN * self._distance(count, low, low if part == low else low + 1))

    # Prices

    def _at_least(self, count: Expr, due: int, price: int) -> None:
        if due > 0:
            lacking = self.model.new_int_var(0, due, "")
            self.model.add(count + lacking >= due)
            self.cost.append(price * lacking)

    def _distance(self, count: Expr, low: int, high: int) -> Expr:
        """How far a count is outside of `low` to `high`."""
        away = self.model.new_int_var(0, FAR, "")
        self.model.add(away >= count - high)
        self.model.add(away >= low - count)
        return away


def rest_wanted(plan: Plan, person: PlannedPerson) -> int:
    """The days of rest that a person's month should have: by the rulebook, else as many as offices rest."""
    there = [day for day in plan.days if person.is_there(day)]
    wanted = []
    for rule in plan.rules:
        if rule.binds(person) and rule.rest.days_per_week is not None:
            wanted.append(round(len(there) * rule.rest.days_per_week / WEEK))
        if rule.binds(person) and rule.rest.days_per_month is not None:
            wanted.append(due_rest(len(there), rule.rest.days_per_month, len(plan.days)))
    return max(wanted) if wanted else sum(plan.calendar[day].is_off for day in there)


def shares_of(shifts: Sequence[PlannedShift]) -> dict[int, float]:
    """How those who work are divided: by the least that each shift needs, evenly where nothing is said."""
    total = sum(shift.minimum for shift in shifts)
    if not total:
        return {shift.id: 1 / len(shifts) for shift in shifts}
    return {shift.id: shift.minimum / total for shift in shifts}
