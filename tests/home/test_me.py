"""The agents' own pages: today, the month, requests; what they show and what they cost."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from duties.models import HandoverItem, Memo
from duties.services.handover import handover_write
from people.models import Account, Staff
from shifts.models import Attendance, Leave, Overtime, Punch, Swap
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db
EVENING = moment(12, "17:25")


@pytest.fixture
def at() -> Any:
    """The clock of the pages: Monday the twelfth, five minutes before the evening shift."""
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now, return_value=EVENING)) as clock:
        yield clock


@pytest.fixture
def world() -> Place:
    """Two agents in the day, two in the evening."""
    made = place()
    for number, name, pattern in (
        ("1001", "白一", "白班"),
        ("1002", "白二", "白班"),
        ("2001", "晚一", "晚班"),
        ("2002", "晚二", "晚班"),
    ):
        made.staff[name] = factories.staff(made.department, number, name=name)
        made.shift(made.staff[name], pattern, 10, 11, 12, 13)
        made.shift(made.staff[name], "休", 14)
    return made


def own(staff: Staff) -> Account:
    return factories.account("agent", staff=staff)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def words(client: Client, name: str, **query: str) -> str:
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode().split("<main")[1]).split())


def test_today_shows_shift_colleagues_handovers_and_duties(world: Place, at: Any) -> None:
    handover_write(
        author=world.staff["白一"],
        text="等客户回电",
        urgency="urgent",
        key="k",
        by=None,
        at=moment(12, "17:20"),
    )
    page = words(client_of(own(world.staff["晚一"])), "me")
    assert "10月12日 晚班 17:30–01:00" in page
    assert "晚二" in page and "白一（白班）" not in page.split("待我签收")[0]
    assert "等客户回电" in page and "签收" in page
    assert "条款night-book 待完成 10月13日 01:00 前，晚班" in page
    assert "条款report 待完成 10月17日 17:00 前" in page
    assert "day-book" not in page


def test_what_a_colleague_of_another_department_left_is_not_shown(world: Place, at: Any) -> None:
    elsewhere = factories.staff(factories.department("E"), "9")
    HandoverItem.objects.create(
        author=elsewhere, work_date=date(2026, 10, 12), text="别处的事", key="x", at=EVENING
    )
    assert "别处的事" not in words(client_of(own(world.staff["晚一"])), "me")


def test_who_rests_sees_the_next_shift_and_nothing_to_sign(world: Place, at: Any) -> None:
    at.return_value = moment(14, "12:00")
    world.shift(world.staff["晚一"], "白班", 15)
    page = words(client_of(own(world.staff["晚一"])), "me")
    assert "没有排班" in page and "下一班：10月15日 星期四 白班 08:30–17:30" in page
    assert "没有要签收的事项" in page


def test_the_month_says_in_words_what_each_day_came_to(world: Place, at: Any) -> None:
    agent = world.staff["白一"]
    Attendance.objects.create(staff=agent, work_date=date(2026, 10, 10), late_minutes=7, source="derived")
    Attendance.objects.create(staff=agent, work_date=date(2026, 10, 11), source="derived")
    Leave.objects.create(staff=agent, starts_on=date(2026, 10, 13), days=Decimal(1), type="sick")
    page = words(client_of(own(agent)), "me_month", month="2026-10")
    assert "迟到7分" in page and "正常" in page and "病假" in page and "休息" in page
    assert page.count("08:30–17:30") == 4
    assert "4 天 排班，休息 1 天" in page


def test_requests_of_every_kind_stand_together_and_offered_swaps_apart(world: Place, at: Any) -> None:
    agent, account = world.staff["晚一"], own(world.staff["晚一"])
    Overtime.objects.create(
        staff=agent,
        work_date=date(2026, 10, 9),
        hours=2,
        reason="盘点",
        state="refused",
        answer="不用",
        asked_at=EVENING,
    )
    Swap.objects.create(
        asker=agent, partner=world.staff["晚二"], asker_date=date(2026, 10, 13),
        partner_date=date(2026, 10, 14), asked_at=EVENING,
    )  # fmt: skip
    Swap.objects.create(
        asker=world.staff["白一"], partner=agent, asker_date=date(2026, 10, 11),
        partner_date=date(2026, 10, 12), asked_at=EVENING,
    )  # fmt: skip
    page = words(client_of(account), "me_requests")
    assert "加班 10月9日 2 小时 未批准" in page and "答复：不用" in page
    assert "让出10-13，换晚二的10-14 待对方同意" in page
    assert "白一让出 10月11日，换我的 10月12日 待我答复" in page
    other = words(client_of(own(world.staff["白二"])), "me_requests")
    assert "盘点" not in other and "晚二" not in other


def test_own_pages_take_few_queries_however_much_there_is(world: Place, at: Any) -> None:
    agent, account = world.staff["晚一"], own(world.staff["晚一"])
    client = client_of(account)

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse(name), {"month": "2026-10"})
        assert page.status_code == 200 and len(page.content) < 40_000
        return len(captured)

    names = ("me", "me_month", "me_requests", "me_all")
    before = {name: cost(name) for name in names}
    for i in range(30):
        handover_write(
            author=world.staff["白一"], text=f"事{i}", key=f"k{i}", by=None, at=moment(12, "17:20")
        )
        Punch.objects.create(staff=agent, at=moment(1 + i % 11, "17:28") + timedelta(minutes=i))
        Memo.objects.create(staff=agent, text="记", key=f"m{i}", at=EVENING, remind_at=EVENING)
        on = date(2026, 10, 1) + timedelta(days=i)
        Overtime.objects.create(staff=agent, work_date=on, hours=1, reason="盘点", asked_at=EVENING)
    assert {name: cost(name) for name in names} == before
    assert before["me"] <= 18 and max(cost(name) for name in names[1:]) <= 12, before
