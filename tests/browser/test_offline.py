"""When the line is gone the worker says so, and nothing that anybody saw is on the phone."""

from collections.abc import Callable

from django.urls import reverse

from tests.browser.conftest import PHONE, Visit, on_both_sites

KEPT = """async () => {
    const names = await caches.keys();
    const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return lists.flat().map((request) => new URL(request.url).pathname);
}"""

# Not `serviceWorker.ready`: where no worker comes, nobody would ever be told.
WORKS = "navigator.serviceWorker.getRegistration().then((found) => Boolean(found && found.active))"


@on_both_sites
def test_without_a_line_the_page_says_so_and_nothing_of_anybody_was_kept(visit: Callable[..., Visit]) -> None:
    seen = visit("demo-agent", viewport=PHONE)
    page = seen.go(reverse("me"))
    page.wait_for_function(WORKS)
    seen.go(reverse("me_pay"))
    page.wait_for_function("navigator.serviceWorker.controller || true")
    page.reload()
    kept = page.evaluate(KEPT)
    assert reverse("offline") in kept
    assert all(path.startswith("/static/") for path in kept if path != reverse("offline"))

    page.context.set_offline(True)
    page.goto(seen.site.url + reverse("me_pay"))
    page.get_by_role("heading", name="没有网络").wait_for()
    page.context.set_offline(False)
    page.get_by_role("link", name="再试一次").click()
    page.get_by_role("heading", name="打卡").wait_for()
    seen.troubles = [each for each in seen.troubles if "ERR_INTERNET_DISCONNECTED" not in each]
