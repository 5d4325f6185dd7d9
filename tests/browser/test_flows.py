"""The main work played in the browser, by those whose work it is."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from core.periods import last_of
from tests.browser.conftest import PHONE, Visit, on_both_sites
from tests.browser.test_faults import forgive

OCTOBER = reverse("pay_period", args=["demo", "2026-10"])
LEAVE = "工号,假别,开始日期,结束日期,天数,审批结果\n8201,事假,2026-10-22,2026-10-22,1,通过\n"
WORKER_MILLISECONDS = 60_000


def press(page: Any, label: str) -> None:
    """A button that asks before it acts: open the question, answer it with the same word.

    Where it asks for what is open (“放行的理由”) it is told a reason.
    """
    question = page.locator("details.confirm", has=page.locator("summary", has_text=label))
    question.locator("summary").click()
    reason = question.get_by_label("放行的理由")
    if reason.count():
        reason.fill("已逐项核对")
    question.get_by_role("button", name=label, exact=True).click()


def told(page: Any, text: str) -> None:
    page.locator("#messages", has_text=text).wait_for()


def amount(page: Any, label: str) -> str:
    """A figure at the head of the month's page."""
    return str(page.locator(".stat", has_text=label).locator(".stat-figure").inner_text())


def test_hr_uploads_a_file_settles_again_and_exports_the_workbook(
    visit: Callable[..., Visit], worker: None, tmp_path: Path
) -> None:
    seen = visit("demo-hr")
    page = seen.go(OCTOBER)
    before = amount(page, "应发合计")
    file = tmp_path / "十月补录请假.csv"
    file.write_text(LEAVE, encoding="utf-8")

    seen.go(reverse("imports"))
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并检查").click()
    confirm = page.get_by_role("button", name="确认导入")
    confirm.wait_for(timeout=WORKER_MILLISECONDS)
    assert "2026-10-22" in page.locator("main").inner_text()
    seen.narrow()
    confirm.click()
    page.get_by_text("已导入", exact=True).wait_for(timeout=WORKER_MILLISECONDS)

    seen.go(OCTOBER)
    press(page, "重新结算")
    page.wait_for_url(lambda url: "?" in url)
    is_over = page.locator("#progress:not([hx-get])")
    is_over.wait_for(state="attached", timeout=WORKER_MILLISECONDS)
    seen.go(OCTOBER)  # a page that was read just as the run began shows the former draft
    is_over.wait_for(state="attached", timeout=WORKER_MILLISECONDS)
    assert amount(page, "应发合计") != before
    paid = amount(page, "实发合计").replace(",", "")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出工资表").click()
    path = tmp_path / "month.xlsx"
    download.value.save_as(path)
    sheet = load_workbook(path, read_only=True)["工资表"]
    assert paid in {f"{cell:.2f}" for row in sheet.values for cell in row if isinstance(cell, (int, float))}


def test_a_second_person_approves_and_the_agent_opens_a_trace_and_objects(
    visit: Callable[..., Visit],
) -> None:
    hr = visit("demo-hr").go(OCTOBER)
    hr.locator("summary", has_text="重新结算").wait_for()
    assert hr.locator("summary", has_text="批准").count() == 0

    manager = visit("demo-manager").go(OCTOBER)
    press(manager, "批准")
    told(manager, "已批准")

    seen = visit("demo-agent", viewport=PHONE)
    page = seen.go(reverse("me_slip", args=["2026-10"]))
    line = page.locator("details.line", has_text="提成").first
    line.locator("summary").click()
    line.get_by_role("heading", name="条款").wait_for()
    seen.narrow()
    line.get_by_role("link", name="对这一行提出异议").click()
    page.get_by_label("异议理由").fill("<b>少算了一单</b>，见聊天记录")
    page.get_by_role("button", name="提出异议").click()
    told(page, "异议已提出")

    hr.goto(hr.url.replace(OCTOBER, reverse("objections")))
    hr.get_by_role("link", name="8103").first.wait_for()
    assert "<b>少算了一单</b>" in hr.locator("main").inner_text()


@on_both_sites
def test_a_manager_records_an_incident_and_confirms_it(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("incidents"))
    page.get_by_role("link", name="记录奖惩").click()
    page.get_by_label("员工").fill("8104")
    page.get_by_label("找条款").fill("s000-06-06")
    page.locator("[name=code][value='s000-06-06']").check()
    page.get_by_role("heading", name="记下以后").wait_for()
    page.get_by_label("经过与依据").fill("复查聊天记录时发现")
    page.get_by_role("button", name="记录", exact=True).click()
    told(page, "等待确认")
    press(page, "确认")
    told(page, "已确认 1 条记录")
    assert page.get_by_role("heading", name="台账").is_visible()
    seen.narrow()
    forgive(seen)


def test_a_manager_publishes_a_new_version_after_the_preview(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("rules_department", args=["demo"]))
    page.locator("main").get_by_text("继续改草案").click()
    page.get_by_label("找条款").fill("餐费补贴")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="餐费补贴").click()
    page.locator("#figures input").first.fill("260.00")
    page.get_by_role("button", name="存入草案").click()
    page.get_by_role("link", name="预览与发布").first.click()
    preview = page.locator("#preview")
    preview.get_by_text("逐人，差额大的在前").wait_for()
    assert "60.00" in preview.inner_text() and "什么也没有存下" in preview.inner_text()
    seen.narrow()

    next_month = last_of(timezone.localdate()) + timedelta(days=1)
    page.get_by_label("从哪天起生效").fill(f"{next_month}")
    page.get_by_label("说明").fill("餐费补贴提高到260元")
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("heading", name=re.compile("^第.+版")).wait_for()
    seen.go(reverse("rules_department", args=["demo"]))
    assert "餐费补贴提高到260元" in page.locator("section", has_text="即将生效").first.inner_text()
