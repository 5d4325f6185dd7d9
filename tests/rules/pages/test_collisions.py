"""Rules that regulate one thing twice, and texts that state another figure than the parameters."""

from datetime import date

import pytest
from django.core.management import call_command

from rules.models import Version
from rules.selectors import draft_of, timeline_of
from rules.services import RulebookError, draft_adopt, draft_provision_add, draft_publish, draft_start
from tests import factories
from tests.factories import WHEN
from tests.rules.pages.forms import change, client_of, posted, said

pytestmark = pytest.mark.django_db

LATE = {"kind": "late", "params": {"amount": "10.00"}}
SLOW = {"kind": "late", "params": {"tiers": [{"from_count": 1, "amount": "50.00"}]}}


def add(draft: Version, code: str, **provision: object) -> None:
    draft_provision_add(
        draft=draft,
        provision={"code": code, "title": f"条款{code}", **provision},
        by=draft.changed_by,
        at=WHEN,
    )


def publish_draft(draft: Version, **fields: object) -> Version:
    return draft_publish(
        draft=draft, effective_on=date(2026, 12, 1), note="改", by=draft.changed_by, at=WHEN, **fields
    )


def test_two_kinds_of_lateness_are_refused_until_somebody_says_which_holds(draft, department):
    add(draft, "a", **LATE)
    add(draft, "b", **SLOW)
    with pytest.raises(RulebookError) as refused:
        publish_draft(draft)
    assert "迟到有2种规定" in str(refused.value) and "a" in str(refused.value) and "b" in str(refused.value)
    assert draft_of(department).provisions.filter(code__in=["a", "b"]).count() == 2
    with pytest.raises(RulebookError):
        publish_draft(draft, holds={"迟到": "nobody"})
    publish_draft(draft, holds={"迟到": "b"})
    rules = timeline_of(department).on(date(2026, 12, 1))
    assert rules.get("a") is None and rules.get("b") is not None


def test_both_may_hold_and_are_not_asked_about_again(draft, department, manager):
    add(draft, "a", **LATE)
    add(draft, "b", **SLOW)
    publish_draft(draft, holds={"迟到": "all"})
    again = draft_start(department=department, by=manager, at=WHEN)
    add(again, "c", kind="fine", params={"amount": "5.00"})
    assert publish_draft(again).number == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LATE | {"roles": ["agent"]}, SLOW | {"roles": ["lead"]}),  # nobody is bound by both
        (LATE, {"kind": "late", "params": {"amount": None}}),  # a blank one charges nobody
        (LATE, {"kind": "early", "params": {"amount": "10.00"}}),
        (
            {"kind": "absence", "params": {"multiple": "3"}},
            {"kind": "absence", "params": {"multiple": "1", "category": "short"}},
        ),
        (
            {
                "kind": "shift_pattern",
                "params": {"shifts": [{"name": "早", "start": "08:00", "end": "16:00"}]},
            },
            {
                "kind": "shift_pattern",
                "params": {"shifts": [{"name": "晚", "start": "16:00", "end": "23:00"}]},
            },
        ),
    ],
)
def test_what_does_not_meet_is_published_unasked(draft, one, other):
    add(draft, "a", **one)
    add(draft, "b", **other)
    assert publish_draft(draft).number == 2


@pytest.mark.parametrize(
    ("one", "other", "subject"),
    [
        (LATE, {"kind": "late", "params": {"points": "1"}}, "迟到"),
        (
            LATE | {"params": {"amount": "1.00", "with_early": True}},
            {"kind": "early", "params": {"amount": "2.00"}},
            "早退",
        ),
        (
            {"kind": "absence", "params": {"multiple": "3"}},
            {"kind": "absence", "params": {"multiple": "2"}},
            "旷工",
        ),
        (
            {"kind": "rest", "params": {"days_per_week": 1}},
            {"kind": "rest", "params": {"days_per_month": 4}},
            "休息",
        ),
        (
            {"kind": "leave", "params": {"types": {"sick,personal": {"multiple": "1"}}}},
            {"kind": "leave", "params": {"types": {"sick": {"multiple": "0.4"}}}},
            "病假",
        ),
        (
            {"kind": "full_attendance", "params": {"amount": "100.00"}},
            {"kind": "full_attendance", "params": {"amount": "50.00"}},
            "全勤奖",
        ),
        (
            {"kind": "overtime", "params": {"per_hour": "20.00"}},
            {"kind": "overtime", "params": {"multiple": "1.5"}},
            "加班",
        ),
    ],
)
def test_kinds_of_which_one_holds(draft, one, other, subject):
    add(draft, "a", **one)
    add(draft, "b", **other)
    with pytest.raises(RulebookError, match=f"{subject}.*有2种规定"):
        publish_draft(draft)


def test_the_page_asks_which_commission_holds(draft, department, browser):
    add(draft, "t-comm2", kind="commission", params={"measure": "net_sales", "rate": "0.02"})
    page = browser.get("/rules/D1/draft/publish")
    assert "按净销售额的提成：哪一种规定有效" in said(page)
    form = page.context["form"]
    sent = {"draft": form["draft"].value(), "seen": form["seen"].value()}
    sent |= {"effective_on": "2026-12-01", "note": "提成"}
    refused = said(browser.post("/rules/D1/draft/publish", sent))
    assert "按净销售额的提成有几种规定，请选哪一种有效" in refused
    assert draft_of(department) is not None
    browser.post("/rules/D1/draft/publish", sent | {"holds-0": "t-comm2"})
    rules = timeline_of(department).on(date(2026, 12, 1))
    assert rules.get("t-comm") is None and rules.get("t-comm2").kind.rate is not None


def test_two_rulebooks_that_each_bring_shifts_and_lateness(library, draft, manager):
    for code in ("s000-01", "s000-06"):
        draft_adopt(draft=draft, rulebook=code, by=manager, at=WHEN)
    with pytest.raises(RulebookError) as refused:
        publish_draft(draft)
    assert "班次有2种规定" in str(refused.value)


def test_the_command_tells_of_collisions(library, department, capsys):
    for code in ("s000-01", "s000-06"):
        call_command("adopt_rulebook", code, department="D1", **{"effective_on": "2026-12-01"})
    assert "注意：班次有2种规定" in capsys.readouterr().out


def test_a_figure_that_the_text_does_not_state_is_told_on_saving(draft, department, browser):
    page = browser.get("/rules/D1/draft/provision/t-fine/")
    told = browser.post("/rules/D1/draft/provision/t-fine/", posted(page) | {"p-amount": "15"}, follow=True)
    assert "数字为15元，条文写的是10元" in said(told)
    assert "数字为15元，条文写的是10元" in said(browser.get("/rules/D1/draft/publish"))
    change(browser, "t-fine", clause="迟交一次罚15元。")
    assert "条文写的是" not in said(browser.get("/rules/D1/draft/publish"))


def test_a_figure_of_the_library_that_was_changed_while_the_text_stayed(library, draft, department, browser):
    draft_adopt(draft=draft, rulebook="s000-05", by=draft.changed_by, at=WHEN)
    assert "条文仍写" not in said(browser.get("/rules/D1/draft/publish"))
    change(browser, "s000-05-e1-05", **{"p-amount": "8"})
    assert "数字已改为8，条文仍写5" in said(browser.get("/rules/D1/draft/publish"))


def test_staff_do_not_read_blanks_as_figures(department):
    person = factories.staff(department)
    page = said(client_of(factories.account("agent", department, staff=person)).get("/me/rules/"))
    assert "这一条还有数字没有定下" in page and "待填" not in page
    manager_page = said(client_of(factories.account("manager", department)).get("/rules/D1/1/"))
    assert "待填" in manager_page
