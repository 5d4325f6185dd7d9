"""Between browser and server: a lost line, a lapsed session, a late answer, a double click."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.browser.conftest import Visit, on_both_sites

PART = '<div id="part" hx-get="{}" hx-trigger="every 300ms" hx-swap="outerHTML"></div>'
POLL = """(html) => {
    document.querySelector("main").insertAdjacentHTML("beforeend", html);
    htmx.process(document.querySelector("#part"));
}"""


def polling(page: Any) -> None:
    """A part of the page that asks how far a job is, as those of settlements and imports do."""
    page.evaluate(POLL, PART.format(reverse("commission_so_far", args=["demo"])))


def forgive(seen: Visit) -> None:
    """What is written on the console about a request that was cut off is no fault of the page."""
    cut_off = (
        *("ERR_INTERNET_DISCONNECTED", "htmx:afterRequest", "htmx:sendError", "htmx:sendAbort"),
        "fetching the script",  # of the worker of the page, which looks for a newer one
    )
    seen.troubles = [each for each in seen.troubles if not any(word in each for word in cut_off)]


@on_both_sites
def test_a_line_lost_while_a_job_runs_is_said_and_asking_goes_on(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("incidents"))
    page.context.set_offline(True)
    polling(page)
    page.locator("#messages", has_text="网络中断，没有刷新").wait_for()
    page.context.set_offline(False)
    page.locator("main", has_text="按本月已导入的订单和指标计算").wait_for()
    forgive(seen)


@on_both_sites
def test_a_session_that_lapsed_leads_the_whole_page_to_sign_in(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("incidents") + "?state=")
    page.context.clear_cookies()
    polling(page)
    page.wait_for_url("**/login?next=*")
    assert page.url.endswith("?next=%2Fincidents%2F%3Fstate%3D")
    assert page.locator("[name=password]").count() == 1


@on_both_sites
def test_of_two_answers_the_later_question_counts(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("incident_new"))
    page.get_by_label("员工").fill("8104")
    page.get_by_label("找条款").fill("s000-06-06")
    page.locator("[name=code][value='s000-06-06']").wait_for(state="attached")
    held: list[Any] = []
    asked = "**/incidents/provisions?**"
    page.route(asked, lambda route: route.continue_() if held else held.append(route))
    page.get_by_label("日期").fill("2019-01-01")  # no rules then: its answer is held back
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    page.get_by_label("日期").fill("2026-10-20")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    assert held
    held[0].continue_()
    page.wait_for_timeout(500)
    page.locator("[name=code][value='s000-06-06']").wait_for(state="attached")
    assert "没有可记录的条款" not in page.locator("main").inner_text()
    forgive(seen)


@on_both_sites
def test_a_double_click_sends_a_form_once(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    page = seen.go(reverse("incident_new"))
    page.get_by_label("员工").fill("8104")
    page.get_by_label("找条款").fill("s000-06-06")
    page.locator("[name=code][value='s000-06-06']").check()
    page.get_by_role("heading", name="记下以后").wait_for()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="记录", exact=True).dblclick()
    page.locator("#messages", has_text="等待确认").wait_for()
    assert len(sent) == 1
    forgive(seen)
