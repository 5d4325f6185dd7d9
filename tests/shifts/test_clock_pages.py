"""Clocking in and out, and requests: from the own pages to the decision and what the day then comes to."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.approvals import request_withdraw
from people.errors import RequestRefused
from people.models import Department, FactChange, Staff
from people.services import staff_transfer
from shifts.errors import NotEmployed
from shifts.models import (
    Attendance,
    Correction,
    Leave,
    OfficeNetwork,
    Outing,
    Overtime,
    Punch,
    ShiftPattern,
)
from shifts.selectors.clock import ClockNow, month_of
from shifts.services import attendance_derive
from shifts.services.clock import punch_record
from shifts.services.requests import (
    correction_ask,
    outing_ask,
    outing_return,
    overtime_ask,
    request_approve,
    request_refuse,
)
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import moment, pattern, rostered

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 14)  # the day before WHEN
OTHERS = ("correction", "outing", "overtime")


@pytest.fixture
def of() -> Department:
    return factories.department("D1")


@pytest.fixture
def agent(of: Department) -> Staff:
    person = factories.staff(of, "1001", team=factories.team(of))
    person.account = factories.account("agent", staff=person, username="ann")
    return person


@pytest.fixture
def lead(of: Department) -> Staff:
    person = factories.staff(of, "1000", team=factories.team(of), role="lead")
    person.account = factories.account("lead", staff=person, username="lou")
    return person


def page(client: Client, account: Any) -> Client:
    client.force_login(account)
    return client


def words(response: Any) -> str:
    return response.content.decode()


# Clocking in and out


def test_a_second_tap_clocks_nobody_out_unless_it_is_meant(agent: Staff) -> None:
    first = punch_record(staff=agent, ip="203.0.113.7", by=None, at=WHEN)
    assert (first.punch.at, first.punch.ip, first.is_repeated, first.asks) == (
        WHEN,
        "203.0.113.7",
        False,
        False,
    )
    again = punch_record(staff=agent, ip=None, by=None, at=WHEN + timedelta(seconds=20))
    assert again.is_repeated and again.punch == first.punch
    tap = punch_record(staff=agent, ip=None, by=None, at=WHEN + timedelta(minutes=1))
    assert tap.asks and tap.punch == first.punch
    assert list(Punch.objects.all()) == [first.punch]
    meant = punch_record(staff=agent, ip=None, is_meant=True, by=None, at=WHEN + timedelta(minutes=3))
    later = punch_record(staff=agent, ip=None, by=None, at=WHEN + timedelta(minutes=14))
    assert set(Punch.objects.all()) == {first.punch, meant.punch, later.punch}


def test_the_page_asks_before_a_second_punch(client: Client, agent: Staff) -> None:
    now = timezone.now()
    Punch.objects.create(staff=agent, at=now - timedelta(minutes=2))
    shown = words(page(client, agent.account).get(reverse("me_attendance")))
    assert f"{timezone.localtime(now - timedelta(minutes=2)):%H:%M} 刚打过卡，再打一次？" in shown
    asked = words(client.post(reverse("me_clock"), headers={"HX-Request": "true"}))
    assert "这一次没有记" in asked and 'name="meant"' in asked
    assert Punch.objects.count() == 1
    assert "已打卡" in words(client.post(reverse("me_clock"), {"meant": "1"}, follow=True))
    assert Punch.objects.count() == 2


def test_the_clock_says_what_the_next_punch_is(of: Department, agent: Staff) -> None:
    def presses(*given: Punch) -> str:
        return ClockNow(DAY, row, list(given)).press

    punch = Punch(staff=agent, at=WHEN)
    row = rostered(agent, DAY, pattern(of))
    assert [presses(*[punch] * n) for n in range(3)] == ["上班打卡", "下班打卡", "下班打卡"]
    assert row.pattern is not None
    row.pattern.punches = ShiftPattern.Punches.PARTS
    assert [presses(*[punch] * n) for n in range(4)] == ["上班打卡", "下班打卡"] * 2
    assert ClockNow(DAY, None, []).press == "打卡"


def test_whether_one_is_in_the_office(of: Department, agent: Staff) -> None:
    assert punch_record(staff=agent, ip="203.0.113.7", by=None, at=WHEN).punch.in_office is None
    OfficeNetwork.objects.create(department=of, network="203.0.113.0/24")
    for i, (ip, inside) in enumerate(
        [("203.0.113.7", True), ("198.51.100.1", False), ("2001:db8::1", False), (None, False)], 1
    ):
        punch = punch_record(staff=agent, ip=ip, by=None, at=WHEN + timedelta(hours=i)).punch
        assert punch.in_office is inside


def test_a_network_is_written_as_one(of: Department) -> None:
    row = OfficeNetwork(department=of, network=" 203.0.113.7/24")
    row.full_clean()
    assert row.network == "203.0.113.0/24"
    with pytest.raises(ValidationError, match="不是网段"):
        OfficeNetwork(department=of, network="203.0.113.300").full_clean()


def test_nobody_clocks_in_before_the_first_day(of: Department) -> None:
    late = factories.staff(of, "1009", hired_on=date(2026, 11, 1))
    with pytest.raises(NotEmployed, match="不在职"):
        punch_record(staff=late, ip=None, by=None, at=WHEN)


def test_the_page_clocks_with_and_without_scripts(client: Client, agent: Staff) -> None:
    page(client, agent.account)
    done = client.post(reverse("me_clock"), follow=True)
    assert "已打卡" in words(done)
    part = client.post(reverse("me_clock"), headers={"HX-Request": "true"})
    assert part.status_code == 200 and "已经打过卡" in words(part)
    assert 'id="clock"' in words(part) and "<html" not in words(part)
    punch = Punch.objects.get()
    assert (punch.staff, punch.ip) == (agent, "127.0.0.1")


def test_the_address_is_the_one_that_the_proxy_tells(client: Client, agent: Staff, settings: Any) -> None:
    settings.CLIENT_ADDRESS_META = "HTTP_X_REAL_IP"
    page(client, agent.account).post(reverse("me_clock"), headers={"X-Real-IP": "203.0.113.7"})
    assert Punch.objects.get().ip == "203.0.113.7"


def test_who_is_transferred_next_month_clocks_in_today(client: Client, of: Department, agent: Staff) -> None:
    today = timezone.localdate()
    agent.account.refresh_from_db()
    staff_transfer(
        staff=agent, to=factories.department("D2"), on=today + timedelta(days=20), by=None, at=timezone.now()
    )
    page(client, agent.account)
    assert "已打卡" in words(client.post(reverse("me_clock"), follow=True))
    assert Punch.objects.get().staff == agent
    for name in ("me", "me_month", "me_ledger"):
        assert client.get(reverse(name)).context["staff"] == agent


def test_a_clock_out_without_a_clock_in_is_taken_and_shown_as_missing(
    client: Client, of: Department, agent: Staff
) -> None:
    today = timezone.localdate() - timedelta(days=1)
    rostered(agent, today, pattern(of), "17:31")
    attendance_derive(department=of, first=today, last=today, now=timezone.now(), by=None, at=timezone.now())
    shown = words(page(client, agent.account).get(reverse("me_attendance"), {"month": f"{today:%Y-%m}"}))
    assert "缺卡" in shown and "17:31" in shown


def test_rest_in_the_month_before_makes_leave_reach_further(of: Department, agent: Staff) -> None:
    rostered(agent, date(2026, 9, 29), None)
    Leave.objects.create(staff=agent, starts_on=date(2026, 9, 28), days=Decimal(4), type="personal")
    days = month_of(agent, date(2026, 10, 1))
    assert [day.on.day for day in days if day.leaves] == [1, 2]


def test_own_days_take_few_queries(
    client: Client, of: Department, agent: Staff, django_assert_max_num_queries: Any
) -> None:
    for n in range(1, 32):
        rostered(agent, date(2026, 10, n), pattern(of), "08:30", "17:30")
    page(client, agent.account)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("me_attendance"), {"month": "2026-10"})
    assert words(response).count("<tr>") == 32


# Requests


def asked(agent: Staff, kind: str) -> Any:
    rostered(agent, DAY, pattern(agent.department), "08:50", "17:30")
    given = {"staff": agent, "reason": "事由", "by": agent.account, "at": WHEN}
    match kind:
        case "correction":
            return correction_ask(work_date=DAY, clock_in=moment(DAY, "08:25"), clock_out=None, **given)
        case "outing":
            return outing_ask(leaves_at=moment(DAY, "08:00"), due_at=moment(DAY, "09:00"), **given)
    return overtime_ask(work_date=DAY, hours=Decimal("1.5"), **given)


def day_now(department: Department) -> Attendance:
    attendance_derive(department=department, first=DAY, last=DAY, now=WHEN, by=None, at=WHEN)
    return Attendance.objects.get(work_date=DAY)


@pytest.mark.parametrize(
    ("kind", "figures"), [("correction", (0, 0, 0)), ("outing", (0, 30, 0)), ("overtime", (20, 0, 90))]
)
def test_what_is_approved_counts_at_once(
    of: Department, agent: Staff, lead: Staff, kind: str, figures: tuple
) -> None:
    row = asked(agent, kind)
    before = day_now(of)
    assert (before.late_minutes, before.outing_minutes, before.overtime_minutes) == (20, 0, 0)
    request_approve(request=row, by=lead.account, at=WHEN)
    after = Attendance.objects.get(work_date=DAY)
    assert (after.late_minutes, after.outing_minutes, after.overtime_minutes) == figures
    assert FactChange.objects.filter(source="attendance").count() == 2
    request_approve(request=row, by=lead.account, at=WHEN)
    with pytest.raises(RequestRefused, match="已批准"):
        request_refuse(request=row, answer="不", by=lead.account, at=WHEN)


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_refused_or_withdrawn_changes_no_day(
    of: Department, agent: Staff, lead: Staff, kind: str
) -> None:
    row = asked(agent, kind)
    with pytest.raises(RequestRefused, match="原因"):
        request_refuse(request=row, answer=" ", by=lead.account, at=WHEN)
    with pytest.raises(RequestRefused, match="自己"):
        request_approve(request=row, by=agent.account, at=WHEN)
    request_refuse(request=row, answer="没有凭据", by=lead.account, at=WHEN)
    with pytest.raises(RequestRefused, match="不能撤回"):
        request_withdraw(request=row, by=agent.account, at=WHEN)
    assert day_now(of).late_minutes == 20


@pytest.mark.parametrize("kind", OTHERS)
def test_only_who_may_decides_whatever_page_it_comes_from(
    of: Department, agent: Staff, lead: Staff, kind: str
) -> None:
    row = asked(agent, kind)
    elsewhere = factories.staff(of, "1100", team=factories.team(of, "B"), role="lead")
    strangers = [
        factories.account("agent", staff=factories.staff(of, "1101")),
        factories.account("lead", staff=elsewhere),
        factories.account("manager", factories.department("D2")),
        factories.account("auditor"),
    ]
    for account in strangers:
        with pytest.raises(RequestRefused, match="不能审批此人"):
            request_approve(request=row, by=account, at=WHEN)
        with pytest.raises(RequestRefused, match="不能审批此人"):
            request_refuse(request=row, answer="不", by=account, at=WHEN)
    with pytest.raises(RequestRefused, match="只能撤回自己的"):
        request_withdraw(request=row, by=lead.account, at=WHEN)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("asked", None)
    assert request_withdraw(request=row, by=agent.account, at=WHEN).state == "withdrawn"
    for account in (lead.account, factories.account("manager", of)):
        with pytest.raises(RequestRefused, match="已撤回；刷新"):
            request_approve(request=row, by=account, at=WHEN)


def test_overtime_is_asked_for_with_its_own_start(client: Client, of: Department, agent: Staff) -> None:
    """The clock time is the one nearest to the end of the shift, after midnight of the next day."""
    rostered(agent, DAY, pattern(of, "晚班", "15:00", "23:00"))
    sent = {"work_date": str(DAY), "hours": "2", "starts_at": "00:30", "reason": "盘点"}
    page(client, agent.account).post(reverse("me_overtime"), sent)
    request = Overtime.objects.get()
    assert (request.work_date, request.starts_at) == (DAY, moment(DAY, "+00:30"))
    assert "2 小时，10-15 00:30 起" in words(client.get(reverse("me_overtime")))


def test_overtime_that_starts_on_another_day_is_refused(of: Department, agent: Staff) -> None:
    given = {"staff": agent, "hours": Decimal(2), "reason": "盘点", "by": agent.account, "at": WHEN}
    for day in (date(2026, 10, 13), date(2026, 10, 16)):
        with pytest.raises(RequestRefused, match="不在2026-10-14或次日"):
            overtime_ask(work_date=DAY, starts_at=moment(day, "20:00"), **given)
    with pytest.raises(RequestRefused, match="没有写日期"):
        overtime_ask(**given)
    assert not Overtime.objects.exists()


def test_what_cannot_be_asked(of: Department, agent: Staff) -> None:
    rostered(agent, DAY, pattern(of))
    given = {"staff": agent, "reason": "事由", "by": agent.account, "at": WHEN}
    ends = {"clock_in": moment(DAY, "08:30"), "clock_out": None}
    correction_ask(work_date=DAY, **ends, **given)
    with pytest.raises(RequestRefused, match="已有待审批"):
        correction_ask(work_date=DAY, **ends, **given)
    with pytest.raises(RequestRefused, match="没有已公布的班"):
        correction_ask(work_date=date(2026, 10, 13), **ends, **given)
    with pytest.raises(RequestRefused, match="至少填一个"):
        correction_ask(work_date=DAY, clock_in=None, clock_out=None, **given)
    with pytest.raises(RequestRefused, match="理由"):
        overtime_ask(work_date=DAY, hours=Decimal(1), **{**given, "reason": " "})
    with pytest.raises(RequestRefused, match="应大于0"):
        overtime_ask(work_date=DAY, hours=Decimal(25), **given)
    overtime_ask(work_date=DAY, hours=Decimal(1), **given)
    with pytest.raises(RequestRefused, match="已有加班"):
        overtime_ask(work_date=DAY, hours=Decimal(1), **given)
    outing_ask(leaves_at=moment(DAY, "14:00"), due_at=moment(DAY, "15:00"), **given)
    with pytest.raises(RequestRefused, match="重叠"):
        outing_ask(leaves_at=moment(DAY, "14:30"), due_at=moment(DAY, "16:00"), **given)
    with pytest.raises(RequestRefused, match="不晚于"):
        outing_ask(leaves_at=moment(DAY, "16:00"), due_at=moment(DAY, "16:00"), **given)
    with pytest.raises(RequestRefused, match="还没到"):
        correction_ask(work_date=DAY, clock_in=None, clock_out=WHEN + timedelta(hours=1), **given)


def test_an_outing_after_midnight_belongs_to_the_night_shift(of: Department, agent: Staff) -> None:
    rostered(agent, DAY, pattern(of, "夜班", "22:00", "06:00"))
    given = {"staff": agent, "reason": "送货", "by": agent.account, "at": WHEN}
    row = outing_ask(leaves_at=moment(DAY, "+02:00"), due_at=moment(DAY, "+03:00"), **given)
    assert row.work_date == DAY
    back = outing_return(outing=row, by=agent.account, at=moment(DAY, "+03:20"))
    assert back.returned_at == moment(DAY, "+03:20")
    outing_return(outing=row, by=agent.account, at=WHEN)
    assert Outing.objects.get().returned_at == moment(DAY, "+03:20")


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "correction": ("me_corrections", {"clock_out": "01:05"}),
    "outing": ("me_outings", {"leaves_at": "18:00", "due_at": "19:00"}),
    "overtime": ("me_overtime", {"hours": "2"}),
}
MODELS = {"correction": Correction, "outing": Outing, "overtime": Overtime}


@pytest.mark.parametrize("kind", OTHERS)
def test_asking_and_deciding_on_the_pages(
    client: Client, of: Department, agent: Staff, lead: Staff, kind: str
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    rostered(agent, day, pattern(of, "晚班", "17:30", "01:00"))
    name, given = FORMS[kind]
    page(client, agent.account)
    form = {"work_date": f"{day}", "reason": "忘了", **given}
    assert "已提交" in words(client.post(reverse(name), form, follow=True))
    row = MODELS[kind].objects.get()
    if kind == "correction":
        assert row.clock_out == moment(day, "+01:05")
    assert client.get(reverse("shift_requests")).status_code == 404
    page(client, lead.account)
    listed = words(client.get(reverse("shift_requests"), {"kind": kind}))
    assert "1001 员工1001" in listed
    decide = reverse("shift_request_decide", args=[kind, row.pk])
    assert "没有决定" in words(client.post(decide, {"decision": "refuse", "answer": ""}, follow=True))
    assert "已批准" in words(client.post(decide, {"decision": "approve", "answer": ""}, follow=True))
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("approved", lead.account)


@pytest.mark.parametrize("kind", OTHERS)
def test_requests_of_others_are_not_there(
    client: Client, of: Department, agent: Staff, lead: Staff, kind: str
) -> None:
    row = asked(agent, kind)
    colleague = factories.staff(of, "1002", team=factories.team(of))
    other_team = factories.staff(of, "1003", team=factories.team(of, "B"), role="lead")
    elsewhere = factories.staff(factories.department("D2"), "1001", role="lead")
    for person, group in ((colleague, "agent"), (other_team, "lead"), (elsewhere, "lead"), (agent, "")):
        page(client, factories.account(group, staff=person) if group else agent.account)
        decide = client.post(reverse("shift_request_decide", args=[kind, row.pk]), {"decision": "approve"})
        assert decide.status_code == 404
        if person is not agent:
            withdraw = client.post(reverse("me_request_withdraw", args=[kind, row.pk]))
            assert withdraw.status_code == 404
    row.refresh_from_db()
    assert row.state == "asked"


def test_a_lead_who_is_an_auditor_too_decides_about_the_own_team_alone(
    client: Client, of: Department, lead: Staff
) -> None:
    lead.account.groups.add(factories.account("auditor").groups.get())
    row = asked(factories.staff(of, "1003", team=factories.team(of, "B")), "overtime")
    page(client, lead.account)
    decide = reverse("shift_request_decide", args=["overtime", row.pk])
    assert client.post(decide, {"decision": "approve"}).status_code == 404


def test_a_lead_does_not_decide_about_himself(client: Client, of: Department, lead: Staff) -> None:
    row = asked(lead, "overtime")
    page(client, lead.account)
    decide = reverse("shift_request_decide", args=["overtime", row.pk])
    assert client.post(decide, {"decision": "approve"}).status_code == 404


def test_the_list_of_requests_takes_few_queries(
    client: Client, of: Department, lead: Staff, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        person = factories.staff(of, f"2{n:03}", team=factories.team(of))
        Overtime.objects.create(staff=person, work_date=DAY, hours=1, reason="大促", asked_at=WHEN)
    page(client, lead.account)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("shift_requests"), {"kind": "overtime"})
    assert words(response).count('name="decision" value="approve"') == 50


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_pressed_twice_is_done_once(
    client: Client, of: Department, agent: Staff, lead: Staff, kind: str
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    rostered(agent, day, pattern(of, "晚班", "17:30", "01:00"))
    name, given = FORMS[kind]
    form = {"work_date": f"{day}", "reason": "忘了", **given}
    page(client, agent.account)
    refused = [words(client.post(reverse(name), form, follow=True)) for _ in range(2)][1]
    assert "已有" in refused or "重叠" in refused
    row = MODELS[kind].objects.get()
    presses: list[tuple[str, list[Any], dict[str, str]]] = []
    if kind == "outing":
        presses.append(("me_outing_return", [row.pk], {}))
    if kind == "overtime":
        presses.append(("me_request_withdraw", [kind, row.pk], {}))
    else:
        presses.append(("shift_request_decide", [kind, row.pk], {"decision": "approve"}))
    for url, args, data in presses:
        page(client, lead.account if url.startswith("shift") else agent.account)
        states = []
        for _ in range(2):
            client.post(reverse(url, args=args), data)
            states.append((MODELS[kind].objects.values().get(), FactChange.objects.count()))
        assert states[0] == states[1]
