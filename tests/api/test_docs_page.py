"""The readable description in a real browser, under the site's content policy."""

import shutil
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from people.models import Account

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SECONDS = 60_000


@pytest.mark.skipif(CHROMIUM is None, reason="没有 chromium")
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_draws_every_resource_without_breaking_the_policy(live_server: Any):
    browser_of_django = Client()
    browser_of_django.force_login(Account.objects.create_superuser("root"))
    session = browser_of_django.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context()
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((live_server.url, "data:")) else troubles.append(asked.url)
            ),
        )
        page.goto(f"{live_server.url}/api/v1/docs/", timeout=SECONDS)
        page.get_by_text("记录订单").wait_for(timeout=SECONDS)
        sections = page.locator(".opblock-tag").all_inner_texts()
        browser.close()
    assert any("奖惩" in each for each in sections)
    assert troubles == []
