"""HR declares a base, looks at who changes, compares a bonus both ways; the agent reads it on the phone."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit


def pictured(seen: Visit, name: str) -> None:
    """The page as a picture, where somebody asked for pictures."""
    if folder := os.environ.get("SCREENSHOTS"):
        seen.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_hr_declares_and_the_agent_reads_it(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-hr")
    page = seen.page
    page.goto(f"{seen.site.url}/declarations/base/new")
    page.get_by_label("员工").fill("8101")
    page.get_by_label("缴费基数").fill("5000")
    page.get_by_label("从哪月起").fill("2026-01")
    pictured(seen, "base-new")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("已登记：8101")).to_be_visible()
    pictured(seen, "person")
    page.goto(f"{seen.site.url}/declarations/changes/?month=2026-07")
    page.get_by_label("新基数").fill("8101 6,000")
    page.get_by_role("button", name="看变化").click()
    expect(page.get_by_text("还没有保存")).to_be_visible()
    pictured(seen, "changes")
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_text("已登记1条缴费基数")).to_be_visible()
    page.goto(f"{seen.site.url}/declarations/")
    pictured(seen, "bases")
    page.goto(f"{seen.site.url}/declarations/bonus/new?who=8101")
    page.get_by_label("发放日期").fill("2026-12-20")
    page.get_by_label("金额").fill("36000")
    page.get_by_label("预计全年应纳税所得额").fill("100000")
    page.get_by_role("button", name="比较两种算法").click()
    expect(page.get_by_text("少缴 2,520.00")).to_be_visible()
    pictured(seen, "bonus")
    page.get_by_role("button", name="按单独计税保存").click()
    expect(page.get_by_text("已登记：8101")).to_be_visible()
    own = visit("demo-agent", viewport=PHONE)
    own.page.goto(f"{own.site.url}/me/declarations/")
    expect(own.page.get_by_role("heading", name="社保个税")).to_be_visible()
    expect(own.page.get_by_text("36,000.00")).to_be_visible()  # of the demonstration's own declarations
    expect(own.page.get_by_text("6,000.00", exact=True)).to_have_count(0)
    pictured(own, "me")
