"""Days owed in pay: half Saturdays, the department's way of part months, a notice that was entered."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from payroll.models import PayLine
from people.errors import PeopleError
from people.models import FactChange, Proration, Staff
from people.services import proration_set
from shifts.errors import RosterRefused
from shifts.services import leave_record
from shifts.services.holidays import holiday_notice_enter
from shifts.services.patterns import HoursGiven, pattern_save
from tests.payroll.months import FINE, LONG_AGO, OCTOBER, agent, amounts, department, settled
from tests.shifts.days import pattern, rostered

pytestmark = pytest.mark.django_db
LEAVE: dict[str, Any] = {
    "code": "t-leave",
    "title": "请假扣款",
    "kind": "leave",
    "params": {"types": {"personal": {"multiple": "1"}}},
}


def a_week_with_half_a_saturday(person: Staff) -> None:
    """Rostered from Monday the 26th to Saturday the 31st, whose shift is half a day."""
    whole, half = pattern(person.department), pattern(person.department, "半天", "08:30", "12:00")
    half.day_part = D("0.5")
    half.save()
    for day in range(26, 32):
        of = half if day == 31 else whole
        punches = ("08:30", "12:00" if day == 31 else "17:30")
        rostered(person, date(2026, 10, day), of, *punches)


def test_half_a_saturday_is_half_a_day_of_pay_and_of_leave() -> None:
    of = department(LEAVE)
    person = agent(of, base_pay="4350.00", hired_on=date(2026, 10, 26))
    a_week_with_half_a_saturday(person)
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("1100.00")}  # 5.5 × 200
    leave = leave_record(
        staff=person, starts_on=date(2026, 10, 30), days=D("1.5"), type="personal", by=None, at=LONG_AGO
    )
    assert leave.days == D("1.5")
    # Friday and the half of Saturday: proration does not pay them, and nothing is taken twice.
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("800.00")}


def test_what_was_rostered_keeps_the_part_of_a_day_that_it_is() -> None:
    of = department(FINE)
    a_week_with_half_a_saturday(agent(of, base_pay="4350.00"))
    half = of.shift_patterns.get(name="半天")
    half.day_part = D(1)
    with pytest.raises(RosterRefused, match="不能改“算几天”"):
        pattern_save(pattern=half, hours=[HoursGiven(*[each.starts_at for each in half.hours.all()] * 2)])
    half.refresh_from_db()
    assert half.day_part == D("0.5")


def test_the_way_in_force_on_the_last_day_employed_is_taken_and_told() -> None:
    of = department(FINE)
    agent(of, base_pay="4350.00", hired_on=date(2026, 10, 9))
    given = {"department": of, "by": None, "at": LONG_AGO}
    proration_set(from_on=date(2026, 11, 1), divisor="calendar", method="deduct", **given)
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("3400.00")}
    proration_set(from_on=OCTOBER, divisor="due", method="earn", **given)
    # 21 days due, 17 of them from the 9th: 4,350 ÷ 21 × 17.
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("3521.43")}
    line = PayLine.objects.get(code="base-pay")
    assert line.trace["proration"] == {"divisor": "due", "method": "earn"}
    assert "4350.00÷21×17天" in line.reason
    assert FactChange.objects.filter(source="proration", month=OCTOBER).exists()


def test_a_way_that_there_is_not_is_refused() -> None:
    of = department(FINE)
    with pytest.raises(PeopleError, match="除数"):
        proration_set(department=of, from_on=OCTOBER, divisor="30", method="earn", by=None, at=LONG_AGO)
    assert not Proration.objects.exists()


def test_a_notice_that_was_entered_moves_the_days_of_pay() -> None:
    of = department(FINE)
    agent(of, base_pay="4350.00", hired_on=date(2026, 10, 9))
    off = [date(2026, 10, 12), *(date(2026, 10, day) for day in range(5, 8))]
    holiday_notice_enter(year=2026, off=off, worked=[], source="通知", by=None, at=LONG_AGO)
    # The 10th is an ordinary Saturday under this notice and the 12th is off: 15 days.
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("3000.00")}
