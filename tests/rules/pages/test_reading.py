"""Pages on which rules are read and signed: what they show, to whom, at what cost."""

from datetime import date

import pytest

from rules.models import Provision, Signature, Version
from rules.services import draft_start, version_change
from tests import factories
from tests.factories import WHEN
from tests.rules.pages.forms import (
    FINE,
    OCTOBER,
    client_of,
    publish,
    said,
)

pytestmark = pytest.mark.django_db


def test_library_is_found_by_name_clause_code_and_trade(library, browser):
    assert "售楼处" in said(browser.get("/rules/"))
    page = said(browser.get("/rules/?q=包干区"))
    assert "s000-11-04" in page and "每次罚10元" in page and "s000-06" not in page
    assert "s004-05" in said(browser.get("/rules/?q=s004-05"))
    assert "没有找到" in said(browser.get("/rules/?q=包干区&trade=网店"))
    assert browser.get("/rules/?q=%00&trade=nope&page=x").status_code == 200


def test_rulebook_shows_clause_figures_kind_roles_and_blanks(library, browser):
    page = said(browser.get("/rules/book/s000-01/"))
    assert "罚款第1次50元、第2次100元，此后不再罚款；第3次建议终止劳动关系" in page
    assert "递进罚款" in page and "客服" in page
    assert '每次罚<mark class="blank">待填</mark>元' in page and "不起作用" in page
    assert browser.get("/rules/book/s000-11/").content.decode().count('class="card provision"') == 50
    assert browser.get("/rules/book/none/").status_code == 404
    assert browser.get("/rules/book/s000-01/?edition=7").status_code == 404


def test_department_shows_version_in_force_upcoming_and_history(department, browser):
    version_change(
        department=department,
        effective_on=date(2099, 1, 1),
        changes={"t-fine": {"amount": "20.00"}},
        by=None,
        at=WHEN,
        note="加倍",
    )
    page = said(browser.get("/rules/D1/"))
    assert "第1版" in page and "2099年1月1日起：加倍" in page
    version = said(browser.get("/rules/D1/1/"))
    assert "每次罚10元" in version and "迟交一次罚10元。" in version
    assert "组长例会" not in said(browser.get("/rules/D1/1/?q=周报"))
    differences = said(browser.get("/rules/D1/2/differences"))
    assert "10元" in differences and "20元" in differences and "金额" in differences
    assert "条款" in said(browser.get("/rules/D1/1/differences?with=2"))
    assert browser.get("/rules/D1/2/differences?with=9").status_code == 404
    assert browser.get("/rules/D1/9/").status_code == 404


def test_text_of_a_provision_is_never_markup(department, browser):
    publish(department, {**FINE, "title": "<script>x</script>", "clause": "<b>粗</b>"})
    page = said(browser.get("/rules/D1/2/"))
    assert "<script>x" not in page and "<b>粗" not in page and "&lt;b&gt;粗" in page


READING = ["/rules/D1/", "/rules/D1/1/", "/rules/D1/1/differences"]
WRITING = [
    "/rules/D1/draft/",
    "/rules/D1/draft/publish",
    "/rules/D1/draft/preview",
    "/rules/D1/draft/add",
    "/rules/D1/draft/add/fine",
    "/rules/D1/draft/provision/t-fine/",
]
POSTING = [
    "start",
    "adopt",
    "rebase",
    "discard",
    "publish",
    "provision/t-fine/drop",
    "provision/t-fine/restore",
]


@pytest.mark.parametrize("group", ["agent", "lead", "supervisor", "hr"])
def test_department_reads_and_only_who_publishes_changes(draft, department, group):
    account = factories.account(group, department, staff=factories.staff(department))
    client = client_of(account)
    assert [client.get(path).status_code for path in READING] == [200] * 3
    assert {client.get(path).status_code for path in WRITING} == {403}
    assert {client.post(f"/rules/D1/draft/{path}").status_code for path in POSTING} == {403}
    assert Version.objects.count() == 2
    allowed = 200 if group == "hr" else 404
    assert client.get("/rules/D1/1/signatures").status_code == allowed


def test_another_department_does_not_exist(draft):
    other = factories.department("D2")
    for client in (
        client_of(factories.account("manager", other)),
        client_of(factories.account("agent", staff=factories.staff(other))),
    ):
        paths = [*READING, *WRITING, "/rules/D1/1/signatures"]
        assert {client.get(path).status_code for path in paths} == {404}
        assert {client.post(f"/rules/D1/draft/{path}").status_code for path in POSTING} == {404}
    assert client_of(factories.account("gm")).get("/rules/D1/draft/").status_code == 200


def test_agent_reads_what_binds_the_own_role_and_signs_once(department):
    person = factories.staff(department)
    client = client_of(factories.account("agent", staff=person))
    page = said(client.get("/me/rules/"))
    assert "迟交周报" in page and "每次罚10元" in page and "组长例会" not in page
    assert "签署第1版" in page
    client.post("/me/rules/1/sign")
    client.post("/me/rules/1/sign")
    assert Signature.objects.get().staff == person
    assert "我已于" in said(client.get("/me/rules/"))
    assert client.post("/me/rules/9/sign").status_code == 404
    assert client.get("/me/rules/?version=9").status_code == 404
    assert client_of(factories.account("manager", department)).get("/me/rules/").status_code == 404


def test_upcoming_version_is_read_and_signed_before_it_starts(department):
    person = factories.staff(department)
    client = client_of(factories.account("agent", staff=person))
    version_change(
        department=department,
        effective_on=date(2099, 1, 1),
        changes={"t-fine": {"amount": "20.00"}},
        by=None,
        at=WHEN,
    )
    assert "2099年1月1日起生效" in said(client.get("/me/rules/"))
    page = said(client.get("/me/rules/?version=2"))
    assert "改了1条" in page and "20元" in page
    client.post("/me/rules/2/sign")
    assert Signature.objects.get().version.number == 2


def test_manager_sees_who_has_not_signed(department, browser):
    signed, other = factories.staff(department), factories.staff(department, name="未签的人")
    gone = factories.staff(department, name="离职的人", left_on=date(2026, 1, 1))
    client = client_of(factories.account("agent", staff=signed))
    client.post("/me/rules/1/sign")
    page = said(browser.get("/rules/D1/1/signatures"))
    assert "在职2人，已签1人，未签1人" in page
    assert other.name in page and gone.name not in page
    assert "请在此前阅读并签署：http://testserver/me/rules/" in page
    assert "1人未签" in said(browser.get("/rules/D1/"))


@pytest.fixture
def crowded(department):
    rows = [{**FINE, "code": f"t-{n}", "title": f"第{n}条"} for n in range(120)]
    version_change(department=department, effective_on=OCTOBER, changes={}, provisions=rows, by=None, at=WHEN)
    for _ in range(60):
        factories.staff(department)
    return department


@pytest.mark.parametrize(
    "path",
    [
        "/rules/",
        "/rules/?q=罚",
        "/rules/book/s000-11/",
        "/rules/D1/",
        "/rules/D1/2/",
        "/rules/D1/2/differences",
        "/rules/D1/2/signatures",
        "/rules/D1/draft/",
        "/rules/D1/draft/publish",
        "/rules/D1/draft/provision/t-5/",
    ],
)
def test_pages_cost_few_queries_and_show_fifty_rows(
    library, crowded, browser, manager, django_assert_max_num_queries, path
):
    draft = draft_start(department=crowded, by=manager, at=WHEN)
    Provision.objects.filter(version=draft).update(title="改了")
    with django_assert_max_num_queries(12):
        page = browser.get(path)
    assert page.status_code == 200
    assert len(page.context.get("page", ())) <= 50
    assert said(page).count("<tr>") <= 52 + (50 if "draft" in path else 0)


def test_own_rules_cost_few_queries(crowded, django_assert_max_num_queries):
    person = factories.staff(crowded)
    client = client_of(factories.account("agent", staff=person))
    with django_assert_max_num_queries(12):
        page = client.get("/me/rules/")
    assert said(page).count('class="card provision"') == 50
