"""Writing, publishing and changing rosters; patterns from the rulebook; runs of the solver."""

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from time import sleep

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.locks import Lock
from core.runs import run_of
from people.services import staff_terms_change
from shifts.errors import RosterRefused
from shifts.models import Attendance, Leave, PatternHours, Roster, RosterChange, RosterDay, ShiftPattern
from shifts.models.roster import RosterRun
from shifts.planning.plan import REST
from shifts.selectors.plans import plan_of, planner_of
from shifts.selectors.rosters import roster_days_of
from shifts.services import attendance_derive
from shifts.services.patterns import (
    HoursGiven,
    free_code,
    pattern_retire,
    pattern_save,
    patterns_adopt,
)
from shifts.services.roster_runs import is_alive, run_ask, run_execute
from shifts.services.rosters import (
    CellChange,
    roster_assign,
    roster_fill,
    roster_open,
    roster_publish,
)
from shifts.tasks import roster_solve
from tests import factories
from tests.shifts.planned import AT, NOVEMBER, RULES, pattern_made, planned, rules_publish, signed_in
from workbench.benchmarks import roster as benchmark

pytestmark = pytest.mark.django_db
SECOND = NOVEMBER + timedelta(days=1)


def assign(place, *changes, **given):
    return roster_assign(roster=place.roster, changes=changes, by=place.manager, at=AT, **given)


def test_cells_are_written_with_the_hours_of_their_pattern():
    place = planned(1)
    place.plan("DE-")
    rows = list(RosterDay.objects.order_by("work_date"))
    assert [row.pattern and row.pattern.code for row in rows] == ["D", "E", None]
    assert rows[1].ends_at - rows[1].starts_at == timedelta(hours=7, minutes=30)
    assert place.roster.version == 2


def test_summer_hours_are_those_of_the_day():
    place = planned(1)
    PatternHours.objects.create(
        pattern=place.patterns["D"], from_month=11, from_day=2, starts_at=time(9), ends_at=time(18)
    )
    place.plan("DD")
    hours = [row.ends_at - row.starts_at for row in RosterDay.objects.order_by("work_date")]
    assert hours == [timedelta(hours=9)] * 2
    first, second = RosterDay.objects.order_by("work_date")
    assert second.starts_at - first.starts_at == timedelta(days=1, minutes=30)


def test_two_who_change_other_cells_do_not_hinder_one_another():
    place = planned(2)
    one, other = place.people
    assign(place, CellChange(one.pk, NOVEMBER, None, place.slot("D")))
    assign(place, CellChange(other.pk, NOVEMBER, None, place.slot("E")))
    assert (place.line(one), place.line(other)) == ("D", "E")


def test_a_cell_that_somebody_changed_meanwhile_is_not_overwritten():
    place = planned(2)
    one, other = place.people
    assign(place, CellChange(one.pk, NOVEMBER, None, place.slot("D")))
    with pytest.raises(RosterRefused, match="别人刚改过，101 员工101 11-01已是“白班”"):
        assign(
            place,
            CellChange(other.pk, NOVEMBER, None, place.slot("E")),
            CellChange(one.pk, NOVEMBER, None, place.slot("E")),
        )
    assert (place.line(one), place.line(other)) == ("D", "")
    # The same change twice is done already.
    assign(place, CellChange(one.pk, NOVEMBER, None, place.slot("D")))


def test_a_roster_that_another_edits_is_not_published_unseen():
    place = planned(2)
    place.plan("DD")
    seen = place.roster.version
    assign(place, CellChange(place.people[1].pk, NOVEMBER, None, REST))
    with pytest.raises(RosterRefused, match="打开页面以后有人改过"):
        roster_publish(roster=place.roster, version=seen, by=place.manager, at=AT)
    place.roster.refresh_from_db()
    assert place.roster.state == Roster.State.DRAFT
    roster_publish(roster=place.roster, version=place.roster.version, by=place.manager, at=AT)
    with pytest.raises(RosterRefused, match="无须再公布"):
        roster_publish(roster=place.roster, version=place.roster.version + 1, by=place.manager, at=AT)


def test_an_empty_roster_is_not_published():
    place = planned(1)
    with pytest.raises(RosterRefused, match="还是空的"):
        place.publish()


def test_a_published_roster_changes_with_a_reason_that_stays():
    place = planned(1)
    place.plan("DD")
    place.publish()
    change = CellChange(place.people[0].pk, SECOND, place.slot("D"), REST)
    with pytest.raises(RosterRefused, match="须写明理由"):
        assign(place, change)
    assert not RosterChange.objects.exists()
    assign(place, change, reason="家中有事")
    row = RosterChange.objects.get()
    assert (row.before, row.after, row.reason, row.by) == (
        place.patterns["D"],
        None,
        "家中有事",
        place.manager,
    )
    assert place.line(place.people[0]) == "D-"


def test_two_shifts_at_once_are_refused_by_name():
    place = planned(1)
    place.patterns["F"] = pattern_made(place.department, "F", "早早班", time(0, 30), time(9))
    person = place.people[0]
    with pytest.raises(RosterRefused, match="101 员工101 11-01的晚班与11-02的早早班时间重叠"):
        place.plan("EF")
    assert place.line(person) == ""


def test_two_shifts_at_once_across_the_end_of_the_month_are_refused():
    place = planned(1)
    place.patterns["F"] = pattern_made(place.department, "F", "早早班", time(0, 30), time(9))
    october = roster_open(department=place.department, team=place.team, month=date(2026, 10, 1))
    roster_assign(
        roster=october,
        changes=place.changes(place.people[0], "E", date(2026, 10, 31)),
        by=None,
        at=AT,
    )
    with pytest.raises(RosterRefused, match="10-31的晚班与11-01的早早班时间重叠"):
        place.plan("F")


def test_people_of_other_teams_and_departments_are_not_of_the_roster():
    place, other = planned(1), planned(1)
    elsewhere = factories.staff(place.department, team=factories.team(place.department, "B"))
    for staff in (elsewhere, other.people[0]):
        with pytest.raises(RosterRefused, match="不在职或不在本组"):
            assign(place, CellChange(staff.pk, NOVEMBER, None, place.slot("D")))
    with pytest.raises(RosterRefused, match="没有这个班次"):
        assign(place, CellChange(place.people[0].pk, NOVEMBER, None, other.slot("D")))
    with pytest.raises(RosterRefused, match="不属于"):
        roster_open(department=place.department, team=other.team, month=NOVEMBER)
    assert not RosterDay.objects.exists()


def test_days_before_somebody_comes_cannot_be_rostered():
    place = planned(0)
    late = factories.staff(place.department, "900", team=place.team, hired_on=SECOND)
    with pytest.raises(RosterRefused, match="900 员工900 11-01不在职"):
        assign(place, CellChange(late.pk, NOVEMBER, None, place.slot("D")))
    assign(place, CellChange(late.pk, SECOND, None, place.slot("D")))


def test_a_retired_pattern_is_for_new_days_no_more():
    place = planned(1)
    place.plan("D")
    pattern_retire(pattern=place.patterns["D"], is_retired=True)
    with pytest.raises(RosterRefused, match="白班已停用"):
        place.plan(".D")
    assert place.line(place.people[0]) == "D"


def test_filling_keeps_what_is_there_and_the_days_of_leave():
    place = planned(1)
    person = place.people[0]
    place.plan("E")
    Leave.objects.create(staff=person, starts_on=SECOND, days=Decimal(1), type="personal")
    slots = {person.pk: {NOVEMBER + timedelta(days=i): place.slot("D") for i in range(4)}}
    _, filled = roster_fill(roster=place.roster, slots=slots, by=None, at=AT)
    assert (filled, place.line(person)) == (2, "E.DD")
    roster_fill(roster=place.roster, slots=slots, by=None, at=AT, replace=True)
    assert place.line(person) == "D.DD"


@pytest.fixture
def moved():
    """Somebody's November lies in the first team's roster; from the 16th on the second team is theirs."""
    place = planned(1)
    place.plan("D" * 30)
    place.person = place.people[0]
    place.middle = NOVEMBER.replace(day=16)
    other = factories.team(place.department, "B")
    staff_terms_change(staff=place.person, on=place.middle, team=other, by=None, at=AT)
    place.other = roster_open(department=place.department, team=other, month=NOVEMBER)
    return place


def test_what_one_team_has_published_another_changes_with_a_reason_and_it_stays_published(moved):
    roster_publish(roster=moved.roster, version=moved.roster.version, by=moved.manager, at=AT)
    noon = AT.replace(month=11, day=20)
    attendance_derive(
        department=moved.department, first=NOVEMBER, last=noon.date(), now=noon, by=None, at=noon
    )
    assert Attendance.objects.filter(work_date=moved.middle, absent_days=1).exists()
    changes = [CellChange(moved.person.pk, moved.middle, moved.slot("D"), REST)]
    given = {"roster": moved.other, "changes": changes, "by": moved.manager, "at": noon}
    with pytest.raises(RosterRefused, match="须写明理由"):
        roster_assign(**given)
    roster_assign(**given, reason="调组")
    row = RosterDay.objects.get(work_date=moved.middle)
    assert (row.pattern, row.roster) == (None, moved.roster)
    assert RosterChange.objects.get().before == moved.patterns["D"]
    assert not Attendance.objects.filter(work_date=moved.middle).exists()
    # A day that the other team is the first to roster is only in its draft.
    RosterDay.objects.filter(work_date=SECOND.replace(day=17)).delete()
    changes = [CellChange(moved.person.pk, SECOND.replace(day=17), None, REST)]
    roster_assign(**{**given, "changes": changes})
    assert RosterDay.objects.get(work_date=SECOND.replace(day=17)).roster == moved.other


def test_filling_a_draft_leaves_what_another_team_has_published(moved):
    roster_publish(roster=moved.roster, version=moved.roster.version, by=moved.manager, at=AT)
    slots = {moved.person.pk: {NOVEMBER.replace(day=n): moved.slot("E") for n in range(16, 31)}}
    _, filled = roster_fill(roster=moved.other, slots=slots, by=None, at=AT, replace=True)
    assert filled == 0
    assert moved.line(moved.person) == "D" * 30


def test_publishing_takes_over_what_lies_in_the_draft_of_the_former_team(moved):
    with pytest.raises(RosterRefused, match="还是空的"):
        empty = roster_open(
            department=moved.department, team=factories.team(moved.department, "C"), month=NOVEMBER
        )
        roster_publish(roster=empty, version=empty.version, by=moved.manager, at=AT)
    roster_publish(roster=moved.other, version=moved.other.version, by=moved.manager, at=AT)
    days = roster_days_of([moved.person.pk], NOVEMBER, NOVEMBER.replace(day=30))
    assert [row.work_date.day for row in days] == list(range(16, 31))
    assert moved.roster.days.count() == 15


def test_rest_that_becomes_work_ends_leave_on_another_day():
    place = planned(1)
    place.plan("DDD-DD")
    place.publish()
    person, at = place.people[0], AT.replace(month=11, day=10)
    third, fifth = NOVEMBER.replace(day=3), NOVEMBER.replace(day=5)
    Leave.objects.create(staff=person, starts_on=third, days=Decimal(2), type="personal")
    attendance_derive(department=place.department, first=NOVEMBER, last=fifth, now=at, by=None, at=at)
    assert Attendance.objects.get(work_date=fifth).absent_days == 0
    changes = [CellChange(person.pk, NOVEMBER.replace(day=4), REST, place.slot("D"))]
    roster_assign(roster=place.roster, changes=changes, reason="缺人", by=place.manager, at=at)
    days = Attendance.objects.filter(work_date__gte=third).order_by("work_date")
    assert [row.absent_days for row in days[:3]] == [0, 0, 1]


def test_rest_within_leave_makes_it_reach_further_in_the_plan():
    place = planned(1)
    october = roster_open(department=place.department, team=place.team, month=date(2026, 10, 1))
    last = date(2026, 10, 31)
    changes = place.changes(place.people[0], "D-", last - timedelta(days=1))
    october = roster_assign(roster=october, changes=changes, by=None, at=AT)
    roster_publish(roster=october, version=october.version, by=place.manager, at=AT)
    Leave.objects.create(
        staff=place.people[0], starts_on=last - timedelta(days=1), days=Decimal(2), type="personal"
    )
    away = plan_of(place.roster).people[0].away
    # November has no roster yet: by the calendar its first, a Sunday, is no day owed.
    assert sorted(away) == [last - timedelta(days=1), NOVEMBER + timedelta(days=1)]


def test_writing_takes_as_many_queries_for_many_people():
    counts = []
    for people in (2, 12):
        place = planned(people)
        changes = [
            CellChange(staff.pk, NOVEMBER + timedelta(days=i), None, place.slot("D"))
            for staff in place.people
            for i in range(30)
        ]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            roster_assign(roster=place.roster, changes=changes, by=None, at=AT)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 18


# Who may


def test_a_lead_plans_the_own_team_alone():
    place = planned(1)
    factories.team(place.department, "B")
    lead = signed_in(factories.staff(place.department, team=place.team, role="lead"), "lead")
    on = NOVEMBER
    planner = planner_of(lead, place.department.code, on=on)
    assert planner is not None and planner.may(place.team.pk)
    assert not planner.may(None)
    assert not planner.may(factories.team(place.department, "B").pk)
    assert planner_of(place.manager, place.department.code, on=on).may(None)
    other = planned(0)
    assert planner_of(lead, other.department.code, on=on) is None
    assert planner_of(place.manager, other.department.code, on=on) is None
    for group in ("agent", "hr", "auditor"):
        account = factories.account(group, place.department)
        assert planner_of(account, place.department.code, on=on) is None, group


# Patterns


def test_patterns_of_the_rulebook_are_made_once():
    department = factories.department()
    rules_publish(department, RULES)
    made = patterns_adopt(department=department, on=NOVEMBER).made
    assert [(each.code, each.name, each.is_evening, each.extends, each.minimum_staff) for each in made] == [
        ("白", "白班", False, False, 1),
        ("晚", "晚班", True, True, 1),
    ]
    assert [str(each.hours.get()) for each in made] == ["08:30–17:30", "17:30–01:00"]
    again = patterns_adopt(department=department, on=NOVEMBER)
    assert (again.made, again.kept) == ([], ["白班", "晚班"])
    assert {each.provision_code for each in ShiftPattern.objects.all()} == {"r-shift"}


def test_seasons_and_breaks_are_taken_over():
    department = factories.department()
    shifts = [
        {"name": "白班", "start": "08:00", "end": "17:30", "from": "05-01",
         "break_start": "12:00", "break_end": "14:00"},
        {"name": "白班", "start": "08:30", "end": "17:30", "from": "10-08"},
    ]  # fmt: skip
    rules_publish(department, [{"code": "r", "kind": "shift_pattern", "params": {"shifts": shifts}}])
    pattern = patterns_adopt(department=department, on=NOVEMBER).made[0]
    found = [(each.from_month, each.from_day, f"{each}", each.break_ends_at) for each in pattern.hours.all()]
    assert found == [(5, 1, "08:00–17:30", time(14)), (10, 8, "08:30–17:30", None)]


def test_a_rulebook_without_shifts_says_so():
    department = factories.department()
    with pytest.raises(RosterRefused, match="没有写班次"):
        patterns_adopt(department=department, on=NOVEMBER)


def test_codes_are_short_and_free():
    assert free_code("白班", []) == "白"
    assert free_code("晚晚班", ["晚"]) == "晚晚"
    assert free_code("白班", ["白"]) == "白2"


def test_a_pattern_that_cannot_be_is_refused_and_changes_nothing():
    place = planned(0)
    day, hours = place.patterns["D"], HoursGiven(time(8), time(17))
    cases = [
        ([], "至少填写一行"),
        ([hours, hours], "自同一天起"),
        ([HoursGiven(time(8), time(17), break_starts_at=time(12))], "同时填写"),
        ([HoursGiven(time(8), time(17), break_starts_at=time(18), break_ends_at=time(19))], "之间"),
    ]
    for given, said in cases:
        with pytest.raises(RosterRefused, match=said):
            pattern_save(pattern=day, hours=given)
    with pytest.raises(RosterRefused, match="已有此代码"):
        pattern_save(
            pattern=ShiftPattern(department=place.department, code="D", name="另一班"), hours=[hours]
        )
    assert str(day.hours.get()) == "08:30–17:30"
    assert ShiftPattern.objects.count() == 2


def test_other_hours_leave_what_is_rostered_as_it_was():
    place = planned(1)
    place.plan("D")
    before = RosterDay.objects.get()
    pattern_save(pattern=place.patterns["D"], hours=[HoursGiven(time(9), time(18))])
    assert RosterDay.objects.get().starts_at == before.starts_at
    place.plan(".D")
    assert RosterDay.objects.latest("work_date").starts_at - before.starts_at == timedelta(days=1, minutes=30)


# Runs of the solver


@pytest.fixture
def quick(settings):
    settings.ROSTER_SOLVER_SECONDS = 1


def test_a_run_fills_the_draft_and_says_what_it_could_not_meet(quick):
    place = planned(3)
    place.plan("E")
    run = run_execute(job=run_ask(roster=place.roster, by=place.manager, at=AT).job, clock=lambda: AT)
    assert run.state == RosterRun.State.DONE
    assert run.message == "填了89格"
    assert place.line(place.people[0])[0] == "E"
    plan = plan_of(place.roster)
    assert all(plan.slot(person, day) is not None for person in plan.people for day in plan.days)
    assert set(run.result) == {"fairness", "rotation", "is_rotation", "is_settled", "broken", "counts"}


def test_a_run_ends_when_it_is_over(quick):
    place = planned(1)
    ticks = count()
    job = run_ask(roster=place.roster, by=None, at=AT).job
    run = run_execute(job=job, clock=lambda: AT + timedelta(seconds=next(ticks)))
    assert run.started_at == AT and run.finished_at > AT


def test_what_a_run_could_not_meet_is_counted_by_rule_and_told_one_by_one(quick):
    place = planned(1)
    ShiftPattern.objects.update(minimum_staff=1)  # one person cannot be on both shifts
    run = run_execute(job=run_ask(roster=place.roster, by=None, at=AT).job, clock=lambda: AT)
    assert run.state == RosterRun.State.DONE
    (counted,) = run.result["counts"]
    assert counted.startswith("在岗人数不符") and counted.endswith("处")
    assert len(run.result["broken"]) == int(counted.removeprefix("在岗人数不符").removesuffix("处"))
    assert "0人，至少1人" in run.result["broken"][0]


def test_a_job_that_another_took_the_place_of_does_nothing(quick):
    place = planned(2)
    former = run_ask(roster=place.roster, by=None, at=AT)
    with pytest.raises(RosterRefused, match="正在进行"):
        run_ask(roster=place.roster, by=None, at=AT)
    later = run_ask(roster=place.roster, by=None, at=AT + timedelta(hours=1))
    assert run_execute(job=former.job, clock=lambda: AT) is None
    assert not RosterDay.objects.exists()
    assert run_execute(job=later.job, clock=lambda: AT).state == RosterRun.State.DONE


def test_a_run_whose_worker_died_frees_the_roster_at_once(quick):
    place = planned(2)
    run = run_ask(roster=place.roster, by=None, at=AT)
    RosterRun.objects.update(state=RosterRun.State.RUNNING, started_at=AT)
    with run_of(Lock.ROSTER, place.roster.pk):
        run.refresh_from_db()
        assert is_alive(run, AT + timedelta(hours=1))
        assert run_execute(job=run.job, clock=lambda: AT) is None
        with pytest.raises(RosterRefused, match="正在进行"):
            run_ask(roster=place.roster, by=None, at=AT)
    assert not is_alive(run, AT)
    assert run_execute(job=run.job, clock=lambda: AT).state == RosterRun.State.DONE


def test_a_roster_published_meanwhile_is_not_filled(quick):
    place = planned(1)
    run = run_ask(roster=place.roster, by=None, at=AT)
    place.plan("D")
    place.publish()
    done = run_execute(job=run.job, clock=lambda: AT)
    assert done.state == RosterRun.State.FAILED
    assert "已公布" in done.message
    with pytest.raises(RosterRefused, match="已公布"):
        run_ask(roster=place.roster, by=None, at=AT)


def test_without_patterns_nothing_is_solved():
    place = planned(1)
    ShiftPattern.objects.update(is_retired=True)
    with pytest.raises(RosterRefused, match="还没有班次"):
        run_ask(roster=place.roster, by=None, at=AT)


def test_a_worker_fills_the_roster(worker_process):
    place = planned(2)
    run = run_ask(roster=place.roster, by=None, at=timezone.now())
    roster_solve.delay(str(run.job))
    for _ in range(300):
        run.refresh_from_db()
        if run.state not in RosterRun.OPEN:
            break
        sleep(0.2)
    assert (run.state, run.message) == (RosterRun.State.DONE, "填了60格")
    assert RosterDay.objects.count() == 60


def test_the_measure_of_the_solver_takes_its_data_back():
    result = benchmark.run(6)
    # Of the two leaves the one of a day falls on 1 October, which nobody owes.
    assert result["filled"] + 2 == 6 * 31
    assert result["unfairness"] <= result["rotation_unfairness"]
    assert not ShiftPattern.objects.exists()
