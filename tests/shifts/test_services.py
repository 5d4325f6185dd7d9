"""Attendance and leave one at a time."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Refused
from people.models import Department, FactChange, Staff
from shifts.models import Attendance, AttendanceMonth, Leave
from shifts.services import attendance_month_set, attendance_record, leave_record
from tests.factories import WHEN

RECORDED = {"by": None, "at": WHEN}
DAY = date(2026, 10, 8)


@pytest.fixture
def agent(department: Department) -> Staff:
    return department.staff.get(number="1001")


def test_a_day_is_recorded_and_corrected(agent: Staff) -> None:
    attendance_record(staff=agent, work_date=DAY, late_minutes=12, **RECORDED)
    attendance_record(staff=agent, work_date=DAY, absent_days=Decimal("0.5"), **RECORDED)
    row = Attendance.objects.get()
    assert (row.late_minutes, row.absent_days) == (0, Decimal("0.5"))
    assert FactChange.objects.filter(source="attendance", month=date(2026, 10, 1)).count() == 2


@pytest.mark.parametrize(
    "figures", [{"late_minutes": -1}, {"early_minutes": 1441}, {"absent_days": Decimal("1.1")}]
)
def test_impossible_figures_are_refused(agent: Staff, figures: dict) -> None:
    with pytest.raises(Refused, match="应在0与"):
        attendance_record(staff=agent, work_date=DAY, **figures, **RECORDED)
    assert not Attendance.objects.exists()


def test_nobody_attends_before_the_first_day(department: Department) -> None:
    with pytest.raises(Refused, match="不在职"):
        attendance_record(staff=department.staff.get(number="1002"), work_date=date(2026, 10, 4), **RECORDED)


def test_how_a_month_is_read_may_change(agent: Staff) -> None:
    attendance_month_set(staff=agent, month=DAY, coverage="full", **RECORDED)
    attendance_month_set(staff=agent, month=DAY, coverage="listed", **RECORDED)
    row = AttendanceMonth.objects.get()
    assert (row.month, row.coverage) == (date(2026, 10, 1), "listed")


def test_leave_may_not_overlap(agent: Staff) -> None:
    given = {"staff": agent, "type": "sick", **RECORDED}
    leave_record(starts_on=date(2026, 10, 30), days=Decimal("2.5"), **given)
    for start in (date(2026, 10, 29), date(2026, 11, 1)):
        with pytest.raises(Refused, match=r"2026-10-30起的病假2\.5天重叠"):
            leave_record(starts_on=start, days=Decimal(2), **given)
    # Without a roster 10-31 and 11-01 are a weekend: it reaches into 11-03.
    leave_record(starts_on=date(2026, 11, 4), days=Decimal(1), **given)
    assert Leave.objects.count() == 2
    assert {f"{each.month:%Y-%m}" for each in FactChange.objects.filter(source="leave")} == {
        "2026-10",
        "2026-11",
    }


def test_two_halves_of_a_day_are_no_overlap(agent: Staff) -> None:
    for kind in ("sick", "personal"):
        leave_record(staff=agent, starts_on=DAY, days=Decimal("0.5"), type=kind, **RECORDED)
    with pytest.raises(Refused, match="重叠"):
        leave_record(staff=agent, starts_on=DAY, days=Decimal(1), type="annual", **RECORDED)
