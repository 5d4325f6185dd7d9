"""An exam from the bank to the result: set on a desk, sat on a phone with a second page open."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_accessibility import troubles
from tests.browser.test_faults import forgive
from tests.browser.test_flows import told

TABLE = """判断\t浏览器\t退款须核对订单号\t\t对
单选\t浏览器\t先做什么\t问候|挂断\tA
填空\t浏览器\t几分钟内答复\t\t30|三十
"""


def exam_set(seen: Visit) -> None:
    """Three questions and a paper for one agent, open now."""
    page = seen.go(reverse("questions_many"))
    page.get_by_label("题目").fill(TABLE)
    page.get_by_role("button", name="加入题库").click()
    told(page, "已加入题库：3题")
    page = seen.go(reverse("exam_new"))
    now = timezone.localtime()
    until = now + timedelta(hours=2)
    given = {
        "考试编号": "phone", "名称": "手机上的考试", "开放": f"{now:%Y-%m-%dT%H:%M}",
        "截止": f"{until:%Y-%m-%dT%H:%M}", "时长（分钟）": "30", "及格分": "60", "考生工号": "8103",
        "浏览器：抽几题": "3",
    }  # fmt: skip
    for label, value in given.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="出卷").click()
    told(page, "已出卷")


def of(page: Any, text: str) -> Any:
    """The question with a text."""
    return page.locator("[id^=question-]", has_text=text)


def test_an_exam_is_set_and_sat_on_a_phone_and_an_older_page_is_told(visit: Callable[..., Visit]) -> None:
    exam_set(visit("demo-manager"))

    agent = visit("demo-agent", viewport=PHONE)
    page = agent.go(reverse("me_exams"))
    card = page.locator("section", has_text="手机上的考试")
    card.locator("summary").click()
    card.get_by_role("button", name="开始", exact=True).click()
    page.locator("#clock", has_text="收卷").wait_for()
    assert "剩29分钟" in page.locator("#clock").inner_text()
    forgive(agent)
    assert troubles(agent) == []
    agent.narrow()

    older = page.context.new_page()
    older.goto(page.url)
    of(page, "退款须核对").get_by_label("对").check()
    of(page, "退款须核对").get_by_text("已保存").wait_for()
    of(older, "退款须核对").get_by_label("错").check()
    of(older, "退款须核对").get_by_text("在另一个页面改过").wait_for()
    assert of(older, "退款须核对").get_by_label("对", exact=True).is_checked()
    older.close()

    of(page, "先做什么").get_by_label("问候").check()
    of(page, "几分钟内").get_by_role("textbox").fill("3")
    of(page, "几分钟内").get_by_text("已保存").wait_for()
    of(page, "几分钟内").get_by_role("textbox").fill("30")
    page.locator("summary", has_text="交卷").click()
    page.get_by_role("button", name="交卷", exact=True).click()
    told(page, "已交卷")
    assert "100分" in page.locator(".facts").inner_text()
    agent.narrow()
