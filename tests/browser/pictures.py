"""The pictures of the guides: `make pictures` takes them anew from the demonstration. No test by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from complaints.models import Case
from people.models import Department
from tests.browser.conftest import PHONE, Site, Visit
from workbench.demonstration.complaints import complaints_load
from workbench.demonstration.shifts import demo_shifts_load

IMAGES = Path(settings.BASE_DIR) / "docs" / "images"
DESK = {"width": 1200, "height": 760}
OCTOBER = ("demo", "2026-10")
# File, who looks, URL name (and what follows it in the address) with its arguments, what is folded out.
PICTURES = [
    ("payslip", "demo-manager", "pay_slip", (*OCTOBER, "8103"), "details.line:has-text('提成')"),
    ("home-manager", "demo-manager", "home", (), ""),
    ("period", "demo-hr", "pay_period", OCTOBER, ""),
    ("differences", "demo-manager", "pay_differences", OCTOBER, ""),
    ("import-errors", "demo-hr", "import_upload", ("@upload_invalid",), ""),
    ("draft-preview", "demo-manager", "rules_draft_provision", ("demo", "demo-01"), ""),
    ("incidents", "demo-manager", "incidents", (), ""),
    ("accounts", "demo-hr", "accounts_department", ("demo",), ""),
    ("roster", "demo-manager", "roster", ("demo", "@present"), ""),
    ("cases", "demo-manager", "cases", (), ""),
    ("case", "demo-hr", "case", ("@on_path",), "details:has-text('怎样算出来')"),
    ("case-losses", "demo-supervisor", "case", ("@ruled",), "article.ruling details"),
    ("case-statistics", "demo-manager", "case_statistics?month=@present", (), ""),
    ("phone-home", "demo-agent", "me", (), ""),
    ("phone-month", "demo-agent", "me_month", (), ""),
    ("phone-payslip", "demo-agent", "me_slip", ("2026-09",), "details.line:has-text('提成')"),
    ("phone-ledger", "demo-agent", "me_ledger", (), ""),
    ("phone-charges", "demo-agent", "me_charges", (), ""),
]


@pytest.fixture(scope="package")
def site(site: Site) -> Site:
    """The demonstration with shifts of the present month, and with cases as they stand now."""
    department, now = Department.objects.get(code="demo"), timezone.now()
    demo_shifts_load(department=department, now=now)
    complaints_load(department=department, now=now)
    site.ids["present"] = f"{timezone.localdate(now):%Y-%m}"
    site.ids["on_path"] = Case.objects.get(key="demo-path").pk
    site.ids["ruled"] = Case.objects.get(key="demo-decided").pk
    return site


@pytest.mark.parametrize(("name", "who", "url_name", "args", "fold_out"), PICTURES)
def test_picture(
    site: Site,
    visit: Callable[..., Visit],
    name: str,
    who: str,
    url_name: str,
    args: tuple[str, ...],
    fold_out: str,
) -> None:
    size = PHONE if name.startswith("phone-") else DESK
    seen = visit(who, viewport=size)
    given = [site.ids[each[1:]] if each.startswith("@") else each for each in args]
    name_of_page, _, asked = url_name.partition("?")
    asked = asked.replace("@present", str(site.ids["present"]))
    page = seen.go(f"{reverse(name_of_page, args=given)}?{asked}")
    page.wait_for_selector(".htmx-request", state="detached")
    if fold_out:
        line = page.locator(fold_out).first
        line.locator("summary").first.click()
        line.scroll_into_view_if_needed()
        page.evaluate("scrollBy(0, -120)")
    page.screenshot(path=IMAGES / f"{name}.png")
