"""Lists on a phone: a row is a card of a few lines, and what can be touched is large enough."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from tests.browser.conftest import PHONE, Visit

LISTS = {
    "incidents": ("demo-manager", lambda: reverse("incidents") + "?state=", 100),
    "month": ("demo-hr", lambda: reverse("pay_period", args=["demo", "2026-10"]), 100),
    "accounts": ("demo-hr", lambda: reverse("accounts_department", args=["demo"]), 160),
    "orders": ("demo-agent", lambda: reverse("me_slip_orders", args=["2026-09"]), 140),
    "proposals": ("demo-manager", lambda: reverse("proposals") + "?state=", 100),
}
CARDS = """() => [...document.querySelectorAll("main .table tbody tr")]
    .map((each) => each.getBoundingClientRect().height)"""
# What a finger reaches around the middle of each link, label and button of a card: 44 px from top to bottom.
SMALL = """() => [...document.querySelectorAll("main .table tbody :is(a, label, summary, button)")]
    .slice(0, 40).filter((each) => {
        each.scrollIntoView({block: "center"});
        const box = each.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
        return each.checkVisibility() && [-21, 0, 21].some((away) => {
            const found = document.elementFromPoint(x, y + away);
            return !found || !(each.contains(found) || found.tagName === "LABEL" && found.contains(each));
        });
    }).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", LISTS)
def test_a_row_is_a_small_card_with_large_targets(visit: Callable[..., Visit], name: str) -> None:
    username, address, highest = LISTS[name]
    seen = visit(username)
    page = seen.go(address())
    seen.narrow()
    page.set_viewport_size(PHONE)
    heights = page.evaluate(CARDS)
    total = page.evaluate("document.documentElement.scrollHeight")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-360.png")
    assert heights, "no rows"
    middle = sorted(heights)[len(heights) // 2]
    assert middle <= highest, f"a card of {middle} px, {len(heights)} cards, the page {total} px"
    assert page.evaluate(SMALL) == []
