"""Leave takes days owed: asked for, recorded, under a notice that was entered."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from people.models import Account, FactChange, Staff
from shifts.errors import HolidaysRefused, LeaveRefused
from shifts.models import HolidayNotice, LeaveRequest
from shifts.selectors.leave_rules import LeaveRules, outlook_of
from shifts.services import leave_record
from shifts.services.holidays import holiday_notice_enter
from tests.factories import WHEN
from tests.shifts.days import pattern, rostered
from tests.shifts.leave.asking import asked

THURSDAY = date(2026, 11, 26)


def test_leave_over_a_weekend_ends_on_the_last_day_owed(agent: Staff) -> None:
    assert asked(agent, THURSDAY, "4").ends_on == date(2026, 12, 1)
    with pytest.raises(LeaveRefused, match="重叠"):
        asked(agent, date(2026, 11, 30), "2")
    assert LeaveRequest.objects.count() == 1


def test_nobody_asks_for_leave_on_a_holiday(agent: Staff) -> None:
    with pytest.raises(LeaveRefused, match="2026-10-01是国庆节，不用请假"):
        asked(agent, date(2026, 10, 1), type="sick")
    assert not LeaveRequest.objects.exists()


def test_the_outlook_says_the_same_last_day(agent: Staff) -> None:
    seen = outlook_of(LeaveRules(agent), "personal", THURSDAY, Decimal(4), at=WHEN)
    assert (seen.last, seen.count) == (date(2026, 12, 1), 4)
    assert seen.rest == [date(2026, 11, 28), date(2026, 11, 29)]


def test_maternity_leave_is_of_natural_days(agent: Staff) -> None:
    request = asked(agent, date(2026, 10, 1), "98", type="maternity")
    assert (request.natural, request.ends_on) == (True, date(2027, 1, 6))


def test_a_notice_that_hr_enters_moves_the_days_of_leave(agent: Staff, manager: Account) -> None:
    given = {"source": "国办发明电〔2026〕1号", "by": manager, "at": WHEN}
    holiday_notice_enter(
        year=2027, off=[date(2027, 2, 9), date(2027, 2, 10)], worked=[date(2027, 2, 20)], **given
    )
    request = asked(agent, date(2027, 2, 4), "2")
    assert request.ends_on == date(2027, 2, 11)  # 5 to 8 by the law, 9 and 10 by the notice
    assert FactChange.objects.filter(source="holidays", month=date(2027, 2, 1)).exists()


@pytest.mark.parametrize(
    ("off", "worked", "source", "said"),
    [
        ([], [], "通知", "没有写放假的日子"),
        ([date(2027, 2, 9)], [date(2027, 2, 9)], "通知", "既放假又上班"),
        ([date(2027, 2, 9)], [date(2027, 2, 6)], "通知", "是法定节假日"),
        ([date(2027, 2, 9)], [date(2027, 2, 10)], "通知", "不是周末"),
        ([date(2029, 2, 9)], [], "通知", "不在2027年前后"),
        ([date(2027, 2, 9)], [], " ", "没有写依据"),
    ],
)
def test_a_notice_that_cannot_be_is_refused(
    agent: Staff, off: list[date], worked: list[date], source: str, said: str
) -> None:
    told = FactChange.objects.count()
    with pytest.raises(HolidaysRefused, match=said):
        holiday_notice_enter(year=2027, off=off, worked=worked, source=source, by=None, at=WHEN)
    assert not HolidayNotice.objects.exists() and FactChange.objects.count() == told


@pytest.mark.parametrize(("type_", "natural"), [("maternity", True), ("marriage", False)])
def test_what_is_recorded_counts_as_the_rules_say(agent: Staff, type_: str, natural: bool) -> None:
    row = leave_record(staff=agent, starts_on=THURSDAY, days=Decimal(3), type=type_, by=None, at=WHEN)
    assert row.natural is natural


def test_hours_are_a_part_of_the_shift_of_the_day(agent: Staff) -> None:
    assert asked(agent, THURSDAY, days=None, hours=Decimal(2)).days == Decimal("0.25")  # of eight hours
    friday = date(2026, 11, 27)
    rostered(agent, friday, pattern(agent.department, "长白班", "08:00", "20:00"))
    assert asked(agent, friday, days=None, hours=Decimal(3)).days == Decimal("0.25")  # of twelve


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": None, "hours": Decimal(9)}, "不超过当天的8小时"),
        ({"days": "1", "hours": Decimal(2)}, "须且只须填一样"),
        ({"days": None}, "须且只须填一样"),
        ({"days": "0.25"}, "不到半天的填小时"),
    ],
)
def test_hours_that_cannot_be_are_refused(agent: Staff, given: dict[str, Any], said: str) -> None:
    with pytest.raises(LeaveRefused, match=said):
        asked(agent, THURSDAY, **given)
    assert not LeaveRequest.objects.exists()
