"""An evening played by those who work it, a roster published with the keyboard, leave asked for on the phone.

A department of its own lives in October 2026, through whose days the clock is moved.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from people.models import Department, Staff
from people.services import account_create
from shifts.models import PatternHours
from tests import factories
from tests.browser.conftest import PASSWORD, PHONE, Site, Visit
from tests.browser.test_flows import press, told
from tests.rostered import RULES, Place, moment, place

BOOKS = [each for each in RULES if str(each["code"]).endswith(("-book", "-01f"))]
LARGE = """() => [...document.querySelectorAll("main :is(.button, .row-link), .thumb-bar a")]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML.slice(0, 120))"""


def aside(work: Callable[[], Any]) -> Any:
    """Do something with the database beside the browser, whose thread must not wait for it."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@dataclass
class Evening:
    """The department; `at` moves the clock of the site."""

    department: Department
    clock: Any

    def at(self, day: int, clock: str) -> None:
        self.clock.return_value = moment(day, clock)


@pytest.fixture(scope="module")
def department(site: Site, django_db_blocker: Any) -> Department:
    """Day and evening shifts on the 12th, the next ones of the evening's agent on the 14th."""
    with django_db_blocker.unblock():
        made: Department = aside(_department)
        return made


def _department() -> Department:
    made = place(BOOKS)
    team = factories.team(made.department, "夜猫组")
    for name, number, role in (("白天", "e1", "agent"), ("晚上", "e2", "agent"), ("组长", "e3", "lead")):
        made.staff[name] = factories.staff(made.department, number, name=f"{name}的人", team=team, role=role)
    made.shift(made.staff["白天"], "白班", 12)
    made.shift(made.staff["白天"], "休", 13, 14)
    made.shift(made.staff["晚上"], "晚班", 12, 14)
    made.shift(made.staff["晚上"], "休", 13)
    hours = {"白班": (time(8, 30), time(17, 30)), "晚班": (time(17, 30), time(1))}
    for name, (starts_at, ends_at) in hours.items():
        PatternHours.objects.create(pattern=made.patterns[name], starts_at=starts_at, ends_at=ends_at)
    _accounts(made)
    return made.department


def _accounts(made: Place) -> None:
    people: dict[str, tuple[str, Staff | None]] = {
        "evening-day": ("agent", made.staff["白天"]),
        "evening-agent": ("agent", made.staff["晚上"]),
        "evening-lead": ("lead", made.staff["组长"]),
        "evening-manager": ("manager", None),
    }
    for username, (group, staff) in people.items():
        account_create(
            username=username,
            group=group,
            password=PASSWORD,
            departments=[made.department] if group == "manager" else [],
            staff=staff,
        )


@pytest.fixture
def evening(department: Department) -> Iterator[Evening]:
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now)) as clock:
        yield Evening(department, clock)


def signed_in(visit: Callable[..., Visit], username: str, **options: Any) -> Visit:
    """Signed in now: sessions of other days have ended."""
    seen = visit(**options)
    seen.sign_in(username)
    return seen


def test_an_evening_from_clocking_in_to_the_incident_that_waits(
    visit: Callable[..., Visit], evening: Evening
) -> None:
    evening.at(12, "17:20")
    page = signed_in(visit, "evening-day", viewport=PHONE).go(reverse("me_handover"))
    for text in ("客户要改地址", "退款等审核"):
        page.get_by_label("未办事项").fill(text)
        page.get_by_role("button", name="写入交接本").click()
        told(page, "已写入交接本")

    evening.at(12, "17:26")
    agent = signed_in(visit, "evening-agent", viewport=PHONE)
    page = agent.go(reverse("home"))
    assert page.get_by_text("晚班 17:30–01:00").first.is_visible()
    assert page.evaluate(LARGE) == []
    agent.narrow()
    page.get_by_role("button", name="打卡").click()
    page.locator("#clock", has_text="17:26 已打卡").wait_for()
    for text in ("客户要改地址", "退款等审核"):
        page.goto(agent.site.url + reverse("me"))
        page.locator("li", has_text=text).get_by_role("button", name="签收").click()
        told(page, "已签收")

    evening.at(13, "00:50")
    page.goto(agent.site.url + reverse("me_handover"))
    page.locator("li", has_text="客户要改地址").get_by_role("button", name="已办").click()
    told(page, "已登记办完")
    page.goto(agent.site.url + reverse("me_handover"))
    page.get_by_label("未办事项").fill("尺码表客户明早要")
    page.get_by_role("button", name="写入交接本").click()
    told(page, "已写入交接本")
    evening.at(13, "01:02")
    page.goto(agent.site.url + reverse("me"))
    page.get_by_role("button", name="打卡").click()
    page.locator("#clock", has_text="01:02 已打卡").wait_for()

    # The refund that was signed for stays undone: the next shift comes and goes, handed over but for that.
    evening.at(15, "00:55")
    page = signed_in(visit, "evening-agent", viewport=PHONE).go(reverse("me_handover"))
    page.get_by_role("button", name="本班无交接事项").click()
    told(page, "本班无交接事项")
    evening.at(15, "01:30")
    for _ in range(2):
        aside(lambda: call_command("duties_check", department=evening.department.code))

    evening.at(15, "09:00")
    page = signed_in(visit, "evening-manager").go(reverse("home"))
    tile = page.locator(".stat", has_text="条奖惩待确认")
    tile.locator(".stat-figure", has_text="1").wait_for()
    tile.click()
    page.get_by_role("link", name="s000-03-01f").click()
    page.get_by_text("退款等审核").wait_for()
    assert "签收，没有办" in page.locator("main").inner_text()
    press(page, "确认")
    told(page, "已确认 1 条记录")


def test_a_manager_publishes_a_roster_with_the_keyboard_and_the_agent_sees_it(
    visit: Callable[..., Visit], evening: Evening
) -> None:
    evening.at(15, "10:00")
    address = reverse("roster", args=[evening.department.code, "2026-11"])
    page = signed_in(visit, "evening-manager").go(address)
    page.locator("tr", has_text="晚上的人").locator("td[data-day='1']").focus()
    keys = {
        each.inner_text().split()[0]: each.get_attribute("data-key") for each in page.locator(".brush").all()
    }
    for name in ("晚班", "晚班", "休息"):
        page.keyboard.press(keys.get(name) or keys["休"])
    page.locator("[data-said]", has_text="已保存").wait_for()
    publish = page.locator("details.confirm summary", has_text="公布")
    publish.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("已公布").first.wait_for()

    agent = signed_in(visit, "evening-agent", viewport=PHONE)
    month = agent.go(f"{reverse('me_month')}?month=2026-11")
    assert month.locator(".calendar li", has_text="晚班").count() == 2
    assert month.locator(".calendar li", has_text="休息").count() == 1
    agent.narrow()


def test_what_was_painted_after_the_session_lapsed_is_kept_and_saved_after_signing_in(
    visit: Callable[..., Visit], evening: Evening
) -> None:
    evening.at(15, "10:00")
    address = reverse("roster", args=[evening.department.code, "2026-12"])
    seen = signed_in(visit, "evening-manager")
    page = seen.go(address)
    seen.page.context.clear_cookies(name="sessionid")
    brush = page.locator(".brush", has_text="晚班")
    brush.click()
    cell = page.locator("tr", has_text="晚上的人").locator("td[data-day='3']")
    cell.click()
    page.locator("[data-said].bad", has_text="没有保存").wait_for()
    assert "unsaved" in str(cell.get_attribute("class"))

    window = Visit(page.context.new_page(), seen.site)
    window.sign_in("evening-manager")
    page.locator("[data-said]", has_text="已保存").wait_for(state="attached")
    assert "unsaved" not in str(cell.get_attribute("class"))
    again = window.go(address).locator("tr", has_text="晚上的人").locator("td[data-day='3']")
    assert again.get_attribute("data-slot") == brush.get_attribute("data-slot")


def test_an_agent_asks_for_leave_on_the_phone_and_the_lead_approves(
    visit: Callable[..., Visit], evening: Evening
) -> None:
    evening.at(9, "10:00")
    agent = signed_in(visit, "evening-agent", viewport=PHONE)
    page = agent.go(reverse("me"))
    page.locator(".thumb-bar").get_by_role("link", name="申请").click()
    agent.narrow()
    page.locator("main").get_by_role("link", name="请假", exact=True).click()
    page.get_by_label("请什么假").select_option("personal")
    page.get_by_label("从哪天起").fill(f"{date(2026, 10, 14)}")
    page.get_by_label("理由").fill("回家办证件")
    page.locator("main").get_by_role("button", name="提交").first.click()
    page.locator("#messages .message").first.wait_for()

    lead = signed_in(visit, "evening-lead", viewport=PHONE).go(reverse("home"))
    tile = lead.locator(".stat", has_text="项申请待审批")
    tile.locator(".stat-figure", has_text="1").wait_for()
    tile.click()
    lead.locator("tr", has_text="晚上的人").get_by_role("link", name="看并决定").click()
    lead.get_by_role("button", name="批准", exact=True).click()
    lead.locator("#messages .message").first.wait_for()

    page.goto(agent.site.url + reverse("me_requests"))
    page.locator("li", has_text="请假").get_by_text("已批准").wait_for()
    month = agent.go(f"{reverse('me_month')}?month=2026-10")
    month.locator(".calendar li", has_text="事假").wait_for()
