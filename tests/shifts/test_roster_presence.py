"""Hours in which nobody is on duty, shifts in which nobody can eat: hand-computed tables; no database."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rules.kinds.work import Rest, ServiceHours
from shifts.planning.checks import Finding, post_findings, service_findings
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

DAY = PlannedShift(1, "D", "白班", (SeasonHours(1, 1, 540, 840),))  # 09:00–14:00
LATE = PlannedShift(2, "L", "晚班", (SeasonHours(1, 1, 1050, 1260),))  # 17:30–21:00
NIGHT = PlannedShift(3, "N", "夜班", (SeasonHours(1, 1, 1260, 1980),))  # 21:00–09:00
SPLIT = PlannedShift(
    4, "S", "两头班", (SeasonHours(1, 1, 540, 1260, pause=210),)
)  # 09:00–21:00, 14:00–17:30 free
EARLY = PlannedShift(
    5, "E", "早班", (SeasonHours(1, 1, 780, 1080), SeasonHours(10, 2, 840, 1050))
)  # 13:00–18:00, later shorter
OLD = PlannedShift(6, "O", "旧班", (SeasonHours(1, 1, 0, 1440),), is_retired=True)
SHIFTS = {each.code: each for each in (DAY, LATE, NIGHT, SPLIT, EARLY, OLD)}
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)  # a Thursday
BEFORE = FIRST - timedelta(days=1)
WHOLE = frozenset(FIRST + timedelta(days=i) for i in range(31))
NINE_TO_NINE = ServiceHours(start=540, end=1260)
ROUND_THE_CLOCK = ServiceHours(start=0, end=1440)
ALWAYS = (date(2020, 1, 1), date(2030, 1, 1))


def plan(*lines: str, first: date = FIRST, away: Mapping[int, str] | None = None, **given: Any) -> Plan:
    """One line a person from `first` on: a shift's code, `-` rest, `.` open. `away`: leave by person, as
    `part` on the first day of the month."""
    people = [
        PlannedPerson(
            i, str(i), f"员工{i}", "agent", WHOLE,
            {FIRST: (PlannedLeave(Decimal(away[i]), "事假"),)} if away and i in away else {},
        )
        for i in range(len(lines))
    ]  # fmt: skip
    slots = {
        i: {
            first + timedelta(days=place): SHIFTS[code].id if code != "-" else REST
            for place, code in enumerate(line)
            if code != "."
        }
        for i, line in enumerate(lines)
    }
    shifts = {each.id: each for each in SHIFTS.values()}
    return Plan(FIRST, LAST, people, shifts, slots, calendar_of(FIRST, LAST), **given)


def serving(*hours: ServiceHours, on: tuple[date, date] = ALWAYS) -> list[ServiceRule]:
    return [ServiceRule("r-service", hours, *on)]


def words(found: Iterable[Finding]) -> list[str]:
    return [each.words for each in found]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        # A hole between two shifts, and both ends.
        (["D", "L"], ["10-01 14:00至17:30无人值守（应09:00至21:00）"]),
        (["E"], ["10-01 09:00至13:00、18:00至21:00无人值守（应09:00至21:00）"]),
        # Shifts that overlap, and one whose break nobody looks at.
        (["D", "E", "L"], []),
        (["S"], []),
        # Rest is rostered, a shift is not; an open day lacks nothing yet.
        (["-"], ["10-01 09:00至21:00无人值守（应09:00至21:00）"]),
        (["."], []),
        # The hours of the season: from the second on the early shift fills just the hole.
        (["DD", "LL", "EE"], []),
        ([".D", ".E"], ["10-02 17:30至21:00无人值守（应09:00至21:00）"]),
        # A retired shift that somebody still has counts.
        (["O"], []),
    ],
)
def test_service_hours_without_anybody_are_told(lines, said):
    assert words(service_findings(plan(*lines, service=serving(NINE_TO_NINE)))) == said


def test_what_is_told_names_the_provision_and_the_day():
    (found,) = service_findings(plan("..D", service=serving(NINE_TO_NINE)))
    assert (found.kind, found.code, found.days) == ("service", "r-service", (date(2026, 10, 3),))
    assert found.words == "10-03 14:00至21:00无人值守（应09:00至21:00）"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        # The night shift of the day before serves until nine.
        (["NN", "SS"], []),
        (["NN", "S-"], ["10-02 09:00至21:00无人值守（应24小时）"]),
        # Nobody had the night before: from midnight on somebody is missing, on both days.
        (["-N", "SS"], ["10-01 21:00至24:00无人值守（应24小时）", "10-02 00:00至09:00无人值守（应24小时）"]),
    ],
)
def test_round_the_clock_the_night_before_serves(lines, said):
    assert words(service_findings(plan(*lines, service=serving(ROUND_THE_CLOCK)))) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("N", []),
        ("-", ["10-01 00:00至09:00无人值守（应24小时）"]),
        # What was never rostered is not known.
        (".", []),
    ],
)
def test_the_last_night_of_the_month_before_serves(before, said):
    made = plan(f"{before}N", f"{before}S", first=BEFORE, service=serving(ROUND_THE_CLOCK))
    assert words(service_findings(made)) == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["N-", "L-"], []),
        # Until two the night shift is missing; the next day's shifts are too late.
        (["LS"], ["10-01 21:00至次日02:00无人值守（应20:00至次日02:00）"]),
        (["-S"], ["10-01 20:00至次日02:00无人值守（应20:00至次日02:00）"]),
        # The next day's shift begins before the service ends.
        (["LO"], ["10-01 21:00至24:00无人值守（应20:00至次日02:00）"]),
        # It is open still: somebody may come at midnight only by a shift in use.
        (["L."], ["10-01 21:00至次日02:00无人值守（应20:00至次日02:00）"]),
    ],
)
def test_a_service_that_ends_on_the_next_day(lines, said):
    made = plan(*lines, service=serving(ServiceHours(start=1200, end=120), on=(FIRST, FIRST)))
    assert words(service_findings(made)) == said


def test_a_hole_after_midnight_is_of_the_next_day():
    made = plan("O-", service=serving(ServiceHours(start=1200, end=120), on=(FIRST, FIRST)))
    assert words(service_findings(made)) == ["10-01 次日00:00至02:00无人值守（应20:00至次日02:00）"]


def test_service_only_on_some_days_of_the_week_and_by_the_version_in_force():
    weekend = ServiceHours(start=540, end=1080, weekdays=(6, 7))
    line = "D" * 11  # Thursday the 1st to Sunday the 11th
    made = plan(line, service=serving(weekend))
    assert [each.days[0].day for each in service_findings(made)] == [3, 4, 10, 11]
    later = [
        ServiceRule("r-old", (weekend,), FIRST, date(2026, 10, 4)),
        ServiceRule("r-new", (NINE_TO_NINE,), date(2026, 10, 5), LAST),
    ]
    found = [(each.days[0].day, each.code) for each in service_findings(plan(line, service=later))]
    assert found == [(3, "r-old"), (4, "r-old"), *((day, "r-new") for day in range(5, 12))]


def test_hours_that_are_not_written_ask_for_nobody():
    assert words(service_findings(plan("D", service=serving(ServiceHours(start=None, end=None))))) == []


def test_people_of_other_teams_serve_too():
    service = serving(NINE_TO_NINE)
    assert words(service_findings(plan("D", service=service, elsewhere={FIRST: {LATE.id, EARLY.id}}))) == []
    # The night before the month is theirs; the night of the first is nobody's.
    lines, service = ["-SN", "--S"], serving(ROUND_THE_CLOCK)
    night = plan(*lines, first=BEFORE, service=service, elsewhere={BEFORE: [NIGHT.id]})
    assert words(service_findings(night)) == [
        "10-01 21:00至24:00无人值守（应24小时）",
        "10-02 00:00至09:00无人值守（应24小时）",
    ]


@pytest.mark.parametrize(("part", "count"), [("1", 1), ("0.5", 0)])
def test_who_is_on_leave_for_the_whole_day_serves_nobody(part, count):
    made = plan("S", "-", away={0: part}, service=serving(NINE_TO_NINE))
    assert len(words(service_findings(made))) == count


# Eating


@pytest.mark.parametrize(
    ("lines", "stay", "said"),
    [
        (["D"], 1, ["10-01白班吃饭时无人留守（至少1人）"]),
        (["D", "D"], 1, []),
        (["D", "D"], 2, ["10-01白班吃饭时无人留守（至少2人）"]),
        (["D", "D"], 0, []),
        # For an hour the early shift is there as well: one of the two can go.
        (["D", "E"], 1, []),
        (["E", "L"], 1, []),
        # One comes when the other leaves.
        (["D", "L"], 1, ["10-01白班吃饭时无人留守（至少1人）", "10-01晚班吃饭时无人留守（至少1人）"]),
        # The break of a split shift is not looked at: it is there with the day and with the late shift.
        (["S", "D", "L"], 1, []),
        # Rest and shifts that nobody has eat nothing.
        (["-"], 1, []),
        # The night meets the next day's shift only as one leaves.
        (["ND", "-S"], 1, ["10-01夜班吃饭时无人留守（至少1人）"]),
        (["N-", "-O"], 1, []),
    ],
)
def test_a_shift_in_which_nobody_can_eat_is_told(lines, stay, said):
    rule = RestRule("r-post", "留守", Rest(minimum_on_post=stay, break_minutes=30), FIRST, FIRST)
    found = list(post_findings(plan(*lines, rules=[rule])))
    assert words(found) == said
    assert all((each.kind, each.code, each.days) == ("post", "r-post", (FIRST,)) for each in found)


def test_who_is_on_leave_holds_no_post():
    rule = RestRule("r-post", "留守", Rest(minimum_on_post=1), *ALWAYS)
    assert len(words(post_findings(plan("D", "D", away={1: "1"}, rules=[rule])))) == 1
    assert words(post_findings(plan("D", "D", away={1: "0.5"}, rules=[rule]))) == []


def test_only_shifts_of_roles_that_the_provision_binds_are_looked_at():
    for roles, count in (("agent",), 1), (("lead",), 0):
        bound = RestRule("r-post", "留守", Rest(minimum_on_post=1), *ALWAYS, roles=roles)
        assert len(words(post_findings(plan("D", rules=[bound])))) == count


def test_a_post_is_the_teams_own():
    rule = RestRule("r-post", "留守", Rest(minimum_on_post=1), *ALWAYS)
    assert len(words(post_findings(plan("D", rules=[rule], elsewhere={FIRST: {DAY.id}})))) == 1
