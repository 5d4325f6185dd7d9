"""Production in the browser: everybody signs in over TLS, no page or file is missing, a workbook comes.

What else is played on both sites is marked `on_both_sites` where it stands.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.addresses import pages
from tests.browser.conftest import DEMO_ROLES, Site, Visit
from tests.browser.test_accessibility import ADMIN_PAGES, addresses, admin_addresses

pytestmark = pytest.mark.parametrize("visit", ["production"], indirect=True)

HASHED = re.compile(r"/static/.+\.[0-9a-f]{12}\.\w+$")
FILES = "performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname)"
# Of each address its status and the static files that its answer names, asked for as the page itself asks.
ASK = """async (addresses) => {
    const files = new Set();
    const statuses = await Promise.all(addresses.map(async (address) => {
        const answer = await fetch(address, {redirect: "manual"});
        const named = (await answer.text()).matchAll(/(?:href|src)="(\\/static\\/[^"?#]+)/g);
        for (const [, file] of named) files.add(file);
        return [address, answer.status];
    }));
    return [statuses, [...files]];
}"""


@pytest.mark.parametrize("role", DEMO_ROLES)
def test_everybody_signs_in_and_is_at_home(visit: Callable[..., Visit], role: str) -> None:
    seen = visit(f"demo-{role}")
    page = seen.go(reverse("home"))
    assert page.evaluate("isSecureContext")
    files = [each for each in page.evaluate(FILES) if each.startswith("/static/")]
    assert files and all(HASHED.match(each) for each in files), files
    cookies = page.context.cookies()
    assert {"sessionid", "csrftoken"} <= {each["name"] for each in cookies}
    assert all(each["secure"] for each in cookies)


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_no_page_and_no_file_that_it_names_is_missing(
    visit: Callable[..., Visit], site: Site, role: str
) -> None:
    seen = visit(f"demo-{role}")
    seen.go(reverse("home"))
    statuses, files = seen.page.evaluate(ASK, _addresses(site.ids))
    seen.troubles.clear()  # of the addresses most are somebody else's
    assert not [each for each in statuses if each[1] >= 500]
    assert sum(status == 200 for _, status in statuses) > 20
    found, _ = seen.page.evaluate(ASK, files)
    assert not [each for each in found if each[1] != 200]
    assert all(HASHED.match(each) for each in files)


def _addresses(ids: dict[str, Any]) -> list[str]:
    own = [address for route in pages() for address in addresses(route, ids)]
    return own + [address for page in ADMIN_PAGES for address in admin_addresses(page, ids)]


def test_the_workbook_is_taken_along(visit: Callable[..., Visit], tmp_path: Path) -> None:
    page = visit("demo-hr").go(reverse("pay_period", args=["demo", "2026-10"]))
    with page.expect_download() as download:
        page.get_by_role("link", name="导出工资表").click()
    download.value.save_as(tmp_path / "month.xlsx")
    assert "8103" in {
        str(cell)
        for row in load_workbook(tmp_path / "month.xlsx", read_only=True)["工资表"].values
        for cell in row
    }
