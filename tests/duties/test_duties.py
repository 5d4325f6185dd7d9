"""Who owes which duty by when, and whether it was done, late or missed by the time of doing."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from duties.errors import DutyRefused
from duties.models import DutyRecord, DutyTurn, DutyWaiver
from duties.obligations import DutyHolder, Owed, State, Work, owed
from duties.selectors.duties import duties_due_today, owed_between
from duties.services.duties import attendance_note, duty_do, duty_waive
from duties.services.missed_duties import missed_duties_record
from penalties.models import Incident
from people.models import Department, Staff
from rules.kinds import parse_kind
from rules.provisions import Rule, Rules
from shifts.models import Punch, Roster, RosterDay, ShiftPattern
from shifts.services.leave import leave_record
from tests import factories
from tests.rostered import Place, moment, place

AGENTS = frozenset({"agent"})
LONG = "本周接待客户三百二十人，转化率略降，主要是物流慢。" * 10


def rule(**params: Any) -> Rule:
    kind, blanks = parse_kind("duty", params)
    return Rule(1, "d", "职责", "", kind, tuple(blanks), (), "month", "discipline", "manager", (), "第1版")


def person(*days: int, shift: str = "白班", **given: Any) -> DutyHolder:
    """Somebody who works these days of October 2026 on a shift."""
    hours = {"白班": ("08:30", "17:30", 0), "晚班": ("17:30", "01:00", 1)}[shift]
    works = {}
    for day in days:
        start, end = moment(day, hours[0]), moment(day + hours[2], hours[1])
        works[date(2026, 10, day)] = Work(date(2026, 10, day), shift, start, end, **given.get("hours", {}))
    given.pop("hours", None)
    base = {"staff_id": 1, "joined_on": date(2020, 1, 1), "left_on": None, "roles": [], "is_rostered": True}
    return DutyHolder(**{**base, "works": works, **given})


def due(
    who: DutyHolder, first: int, last: int, *, rostered: frozenset[str] = AGENTS, **params: Any
) -> list[Owed]:
    found: Iterator[Owed] = owed(
        who, Rules([rule(**params)]), date(2026, 10, first), date(2026, 10, last), rostered=rostered
    )
    return list(found)


def test_whom_no_roster_lists_owes_nothing_on_holidays_and_works_the_days_that_make_up() -> None:
    """1 to 7 October are off, Saturday the 10th is worked for them."""
    manager = person(is_rostered=False, roles=[(date(2020, 1, 1), "manager")])
    assert [each.due_on.day for each in due(manager, 1, 13, every="day", time="18:00")] == [8, 9, 10, 12, 13]


def test_the_holidays_of_a_year_that_no_table_has_are_the_laws() -> None:
    """5 to 8 February 2027 are 春节; the 8th is a Monday."""
    hr = person(is_rostered=False, roles=[(date(2020, 1, 1), "hr")])
    rules = Rules([rule(every="day", time="18:00")])
    found = owed(hr, rules, date(2027, 2, 4), date(2027, 2, 9), rostered=AGENTS)
    assert [each.due_on.day for each in found] == [4, 9]


@pytest.mark.parametrize(
    ("who", "params", "expected"),
    [
        # every shift: at its end; after midnight still that day's
        (person(15, 16), {"every": "shift"}, [(15, "10-15 17:30"), (16, "10-16 17:30")]),
        (person(15, shift="晚班"), {"every": "shift"}, [(15, "10-16 01:00")]),
        (person(15), {"every": "shift", "shifts": ["晚班"]}, []),
        # a clock time within a night shift is that night's, before it that day's
        (person(15, shift="晚班"), {"every": "shift", "time": "00:30"}, [(15, "10-16 00:30")]),
        (person(15, shift="晚班"), {"every": "shift", "time": "17:30"}, [(15, "10-15 17:30")]),
        (person(15), {"every": "shift", "time": "08:30"}, [(15, "10-15 08:30")]),
        # while customers are served the shift goes on, three hours at most
        (person(15, shift="晚班", hours={"extends": True}), {"every": "shift"}, [(15, "10-16 04:00")]),
        (
            person(15, shift="晚班", hours={"extends": True, "clock_out": moment(16, "01:20")}),
            {"every": "shift"},
            [(15, "10-16 01:20")],
        ),
        (
            person(15, shift="晚班", hours={"extends": True, "clock_out": moment(16, "00:40")}),
            {"every": "shift"},
            [(15, "10-16 01:00")],
        ),
        # every day that somebody works
        (person(15, 17), {"every": "day", "time": "18:00"}, [(15, "10-15 18:00"), (17, "10-17 18:00")]),
        (person(15), {"every": "day"}, [(15, "10-16 00:00")]),
        (person(15, 16, away=frozenset({date(2026, 10, 15)})), {"every": "day"}, [(16, "10-17 00:00")]),
        # the week's report: whoever works in the week, also who rests on the Saturday
        (person(12), {"every": "week", "weekday": 6, "time": "17:00"}, [(17, "10-17 17:00")]),
        (person(10), {"every": "week", "weekday": 6, "time": "17:00"}, []),
        (person(12, away=frozenset({date(2026, 10, 12)})), {"every": "week", "weekday": 6}, []),
        (person(12, left_on=date(2026, 10, 16)), {"every": "week", "weekday": 6}, []),
        # a meeting: whoever works that day
        (
            person(12),
            {"every": "week", "weekday": 1, "time": "08:00", "proof": "attendance"},
            [(12, "10-12 08:00")],
        ),
        (person(13), {"every": "week", "weekday": 1, "time": "08:00", "proof": "attendance"}, []),
        (person(12), {"every": "week", "weekday": 1, "proof": "attendance", "shifts": ["晚班"]}, []),
        # half a month
        (person(14), {"every": "half_month"}, [(15, "10-16 00:00")]),
        (person(16), {"every": "half_month"}, []),
        # a turn: whose it is, on leave or without a shift nobody's
        (person(15), {"every": "day", "proof": "turn"}, []),
        (
            person(15, turns=frozenset({("d", date(2026, 10, 15))})),
            {"every": "day", "time": "08:00", "proof": "turn"},
            [(15, "10-15 08:00")],
        ),
        (person(16, turns=frozenset({("d", date(2026, 10, 15))})), {"every": "day", "proof": "turn"}, []),
    ],
)  # fmt: skip
def test_who_owes_what_by_when(
    who: DutyHolder, params: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    found = due(who, 12, 19, **params)
    assert [(each.due_on.day, f"{each.due_at:%m-%d %H:%M}") for each in found] == expected


def test_roles_that_no_roster_lists_work_monday_to_friday_and_without_a_roster_nobody_owes() -> None:
    supervisor = person(roles=[(date(2020, 1, 1), "supervisor")], is_rostered=False)
    params = {"every": "day", "time": "09:00"}
    assert [each.due_on.day for each in due(supervisor, 12, 18, **params)] == [12, 13, 14, 15, 16]
    assert due(supervisor, 12, 18, rostered=frozenset(), **params) == []
    assert due(person(is_rostered=False), 12, 18, **params) == []


@pytest.mark.parametrize(
    ("done", "seen", "state"),
    [
        (None, moment(17, "16:59"), State.OPEN),
        (None, moment(17, "17:00"), State.OPEN),
        (None, moment(17, "17:01"), State.OVERDUE),
        (None, moment(18, "00:00"), State.MISSED),
        (moment(17, "17:00"), moment(30, "09:00"), State.DONE),
        (moment(17, "17:01"), moment(30, "09:00"), State.LATE),
        (moment(17, "23:59"), moment(30, "09:00"), State.LATE),
        (moment(18, "00:00"), moment(30, "09:00"), State.MADE_UP),
    ],
)
def test_the_time_of_doing_decides_and_not_that_of_looking(
    done: datetime | None, seen: datetime, state: State
) -> None:
    deeds = {("d", date(2026, 10, 17)): (done, 7)} if done else {}
    (each,) = due(person(12, deeds=deeds), 17, 17, every="week", weekday=6, time="17:00")
    assert each.state(seen) == state


@pytest.mark.parametrize(
    ("proof", "given", "state"),
    [
        ("handover", {"handed": {date(2026, 10, 15): moment(15, "17:30")}}, State.DONE),
        ("handover", {"handed": {date(2026, 10, 15): moment(15, "17:31")}}, State.MADE_UP),
        ("handover", {"handed": {date(2026, 10, 14): moment(14, "17:00")}}, State.MISSED),
        ("memo", {"memos": [moment(15, "10:00")]}, State.DONE),
        ("memo", {"memos": [moment(15, "18:00")]}, State.LATE),
        ("memo", {"memos": [moment(14, "10:00"), moment(16, "10:00")]}, State.MISSED),
        ("done", {"deeds": {("d", date(2026, 10, 15)): (moment(15, "17:31"), 1)}}, State.MADE_UP),
        ("done", {"waived": frozenset({("d", date(2026, 10, 15))})}, State.WAIVED),
    ],
)
def test_what_shows_that_a_duty_was_done(proof: str, given: dict[str, Any], state: State) -> None:
    (each,) = due(person(15, **given), 15, 15, every="shift", proof=proof)
    assert each.state(moment(20, "09:00")) == state


# With the database


@pytest.fixture
def here(db: None) -> Place:
    """1001 on the day shift the whole week, 1002 on the evening shift on Monday and Tuesday, 1003 rests."""
    made = place()
    for number in ("1001", "1002", "1003"):
        made.staff[number] = factories.staff(made.department, number)
    made.shift(made.staff["1001"], "白班", 12, 13, 14, 15, 16)
    made.shift(made.staff["1002"], "晚班", 12, 13)
    made.shift(made.staff["1003"], "休", 12, 13, 14, 15, 16, 17)
    return made


def states(department: Department, code: str, day: int, seen: datetime) -> dict[str, str]:
    on = date(2026, 10, day)
    found = owed_between(department, on, on)
    return {staff.number: each.state(seen) for staff, each in found if each.rule.code == code}


def report(staff: Staff, day: int, clock: str, text: str = LONG) -> DutyRecord:
    return duty_do(
        staff=staff, code="report", due_on=date(2026, 10, 17), text=text, by=None, at=moment(day, clock)
    )


def test_a_weekly_report_late_and_missing(here: Place) -> None:
    report(here.staff["1001"], 17, "17:01")
    assert states(here.department, "report", 17, moment(19, "09:00")) == {"1001": "late", "1002": "missed"}
    missed_duties_record(department=here.department, at=moment(17, "23:59"))
    assert not Incident.objects.filter(code="report-fine").exists()
    for clock in ("00:07", "01:07"):
        missed_duties_record(department=here.department, at=moment(18, clock))
    missed = Incident.objects.get(code="report-fine")
    assert (missed.staff, missed.work_date) == (here.staff["1002"], date(2026, 10, 17))
    assert missed.state == "recorded" and "10-17 17:00前完成" in missed.note
    report(here.staff["1002"], 18, "09:00")
    assert states(here.department, "report", 17, moment(19, "09:00"))["1002"] == "made_up"
    missed_duties_record(department=here.department, at=moment(19, "09:00"))
    assert Incident.objects.filter(code="report-fine").count() == 1


def test_a_report_that_is_too_short_is_refused_and_blanks_do_not_count(here: Place) -> None:
    with pytest.raises(DutyRefused, match="至少200字，现在199字"):
        report(here.staff["1001"], 16, "12:00", "字" * 199 + " \n" * 50)
    assert not DutyRecord.objects.exists()
    report(here.staff["1001"], 16, "12:00", "字" * 200)
    assert report(here.staff["1001"], 16, "12:01") == DutyRecord.objects.get()
    with pytest.raises(DutyRefused, match="起才能登记"):
        duty_do(
            staff=here.staff["1002"], code="report", due_on=date(2026, 10, 17), text=LONG, by=None,
            at=moment(10, "12:00"),
        )  # fmt: skip


@pytest.mark.parametrize("number", ["1003", "1002"])
def test_who_does_not_owe_a_duty_cannot_do_it(here: Place, number: str) -> None:
    with pytest.raises(DutyRefused, match="没有这项职责"):
        duty_do(
            staff=here.staff[number],
            code="meeting",
            due_on=date(2026, 10, 19),
            by=None,
            at=moment(19, "07:00"),
        )


def test_on_leave_nothing_is_owed(here: Place) -> None:
    leave_record(
        staff=here.staff["1001"], starts_on=date(2026, 10, 12), days=Decimal(5), type="personal", by=None,
        at=moment(9, "09:00"),
    )  # fmt: skip
    found = owed_between(here.department, date(2026, 10, 12), date(2026, 10, 17))
    assert {staff.number for staff, _ in found} == {"1002"}


def test_long_leave_is_counted_from_its_first_day_on(here: Place) -> None:
    """41 days from the 3rd of August, the 4th to the 12th rest: the last is the 13th of October.

    In August 13, in September 23 with the 20th worked and the 25th off, in October from the 8th on 5.
    """
    staff = here.staff["1001"]
    august = Roster.objects.create(
        department=here.department, month=date(2026, 8, 1), state="published", published_at=moment(1, "09:00")
    )
    for day in range(4, 13):
        RosterDay.objects.create(roster=august, staff=staff, work_date=date(2026, 8, day))
    leave_record(
        staff=staff, starts_on=date(2026, 8, 3), days=Decimal(41), type="sick", by=None, at=moment(1, "09:00")
    )
    found = owed_between(here.department, date(2026, 10, 12), date(2026, 10, 16), only=[staff.pk])
    assert [each.due_on.day for _, each in found if each.rule.code == "day-book"] == [14, 15, 16]


def test_who_comes_after_its_beginning_does_not_note_a_meeting_himself(here: Place) -> None:
    given = {"staff": here.staff["1001"], "code": "meeting", "due_on": date(2026, 10, 12), "by": None}
    for day, clock in ((12, "08:02"), (13, "09:00")):
        with pytest.raises(DutyRefused, match="会已经开始，由主持的人登记到会"):
            duty_do(at=moment(day, clock), **given)
    assert not DutyRecord.objects.exists()
    duty_do(at=moment(12, "08:00"), **given)
    assert states(here.department, "meeting", 12, moment(13, "09:00"))["1001"] == "done"


def test_a_meetings_list_is_entered_until_the_day_is_over(here: Place) -> None:
    monday = date(2026, 10, 12)
    lead = factories.account("supervisor", here.department)
    missed_duties_record(department=here.department, at=moment(12, "12:00"))
    assert not Incident.objects.filter(code="meeting-fine").exists()
    given = {"department": here.department, "code": "meeting", "due_on": monday, "by": lead}
    came = {here.staff["1001"].pk}
    assert attendance_note(staff_ids=came, at=moment(12, "12:00"), **given) == 1
    assert attendance_note(staff_ids=came, at=moment(12, "12:01"), **given) == 0
    assert states(here.department, "meeting", 12, moment(13, "09:00")) == {"1001": "done", "1002": "missed"}
    missed_duties_record(department=here.department, at=moment(13, "00:07"))
    assert Incident.objects.get(code="meeting-fine").staff == here.staff["1002"]
    with pytest.raises(DutyRefused, match="缺席已记录"):
        attendance_note(staff_ids={here.staff["1002"].pk}, at=moment(13, "09:00"), **given)
    with pytest.raises(DutyRefused, match="不必到会"):
        attendance_note(staff_ids={here.staff["1003"].pk}, at=moment(13, "09:00"), **given)


def test_minutes_of_the_monday_review_are_the_supervisors(here: Place) -> None:
    boss = factories.staff(here.department, "1009", role="supervisor")
    assert states(here.department, "review", 12, moment(13, "00:00")) == {"1009": "missed"}
    given = {"staff": boss, "code": "review", "due_on": date(2026, 10, 12), "by": None}
    with pytest.raises(DutyRefused, match="请写内容"):
        duty_do(at=moment(12, "07:30"), **given)
    duty_do(text="上周的问题与办法", at=moment(12, "07:30"), **given)
    assert states(here.department, "review", 12, moment(13, "00:00")) == {"1009": "done"}
    missed_duties_record(department=here.department, at=moment(20, "09:00"))
    assert not Incident.objects.filter(staff=boss, work_date=date(2026, 10, 12), code="review").exists()


def test_a_waiver_comes_before_the_record_and_never_for_oneself(here: Place) -> None:
    supervisor = factories.account("supervisor", here.department)
    given = {"code": "report", "due_on": date(2026, 10, 17), "reason": "出差", "at": moment(17, "16:00")}
    duty_waive(staff=here.staff["1001"], by=supervisor, **given)
    duty_waive(staff=here.staff["1001"], by=supervisor, **given)
    missed_duties_record(department=here.department, at=moment(18, "09:00"))
    assert Incident.objects.get(code="report-fine").staff == here.staff["1002"]
    with pytest.raises(DutyRefused, match="等经理确认"):
        duty_waive(staff=here.staff["1002"], by=supervisor, **{**given, "at": moment(18, "10:00")})
    own = factories.account("supervisor", here.department, staff=here.staff["1002"])
    with pytest.raises(DutyRefused, match="不能免除自己"):
        duty_waive(staff=Staff.objects.get(pk=here.staff["1002"].pk), by=own, **given)
    with pytest.raises(DutyRefused, match="须写理由"):
        duty_waive(staff=here.staff["1002"], by=supervisor, **{**given, "reason": " "})
    assert DutyWaiver.objects.count() == 1


def test_a_roster_or_rules_published_afterwards_oblige_nobody(here: Place) -> None:
    Roster.objects.update(published_at=moment(14, "09:00"))
    found = owed_between(here.department, date(2026, 10, 12), date(2026, 10, 16))
    books = [(staff.number, each.due_on.day) for staff, each in found if each.rule.code == "day-book"]
    assert books == [("1001", 14), ("1001", 15), ("1001", 16)]
    Roster.objects.update(state=Roster.State.DRAFT)
    assert owed_between(here.department, date(2026, 10, 12), date(2026, 10, 16)) == []


def test_rules_published_afterwards_record_nothing_of_before(db: None) -> None:
    late = place(published_at=moment(14, "09:00"))
    late.shift(factories.staff(late.department, "3001"), "白班", 13, 14)
    missed_duties_record(department=late.department, at=moment(14, "20:00"))
    assert [row.work_date.day for row in Incident.objects.all()] == [14]


def test_a_duty_whose_provision_is_blank_or_missing_is_only_shown(db: None) -> None:
    here = place(
        [
            {"code": "a", "kind": "duty", "params": {"every": "shift", "proof": "done", "missing": "blank"}},
            {"code": "b", "kind": "duty", "params": {"every": "shift", "proof": "done", "missing": "gone"}},
            {"code": "c", "kind": "duty", "params": {"every": "shift", "proof": "done"}},
            {"code": "d", "kind": "duty", "params": {"every": "shift", "proof": "done", "missing": "range"}},
            {"code": "e", "kind": "duty", "params": {"every": "shift", "proof": "done", "missing": "fine"}},
            {"code": "blank", "kind": "fine", "params": {"amount": None}},
            {"code": "range", "kind": "range_fine", "params": {"min": "1", "max": "2"}},
            {"code": "fine", "kind": "fine", "params": {"amount": "5"}},
        ]
    )
    here.shift(factories.staff(here.department, "1001"), "白班", 12)
    department = here.department
    told = missed_duties_record(department=department, at=moment(13, "09:00"))
    assert [row.code for row in Incident.objects.all()] == ["fine"]
    assert told.new == 1 and len(told.refused) == 1


def test_a_shift_that_is_extended_ends_with_the_clock(here: Place) -> None:
    ShiftPattern.objects.filter(name="晚班").update(extends=True)
    staff = here.staff["1002"]
    Punch.objects.create(staff=staff, at=moment(13, "01:25"))
    found = owed_between(here.department, date(2026, 10, 12), date(2026, 10, 13))
    ends = [f"{each.due_at:%d %H:%M}" for _, each in found if each.rule.code == "night-book"]
    assert ends == ["13 01:25", "14 04:00"]


def test_the_days_duties_take_two_queries_for_one_person_and_for_many(
    here: Place, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        mine = duties_due_today(here.staff["1001"], at=moment(12, "09:00"))
    assert [(each.owed.rule.code, each.state) for each in mine] == [
        ("meeting", "missed"),
        ("day-book", "open"),
    ]
    for number in range(30):
        here.shift(factories.staff(here.department, f"2{number:03}"), "白班", 12, 13)
    with django_assert_num_queries(2):
        found = owed_between(here.department, date(2026, 10, 12), date(2026, 10, 17))
    assert len(found) > 90


def test_turns_are_owed_by_whose_turn_it_is(here: Place) -> None:
    DutyTurn.objects.create(
        department=here.department, code="clean", on=date(2026, 10, 14), staff=here.staff["1001"],
        at=moment(1, "09:00"),
    )  # fmt: skip
    duty_do(
        staff=here.staff["1001"], code="clean", due_on=date(2026, 10, 14), by=None, at=moment(14, "08:01")
    )
    missed_duties_record(department=here.department, at=moment(14, "09:00"))
    row = Incident.objects.get(code="clean-fine")
    assert row.staff == here.staff["1001"] and "已补（2026-10-14 08:01）" in row.note
