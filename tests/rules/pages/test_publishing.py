"""Pages on which a draft becomes a version: from when, refused for what."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from rules.models import Version
from rules.selectors import draft_of, timeline_of
from rules.services import rulebook_adopt, version_change
from tests.factories import WHEN
from tests.rules.pages.forms import (
    OCTOBER,
    change,
    params,
    said,
)

pytestmark = pytest.mark.django_db


def publication(browser: Client, **fields: Any) -> dict[str, Any]:
    form = browser.get("/rules/D1/draft/publish").context["form"]
    sent = {"draft": form["draft"].value(), "seen": form["seen"].value()}
    return sent | {"effective_on": "2026-12-01", "note": "改罚款"} | fields


def test_manager_publishes_from_a_date(draft, department, manager, browser):
    change(browser, "t-fine", **{"p-amount": "20"})
    sent = publication(browser)
    page = browser.post("/rules/D1/draft/publish", sent, follow=True)
    assert "已发布" in said(page)
    version = Version.objects.get(number=2)
    assert (version.effective_on, version.note) == (date(2026, 12, 1), "改罚款")
    assert (version.published_by, version.base.number) == (manager, 1)
    timeline = timeline_of(department)
    assert timeline.on(date(2026, 11, 30)).get("t-fine").kind.amount == 10
    assert timeline.on(date(2026, 12, 1)).get("t-fine").kind.amount == 20
    again = said(browser.post("/rules/D1/draft/publish", sent, follow=True))
    assert "这份草案已发布为第2版" in again
    assert Version.objects.filter(published_at__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"effective_on": "2026-09-30"}, "不能早于第1版的生效日期 2026-10-01"),
        ({"effective_on": ""}, "请填写生效日期"),
        ({"effective_on": "明天"}, "不是日期"),
        ({"note": ""}, "请写说明"),
        ({"draft": "x"}, "预览与发布"),
        ({"draft": "999999"}, "已被放弃"),
    ],
)
def test_publication_that_cannot_be_is_refused(draft, department, browser, fields, told):
    change(browser, "t-fine", **{"p-amount": "20"})
    assert told in said(browser.post("/rules/D1/draft/publish", publication(browser, **fields)))
    assert draft_of(department) is not None


def test_draft_without_changes_is_not_published(draft, department, browser):
    assert "没有差别" in said(browser.post("/rules/D1/draft/publish", publication(browser)))


def test_points_that_disagree_about_the_base_are_said_before_and_refused(draft, department, browser):
    sent = {"code": "own-p", "title": "另一种", "p-deduct-which": "1", "p-deduct-1": "2"}
    sent |= {"p-base": "12", "p-floor": "0", "window": "month", "confirm": "manager"}
    assert browser.post("/rules/D1/draft/add/points", sent).status_code == 302
    told = "每月基础分只能有一个，现有：10分（t-points）；12分（own-p）"
    assert told in said(browser.get("/rules/D1/draft/"))
    assert told in said(browser.post("/rules/D1/draft/publish", publication(browser)))
    assert Version.objects.filter(published_at__isnull=False).count() == 1


def test_somebody_who_publishes_meanwhile_is_not_overwritten(draft, department, browser):
    change(browser, "t-fine", **{"p-amount": "20"})
    sent = publication(browser)
    version_change(
        department=department,
        effective_on=date(2026, 11, 1),
        changes={"t-open": {"amount": "5.00"}, "t-fine": {"amount": "12.00"}},
        by=None,
        at=WHEN,
    )
    page = said(browser.post("/rules/D1/draft/publish", sent))
    assert "在草案之后发布" in page and "移到最新版本上" in page
    assert Version.objects.filter(published_at__isnull=False).count() == 2
    moved = said(browser.post("/rules/D1/draft/rebase", follow=True))
    assert "两边都改过的条款以草案为准，请再看一遍：t-fine" in moved
    assert params(department, "t-open") == {"amount": "5.00"}
    assert params(department, "t-fine") == {"amount": "20.00"}
    assert browser.post("/rules/D1/draft/publish", publication(browser)).status_code == 302
    assert timeline_of(department).on(date(2026, 12, 1)).get("t-open").kind.amount == 5


def test_draft_that_was_changed_after_the_page_was_opened_is_not_published(draft, department, browser):
    sent = publication(browser)
    change(browser, "t-fine", **{"p-amount": "20"})
    assert "打开以后又改过" in said(browser.post("/rules/D1/draft/publish", sent))
    assert draft_of(department) is not None


def test_later_edition_keeps_what_the_department_worded_otherwise(library, department, browser, tmp_path):
    rulebook_adopt(department=department, rulebook="s000-01", effective_on=OCTOBER, by=None, at=WHEN)
    browser.post("/rules/D1/draft/start")
    assert change(browser, "s000-01-10", roles=["lead"], clause="自己的话").status_code == 302
    assert browser.post("/rules/D1/draft/publish", publication(browser)).status_code == 302
    row = Version.objects.get(number=3).provisions.get(code="s000-01-10")
    assert (row.roles, row.clause) == (["lead"], "自己的话")
    assert row.source is not None
