"""Attendance out of rosters, punches and approvals: what is written, what is left alone."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll.models import PayLine
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from people.models import Department, FactChange, Staff
from rules.services import version_publish
from shifts.models import Attendance, Correction, Leave, Outing, Overtime, Punch, Roster, RosterDay
from shifts.services import attendance_derive, attendance_record
from shifts.services.derive import Derived
from shifts.tasks import derive_department
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import moment, pattern, rostered

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAY = date(2026, 10, 8)
APPROVED = {"state": "approved", "asked_at": WHEN, "decided_at": WHEN}


@pytest.fixture
def agent(department: Department) -> Staff:
    return department.staff.get(number="1001")


def derived(of: Department, *, now: datetime | None = None) -> Derived:
    now = now or moment(date(2026, 11, 2), "12:00")
    return attendance_derive(department=of, first=FIRST, last=LAST, now=now, by=None, at=WHEN)


def row(day: date = DAY) -> tuple:
    found = Attendance.objects.get(work_date=day)
    return found.late_minutes, found.early_minutes, found.absent_days, found.missing_punches


def test_days_are_written_once_and_only_what_changed_again(department: Department, agent: Staff) -> None:
    work = pattern(department)
    rostered(agent, DAY, work, "08:31", "17:30")
    rostered(agent, date(2026, 10, 9), work)
    rostered(agent, date(2026, 10, 10), None, "09:00")
    first = derived(department)
    assert (first.created, first.changed, first.months) == (2, 0, {FIRST})
    assert row() == (1, 0, Decimal(0), 0)
    assert row(date(2026, 10, 9)) == (0, 0, Decimal(1), 0)
    stored = Attendance.objects.get(work_date=DAY)
    assert (stored.source, stored.shift_name, stored.clock_in) == ("derived", "白班", moment(DAY, "08:31"))

    assert derived(department).unchanged == 2
    Punch.objects.create(staff=agent, at=moment(DAY, "08:20"))
    again = derived(department)
    assert (again.created, again.changed, again.unchanged) == (0, 1, 1)
    assert row() == (0, 0, Decimal(0), 0)
    told = FactChange.objects.filter(source="attendance", month=FIRST)
    assert told.count() == 2


def test_an_evening_of_the_last_day_belongs_to_its_month(department: Department, agent: Staff) -> None:
    rostered(agent, LAST, pattern(department, "晚班", "17:30", "01:00"), "17:40", "+01:07")
    derived(department)
    assert row(LAST) == (10, 0, Decimal(0), 0)
    november = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}
    attendance_derive(
        department=department, **november, now=moment(date(2026, 12, 2), "12:00"), by=None, at=WHEN
    )
    assert Attendance.objects.count() == 1


def test_only_shifts_that_have_ended_are_derived(department: Department, agent: Staff) -> None:
    rostered(agent, DAY, pattern(department), "08:30")
    assert derived(department, now=moment(DAY, "17:29")).created == 0
    assert derived(department, now=moment(DAY, "17:30")).created == 1
    assert row() == (0, 0, Decimal(0), 1)
    assert derived(department, now=moment(DAY, "12:00")).removed == 0


def test_drafts_and_days_outside_the_employment_count_for_nothing(department: Department) -> None:
    late = department.staff.get(number="1002")  # from 5 October on
    rostered(late, date(2026, 10, 4), pattern(department), state=Roster.State.PUBLISHED)
    assert derived(department).created == 0
    Roster.objects.update(state=Roster.State.DRAFT)
    rostered(late, DAY, pattern(department))
    assert derived(department).created == 0


def test_what_was_entered_stands_and_the_difference_is_told(department: Department, agent: Staff) -> None:
    rostered(agent, DAY, pattern(department), "08:45", "17:30")
    attendance_record(staff=agent, work_date=DAY, late_minutes=5, by=None, at=WHEN)
    result = derived(department)
    assert row() == (5, 0, Decimal(0), 0)
    assert [(each.entered.late_minutes, each.derived.late_minutes) for each in result.differences] == [
        (5, 15)
    ]
    assert result.months == set()


def test_a_derived_day_that_somebody_enters_is_no_longer_derived(
    department: Department, agent: Staff
) -> None:
    rostered(agent, DAY, pattern(department))
    derived(department)
    attendance_record(staff=agent, work_date=DAY, by=None, at=WHEN)
    derived(department)
    assert row() == (0, 0, Decimal(0), 0)


def test_a_shift_that_became_rest_has_no_row_any_more(department: Department, agent: Staff) -> None:
    day = rostered(agent, DAY, pattern(department))
    derived(department)
    RosterDay.objects.filter(pk=day.pk).update(pattern=None, starts_at=None, ends_at=None)
    assert derived(department).removed == 1
    assert not Attendance.objects.exists()


def test_a_shift_swapped_the_same_day_is_judged_by_the_new_one(department: Department, agent: Staff) -> None:
    day = rostered(agent, DAY, pattern(department), "17:25", "+01:03")
    evening = pattern(department, "晚班", "17:30", "01:00")
    span = evening.hours.get().on(DAY)
    RosterDay.objects.filter(pk=day.pk).update(
        pattern=evening, starts_at=span.starts_at, ends_at=span.ends_at
    )
    derived(department)
    assert row() == (0, 0, Decimal(0), 0)
    assert Attendance.objects.get().shift_name == "晚班"


def test_everything_approved_is_read(department: Department, agent: Staff) -> None:
    work = pattern(department)
    days = [date(2026, 10, n) for n in (12, 13, 14, 15, 16)]
    rostered(agent, days[0], work, "13:00", "17:30")
    Leave.objects.create(staff=agent, starts_on=days[0], days=Decimal("0.5"), type="sick", half="first")
    rostered(agent, days[1], work, "17:30")
    asked = {"staff": agent, "work_date": days[1], "reason": "忘了"}
    Correction.objects.create(**asked, clock_in=moment(days[1], "08:29"), **APPROVED)
    Correction.objects.create(**asked, clock_in=moment(days[1], "09:00"), state="asked", asked_at=WHEN)
    rostered(agent, days[2], work, "08:30", "17:30")
    span = {"leaves_at": moment(days[2], "14:00"), "due_at": moment(days[2], "15:00")}
    Outing.objects.create(staff=agent, work_date=days[2], reason="送货", **span, **APPROVED)
    rostered(agent, days[3], work, "08:30", "20:30")
    Overtime.objects.create(staff=agent, work_date=days[3], hours=Decimal(3), reason="大促", **APPROVED)
    rostered(agent, days[4], None)
    Overtime.objects.create(staff=agent, work_date=days[4], hours=Decimal(2), reason="大促", **APPROVED)
    derived(department)
    figures = Attendance.objects.order_by("work_date").values_list(
        "late_minutes", "missing_punches", "outing_minutes", "overtime_minutes"
    )
    assert list(figures) == [(0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 60, 0), (0, 0, 0, 180), (0, 0, 0, 120)]


def test_leave_of_several_days_takes_rostered_days(department: Department, agent: Staff) -> None:
    """Two days from Friday: Saturday is rest, so Sunday is the second."""
    work = pattern(department)
    for n, of in ((9, work), (10, None), (11, work), (12, work)):
        rostered(agent, date(2026, 10, n), of)
    Leave.objects.create(staff=agent, starts_on=date(2026, 10, 9), days=Decimal(2), type="personal")
    derived(department)
    absent = Attendance.objects.order_by("work_date").values_list("work_date__day", "absent_days")
    assert list(absent) == [(9, Decimal(0)), (11, Decimal(0)), (12, Decimal(1))]


def test_leave_that_began_the_month_before_is_counted_on(department: Department, agent: Staff) -> None:
    work = pattern(department)
    for day in (date(2026, 9, 29), date(2026, 10, 1), date(2026, 10, 2)):
        rostered(agent, day, work)
    rostered(agent, date(2026, 9, 30), None)
    Leave.objects.create(staff=agent, starts_on=date(2026, 9, 29), days=Decimal(2), type="sick")
    derived(department)
    absent = Attendance.objects.order_by("work_date").values_list("work_date__day", "absent_days")
    assert list(absent) == [(1, Decimal(0)), (2, Decimal(1))]


def test_queries_do_not_grow_with_people_and_days(department: Department) -> None:
    work = pattern(department)
    counts = []
    for number, days in (("2001", 2), ("2002", 25)):
        person = factories.staff(department, number)
        for n in range(1, days + 1):
            rostered(person, date(2026, 10, n), work, "08:30", "17:30")
        with CaptureQueriesContext(connection) as captured:
            derived(department)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


def test_the_nightly_task_derives_the_last_days(department: Department, agent: Staff, monkeypatch) -> None:
    now = moment(date(2026, 10, 15), "01:30")
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    rostered(agent, date(2026, 10, 14), pattern(department), "08:30", "17:30")
    rostered(agent, date(2026, 10, 15), pattern(department))
    derive_department(department.pk)
    assert list(Attendance.objects.values_list("work_date__day", flat=True)) == [14]


PROVISIONS = [
    {"code": "t-late", "title": "迟到", "kind": "late", "params": {"amount": "10.00"}},
    {"code": "t-absent", "title": "旷工", "kind": "absence", "params": {"multiple": "3"}},
    {
        "code": "t-leave",
        "title": "请假",
        "kind": "leave",
        "params": {"types": {"personal": {"multiple": "1"}}},
    },
    {"code": "t-full", "title": "全勤奖", "kind": "full_attendance", "params": {"amount": "100.00"}},
]


def settled(department: Department) -> dict[str, dict[str, Decimal]]:
    version_publish(
        department=department, effective_on=FIRST, rulebooks=[], provisions=PROVISIONS, by=None, at=WHEN
    )
    period = period_open(department=department, month=FIRST)
    draft_write(period=period, by=None, at=moment(date(2026, 11, 2), "12:00"))
    lines: dict[str, dict[str, Decimal]] = {}
    for line in PayLine.objects.filter(payslip__period=period).select_related("payslip"):
        lines.setdefault(line.payslip.number, {})[line.code] = line.amount
    return lines


def month_of(staff: Staff, first: int, *, rest: tuple[int, ...]) -> None:
    """Day shifts from a day of October on, on time, but for the days of rest."""
    work = pattern(staff.department)
    for n in range(first, 32):
        day = date(2026, 10, n)
        rostered(staff, day, None) if n in rest else rostered(staff, day, work, "08:30", "17:30")


def test_a_rostered_month_is_settled_from_the_clock(department: Department) -> None:
    """Base pay 2,175, so a day is 100.00. On time every day but rest: full pay and the award. Who is away on
    the 20th without a word pays three days; who has leave on Friday 9 and the next shift, Sunday 11, two."""
    rest = (3, 10, 17, 24, 31)
    good, absent, away = (
        factories.staff(department, number, base_pay=Decimal("2175.00")) for number in ("11", "12", "13")
    )
    for person in (good, absent, away):
        month_of(person, 1, rest=rest)
    Punch.objects.filter(staff=absent, at__date=date(2026, 10, 20)).delete()
    Punch.objects.filter(staff=away, at__date__in=[date(2026, 10, 9), date(2026, 10, 11)]).delete()
    Leave.objects.create(staff=away, starts_on=date(2026, 10, 9), days=Decimal(2), type="personal")
    lines = settled(department)
    assert lines["11"] == {"base-pay": Decimal("2175.00"), "t-full": Decimal("100.00")}
    assert lines["12"] == {"base-pay": Decimal("2175.00"), "t-absent": Decimal("-300.00")}
    assert lines["13"] == {"base-pay": Decimal("2175.00"), "t-leave": Decimal("-200.00")}


def test_who_joins_is_paid_the_shifts_worked(department: Department) -> None:
    """Hired on 19 October: shifts on the 19th to the 31st but for the 24th and 31st are 11; a day is 100."""
    late = factories.staff(department, "14", hired_on=date(2026, 10, 19), base_pay=Decimal("2175.00"))
    month_of(late, 19, rest=(24, 31))
    assert settled(department)["14"] == {"base-pay": Decimal("1100.00")}


def test_overtime_on_a_day_of_rest_is_no_day_worked(department: Department) -> None:
    late = factories.staff(department, "14", hired_on=date(2026, 10, 19), base_pay=Decimal("2175.00"))
    month_of(late, 19, rest=(24, 31))
    Overtime.objects.create(
        staff=late, work_date=date(2026, 10, 24), hours=Decimal(4), reason="大促", **APPROVED
    )
    assert settled(department)["14"] == {"base-pay": Decimal("1100.00")}
    assert Attendance.objects.get(work_date=date(2026, 10, 24)).overtime_minutes == 240


def test_absence_over_a_day_of_rest_is_in_a_row(department: Department) -> None:
    """Away on Friday 9 and Sunday 11 with rest between: two shifts one after another."""
    provisions = [
        {
            "code": "t-absent",
            "title": "旷工",
            "kind": "absence",
            "params": {"multiple": "1", "proposal": {"consecutive_days": "2", "proposal": "termination"}},
        }
    ]
    person = factories.staff(department, "15", base_pay=Decimal("2175.00"))
    month_of(person, 1, rest=(10,))
    Punch.objects.filter(staff=person, at__date__in=[date(2026, 10, 9), date(2026, 10, 11)]).delete()
    version_publish(
        department=department, effective_on=FIRST, rulebooks=[], provisions=provisions, by=None, at=WHEN
    )
    period = period_open(department=department, month=FIRST)
    draft_write(period=period, by=None, at=moment(date(2026, 11, 2), "12:00"))
    assert [each.kind for each in person.proposals.all()] == ["termination"]
