"""Pages of a draft: adopting, changing figures in typed forms, adding, dropping."""

from datetime import date

import pytest

from rules.models import Provision, Rulebook, Version
from rules.selectors import draft_of, timeline_of
from tests.rules.pages.forms import (
    change,
    params,
    posted,
    said,
)

pytestmark = pytest.mark.django_db


def test_draft_begins_as_the_latest_version_and_binds_nobody(department, browser):
    assert "现在没有草案" in said(browser.get("/rules/D1/draft/"))
    browser.post("/rules/D1/draft/start")
    browser.post("/rules/D1/draft/start")
    draft = draft_of(department)
    assert (draft.number, draft.base.number, draft.provisions.count()) == (0, 1, 5)
    change(browser, "t-fine", **{"p-amount": "20"})
    assert timeline_of(department).on(date(2030, 1, 1)).get("t-fine").kind.amount == 10
    page = said(browser.get("/rules/D1/draft/"))
    assert "10元" in page and "20元" in page and "改动" in page


def test_adopted_rulebook_waits_in_the_draft(library, department, browser):
    page = said(browser.post("/rules/D1/draft/adopt", {"rulebook": "s000-01"}, follow=True))
    assert "2条有数字待填" in page
    assert draft_of(department).provisions.filter(code="s000-01-09").exists()
    assert Version.objects.filter(published_at__isnull=False).count() == 1
    page = said(browser.post("/rules/D1/draft/adopt", {"rulebook": "s000-01"}, follow=True))
    assert "草案已经采用" in page
    assert "制度库里没有 nope" in said(
        browser.post("/rules/D1/draft/adopt", {"rulebook": "nope"}, follow=True)
    )
    filled = change(browser, "s000-01-09", **{"p-amount": "20"})
    assert filled.status_code == 302
    assert params(department, "s000-01-09")["amount"] == "20.00"


def test_every_rulebook_of_the_library_can_be_chosen(draft, browser):
    Rulebook.objects.bulk_create([Rulebook(code=f"x{n:03}", name=f"制度{n}") for n in range(70)])
    page = browser.get("/rules/D1/draft/").content.decode()
    assert all(f'<option value="x{n:03}">' in page for n in range(70))


def test_figures_are_changed_in_a_typed_form(draft, department, browser):
    page = said(browser.get("/rules/D1/draft/provision/t-comm/"))
    assert (
        "比例（%）" in page
        and 'value="1"' in page
        and "净销售额" in page
        and "{" not in page.split("<main")[1]
    )
    response = change(browser, "t-comm", **{"p-brackets-0-rate": "1.5"})
    assert response.status_code == 302
    assert params(department, "t-comm") == {
        "measure": "net_sales",
        "brackets": [{"from": "0", "rate": "0.015"}],
    }


def test_rows_are_added_and_taken_away(draft, department, browser):
    path = "/rules/D1/draft/provision/t-comm/"
    sent = posted(browser.get(path))
    more = browser.post(path, {**sent, "add": "p-brackets"})
    assert more.context["params"].parts["brackets"].rows[1].number == "1"
    assert "has-error" not in said(more) and "p-brackets-1-rate" in said(more)
    filled = {**posted(more), "p-brackets-1-above": "10000", "p-brackets-1-rate": "2"}
    assert browser.post(path, filled).status_code == 302
    assert params(department, "t-comm")["brackets"] == [
        {"from": "0", "rate": "0.01"},
        {"above": "10000", "rate": "0.02"},
    ]
    less = browser.post(path, {**posted(browser.get(path)), "remove": "p-brackets-0"})
    assert [row.number for row in less.context["params"].parts["brackets"].rows] == ["1"]
    assert browser.post(path, posted(less)).status_code == 302
    assert params(department, "t-comm")["brackets"] == [{"above": "10000", "rate": "0.02"}]


@pytest.mark.parametrize(
    ("code", "fields", "told"),
    [
        ("t-fine", {"p-amount": ""}, "请填写"),
        ("t-fine", {"p-amount": "-5"}, "不能小于 0"),
        ("t-fine", {"p-amount": "十元"}, "不是数字"),
        ("t-fine", {"p-amount": "1.005"}, "最多 2 位小数"),
        ("t-fine", {"p-amount": "NaN"}, "不是数字"),
        ("t-fine", {"p-unit": "weeks"}, "weeks"),
        ("t-fine", {"title": ""}, "请填写标题"),
        ("t-fine", {"roles": ["emperor"]}, "emperor"),
        ("t-comm", {"p-brackets-0-rate": "150"}, "比例应在 0% 到 100% 之间"),
        ("t-comm", {"p-brackets-0-above": "5"}, "“达到”“超过”须填一项，且只填一项"),
        ("t-comm", {"p-brackets-row": None}, "“比例”“每件金额”“各档”须填一项，且只填一项"),
        ("t-comm", {"p-rate": "1"}, "“比例”“每件金额”“各档”须填一项，且只填一项"),
        ("t-points", {"p-deduct-which": "0", "p-deduct-0-min": "1"}, "请填写"),
    ],
)
def test_figure_that_does_not_fit_is_said_at_its_field(draft, department, browser, code, fields, told):
    before = params(department, code)
    page = change(browser, code, **fields)
    assert page.status_code == 200
    assert told in said(page) and "没有保存" in said(page)
    assert params(department, code) == before


def test_blank_figure_may_stay_blank(draft, department, browser):
    assert change(browser, "t-open", title="还没定").status_code == 302
    assert params(department, "t-open") == {"amount": None}
    assert "待填" in said(browser.get("/rules/D1/draft/?blank=1"))


def test_every_kind_has_a_form(draft, browser):
    from_page = said(browser.get("/rules/D1/draft/add"))
    for kind in (
        "late",
        "leave",
        "base_pay",
        "guarantee",
        "escalating_fine",
        "discipline",
        "case_type",
        "text",
    ):
        assert f"/rules/D1/draft/add/{kind}" in from_page
        assert browser.get(f"/rules/D1/draft/add/{kind}").status_code == 200
    assert browser.get("/rules/D1/draft/add/magic").status_code == 404


def test_own_provision_is_added_with_a_table_in_chinese(draft, department, browser):
    sent = {
        "code": "own-1",
        "title": "请假",
        "p-types-row": ["0"],
        "p-divisor-which": "1",
        "p-of": "base_pay",
    }
    sent |= {"p-divisor-1": "21.75", "p-types-0-key": "事假、病假", "p-types-0-value-multiple": "1"}
    sent |= {"p-types-0-value-without": "personal", "p-types-0-value-needs_certificate": "on"}
    response = browser.post("/rules/D1/draft/add/leave", sent)
    assert response.status_code == 302, said(response)
    assert params(department, "own-1") == {
        "types": {"personal,sick": {"multiple": "1", "needs_certificate": True, "without": "personal"}}
    }
    again = browser.post("/rules/D1/draft/add/leave", sent)
    assert "已有条款" in said(again)
    named = browser.post("/rules/D1/draft/add/text", {"code": "有 空格", "title": "x"})
    assert "编号用字母" in said(named)
    assert draft_of(department).provisions.count() == 6


def test_a_path_of_steps_is_written_with_rows_within_rows(draft, department, browser):
    path = "/rules/D1/draft/add/case_type"
    page = browser.post(path, {**posted(browser.get(path)), "add": "p-steps-0-brings"})
    assert "p-steps-0-brings-0-name" in said(page) and "p-steps-0-decisions-0-to" in said(page)
    sent = {**posted(page), "code": "own-2", "title": "退货案件", "p-steps-0-code": "judge"}
    sent |= {"p-steps-0-label": "核实", "p-steps-0-by-0": "supervisor", "p-steps-0-brings-0-name": "情况"}
    sent |= {"p-steps-0-brings-0-type": "text", "p-steps-0-brings-0-required": "on"}
    sent |= {"p-steps-0-decisions-0-label": "办结", "p-steps-0-decisions-0-to": "nowhere"}
    sent |= {"p-causes": "质量、等级\r\n\r\n 发货 "}
    wrong = browser.post(path, sent)
    assert "没有步骤 nowhere" in said(wrong) and "没有保存" in said(wrong)
    response = browser.post(path, {**sent, "p-steps-0-decisions-0-to": "closed"})
    assert response.status_code == 302, said(response)
    written = {
        "causes": ["质量、等级", "发货"],
        "steps": [
            {
                **{"code": "judge", "label": "核实", "by": ["supervisor"]},
                "brings": [{"name": "情况", "type": "text"}],
                "decisions": [{"label": "办结", "to": "closed"}],
            }
        ],
    }
    assert params(department, "own-2") == written
    assert change(browser, "own-2").status_code == 302
    assert params(department, "own-2") == written
    assert "核实" in said(browser.get("/rules/D1/draft/"))


def test_dropped_provision_is_restored(draft, department, browser):
    browser.post("/rules/D1/draft/provision/t-fine/drop")
    browser.post("/rules/D1/draft/provision/t-fine/drop")
    assert not draft.provisions.filter(code="t-fine").exists()
    assert "删去" in said(browser.get("/rules/D1/draft/"))
    assert browser.get("/rules/D1/draft/provision/t-fine/").status_code == 404
    browser.post("/rules/D1/draft/provision/t-fine/restore")
    assert params(department, "t-fine") == {"amount": "10.00"}
    refused = said(browser.post("/rules/D1/draft/provision/none/restore", follow=True))
    assert "不能恢复" in refused


def test_form_of_a_provision_that_somebody_else_changed_is_refused(draft, department, browser):
    path = "/rules/D1/draft/provision/t-fine/"
    stale = posted(browser.get(path))
    assert change(browser, "t-fine", **{"p-amount": "15"}).status_code == 302
    page = browser.post(path, {**stale, "p-amount": "99"})
    assert "被别人改过" in said(page)
    assert params(department, "t-fine") == {"amount": "15.00"}


def test_discarded_draft_leaves_everything_as_it_was(draft, department, browser):
    change(browser, "t-fine", **{"p-amount": "15"})
    browser.post("/rules/D1/draft/discard")
    browser.post("/rules/D1/draft/discard")
    assert draft_of(department) is None
    assert Provision.objects.filter(version__department=department).count() == 5
