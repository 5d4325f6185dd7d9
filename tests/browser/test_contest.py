"""An incident on a phone: recorded by three touches, signed, appealed against, and taken back by another."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.urls import reverse

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_faults import forgive
from tests.browser.test_flows import press, told

PICTURE = {"name": "现场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\x00" * 24}


def looked_at(seen: Visit, name: str) -> None:
    """The page on a phone, which keeps within it; its picture where `SCREENSHOTS` names a folder."""
    seen.narrow()
    if folder := os.environ.get("SCREENSHOTS"):
        seen.page.screenshot(path=Path(folder) / f"{name}-360.png", full_page=True)
        seen.page.set_viewport_size({"width": 1440, "height": 900})
        seen.page.screenshot(path=Path(folder) / f"{name}-1440.png", full_page=True)
        seen.page.set_viewport_size(PHONE)


def test_an_incident_is_recorded_contested_and_reversed_on_a_phone(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager", viewport=PHONE)
    page = seen.go(reverse("incident_new"))
    page.get_by_label("员工").fill("8103")
    page.locator("#people").get_by_role("link", name="8103").click()
    page.get_by_label("找条款").fill("s000-06-06")
    page.locator("[name=code][value='s000-06-06']").check()
    page.get_by_role("heading", name="记下以后").wait_for()
    assert "元" in page.locator("section", has=page.locator("#outlook")).inner_text()
    page.set_input_files("[name=attached]", PICTURE)
    looked_at(seen, "record")
    page.get_by_role("button", name="记录", exact=True).click()
    told(page, "等待确认")
    press(page, "确认")
    told(page, "已确认 1 条记录")
    looked_at(seen, "incident")
    address = page.url
    forgive(seen)

    seen = visit("demo-agent", viewport=PHONE)
    agent = seen.go(reverse("me_ledger"))
    agent.get_by_text("待签字").first.wait_for()
    looked_at(seen, "ledger")
    agent.goto(address)
    agent.get_by_role("link", name="现场.png").wait_for()
    agent.get_by_role("button", name="签字").click()
    told(agent, "已签字")
    agent.locator("summary", has_text="申诉").click()
    agent.get_by_label("申诉理由").fill("那段时间我在开会")
    looked_at(seen, "appeal")
    agent.get_by_role("button", name="提出申诉").click()
    told(agent, "申诉已提出")

    seen = visit("demo-gm", viewport=PHONE)
    gm: Any = seen.go(reverse("incidents") + "?state=appealed")
    gm.locator(f"a[href='{address.removeprefix(seen.site.url)}']").click()
    gm.get_by_label("答复").fill("会议签到为证")
    looked_at(seen, "decide")
    gm.get_by_role("button", name="批准申诉").click()
    told(gm, "申诉已批准")
    agent.goto(address)
    assert "已撤销" in agent.locator("main").inner_text()


def test_any_provision_is_picked_by_the_order_of_the_rulebooks_on_a_phone(
    visit: Callable[..., Visit],
) -> None:
    seen = visit("demo-manager", viewport=PHONE)
    page = seen.go(reverse("incident_new") + "?who=8103")
    shelves = page.locator("fieldset details")
    assert "条）" in shelves.nth(1).locator("summary").inner_text()
    looked_at(seen, "shelves")
    last = shelves.last
    last.locator("summary").click()
    option = last.locator("[name=code]").last
    code = option.get_attribute("value")
    option.check()
    picked = page.locator("fieldset > .option [name=code]:checked")
    picked.wait_for()
    assert picked.get_attribute("value") == code
    page.get_by_role("heading", name="记下以后").wait_for()
    looked_at(seen, "picked")
    page.get_by_label("找条款").fill("迟到")
    page.locator("fieldset details[open]").first.wait_for()
    seen.narrow()
    forgive(seen)


def test_a_spot_check_shows_what_each_would_cost_on_a_phone(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager", viewport=PHONE)
    page = seen.go(reverse("incidents_batch"))
    page.get_by_label("找条款").fill("s000-06-06")
    page.locator("[name=code][value='s000-06-06']").check()
    page.get_by_label("8103").check()
    page.get_by_label("8104").check()
    outlook = page.locator("section", has=page.locator("#outlook"))
    outlook.locator("li").nth(1).wait_for()
    looked_at(seen, "batch")
    page.get_by_role("button", name="全部记录").click()
    told(page, "已记录 2 条")
    forgive(seen)
