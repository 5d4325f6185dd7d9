"""Approved overtime is paid at the rate of the rulebook: by roster and calendar, also afterwards."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from payroll.settlement.months import load_month
from payroll.settlement.preview import preview
from people.models import Department, FactChange, Staff
from people.services import staff_leave, staff_terms_change
from rules.selectors import draft_of
from shifts import contributions
from shifts.models import Attendance, Overtime, Punch, RosterDay
from shifts.services import attendance_record, leave_record
from shifts.services.requests import overtime_ask, request_approve
from tests import factories
from tests.payroll.months import (
    LONG_AGO,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    adjustments,
    agent,
    amounts,
    approved,
    department,
    lines,
    moment,
    publish,
    rows,
    settled,
    user,
)
from tests.shifts.days import pattern, rostered

pytestmark = pytest.mark.django_db
D = Decimal
LEGAL = {"multiple": "1.5", "rest_multiple": "2", "holiday_multiple": "3"}
PAID: dict[str, Any] = {"code": "t-over", "title": "加班费", "kind": "overtime", "params": LEGAL}


@pytest.fixture
def of() -> Department:
    return department(PAID)


@pytest.fixture
def person(of: Department) -> Staff:
    """Whose hour is 3480 ÷ 21.75 ÷ 8 = 20.00."""
    return agent(of, base_pay="3480.00")


def overtime(
    person: Staff, on: date | None, hours: str, *, since: str = "", at: str = "2026-09-01 09:00"
) -> Overtime:
    asked = overtime_ask(
        staff=person,
        work_date=on,
        hours=D(hours),
        starts_at=moment(since) if since else None,
        reason="大促",
        by=user("本人"),
        at=moment(at),
    )
    return request_approve(
        request=asked, by=factories.account("supervisor", person.department), at=moment(at)
    )


def october(day: int) -> date:
    return date(2026, 10, day)


def test_overtime_is_paid_by_the_kind_of_its_day(of: Department, person: Staff) -> None:
    """Shifts from the 4th to the 16th, the 17th is rest, and the roster says nothing of the 1st and 20th."""
    work = pattern(of)
    for day in range(4, 17):
        rostered(person, october(day), work)
    rostered(person, october(17), None)
    for day, hours in ((1, "2"), (5, "1"), (14, "2"), (17, "4"), (20, "1.5")):
        overtime(person, october(day), hours)
    (line,) = [line for line in lines(settled(of, OCTOBER)) if line.code == "t-over"]
    # 2 × 3 × 20 + 1 × 1.5 × 20 + 2 × 1.5 × 20 + 4 × 2 × 20 + 1.5 × 2 × 20
    assert line.amount == D("120.00") + D("30.00") + D("60.00") + D("160.00") + D("60.00")
    assert (line.column, line.basis, line.on) == ("allowance", "benefit", october(20))
    steps = [
        "10-01法定节假日加班2小时×时薪（基本工资3480.00÷21.75÷8）×3倍",
        "10-05加班1小时×时薪（基本工资3480.00÷21.75÷8）×1.5倍",
        "10-14加班2小时×时薪（基本工资3480.00÷21.75÷8）×1.5倍",
        "10-17休息日加班4小时×时薪（基本工资3480.00÷21.75÷8）×2倍",
        "10-20休息日加班1.5小时×时薪（基本工资3480.00÷21.75÷8）×2倍",
    ]
    assert line.reason == f"加班费：{'；'.join(steps)}"
    assert line.trace["arithmetic"] == steps and line.trace["provision"]["code"] == "t-over"


def test_without_a_roster_the_calendar_says_which_days_are_rest(of: Department, person: Staff) -> None:
    """1 October is the law's, 5 October only a day off; Saturday 10 makes up for it, Sunday 11 is rest."""
    for day in (1, 5, 10, 11, 12):
        overtime(person, october(day), "1")
    period = settled(of, OCTOBER)
    assert amounts(period)["t-over"] == D("60.00") + D("40.00") + D("30.00") + D("40.00") + D("30.00")
    assert amounts(period)["base-pay"] == D("3480.00")  # overtime is no roster


def test_an_hour_is_paid_by_the_base_pay_and_the_rules_of_its_day(of: Department, person: Staff) -> None:
    staff_terms_change(staff=person, on=october(16), base_pay=D("5220.00"), by=None, at=LONG_AGO)
    publish(of, {**PAID, "params": {"multiple": "2"}}, on=october(20))
    for day in (15, 16, 20):
        overtime(person, october(day), "1")
    found = [line.amount for line in lines(settled(of, OCTOBER)) if line.code == "t-over"]
    assert found == [D("30.00") + D("45.00"), D("60.00")]


@pytest.mark.parametrize(
    "provision",
    [
        {**PAID, "params": {"multiple": None}},
        {**PAID, "roles": ["lead"]},
        {**PAID, "kind": "text", "params": {}},
    ],
    ids=["a figure left open", "for leads", "no rate"],
)
def test_without_a_rate_that_binds_overtime_is_only_recorded(provision: dict[str, Any]) -> None:
    of = department(provision)
    person = agent(of, base_pay="3480.00")
    overtime(person, october(14), "2")
    assert "t-over" not in amounts(settled(of, OCTOBER))
    assert Attendance.objects.get().overtime_minutes == 120


def test_what_nobody_approved_is_not_paid(of: Department, person: Staff) -> None:
    at = moment("2026-10-15 09:00")
    overtime_ask(staff=person, work_date=october(14), hours=D(2), reason="大促", by=user("本人"), at=at)
    assert "t-over" not in amounts(settled(of, OCTOBER))


def test_overtime_of_a_day_that_somebody_entered_counts_too(of: Department, person: Staff) -> None:
    attendance_record(staff=person, work_date=october(14), late_minutes=7, by=None, at=LONG_AGO)
    overtime(person, october(14), "0.33", at="2026-10-20 09:00")
    row = Attendance.objects.get()
    assert (row.source, row.late_minutes, row.overtime_minutes) == ("entered", 7, 20)
    assert FactChange.objects.filter(source="attendance", month=OCTOBER).count() == 2
    assert amounts(settled(of, OCTOBER))["t-over"] == D("10.00")


def test_overtime_approved_after_the_month_was_frozen_is_an_adjustment(of: Department, person: Staff) -> None:
    september = approved(of, SEPTEMBER)
    before = rows(september)
    overtime(person, date(2026, 9, 9), "2", at="2026-10-10 09:00")
    assert FactChange.objects.filter(source="attendance", month=SEPTEMBER).exists()
    period = approved(of, OCTOBER)
    assert adjustments(period) == {"t-over": D("60.00")}
    (line,) = lines(period, "1001", "adjustment")
    assert line.for_month == SEPTEMBER and "差额60.00元" in line.reason
    assert line.trace["lines"][0]["arithmetic"] == ["09-09加班2小时×时薪（基本工资3480.00÷21.75÷8）×1.5倍"]
    assert rows(september) == before
    assert adjustments(approved(of, NOVEMBER)) == {}


def test_overtime_is_read_with_the_attendance(
    of: Department, person: Staff, django_assert_num_queries: Any
) -> None:
    overtime(person, date(2026, 9, 9), "2", at="2026-09-10 09:00")
    month = load_month(of, SEPTEMBER)
    with django_assert_num_queries(7):
        contributions.load(month)


def test_hours_after_midnight_are_of_the_day_on_which_they_fall(of: Department, person: Staff) -> None:
    """A night shift of 30 September ends at 07:00 on 1 October: 2 × 3 × 20. That of the 3rd on the 4th, a
    day of rest: 4 × 2 × 20."""
    night = pattern(of, "夜班", "22:00", "07:00")
    rostered(person, date(2026, 9, 30), night, "22:00", "+09:00")
    asked = overtime(person, date(2026, 9, 30), "2")
    assert settled_overtime(of, SEPTEMBER) == []
    assert settled_overtime(of, OCTOBER) == [(D("120.00"), october(1))]
    assert FactChange.objects.filter(source="attendance", month=OCTOBER).exists()
    asked.refresh_from_db()
    assert asked.details == "2 小时"


def test_hours_filed_under_a_holiday_that_fall_after_it_are_not_of_it(of: Department, person: Staff) -> None:
    """4 × 2 × 20 on Sunday the 4th, beside two hours of duty until midnight, 2 × 3 × 20."""
    night = pattern(of, "夜班", "22:00", "07:00")
    rostered(person, october(3), night, "22:00", "+11:00")
    rostered(person, october(4), None)
    overtime(person, october(3), "4")
    (line,) = [line for line in lines(settled(of, OCTOBER)) if line.code == "t-over"]
    assert line.trace["arithmetic"] == [
        "10-03法定节假日值班2小时×时薪（基本工资3480.00÷21.75÷8）×3倍",
        "10-04休息日加班4小时×时薪（基本工资3480.00÷21.75÷8）×2倍",
    ]
    assert line.amount == D("120.00") + D("160.00")


def test_overtime_with_its_own_start_is_cut_at_midnight(of: Department, person: Staff) -> None:
    """From 22:30 on Wednesday the 14th for 3 hours; Thursday is a day of work too. 3 × 1.5 × 20."""
    rostered(person, october(14), pattern(of, "晚班", "17:30", "23:00"))
    rostered(person, october(15), pattern(of, "晚班", "17:30", "23:00"))
    asked = overtime(person, None, "3", since="2026-10-14 23:00")
    assert asked.work_date == october(14)
    assert asked.details == "3 小时，10-14 23:00 起"
    (line,) = [line for line in lines(settled(of, OCTOBER)) if line.code == "t-over"]
    assert [step[:5] for step in line.trace["arithmetic"]] == ["10-14", "10-15"]
    assert line.amount == D("90.00")


def test_hours_after_the_last_day_count_on_the_last_day(of: Department, person: Staff) -> None:
    """Who leaves on 30 September after a night shift has its two hours of 1 October in September."""
    rostered(person, date(2026, 9, 30), pattern(of, "夜班", "22:00", "07:00"), "22:00", "+09:00")
    overtime(person, date(2026, 9, 30), "2")
    staff_leave(staff=person, last_day=date(2026, 9, 30), by=None, at=LONG_AGO)
    assert settled_overtime(of, SEPTEMBER) == [(D("120.00"), october(1))]


def test_duty_on_statutory_holidays_is_paid_without_a_request(of: Department, person: Staff) -> None:
    """8 h × 3 days × 3 × 20, the break taken off; 4 October is a day of rest and no holiday of the law."""
    work = pattern(of)
    for day in range(1, 5):
        with_break(rostered(person, october(day), work, "08:30", "17:30"))
    assert settled_overtime(of, OCTOBER) == [(D("1440.00"), october(3))]
    assert amounts(settled(of, OCTOBER))["base-pay"] == D("3480.00")


def test_duty_is_paid_for_what_was_worked_of_it(of: Department, person: Staff) -> None:
    """Absent on the 1st, half a day's leave on the 2nd: 4 × 3 × 20; on the 3rd 8 × 3 × 20."""
    work = pattern(of)
    for day in (1, 2, 3):
        with_break(rostered(person, october(day), work, "08:30", "17:30"))
    Punch.objects.filter(at__lt=moment("2026-10-02 00:00")).delete()
    leave_record(staff=person, starts_on=october(2), days=D("0.5"), type="personal", by=None, at=LONG_AGO)
    assert settled_overtime(of, OCTOBER) == [(D("240.00") + D("480.00"), october(3))]


def test_duty_that_was_asked_for_is_paid_once(of: Department, person: Staff) -> None:
    """On the 1st the whole shift was asked for, on the 2nd three hours of it, on the 3rd two after it."""
    work = pattern(of)
    for day in (1, 2, 3):
        with_break(rostered(person, october(day), work, "08:30", "17:30"))
    overtime(person, october(1), "8")
    overtime(person, october(2), "3", since="2026-10-02 09:00")
    overtime(person, october(3), "2")
    # 8 × 3 × 20, 3 × 3 × 20 and 5 × 3 × 20, 8 × 3 × 20 and 2 × 3 × 20
    total = D("480.00") + D("180.00") + D("300.00") + D("480.00") + D("120.00")
    assert settled_overtime(of, OCTOBER) == [(total, october(3))]


def test_a_night_shift_from_the_eve_is_duty_where_hours_count() -> None:
    """00:00 to 07:00 on 1 October: 7 × 3 × 20."""
    of = department({**PAID, "params": {**LEGAL, "holiday_duty": "hours"}})
    person = agent(of, base_pay="3480.00")
    rostered(person, date(2026, 9, 30), pattern(of, "夜班", "22:00", "07:00"), "22:00", "+09:00")
    assert settled_overtime(of, OCTOBER) == [(D("420.00"), october(1))]


def test_who_is_listed_as_present_on_a_holiday_was_on_duty_for_a_day(of: Department, person: Staff) -> None:
    attendance_record(staff=person, work_date=october(1), late_minutes=5, by=None, at=LONG_AGO)
    attendance_record(staff=person, work_date=october(2), absent_days=D(1), by=None, at=LONG_AGO)
    assert settled_overtime(of, OCTOBER) == [(D("480.00"), october(1))]


def settled_overtime(of: Department, month: date) -> list[tuple[Decimal, date]]:
    return [(line.amount, line.on) for line in lines(settled(of, month)) if line.code == "t-over"]


def with_break(day: RosterDay) -> None:
    """An hour's break at noon."""
    day.break_starts_at, day.break_ends_at = (
        moment(f"{day.work_date} {clock}") for clock in ("12:00", "13:00")
    )
    day.save()


def test_a_department_adds_its_own_rate_in_the_browser_and_tries_it(person: Staff) -> None:
    of = person.department
    overtime(person, october(14), "2", at="2026-10-20 09:00")
    manager = Client()
    manager.force_login(factories.account("manager", of))
    draft, path = f"/rules/{of.code}/draft/", f"/rules/{of.code}/draft/add/overtime"
    manager.post(f"/rules/{of.code}/draft/start")
    assert "加班" in manager.get(f"{draft}add").content.decode()
    page = manager.get(path).content.decode()
    labels = (
        "每小时金额（元）",
        "平时倍数",
        "休息日倍数",
        "法定节假日倍数",
        "折算天数",
        "每天小时",
        "法定节假日值班",
    )
    assert all(label in page for label in labels)
    sent = {
        "code": "own-1",
        "title": "夜间加班",
        "p-divisor": "21.75",
        "p-hours_per_day": "8",
        "p-holiday_duty": "shift",
    }
    assert "“每小时金额”“平时倍数”至少填一项" in manager.post(path, sent).content.decode()
    assert manager.post(path, {**sent, "p-per_hour": "25"}).status_code == 302
    made = draft_of(of)
    assert made is not None
    assert made.provisions.get(code="own-1").params == {"per_hour": "25.00"}
    (change,) = preview(made, on=date(2026, 11, 21)).changed
    assert change.difference == D("50.00")
    assert change.lines[0].reason_after == "夜间加班：10-14加班2小时×时薪25.00元×1倍"


def test_the_payslip_shows_the_arithmetic_of_overtime(of: Department, person: Staff) -> None:
    overtime(person, october(14), "2")
    settled(of, OCTOBER)
    hr = Client()
    hr.force_login(factories.account("hr", of))
    page = hr.get(f"/pay/{of.code}/2026-10/1001/").content.decode()
    assert "加班费" in page and "60.00" in page
    assert "10-14加班2小时×时薪（基本工资3480.00÷21.75÷8）×1.5倍" in page
