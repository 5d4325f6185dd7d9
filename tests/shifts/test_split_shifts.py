"""Shifts whose parts are clocked apart: pattern, day, corrections of a part and their monthly limit."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.errors import RequestRefused
from people.models import Department, Staff
from shifts.errors import AttendanceRefused, RosterRefused
from shifts.models import Attendance, Correction, Punch, ShiftPattern
from shifts.services import attendance_derive
from shifts.services.clocked import day_clocked, pattern_make
from shifts.services.patterns import HoursGiven, pattern_retire, pattern_save, patterns_join
from shifts.services.requests import correction_ask, request_approve, request_refuse
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import moment

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 14)  # the day before WHEN
TIMES = {"starts_at": time(8), "ends_at": time(17, 30)}
NOON = {"break_starts_at": time(12), "break_ends_at": time(13)}


@pytest.fixture
def of() -> Department:
    return factories.department("D1")


@pytest.fixture
def agent(of: Department) -> Staff:
    person = factories.staff(of, "1001", team=factories.team(of))
    person.account = factories.account("agent", staff=person)
    return person


@pytest.fixture
def split(of: Department) -> ShiftPattern:
    return pattern_make(department=of, code="两", name="两段班", punches=4, **TIMES, **NOON)


def clocked(agent: Staff, pattern: ShiftPattern, *clocks: str, day: date = DAY) -> None:
    """The clock times of the first part, then of the second; `-` where there is none."""
    read = [None if each == "-" else time.fromisoformat(each) for each in clocks]
    ends = dict(zip(("clock_in", "clock_out", "second_in", "second_out"), read, strict=True))
    day_clocked(staff=agent, work_date=day, pattern=pattern, by=None, at=WHEN, **ends)


def came_to(of: Department, day: date = DAY) -> tuple[int, int, Decimal, int]:
    attendance_derive(department=of, first=day, last=day, now=WHEN, by=None, at=WHEN)
    row = Attendance.objects.get(work_date=day)
    return row.late_minutes, row.early_minutes, row.absent_days, row.missing_punches


@pytest.mark.parametrize(
    ("clocks", "figures"),
    [
        (("08:00", "12:00", "13:00", "17:30"), (0, 0, 0, 0)),
        (("08:00", "12:00", "13:25", "17:30"), (25, 0, 0, 0)),
        (("08:00", "12:00", "-", "-"), (0, 0, Decimal("0.5"), 0)),
        (("08:00", "12:00", "-", "17:30"), (0, 0, 0, 1)),
        (("-", "-", "-", "-"), (0, 0, 1, 0)),
        (("08:00", "12:20", "12:20", "17:30"), (0, 0, 0, 0)),
    ],
)
def test_both_parts_of_a_day_count(
    of: Department, agent: Staff, split: ShiftPattern, clocks: tuple[str, ...], figures: tuple[Any, ...]
) -> None:
    clocked(agent, split, *clocks)
    assert came_to(of) == figures


def test_a_second_part_that_the_shift_does_not_have_is_refused(of: Department, agent: Staff) -> None:
    whole = pattern_make(department=of, code="白", name="白班", **TIMES, **NOON)
    with pytest.raises(AttendanceRefused, match="白班不是分两段打卡的班"):
        clocked(agent, whole, "08:00", "12:00", "13:00", "17:30")
    assert not Punch.objects.exists()


def test_parts_need_a_break_and_stay_once_they_were_rostered(
    of: Department, agent: Staff, split: ShiftPattern
) -> None:
    with pytest.raises(RosterRefused, match="没有中断时间"):
        pattern_save(pattern=split, hours=[HoursGiven(**TIMES)])
    split.punches = 2
    pattern_save(pattern=split, hours=[HoursGiven(**TIMES)])
    split.punches = 4
    pattern_save(pattern=split, hours=[HoursGiven(**TIMES, **NOON)])
    clocked(agent, split, "08:00", "12:00", "13:00", "17:30")
    split.punches = 2
    with pytest.raises(RosterRefused, match="两段班已经排过班，打卡次数不能改"):
        pattern_save(pattern=split, hours=[HoursGiven(**TIMES, **NOON)])
    split.refresh_from_db()
    assert split.punches == 4


def ask(
    agent: Staff, day: date = DAY, *, clock_in: datetime | None = None, part: int | None = None
) -> Correction:
    assert agent.account is not None
    return correction_ask(
        staff=agent,
        work_date=day,
        clock_in=clock_in or moment(day, "13:00"),
        clock_out=None,
        part=part,
        reason="忘了打卡",
        by=agent.account,
        at=WHEN,
    )


def test_a_correction_of_the_second_part(of: Department, agent: Staff, split: ShiftPattern) -> None:
    clocked(agent, split, "08:00", "12:00", "-", "17:30")
    request = ask(agent, part=2)
    assert request.details == "第二段上班 10-14 13:00"
    ask(agent, part=1)  # the other part has a request of its own
    with pytest.raises(RequestRefused, match="已有待审批的补卡"):
        ask(agent, part=2)
    request_approve(request=request, by=factories.account("supervisor", of), at=WHEN)
    assert came_to(of) == (0, 0, 0, 0)


def test_a_shift_without_parts_has_no_correction_of_a_part(of: Department, agent: Staff) -> None:
    whole = pattern_make(department=of, code="白", name="白班", **TIMES)
    clocked(agent, whole, "08:00", "-", "-", "-")
    with pytest.raises(RequestRefused, match="不分段打卡"):
        ask(agent, part=1)
    assert not Correction.objects.exists()


def test_the_department_limits_the_corrections_of_a_month(
    of: Department, agent: Staff, split: ShiftPattern
) -> None:
    for day in (date(2026, 9, 30), date(2026, 10, 12), date(2026, 10, 13), DAY):
        clocked(agent, split, "08:00", "12:00", "-", "17:30", day=day)
    of.corrections_a_month = agent.department.corrections_a_month = 2
    of.save()
    ask(agent, date(2026, 9, 30))
    ask(agent, date(2026, 10, 12))
    second = ask(agent, date(2026, 10, 13))
    with pytest.raises(RequestRefused, match="2026年10月已申请补卡2次，每月至多补卡2次"):
        ask(agent)
    assert Correction.objects.filter(work_date=DAY).count() == 0
    # What was refused is none of them.
    request_refuse(request=second, answer="没有来", by=factories.account("supervisor", of), at=WHEN)
    ask(agent)
    agent.department.corrections_a_month = 0
    with pytest.raises(RequestRefused, match="本部门不许补卡"):
        ask(agent, date(2026, 9, 30), part=1)


def test_a_part_is_corrected_on_the_page(
    client: Client, of: Department, agent: Staff, split: ShiftPattern
) -> None:
    clocked(agent, split, "08:00", "12:00", "-", "17:30")
    client.force_login(agent.account)
    sent = {"work_date": str(DAY), "clock_in": "13:05", "part": "2", "reason": "忘了"}
    client.post(reverse("me_corrections"), sent)
    request = Correction.objects.get()
    assert (request.part, request.clock_in) == (2, moment(DAY, "13:05"))


def test_punches_are_chosen_on_the_page_of_the_shift(client: Client, of: Department) -> None:
    client.force_login(factories.account("supervisor", of))
    hours = {"from_day": "01-01", "starts_at": "08:00", "ends_at": "17:30"}
    pause = {"break_starts_at": "12:00", "break_ends_at": "13:00"}
    form = {"name": "两段班", "code": "两", "colour": "1", "punches": "4", "minimum_staff": "0"}
    management = {"hours-TOTAL_FORMS": "1", "hours-INITIAL_FORMS": "0"}
    address = reverse("pattern_new", args=[of.code])

    def sent(given: dict[str, str]) -> str:
        rows = {f"hours-0-{name}": value for name, value in given.items()}
        return client.post(address, {**form, **management, **rows}).content.decode()

    assert "两段各打两次卡的班没有中断时间" in sent(hours)
    assert not ShiftPattern.objects.exists()
    sent({**hours, **pause})
    assert ShiftPattern.objects.get().punches == 4


def simple(of: Department, name: str, start: int, end: int, **given: Any) -> ShiftPattern:
    row = ShiftPattern(department=of, code=name[0], name=name, **given)
    return pattern_save(pattern=row, hours=[HoursGiven(starts_at=time(start), ends_at=time(end))])


def test_two_shifts_of_one_day_become_one_in_two_parts(of: Department, agent: Staff) -> None:
    early = simple(of, "早班", 8, 12, day_part=Decimal("0.5"))
    late = simple(of, "晚班", 18, 22, day_part=Decimal("0.5"), is_evening=True)
    joined = patterns_join(first=late, second=early)
    hours = joined.hours.get()
    assert (joined.name, joined.code, joined.punches, joined.day_part, joined.is_evening) == (
        *("早班＋晚班", "早晚", 4, Decimal(1)),
        True,
    )
    assert (hours.starts_at, hours.break_starts_at, hours.break_ends_at, hours.ends_at) == (
        *(time(8), time(12), time(18)),
        time(22),
    )
    assert patterns_join(first=early, second=late) == joined
    pattern_retire(pattern=joined, is_retired=True)
    with pytest.raises(RosterRefused, match="早班＋晚班已经停用"):
        patterns_join(first=early, second=late)
    pattern_retire(pattern=joined, is_retired=False)
    pattern_save(pattern=late, hours=[HoursGiven(starts_at=time(17), ends_at=time(21))])
    with pytest.raises(RosterRefused, match="时间与现在的两个班不同"):
        patterns_join(first=early, second=late)
    clocked(agent, joined, "08:00", "12:00", "18:20", "22:00")
    assert came_to(of) == (20, 0, Decimal(0), 0)
    clocked(agent, joined, "08:00", "12:00", "-", "-", day=date(2026, 10, 13))
    assert came_to(of, date(2026, 10, 13)) == (0, 0, Decimal("0.5"), 0)


def test_seasons_of_both_are_kept(of: Department) -> None:
    early = simple(of, "早班", 8, 12)
    late = pattern_save(
        pattern=ShiftPattern(department=of, code="夜", name="夜班"),
        hours=[
            HoursGiven(starts_at=time(18), ends_at=time(22), from_=(5, 1)),
            HoursGiven(starts_at=time(17), ends_at=time(21), from_=(10, 1)),
        ],
    )
    joined = patterns_join(first=early, second=late)
    rows = joined.hours.values_list("from_month", "break_ends_at", "ends_at")
    assert list(rows) == [(1, time(17), time(21)), (5, time(18), time(22)), (10, time(17), time(21))]


def test_shifts_that_cannot_be_one_day_are_not_joined(of: Department, split: ShiftPattern) -> None:
    early, late = simple(of, "早班", 8, 12), simple(of, "午班", 11, 15)
    there = simple(factories.department("D2"), "夜班", 18, 22)
    night = simple(of, "夜班", 20, 6)
    for other, said in (
        (late, "时间重叠或相接"),
        (split, "已经分两段"),
        (early, "两个不同班次"),
        (there, "两个不同班次"),
        (simple(of, "通班", 6, 6), "时间重叠或相接"),
    ):
        with pytest.raises(RosterRefused, match=said):
            patterns_join(first=early, second=other)
    assert not ShiftPattern.objects.filter(name__contains="＋").exists()
    assert patterns_join(first=early, second=night).hours.get().ends_at == time(6)


def test_who_plans_the_department_joins_on_the_page(of: Department, agent: Staff) -> None:
    early, late = simple(of, "早班", 8, 12), simple(of, "晚班", 18, 22)
    url = reverse("patterns_join", args=["D1"])
    client = Client()
    client.force_login(agent.account)
    assert client.post(url, {"first": early.pk, "second": late.pk}).status_code == 404
    client.force_login(factories.account("manager", of))
    assert "没有合成：请选两个班次。" in client.post(url, {"first": "x"}, follow=True).content.decode()
    assert not ShiftPattern.objects.filter(punches=4).exists()
    for _ in range(2):
        page = client.post(url, {"first": early.pk, "second": late.pk}, follow=True).content.decode()
        assert "早班＋晚班" in page and "两段分别打卡" in page
    assert ShiftPattern.objects.filter(punches=4).count() == 1
