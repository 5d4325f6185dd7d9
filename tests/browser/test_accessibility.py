"""Every page in the browser, as those who use it, wide and on the phone: axe-core finds nothing serious."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from tests.browser.conftest import Site, Visit

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")

OPTIONS = {"resultTypes": ["violations"], "preload": False}
SERIOUS = ("serious", "critical")
OCTOBER, SEPTEMBER = ("demo", "2026-10"), ("demo", "2026-09")
FOLD_OUT = "document.querySelectorAll('main details:not(.confirm)').forEach((each) => each.open = true)"


@dataclass(frozen=True)
class Address:
    """A page: who looks at it, the name of its URL with its arguments; a word starting with # is an id."""

    username: str
    url_name: str
    args: tuple[str, ...] = ()
    query: str = ""

    def __str__(self) -> str:
        return "-".join((self.username.removeprefix("demo-"), self.url_name, *self.args)) + self.query

    def path(self, ids: dict[str, int]) -> str:
        """The address, with the ids of the site that runs."""
        args = [ids[each[1:]] if each.startswith("#") else each for each in self.args]
        return reverse(self.url_name, args=args) + self.query


def pages_of(username: str, *pages: tuple[str, ...]) -> Iterator[Address]:
    """A role's pages, each `(url name, arguments …)`, a last argument beginning with ? is the query."""
    for name, *args in pages:
        query = args.pop() if args and args[-1].startswith("?") else ""
        yield Address(username, name, tuple(args), query)


ADDRESSES = [
    *pages_of("", ("login",)),
    *pages_of(
        "demo-manager",
        ("home",),
        ("commission_so_far", "demo"),
        ("incidents",),
        ("incidents", "?state=&who=8103"),
        ("incidents", "?state=&who=nobody"),
        ("incident", "#waiting"),
        ("incident", "#incident"),
        ("incident_new",),
        ("incident_new", "?who=8103&work_date=2026-10-05&code=s000-06-06"),
        ("proposals",),
        ("proposal", "#proposal"),
        ("objections",),
        ("objection", "#objection"),
        ("claims",),
        ("rules",),
        ("rules_book", "s000-05"),
        ("rules_department", "demo"),
        ("rules_version", "demo", "3"),
        ("rules_differences", "demo", "3"),
        ("rules_signatures", "demo", "3"),
        ("rules_draft", "demo"),
        ("rules_draft_kinds", "demo"),
        ("rules_draft_add", "demo", "fine"),
        ("rules_draft_add", "demo", "commission"),
        ("rules_draft_provision", "demo", "demo-01"),
        ("rules_draft_publish", "demo"),
        ("rosters",),
        ("roster", *OCTOBER),
        ("roster_history", *OCTOBER),
        ("patterns", "demo"),
        ("pattern_new", "demo"),
        ("swaps",),
        ("pay_period", *OCTOBER),
        ("pay_slip", *OCTOBER, "8103"),
    ),
    *pages_of(
        "demo-hr",
        ("home",),
        ("imports",),
        ("accounts",),
        ("accounts_department", "demo"),
        ("password",),
        ("two_step",),
        ("pay",),
        ("pay_period", *OCTOBER),
        ("pay_differences", *OCTOBER),
        ("pay_checks", *OCTOBER),
        ("pay_manual", *OCTOBER),
        ("pay_history", *OCTOBER),
        ("pay_period", *SEPTEMBER),
        ("pay_slip", *SEPTEMBER, "8102"),
        ("pay_slip_orders", *SEPTEMBER, "8102"),
    ),
    *pages_of("demo-gm", ("home",), ("pay",), ("rules",)),
    *pages_of("demo-lead", ("home",), ("incidents",), ("incident_new",)),
    *pages_of(
        "demo-agent",
        ("home",),
        ("password",),
        ("me",),
        ("me_pay",),
        ("me_slip", "2026-09"),
        ("me_slip_orders", "2026-09"),
        ("me_object", "2026-09", "#line"),
        ("me_objections",),
        ("me_ledger",),
        ("me_next",),
        ("me_commission",),
        ("me_unclaimed",),
        ("me_rules",),
        ("me_swaps",),
        ("notices",),
        ("notice_choices",),
        ("incident", "#waiting"),
    ),
]


def exists(address: Address) -> bool:
    try:
        address.path({each[1:]: 1 for each in address.args})
    except NoReverseMatch:
        return False
    return True


@pytest.mark.parametrize("address", [each for each in ADDRESSES if exists(each)], ids=str)
def test_a_page_can_be_used_by_everybody(site: Site, visit: Callable[..., Visit], address: Address) -> None:
    """Wide in light colours, then the same page on a phone in dark ones, everything folded out."""
    seen = visit(address.username)
    page = seen.go(address.path(site.ids))
    page.wait_for_selector(".htmx-request", state="detached")
    page.evaluate(
        "document.querySelectorAll('main details:not(.confirm)').forEach((each) => each.open = true)"
    )
    wide = violations(page)
    page.emulate_media(color_scheme="dark")
    seen.narrow()
    assert wide + violations(page) == []


def violations(page: Any) -> list[str]:
    """What axe-core calls serious or critical: its rule, the first elements and why."""
    found = axe.Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{each['id']} at {page.viewport_size['width']} px: {node['html'][:160]}: {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"][:3]
    ]
