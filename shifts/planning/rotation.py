"""Rosters by rule: a cycle that goes round, or the month before again."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from shifts.errors import RosterRefused
from shifts.planning.plan import REST, Plan, PlannedShift, Slots

LONGEST_CYCLE = 62
_MARKS = str.maketrans("×，,、", "*   ")


def cycle_read(text: str, shifts: Iterable[PlannedShift]) -> list[int]:
    """`白*6 休 晚*6 休` as slots, one a day; RosterRefused for what is no code of a shift in use."""
    known: dict[str, int] = {"休": REST, "休息": REST}
    for shift in shifts:
        if not shift.is_retired:
            known |= {shift.code: shift.id, shift.name: shift.id}
    slots: list[int] = []
    for word in text.translate(_MARKS).split():
        code, _, times = word.partition("*")
        if code not in known:
            raise RosterRefused(f"轮换中的“{code}”不是班次代码；可用：{'、'.join(known)}")
        times = times or "1"
        if not (times.isdecimal() and len(times) <= 2 and int(times)):
            raise RosterRefused(f"轮换中的“{word}”次数应为1至{LONGEST_CYCLE}")
        slots += [known[code]] * int(times)
    if not slots:
        raise RosterRefused("轮换至少写一天，如：白*6 休")
    if len(slots) > LONGEST_CYCLE:
        raise RosterRefused(f"轮换有{len(slots)}天，至多{LONGEST_CYCLE}天")
    return slots


def cycle_words(cycle: Sequence[int], shifts: Iterable[PlannedShift]) -> str:
    """A cycle as `cycle_read` reads it."""
    codes = {shift.id: shift.code for shift in shifts} | {REST: "休"}
    parts: list[list[str]] = []
    for slot in cycle:
        if parts and parts[-1][0] == codes[slot]:
            parts[-1].append(codes[slot])
        else:
            parts.append([codes[slot]])
    return " ".join(each[0] if len(each) == 1 else f"{each[0]}*{len(each)}" for each in parts)


def usual_cycles(shifts: Iterable[PlannedShift]) -> list[tuple[str, list[int]]]:
    """The rotations that departments use, of the shifts that there are: name and cycle."""
    used = [shift for shift in shifts if not shift.is_retired]
    if not used:
        return []
    first = next((shift for shift in used if not shift.is_evening), used[0])
    six = [slot for shift in used for slot in [*[shift.id] * 6, REST]]
    four = [slot for shift in used for slot in [*[shift.id] * 4, REST, REST]]
    found = [("做六休一", [*[first.id] * 6, REST]), ("四上二休", [*[first.id] * 4, REST, REST])]
    if len(used) > 1:
        found += [("做六休一，各班按周轮换", six), ("四上二休，各班轮换", four)]
    return [(name, cycle) for name, cycle in found if len(cycle) <= LONGEST_CYCLE]


def rotated(plan: Plan, cycle: Sequence[int]) -> Slots:
    """Everybody goes round the cycle, begun as evenly apart as it has days; it goes on across months.

    Days of leave are left open.
    """
    count = len(plan.people)
    return {
        person.id: {
            day: cycle[(day.toordinal() + place * len(cycle) // count) % len(cycle)]
            for day in plan.days
            if person.is_there(day)
        }
        for place, person in enumerate(plan.people)
    }


def copied(plan: Plan, cycle_days: int) -> Slots:
    """The month before again, moved by whole cycles: 28 days keep weekdays and the order of the weeks.

    What was open stays open; shifts that are retired meanwhile are left out.
    """
    slots: dict[int, dict] = {}
    for person in plan.people:
        known = plan.of(person)
        for day in plan.days:
            source = day - timedelta(days=cycle_days)
            while source >= plan.first:
                source -= timedelta(days=cycle_days)
            slot = known.get(source)
            if slot is None or not person.is_there(day):
                continue
            shift = plan.shifts.get(slot)
            if slot == REST or (shift is not None and not shift.is_retired):
                slots.setdefault(person.id, {})[day] = slot
    return slots
