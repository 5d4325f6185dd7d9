"""What holds for every page: signed in or sent to sign in, the content policy, the navigation of the role."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from people.models import AccessLog
from people.services import access_log
from tests import factories

pytestmark = pytest.mark.django_db

OPEN = {"/login", "/healthz", "/manifest.webmanifest", "/worker.js", "/offline"}
PAGES = ["/", "/password", "/two-step", "/accounts/", "/incidents/", "/incidents/new", "/proposals/"]


def plain_paths() -> list[str]:
    """Every address of the site that takes no argument, but for the administration's."""
    patterns = []
    for pattern in get_resolver().url_patterns:
        parts = getattr(pattern, "url_patterns", None)
        if parts is None:
            patterns.append(str(pattern.pattern))
        elif not str(pattern.pattern).startswith("admin"):
            patterns += [f"{pattern.pattern}{each.pattern}" for each in parts if hasattr(each, "callback")]
    return [f"/{each}" for each in patterns if not set("<(^") & set(each)]


def test_every_question_says_which_form_it_asks_for() -> None:
    """Without a word it would be the page's own, whose required fields then keep the button from working."""
    found = [
        (path.name, tag)
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for tag in re.findall(r'{% include "components/confirm.html"[^%]*%}', path.read_text("utf-8"))
    ]
    assert len(found) > 30
    assert [each for each in found if " form=" not in each[1]] == []


def test_whoever_is_not_signed_in_sees_no_page(client: Client) -> None:
    paths = plain_paths()
    assert {"/", "/password", "/incidents/"} <= set(paths)
    for path in set(paths) - OPEN:
        response = client.get(path)
        assert response.status_code in (302, 401, 403, 405), path
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/login"), path


@pytest.mark.parametrize("path", PAGES)
def test_every_page_refuses_scripts_and_styles_that_are_written_into_it(client: Client, path: str) -> None:
    client.force_login(factories.account("manager", factories.department(), factories.department()))
    response = client.get(path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};" and "unsafe" not in policy
    page = response.content.decode()
    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert page.count("<script") == page.count("<script src=")
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [*PAGES, "/me/pay/", "/pay/", "/admin/", "/no-such-page"])
def test_nothing_that_somebody_sees_is_kept_by_the_browser(client: Client, path: str) -> None:
    place = factories.department()
    client.force_login(factories.account("manager", place, staff=factories.staff(place)))
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_only_the_administration_gets_what_its_theme_needs(client: Client) -> None:
    client.force_login(factories.account("manager", factories.department()))
    assert "'unsafe-eval'" in client.get("/admin/").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/administration").headers["Content-Security-Policy"]


def test_a_page_that_is_not_there_says_so_in_chinese(client: Client) -> None:
    client.force_login(factories.account("manager", factories.department()))
    response = client.get("/nothing")
    assert response.status_code == 404
    assert "没有这一页" in response.content.decode()


def test_a_form_of_a_former_session_changes_nothing_and_says_so() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.account("manager", factories.department()))
    response = client.post("/password", {"old_password": "x"})
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


@pytest.mark.parametrize(
    ("group", "seen", "unseen"),
    [
        ("manager", ["奖惩", "处理建议", "账号", "后台", "两步验证"], []),
        ("hr", ["奖惩", "账号", "两步验证"], ["处理建议"]),
        ("lead", ["奖惩"], ["账号", "处理建议", "两步验证"]),
        ("agent", [], ["奖惩", "账号", "处理建议", "后台", "两步验证"]),
    ],
)
def test_the_navigation_shows_the_pages_of_the_role(
    client: Client, group: str, seen: list[str], unseen: list[str]
) -> None:
    client.force_login(factories.account(group, factories.department()))
    page = client.get("/password").content.decode()
    assert all(f">{each}</a>" in page for each in seen)
    assert not any(f">{each}</a>" in page for each in unseen)


def test_the_chosen_theme_is_kept_and_nothing_else_is_taken_from_the_cookie(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/login").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme=" not in client.get("/login").content.decode()


def test_who_looked_at_whose_pay_is_only_ever_added() -> None:
    department = factories.department()
    staff = factories.staff(department)
    hr = factories.account("hr", department)
    access_log(
        what=AccessLog.What.PAYSLIP,
        department=department,
        staff=staff,
        month=factories.WHEN.date(),
        payslip=7,
        by=hr,
        at=factories.WHEN,
    )
    row = AccessLog.objects.get()
    assert (row.by, row.staff, f"{row.month:%Y-%m-%d}", row.payslip) == (hr, staff, "2026-10-01", 7)
    for change in (row.delete, lambda: AccessLog.objects.update(payslip=8)):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            change()


def test_the_access_log_is_read_by_approvers_and_auditors_and_written_by_nobody(client: Client) -> None:
    department = factories.department()
    for group, status in (("manager", 200), ("auditor", 200), ("hr", 403), ("lead", 403)):
        client.force_login(factories.account(group, department))
        assert client.get("/admin/people/accesslog/").status_code == status, group
        assert client.get("/admin/people/accesslog/add/").status_code == 403
