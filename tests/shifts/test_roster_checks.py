"""What a roster breaks, by hand-computed tables; no database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rules.kinds.work import Rest
from shifts.planning.checks import change_breaks, findings, notice_finding
from shifts.planning.holidays import calendar_of
from shifts.planning.plan import REST, Plan, PlannedLeave, PlannedPerson, PlannedShift, RestRule, SeasonHours

DAY = PlannedShift(1, "D", "白班", (SeasonHours(1, 1, 8 * 60 + 30, 17 * 60 + 30),))
EVENING = PlannedShift(2, "E", "晚班", (SeasonHours(1, 1, 17 * 60 + 30, 25 * 60),), is_evening=True)
NIGHT = PlannedShift(3, "N", "夜班", (SeasonHours(1, 1, 22 * 60, 30 * 60),))
EARLY = PlannedShift(4, "F", "早班", (SeasonHours(1, 1, 5 * 60, 13 * 60),))
SHIFTS = {each.id: each for each in (DAY, EVENING, NIGHT, EARLY)}
CODES = {"D": 1, "E": 2, "N": 3, "F": 4, "-": REST}
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)  # a Sunday; no public holiday in it


def rule(**params):
    return RestRule("r-1", "休息", Rest(**params), date(2026, 1, 1), date(2027, 12, 31))


def person(staff_id=1, *, away=None, days=None):
    whole = frozenset(FIRST + timedelta(days=i) for i in range(30))
    return PlannedPerson(staff_id, str(staff_id), f"员工{staff_id}", "agent", days or whole, away or {})


def days_of(line, first=FIRST):
    """`DD-E`: one letter a day from `first` on, `.` where it is open."""
    return {first + timedelta(days=i): CODES[code] for i, code in enumerate(line) if code != "."}


def plan(*lines, rules=(), people=None, first=FIRST, shifts=SHIFTS):
    people = people or [person(i + 1) for i in range(len(lines))]
    slots = {each.id: days_of(line, first) for each, line in zip(people, lines, strict=True)}
    return Plan(FIRST, LAST, people, shifts, slots, calendar_of(FIRST, LAST), rules)


def broken(*lines, **given):
    return [(found.kind, found.words) for found in findings(plan(*lines, **given))]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        # Sunday alone, then weeks of Monday to Sunday.
        ("D" + "DDDDDD-" * 4 + "D", []),
        ("D" + "DDDDDDD" + "DDDDDD-" * 3 + "D", ["rest"]),
        # What is still open can be rest.
        ("D" + "DDDDDD." + "DDDDDD-" * 3 + "D", []),
        ("." * 30, []),
    ],
)
def test_a_day_of_rest_in_every_week(line, kinds):
    assert [kind for kind, _ in broken(line, rules=[rule(days_per_week=1)])] == kinds


def test_a_week_without_rest_is_told_with_its_days():
    line = "D" + "DDDDDDD" + "DDDDDD-" * 3 + "D"
    assert broken(line, rules=[rule(days_per_week=1)]) == [
        ("rest", "本周（11-02至11-08）休0天，应休1天"),
    ]


@pytest.mark.parametrize(
    ("rests", "days", "is_broken"), [(3, 30, False), (2, 30, True), (2, 20, False), (1, 20, True)]
)
def test_rest_of_a_month_is_due_by_the_days_somebody_is_there(rests, days, is_broken):
    here = frozenset(FIRST + timedelta(days=i) for i in range(days))
    line = "-" * rests + "D" * (days - rests)
    found = broken(line, rules=[rule(days_per_month=3)], people=[person(days=here)])
    assert bool(found) is is_broken


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DDDDDD-", []),
        ("DDDDDDD-", ["11-01至11-07连续上班7天，至多6天"]),
        ("DDD.DDDD", []),
    ],
)
def test_days_of_work_in_a_row(line, words):
    assert [said for _, said in broken(line, rules=[rule(work_days_in_row=6)])] == words


def test_a_row_goes_on_across_the_end_of_the_month():
    found = broken("DDDDDDD-", rules=[rule(work_days_in_row=6)], first=date(2026, 10, 28))
    assert found == [("in_row", "10-28至11-03连续上班7天，至多6天")]
    assert broken("DDDD-DD", rules=[rule(work_days_in_row=6)], first=date(2026, 10, 25)) == []


def test_leave_for_the_whole_day_ends_a_row_and_is_no_shift():
    away = {date(2026, 11, 4): (PlannedLeave(Decimal(1), "事假"),)}
    found = broken("DDDDDDDDD", rules=[rule(work_days_in_row=6)], people=[person(away=away)])
    assert found == [("leave", "11-04请假（事假），却排了白班")]
    half = {date(2026, 11, 4): (PlannedLeave(Decimal("0.5"), "事假"),)}
    assert broken("DDDD", people=[person(away=half)]) == []


def test_leaves_that_overlap_are_told():
    away = {date(2026, 11, 4): (PlannedLeave(Decimal(1), "事假"), PlannedLeave(Decimal("0.5"), "病假"))}
    assert broken("", people=[person(away=away)]) == [("leave_overlap", "11-04的请假重叠（事假、病假）")]


def test_rest_only_on_allowed_weekdays():
    # 2026-11-01 is a Sunday, the second a Monday.
    found = broken("--", rules=[rule(weekdays=(1, 2, 3, 4, 5))])
    assert found == [("weekday", "11-01休息，休息日限周一、周二、周三、周四、周五")]


def test_public_holidays_are_rest():
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    somebody = person(days=frozenset({first}))
    found = findings(
        Plan(
            first, last, [somebody], SHIFTS, {1: {first: 1}}, calendar_of(first, last), [rule(holidays=True)]
        )
    )
    assert [each.words for each in found] == ["10-01（国庆节）应休息"]


def test_a_shift_needs_its_people_and_not_more():
    day = PlannedShift(1, "D", "白班", DAY.hours, minimum=2, maximum=2)
    found = broken("D", "-", shifts={1: day})
    assert found == [("coverage", "11-01白班1人，至少2人")]
    assert broken("D", "D", "D", shifts={1: day}) == [("coverage", "11-01白班3人，至多2人")]
    away = person(2, away={FIRST: (PlannedLeave(Decimal(1), "病假"),)})
    found = broken("D", "D", people=[person(1), away], shifts={1: day})
    assert ("coverage", "11-01白班1人，至少2人") in found


def test_a_shift_that_goes_on_into_the_next_one_is_told():
    assert broken("NF") == [("overlap", "11-01与11-02的班时间重叠")]
    assert broken("ND") == []


def test_a_shift_outside_the_employment_is_told():
    found = broken("DD", people=[person(days=frozenset({FIRST}))])
    assert found == [("employment", "11-02不在职或不在本组，却有排班")]


def test_provisions_bind_roles_and_days():
    bound = RestRule("r-1", "休息", Rest(work_days_in_row=2), FIRST, LAST, roles=("designer",))
    assert broken("DDDD", rules=[bound]) == []
    later = RestRule("r-1", "休息", Rest(work_days_in_row=2), date(2026, 11, 10), LAST)
    assert broken("DDDD", rules=[later]) == []


def test_the_roster_is_known_in_time():
    made = plan("D", rules=[rule(notice_days=7, work_days_in_row=6)])
    assert notice_finding(made, date(2026, 10, 25)) is None
    late = notice_finding(made, date(2026, 10, 26))
    assert late is not None and late.words == "应提前7天、即2026-10-25前公布"


def test_holidays_of_a_year_not_published_fall_back_to_weekends_and_say_so():
    calendar = calendar_of(date(2026, 12, 28), date(2061, 1, 3))
    assert calendar[date(2061, 1, 1)].is_off  # a Saturday
    assert not calendar[date(2061, 1, 3)].is_off
    assert any(note.startswith("2061年的调休本版本还不知道") for note in calendar.notes)
    assert not any(note.startswith("2026") for note in calendar.notes)


@pytest.mark.parametrize(
    ("day", "words", "is_off"),
    [
        (date(2026, 10, 1), "国庆节", True),
        (date(2026, 10, 10), "国庆节调休上班", False),
        (date(2026, 10, 11), "周末", True),
        (date(2026, 10, 12), "", False),
    ],
)
def test_holidays_and_make_up_workdays_have_names(day, words, is_off):
    known = calendar_of(date(2026, 10, 1), date(2026, 10, 31))[day]
    assert (known.words, known.is_off) == (words, is_off)


WEEKLY = "DDDDDD-" * 4  # Monday 2 November to Sunday 29 November


def changed(before, after, *days, **params):
    first = date(2026, 11, 2)
    plans = [plan(line, rules=[rule(**params)], first=first) for line in (before, after)]
    return change_breaks(*plans, plans[0].people[0], {date(2026, 11, day) for day in days})


def test_a_swap_may_move_rest_into_another_of_four_weeks():
    moved = "DDD-DD-" + "DDDDDDD" + WEEKLY[14:]
    assert changed(WEEKLY, moved, 5, 15, days_per_week=1) == []


def test_rest_does_not_move_further_than_four_weeks():
    line = "DDDDDD-" * 6
    before, after = (
        plan(each, rules=[rule(days_per_week=1)], first=date(2026, 11, 2))
        for each in (line, "DDDDDDD" + line[7:35] + "DDDDD--")
    )
    person_ = before.people[0]
    assert change_breaks(before, after, person_, {date(2026, 11, 8), date(2026, 12, 12)}) != []


def test_a_swap_that_takes_rest_away_breaks_the_balance_of_four_weeks():
    taken = "DDDDDDD" + WEEKLY[7:]
    assert changed(WEEKLY, taken, 8, days_per_week=1) == [
        "1 员工1 含11-02一周的四周休息将少1天（每周休1天，r-1）",
    ]


def test_a_swap_that_makes_too_long_a_row_is_told():
    moved = "DDDDDDD" + "-DDDDDD" + WEEKLY[14:]
    assert changed(WEEKLY, moved, 8, 9, work_days_in_row=6) == [
        "1 员工1 11-02至11-08将连续上班7天，至多6天（r-1）",
    ]


def test_what_was_broken_before_is_not_held_against_a_swap():
    worn = "D" * 28
    assert changed(worn, "E" + "D" * 27, 2, days_per_week=1, work_days_in_row=6) == []


def test_a_swap_that_takes_rest_of_the_month_is_told():
    assert changed(WEEKLY, "DDDDDDD" + WEEKLY[7:], 8, days_per_month=4) == [
        "1 员工1 11月将只休3天，应休4天（r-1）"
    ]
