"""Every page in the browser, as each role that has it: axe-core finds nothing serious, it fits, it is large.

Pages come from the resolver; of each the first that anybody is shown is looked at, then whatever is built
(tests/browser/shapes.py) of something that was not looked at before, on that page or on another. Each is
looked at with everything folded out: wide in light colours, on a phone in dark ones, everybody's first page
wide in dark ones too.
"""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from tests.addresses import Route, admin_pages, pages
from tests.browser.conftest import DEMO_ROLES, PASSWORD, SMALL, WIDE, Site, Visit
from tests.browser.shapes import shape

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")

SERIOUS = ("serious", "critical")
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast"]}
# What axe-core never calls serious need not be looked for.
RUN = """([options, serious]) => {
    const harmless = axe._audit.rules.filter((rule) => rule.impact && !serious.includes(rule.impact));
    const left = harmless.map((rule) => [rule.id, {enabled: false}]);
    return axe.run(options.runOnly ? options : {...options, rules: Object.fromEntries(left)});
}"""
# Rows that are built like three before them are taken away: axe-core would read every one of them.
REPEATED = """() => {
    const known = new Map();
    for (const row of document.querySelectorAll("tbody tr, main li, main article")) {
        const parts = [row, ...row.querySelectorAll("*")];
        const built = parts.map((each) => `${each.tagName} ${each.className}`).join();
        known.set(built, (known.get(built) || 0) + 1);
        if (known.get(built) > 3) row.remove();
    }
}"""
FOLD_OUT = "document.querySelectorAll('main details:not(.confirm)').forEach((each) => each.open = true)"
# What pages that were looked at in this process are built of.
LOOKED_AT: set[str] = set()
ADMIN_PAGES = ("changelist", "add", "change", "history")
# So many of those who are shown a page (or given a file), in the order of DEMO_ROLES: the others see it as
# one of them does.
ENOUGH = 2
# Who changes most of the administration, and who only reads it.
ADMIN_ROLES = ("manager", "auditor")
# What an address is asked for besides its first object: other objects, a query.
ASKED: dict[str, list[tuple[dict[str, str], str]]] = {
    "incidents": [({}, "?state=&who=8103"), ({}, "?state=&who=nobody")],
    "incident": [({"incident": "@confirmed"}, "")],
    "incident_new": [({}, "?who=8103&work_date=2026-10-05&code=s000-06-06")],
    "case": [({"case": "@case_ruled"}, "")],
    "case_new": [({}, "?type=plain")],
    "imports": [({}, "?waiting=1")],
    "import_upload": [({"upload": "@upload_invalid"}, ""), ({"upload": "@upload_ready"}, "")],
    "import_headers": [({"upload": "@upload_mapping"}, "")],
    "import_kind": [({"upload": "@upload_asking"}, "")],
    "import_questions": [({"upload": "@upload_questions"}, "")],
    "remembered": [({}, "?what=answers")],
    "rules_draft_add": [({"kind": "commission"}, "")],
    "pay_period": [({"month": "@before"}, "")],
    "pay_slip": [({"month": "@before", "number": "8102"}, "")],
    "pay_filings": [({"month": "@before"}, "")],
    "pay_tax_result": [({"month": "@before"}, "")],
}


@pytest.fixture(scope="package")
def own_page(site: Site, browser: Any) -> Iterator[Callable[[str], Visit]]:
    """One signed-in page for each role, used by all tests here."""
    known: dict[str, Visit] = {}

    def of(role: str) -> Visit:
        if role not in known:
            context = browser.new_context(
                locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE, reduced_motion="reduce"
            )
            known[role] = Visit(context.new_page(), site)
            if role:
                known[role].sign_in(f"demo-{role}")
        known[role].troubles.clear()
        return known[role]

    yield of
    for visit in known.values():
        visit.page.context.close()


def addresses(route: Route, ids: dict[str, Any]) -> list[str]:
    """Where the page is, and where it looks different: `@` names another of the site's objects."""
    known = {**ids, "month": ids["before"]} if route.name.startswith("me_") else ids
    found = [route.path(known)]
    for changed, query in ASKED.get(route.name, []):
        other = {key: known[to[1:]] if to.startswith("@") else to for key, to in changed.items()}
        found.append(route.path({**known, **other}) + query)
    return found


def admin_addresses(page: str, ids: dict[str, Any]) -> list[str]:
    """Where that page of the administration is, for each model that has a row."""
    found = []
    for route in admin_pages():
        row = ids["rows"].get(route.model)
        if route.name.endswith(f"_{page}") and (row or not route.params):
            found.append(reverse(route.name, args=[row.pk] if route.params else []))
    return found


def new_pages(
    own_page: Callable[[str], Visit], wanted: list[str], roles: tuple[str, ...] = DEMO_ROLES
) -> Iterator[tuple[Visit, str]]:
    """(who looks, address) of the first whole page, and of each that is built of something new."""
    is_seen, shown = False, 0
    for role in roles:
        if shown == ENOUGH:
            return
        seen, is_shown = own_page(role), False
        for address in wanted:
            answer = seen.page.request.get(seen.site.url + address, max_redirects=0)
            if answer.status == 405:  # only written to, whoever asks
                return
            is_shown = is_shown or answer.status == 200
            if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
                continue
            found = shape(answer.text())
            if any(each.startswith("html ") for each in found) and (not is_seen or found - LOOKED_AT):
                is_seen = True
                LOOKED_AT.update(found)
                yield seen, address
        shown += is_shown


@pytest.mark.parametrize("route", pages(), ids=str)
def test_a_page_can_be_used_by_everybody(site: Site, own_page: Callable[[str], Visit], route: Route) -> None:
    found = []
    for seen, address in new_pages(own_page, addresses(route, site.ids)):
        seen.go(address)
        # The description of the API draws itself with buttons of its own size; developers read it.
        found += [(address, each) for each in troubles(seen, is_own=route.name != "api:docs")]
    assert not found


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_administration_can_be_used_by_everybody(
    site: Site, own_page: Callable[[str], Visit], page: str
) -> None:
    wanted = [reverse("admin:index")] if page == "changelist" else []
    found = []
    for seen, address in new_pages(own_page, wanted + admin_addresses(page, site.ids), ADMIN_ROLES):
        seen.go(address)
        found += [(address, each) for each in troubles(seen, is_own=False)]
    assert not found


@pytest.mark.parametrize("role", DEMO_ROLES)
def test_the_first_page_can_be_read_in_the_dark(
    site: Site, own_page: Callable[[str], Visit], role: str
) -> None:
    seen = own_page(role)
    page = seen.go("/")
    page.evaluate(FOLD_OUT)
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []
    page.emulate_media(color_scheme="light")


def test_signing_in_can_be_done_by_everybody(site: Site, visit: Callable[..., Visit]) -> None:
    seen = visit()
    page = seen.go(reverse("login"))
    assert troubles(seen) == []
    page.fill("[name=username]", "demo-two-step")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("验证码").wait_for()
    assert troubles(seen) == []


def test_whoever_is_locked_out_is_told_so(site: Site, visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.expects = 429
    for _ in range(5):
        page = seen.go(reverse("login"))
        page.fill("[name=username]", "nobody-at-all")
        page.fill("[name=password]", "wrong")
        page.get_by_role("button", name="登录").click()
    page.get_by_text("15 分钟").wait_for()
    assert troubles(seen) == []


def test_the_second_step_and_the_slips_can_be_read(site: Site, visit: Callable[..., Visit]) -> None:
    seen = visit("demo-hr")
    page = seen.go(reverse("two_step"))
    page.locator("main form button").first.click()
    page.locator("main svg").first.wait_for()
    assert troubles(seen) == []
    page = seen.go(reverse("accounts_department", args=["demo"]))
    page.locator("main form[action$=open] button, main details.confirm summary").first.click()
    if page.locator("details.confirm[open] button").count():
        page.locator("details.confirm[open] button").first.click()
    page.get_by_text("口令").first.wait_for()
    assert troubles(seen) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_error_pages_can_be_read(
    site: Site, visit: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    fault = {403: PermissionDenied(), 500: ZeroDivisionError()}.get(status)
    if fault:
        monkeypatch.setattr("rules.views.reading.rulebooks_found", Mock(side_effect=fault))
    seen = visit("demo-manager")
    seen.expects = status
    seen.go(reverse("rules") if fault else "/no/such/page")
    assert troubles(seen) == []


def test_a_stale_form_is_told_so(site: Site, visit: Callable[..., Visit]) -> None:
    seen = visit("demo-manager")
    seen.expects = 403
    page = seen.go(reverse("password"))
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    with page.expect_navigation() as answer:
        page.evaluate("document.querySelector('main form').submit()")
    assert answer.value.status == 403
    assert troubles(seen) == []


def troubles(seen: Visit, *, is_own: bool = True) -> list[str]:
    """What is wrong with the page that is open; it is wide and light again afterwards."""
    page = seen.page
    page.wait_for_selector(".htmx-request", state="detached")
    page.evaluate(FOLD_OUT)
    page.evaluate(REPEATED)
    found = violations(page, EVERYTHING)
    page.emulate_media(color_scheme="dark")
    seen.narrow()
    found += violations(page, EVERYTHING)
    if is_own:
        found += [f"smaller than a finger: {each}" for each in page.evaluate(SMALL)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    said, seen.troubles[:] = list(seen.troubles), []
    return found + said


def violations(page: Any, options: dict[str, Any]) -> list[str]:
    """What axe-core calls serious or critical: its rule, the first elements and why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.Axe().axe_script)
    found = page.evaluate(RUN, [options, SERIOUS])["violations"]
    return [
        f"{each['id']} at {page.viewport_size['width']} px: {node['html'][:160]}: {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"][:3]
    ]
