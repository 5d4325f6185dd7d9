"""Rotations, copies, fairness, and the solver: fixed days, leave, what cannot be met. No database."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from rules.kinds.work import Rest, ServiceHours
from shifts.errors import RosterRefused
from shifts.planning.checks import findings, service_findings
from shifts.planning.fairness import Fairness, counts_of, fairness_of
from shifts.planning.holidays import calendar_of
from shifts.planning.plan import (
    REST,
    Plan,
    PlannedLeave,
    PlannedPerson,
    PlannedShift,
    RestRule,
    SeasonHours,
    ServiceRule,
)
from shifts.planning.rotation import copied, cycle_read, cycle_words, rotated, usual_cycles
from shifts.planning.solver import solve

DAY = PlannedShift(1, "白", "白班", (SeasonHours(1, 1, 510, 1050, 60),), minimum=2)
EVENING = PlannedShift(2, "晚", "晚班", (SeasonHours(1, 1, 1050, 1500),), minimum=1, is_evening=True)
OLD = PlannedShift(3, "旧", "旧班", (SeasonHours(1, 1, 0, 60),), is_retired=True)
SHIFTS = {1: DAY, 2: EVENING, 3: OLD}
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)  # 9 days of weekends
WHOLE = frozenset(FIRST + timedelta(days=i) for i in range(30))
SIX_ON = RestRule("r-1", "做六休一", Rest(days_per_week=1, work_days_in_row=6), FIRST, LAST)


def people(count, away=None):
    return [
        PlannedPerson(i, str(100 + i), f"员工{i}", "agent", WHOLE, (away or {}).get(i, {}))
        for i in range(1, count + 1)
    ]


def plan(persons, slots=None, rules=(SIX_ON,), shifts=SHIFTS, **given):
    slots = {each.id: {} for each in persons} | (slots or {})
    return Plan(FIRST, LAST, persons, shifts, slots, calendar_of(FIRST, LAST), rules, **given)


def leave(first, days, part="1"):
    return {
        FIRST.replace(day=first) + timedelta(days=i): (PlannedLeave(Decimal(part), "事假"),)
        for i in range(days)
    }


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("白*6 休", [1] * 6 + [REST]),
        ("白班×4，休*2", [1] * 4 + [REST] * 2),
        ("白 白、晚 休", [1, 1, 2, REST]),
    ],
)
def test_a_cycle_is_written_with_codes(text, slots):
    assert cycle_read(text, SHIFTS.values()) == slots
    assert cycle_read(cycle_words(slots, SHIFTS.values()), SHIFTS.values()) == slots


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "至少写一天"),
        ("早*6", "“早”不是班次代码"),
        ("旧", "不是班次代码"),
        ("白*0", "次数"),
        ("白*63", "至多62天"),
    ],
)
def test_a_cycle_that_cannot_be_read_says_why(text, said):
    with pytest.raises(RosterRefused, match=said):
        cycle_read(text, SHIFTS.values())


def test_a_rotation_of_six_on_one_off_spreads_rest_evenly_and_goes_on_next_month():
    made = plan(people(7), shifts={1: DAY})
    round_ = rotated(made, [1] * 6 + [REST])
    for day in made.days:
        assert sum(round_[each.id][day] == REST for each in made.people) == 1
    assert findings(made.with_slots(round_)) == []
    # The cycle does not begin anew on the first of a month.
    december = Plan(LAST + timedelta(days=1), LAST + timedelta(days=7), [], SHIFTS, {}, made.calendar)
    somebody = PlannedPerson(1, "101", "员工1", "agent", frozenset(december.days))
    others = [PlannedPerson(i, str(i), "", "agent", frozenset()) for i in range(2, 8)]
    later = rotated(
        Plan(december.first, december.last, [somebody, *others], SHIFTS, {}, made.calendar), [1] * 6 + [REST]
    )
    days = [*sorted(round_[1].items()), *sorted(later[1].items())]
    rests = [day for day, slot in days if slot == REST]
    assert {(later - former).days for former, later in pairwise(rests)} == {7}


@pytest.mark.parametrize("length", [6, 14, 5])
def test_a_rotation_of_any_length_has_every_slot_equally_often(length):
    cycle = ([1] * 4 + [REST, REST]) if length == 6 else ([1] * 6 + [REST] + [2] * 6 + [REST])[:length]
    made = plan(people(length))
    round_ = rotated(made, cycle)
    for day in made.days:
        assert sorted(round_[each.id][day] for each in made.people) == sorted(cycle)


def test_a_rotation_leaves_leave_open():
    made = plan(people(2, {1: leave(3, 2)}))
    round_ = rotated(made, [1, REST])
    assert FIRST.replace(day=3) not in round_[1]
    assert FIRST.replace(day=5) in round_[1]


def test_a_copied_month_keeps_its_weekdays():
    october = {date(2026, 10, 1) + timedelta(days=i): 1 + i % 2 for i in range(31)}
    made = plan(people(1), {1: october})
    found = copied(made, 28)[1]
    assert len(found) == 30
    assert all(
        slot == october[day - timedelta(days=28 if day.day <= 28 else 56)] for day, slot in found.items()
    )


def test_a_copy_by_cycle_goes_on_with_it_and_leaves_retired_shifts_out():
    october = {date(2026, 10, 26) + timedelta(days=i): (1, 1, 1, 1, REST, 3)[i] for i in range(6)}
    found = copied(plan(people(1), {1: october}), 6)[1]
    assert [found.get(FIRST + timedelta(days=i)) for i in range(6)] == [1, 1, 1, 1, REST, None]
    assert found[FIRST + timedelta(days=28)] == REST
    assert LAST not in found


def test_counts_and_distances_by_hand():
    full = dict.fromkeys(WHOLE, 1) | {FIRST: REST, FIRST.replace(day=2): 2}
    half = {FIRST.replace(day=day): 2 for day in range(1, 4)}
    made = plan(people(2, {2: leave(16, 15)}), {1: full, 2: half})
    counts = counts_of(made, made.people[0])
    # 28 days of 8 hours (9 less an hour's break) and an evening of 7.5.
    assert (counts.work, counts.evenings, counts.rest, counts.off_days, counts.hours) == (
        29,
        1,
        1,
        1,
        "231.5",
    )
    # Three evenings in half a month are six in a whole one.
    assert fairness_of(made) == Fairness(evenings=500, rest=100, off_days=100)


def test_usual_rotations_are_of_the_shifts_in_use():
    assert [name for name, _ in usual_cycles(SHIFTS.values())] == [
        "做六休一",
        "四上二休",
        "做六休一，各班按周轮换",
        "四上二休，各班轮换",
    ]
    assert usual_cycles([OLD]) == []


def test_the_solver_breaks_nothing_where_nothing_must_be_broken():
    made = plan(people(6))
    solution = solve(made, seconds=2)
    assert solution.broken == []
    assert findings(made.with_slots(solution.slots)) == []
    assert all(day in solution.slots[each.id] for each in made.people for day in made.days)


def test_the_solver_gives_the_same_roster_again():
    made = plan(people(5, {2: leave(10, 4)}))
    assert solve(made, seconds=1).slots == solve(made, seconds=1).slots


def test_what_is_fixed_stays_and_leave_stays_open():
    fixed = {FIRST.replace(day=day): 2 for day in (1, 2, 3)} | {FIRST.replace(day=4): REST}
    made = plan(people(5, {2: leave(10, 4)}), {1: fixed})
    slots = solve(made, seconds=1).slots
    assert all(slots[1][day] == slot for day, slot in fixed.items())
    assert not any(FIRST.replace(day=day) in slots[2] for day in (10, 11, 12, 13))
    assert len(slots[2]) == 26


@pytest.mark.parametrize("away", [{}, {1: leave(2, 5), 2: leave(9, 7), 3: leave(20, 4)}])
def test_the_solver_is_never_less_fair_than_the_plain_rotation(away):
    made = plan(people(6, away))
    solution = solve(made, seconds=2)
    assert solution.fairness.total <= solution.rotation.total
    assert solution.fairness == fairness_of(made.with_slots(solution.slots))
    if away:
        assert solution.fairness.total < solution.rotation.total
        assert not solution.is_rotation


def test_rules_that_cannot_be_met_are_named():
    made = plan(people(2), rules=(SIX_ON,))  # three are needed every day
    solution = solve(made, seconds=1)
    assert {found.kind for found in solution.broken} == {"coverage"}
    assert any(
        "晚班0人，至少1人" in found.words or "白班1人，至少2人" in found.words for found in solution.broken
    )


THREE = {
    1: PlannedShift(1, "早", "早班", (SeasonHours(1, 1, 6 * 60, 14 * 60),)),
    2: PlannedShift(2, "中", "中班", (SeasonHours(1, 1, 14 * 60, 22 * 60),), is_evening=True),
    3: PlannedShift(3, "夜", "夜班", (SeasonHours(1, 1, 22 * 60, 30 * 60),), is_evening=True),
}
ALWAYS = ServiceRule("r-service", (ServiceHours(start=0, end=24 * 60),), FIRST, LAST)


def test_the_solver_sees_to_the_service_hours_though_no_shift_asks_for_anybody():
    made = plan(people(5), shifts=THREE)
    attended = solve(replace(made, service=[ALWAYS]), seconds=5)
    assert attended.broken == []
    # It is the service hours that do it.
    assert service_findings(replace(made, service=[ALWAYS], slots=solve(made, seconds=5).slots))


def test_service_hours_that_nobody_can_attend_are_named():
    solution = solve(plan(people(2), shifts=THREE, service=[ALWAYS]), seconds=2)
    assert {found.kind for found in solution.broken} == {"service"}
    assert all("无人值守（应24小时）" in found.words for found in solution.broken)


def test_the_solver_leaves_to_others_what_they_attend():
    nights = {FIRST + timedelta(days=i): {3} for i in range(-1, 30)}
    made = plan(people(3), shifts=THREE, service=[ALWAYS], elsewhere=nights)
    assert solve(made, seconds=5).broken == []


def test_a_shift_that_runs_into_the_next_is_never_made():
    night = PlannedShift(1, "夜", "夜班", (SeasonHours(1, 1, 22 * 60, 30 * 60),), minimum=1)
    early = PlannedShift(2, "早", "早班", (SeasonHours(1, 1, 5 * 60, 13 * 60),), minimum=1)
    made = plan(people(4), shifts={1: night, 2: early})
    solution = solve(made, seconds=1)
    assert "overlap" not in {found.kind for found in solution.broken}


def test_rest_before_the_month_counts():
    october = {date(2026, 10, 26) + timedelta(days=i): 1 for i in range(6)}
    made = plan(people(4), {1: october})
    solution = solve(made, seconds=1)
    assert solution.slots[1][FIRST] == REST


def test_without_a_shift_there_is_nothing_to_solve():
    with pytest.raises(ValueError, match="no shift"):
        solve(plan(people(1), shifts={3: OLD}), seconds=1)
