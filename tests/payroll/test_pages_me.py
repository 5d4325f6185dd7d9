"""Everybody's own pages: approved payslips, the ledger and the next time, commission, claims of orders."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissions.errors import CommissionRefused
from commissions.imports import attribution_loader, orders_loader
from commissions.models import Order, OrderClaim
from commissions.services import order_claim, order_claim_decide, order_record
from core.periods import first_of, shift_months
from imports.batches import run_import
from payroll.models import SettlementPeriod
from payroll.services.periods import period_approve
from penalties.models import Incident, MoneyEntry
from penalties.next_time import next_times
from penalties.services import incident_record
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll import months

pytestmark = pytest.mark.django_db
ESCALATING = {
    "code": "t-steps",
    "title": "被投诉",
    "kind": "escalating_fine",
    "params": {"steps": ["100.00", "200.00"], "after": "repeat"},
    "window": "month",
}
BY_SECONDS = {
    "code": "t-slow",
    "title": "响应慢",
    "kind": "fine",
    "params": {"amount": "2.00", "unit": "seconds", "unit_size": "10"},
}
FOR_LEADS = {**months.FINE, "code": "t-leads", "title": "组长失职", "roles": ["lead"]}
OWN = (
    "/me/", "/me/pay/", "/me/objections/", "/me/ledger/", "/me/ledger/next", "/me/commission/",
    "/me/commission/so-far", "/me/commission/unclaimed",
)  # fmt: skip


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(client: Client, url: str, **data: str) -> str:
    response = client.get(url, data)
    assert response.status_code == 200, url
    return response.content.decode()


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def department() -> Department:
    rules = (months.FINE, ESCALATING, BY_SECONDS, months.SLOW, FOR_LEADS, months.COMMISSION)
    return months.department(*rules, code="D1", name="客服一部")


@pytest.fixture
def person(department: Department) -> Staff:
    return months.agent(department, "1001", name="陈晓", team=factories.team(department))


@pytest.fixture
def agent(person: Staff) -> Account:
    return factories.account("agent", staff=person)


@pytest.fixture
def lead(department: Department) -> Account:
    made = months.agent(department, "1000", name="何组长", team=factories.team(department), role="lead")
    return factories.account("lead", staff=made)


def nobodys(of: Department, no: str = "N1", paid_at: object = None, remark: str = "") -> Order:
    return order_record(
        department=of,
        order_no=no,
        paid_at=paid_at or timezone.now(),  # type: ignore[arg-type]
        amount=Decimal("100.00"),
        remark=remark,
        by=None,
        at=timezone.now(),
    )


# Payslips


def test_drafts_are_hidden_until_the_month_is_approved(person: Staff, agent: Account) -> None:
    months.order(person, date(2026, 9, 5), "1000.00", no="S1")
    draft = months.settled(person.department, months.SEPTEMBER)
    client = client_of(agent)
    for url in ("/me/pay/2026-09/", "/me/pay/2026-09/orders"):
        assert client.get(url).status_code == 404
    assert "还没有工资条" in text(client, "/me/pay/") and "还没有工资条" in text(client, "/me/")
    period_approve(period=draft, reason="测试", by=months.user("批准人"), at=timezone.now())
    assert "3,010.00" in text(client, "/me/pay/") and "3,010.00" in text(client, "/me/")
    page = text(client, "/me/pay/2026-09/")
    assert "销售提成" in page and "提出异议" in page
    assert "S1" in text(client, "/me/pay/2026-09/orders")


def test_a_manager_reads_the_own_draft_among_the_months_and_not_as_the_own(department: Department) -> None:
    row = months.agent(department, "1000")
    manager = client_of(factories.account("manager", department, staff=row))
    months.settled(department, months.SEPTEMBER)
    assert manager.get("/me/pay/2026-09/").status_code == 404
    assert manager.get("/pay/D1/2026-09/1000/").status_code == 200


def test_nobody_sees_a_colleagues_month(department: Department, person: Staff, agent: Account) -> None:
    other = months.agent(department, "1002", name="林芳")
    months.approved(department, months.SEPTEMBER)
    assert "林芳" not in text(client_of(agent), "/me/pay/2026-09/")
    assert client_of(agent).get("/pay/D1/2026-09/1002/").status_code == 404
    late = factories.account("agent", staff=months.agent(department, "1003", hired_on=date(2026, 10, 1)))
    assert client_of(late).get("/me/pay/2026-09/").status_code == 404
    assert other.payslips.count() == 1


def test_who_moved_within_the_month_reads_both_payslips(person: Staff, agent: Account) -> None:
    elsewhere = months.department(months.FINE, code="D2", name="客服二部")
    months.agent(elsewhere, "7001", name="陈晓")
    Staff.objects.filter(number="7001").update(account=agent)
    months.approved(person.department, months.SEPTEMBER)
    months.approved(elsewhere, months.SEPTEMBER)
    page = text(client_of(agent), "/me/pay/2026-09/")
    assert "客服一部" in page and "客服二部" in page


def test_an_account_without_staff_is_told_so() -> None:
    client = client_of(factories.account("agent"))
    for url in OWN:
        response = client.get(url)
        assert response.status_code == (404 if url.endswith("so-far") else 200)
    assert "没有关联员工" in text(client, "/me/")


# The ledger and the next time


def test_the_next_time_counts_what_stands_in_the_window(person: Staff) -> None:
    day = date(2026, 9, 20)
    months.incident(person, "t-steps", date(2026, 9, 5))
    months.incident(person, "t-steps", date(2026, 8, 5))
    found = {each.rule.code: each for each in next_times(person, on=day)}
    assert set(found) == {"t-steps", "t-fine", "t-slow", "t-performance"}
    assert found["t-steps"].counted == 1 and found["t-steps"].assessment.money == Decimal("-200.00")
    assert found["t-fine"].counted == 0 and found["t-fine"].assessment.money == Decimal("-10.00")
    assert found["t-slow"].assessment.money == Decimal("-2.00")
    assert found["t-performance"].assessment is None
    assert next(iter(found)) == "t-steps"


def test_the_next_time_costs_what_it_then_does_cost(person: Staff) -> None:
    for expected in ("-100.00", "-200.00", "-200.00"):
        (told,) = (e for e in next_times(person, on=date(2026, 9, 20)) if e.rule.code == "t-steps")
        assert told.assessment and told.assessment.money == Decimal(expected)
        made = months.incident(person, "t-steps", date(2026, 9, 20))
        assert MoneyEntry.objects.of_incident(made.pk).get().amount == Decimal(expected)


def test_the_ledger_shows_causes_reversals_and_what_waits(person: Staff, agent: Account) -> None:
    months.incident(person, "t-fine", today())
    months.incident(person, "t-steps", today())
    incident_record(
        staff=person,
        code="t-fine",
        work_date=today(),
        note="等着<i>确认</i>",
        by=None,
        at=timezone.now(),
    )
    page = text(client_of(agent), "/me/ledger/")
    assert "−10.00 元" in page and "−100.00 元" in page
    assert "待确认" in page and "等着&lt;i&gt;确认&lt;/i&gt;" in page
    assert "自然月已 1 次" in page and "−200.00 元" in page
    assert "组长失职" not in text(client_of(agent), "/me/ledger/next")
    home = text(client_of(agent), "/me/")
    assert "−110.00" in home and "有 1 条关于您的奖惩记录" in home


def test_joint_liability_is_in_the_ledger_without_the_colleagues_story(department: Department) -> None:
    joint = {**months.FINE, "code": "t-joint", "params": {"amount": "10.00", "also": {"lead": "30.00"}}}
    made = months.department(joint, code="D2")
    team = factories.team(made)
    head = months.agent(made, "2001", role="lead", team=team)
    agent = months.agent(made, "2002", team=team)
    incident = months.incident(agent, "t-joint", today())
    Incident.objects.filter(pk=incident.pk).update(note="仓库漏发")
    page = text(client_of(factories.account("agent", staff=head)), "/me/ledger/")
    assert "−30.00 元" in page and "连带" in page and "仓库漏发" not in page
    assert f'href="/incidents/{incident.pk}/"' in page  # where the own share is contested


# Commission


def test_commission_so_far_is_what_the_settlement_of_now_would_pay(person: Staff, agent: Account) -> None:
    months.order(person, today(), "12345.00", no="C1")
    client = client_of(agent)
    page = text(client, "/me/commission/")
    assert "C1" in page and "12,345.00" in page and "so-far" in page
    part = text(client, "/me/commission/so-far")
    assert "123.45 元" in part and "净销售额12345" in part
    draft = months.settled(person.department, first_of(today()), at=timezone.now())
    assert months.amounts(draft)["t-comm"] == Decimal("123.45")


def test_what_is_missing_for_the_commission_is_told() -> None:
    made = months.department(months.BY_CONVERSION, code="D2")
    person = months.agent(made, "1001")
    months.order(person, today(), "100.00")
    part = text(client_of(factories.account("agent", staff=person)), "/me/commission/so-far")
    assert "还算不出提成" in part and "询单转化率" in part


def test_a_month_that_is_approved_leads_to_the_payslip(person: Staff, agent: Account) -> None:
    month = shift_months(today(), -1)
    months.approved(person.department, month)
    page = text(client_of(agent), "/me/commission/so-far", month=f"{month:%Y-%m}")
    assert "以<a" in page and "未结算" not in page
    assert "未结算" in text(client_of(agent), "/me/commission/so-far", month="1999-01")


# Claims


def test_an_agent_claims_and_the_lead_gives_the_order(
    department: Department, agent: Account, lead: Account
) -> None:
    order = nobodys(department)
    client = client_of(agent)
    assert f"/me/commission/unclaimed/{order.pk}/claim" in text(client, "/me/commission/unclaimed")
    url = f"/me/commission/unclaimed/{order.pk}/claim"
    assert "必填" in client.post(url, {"reason": ""}).content.decode()
    page = client.post(url, {"reason": "买家<b>先</b>问我"}, follow=True).content.decode()
    assert "已认领订单 N1" in page and "待决定" in page
    client.post(url, {"reason": "再点一次"})
    claim = OrderClaim.objects.get()
    listed = text(client_of(lead), "/claims/")
    assert "陈晓" in listed and "买家&lt;b&gt;先&lt;/b&gt;问我" in listed
    page = client_of(lead).post(f"/claims/{claim.pk}/decide", {"decision": "accept"}, follow=True)
    assert "订单 N1 归1001 陈晓" in page.content.decode()
    order.refresh_from_db()
    assert (order.agent, order.attribution) == (agent.staff.get(), "claim")
    assert "N1" in text(client, "/me/commission/")
    assert "/claim" not in text(client, "/me/commission/unclaimed")
    declined = {"decision": "decline", "answer": "x"}
    again = client_of(lead).post(f"/claims/{claim.pk}/decide", declined, follow=True)
    assert "没有决定：这条认领已认定" in again.content.decode()


def test_a_claim_is_declined_with_a_reason(department: Department, agent: Account, lead: Account) -> None:
    claim = order_claim(order=nobodys(department), staff=agent.staff.get(), reason="是我", at=timezone.now())
    client = client_of(lead)
    page = client.post(f"/claims/{claim.pk}/decide", {"decision": "decline"}, follow=True).content.decode()
    assert "不认定须写明原因" in page
    client.post(f"/claims/{claim.pk}/decide", {"decision": "decline", "answer": "旺旺记录是别人"})
    claim.refresh_from_db()
    assert (claim.state, claim.answer, claim.decided_by) == ("declined", "旺旺记录是别人", lead)
    assert Order.objects.get().agent is None
    assert "旺旺记录是别人" in text(client_of(agent), "/me/commission/unclaimed")


def test_giving_an_order_to_one_declines_the_others(department: Department, person: Staff) -> None:
    order, other = nobodys(department), months.agent(department, "1002")
    mine, theirs = (
        order_claim(order=order, staff=each, reason="是我", at=timezone.now()) for each in (person, other)
    )
    manager = factories.account("manager", department)
    order_claim_decide(claim=theirs, accept=True, by=manager, at=timezone.now())
    mine.refresh_from_db()
    assert (mine.state, mine.answer) == ("declined", "此订单已认定给另一位同事")
    with pytest.raises(CommissionRefused, match="已有归属"):
        order_claim(order=order, staff=person, reason="还是我", at=timezone.now())


def test_nobody_decides_the_own_claim_or_that_of_another_team(
    department: Department, person: Staff, lead: Account
) -> None:
    order = nobodys(department)
    own = order_claim(order=order, staff=lead.staff.get(), reason="是我", at=timezone.now())
    elsewhere = months.agent(department, "1009", name="别组的人", team=factories.team(department, "B"))
    other = order_claim(order=order, staff=elsewhere, reason="是我", at=timezone.now())
    for claim in (own, other):
        assert client_of(lead).post(f"/claims/{claim.pk}/decide", {"decision": "accept"}).status_code == 404
    assert "别组的人" not in text(client_of(lead), "/claims/")
    with pytest.raises(CommissionRefused, match="自己的认领"):
        order_claim_decide(claim=own, accept=True, by=lead, at=timezone.now())
    stranger = client_of(factories.account("manager", factories.department("D2")))
    assert stranger.post(f"/claims/{other.pk}/decide", {"decision": "accept"}).status_code == 404
    assert "别组的人" not in text(stranger, "/claims/")
    assert client_of(factories.account("agent", staff=person)).get("/claims/").status_code == 404
    assert not Order.objects.filter(agent__isnull=False).exists()


def test_orders_of_others_of_old_months_and_of_approved_ones_are_not_claimed(
    department: Department, person: Staff, agent: Account
) -> None:
    long_ago = timezone.now() - timedelta(days=70)
    foreign = nobodys(months.department(months.FINE, code="D2"), "foreign-1")
    old, taken = (
        nobodys(department, "long-ago-1", long_ago),
        nobodys(department, "taken-1", remark="工号1001"),
    )
    month = shift_months(today(), -1)
    last = nobodys(department, "last-month-1", months.next_month(shift_months(month, -1), 3))
    client = client_of(agent)
    assert "last-month-1" in text(client, "/me/commission/unclaimed")
    months.approved(department, month)
    page = text(client, "/me/commission/unclaimed")
    for order in (foreign, old, taken, last):
        url = f"/me/commission/unclaimed/{order.pk}/claim"
        assert order.order_no not in page and client.get(url).status_code == 404
        assert "没有认领" in client.post(url, {"reason": "x"}, follow=True).content.decode()
    assert not OrderClaim.objects.exists()


def test_later_imports_do_not_undo_a_claim(department: Department, person: Staff, tmp_path) -> None:
    order, other = nobodys(department), months.agent(department, "1002")
    claim = order_claim(order=order, staff=person, reason="是我", at=timezone.now())
    manager = factories.account("manager", department)
    order_claim_decide(claim=claim, accept=True, by=manager, at=timezone.now())
    paid = timezone.localtime(order.paid_at).strftime("%Y-%m-%d %H:%M:%S")
    orders = tmp_path / "orders.csv"
    header = "订单编号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,订单备注"
    row = f"N1,100.00,100.00,交易成功,{paid},{paid},工号1002"
    orders.write_text(f"{header}\n{row}\n", encoding="utf-8")
    attribution = tmp_path / "attribution.csv"
    attribution.write_text("订单编号,落实客服工号\nN1,1002\n", encoding="utf-8")
    for kind, path, load in (
        ("orders", orders, orders_loader(department=department, as_of=today())),
        ("attribution", attribution, attribution_loader(department=department, by=None, at=timezone.now())),
    ):
        report = run_import(
            department=department, kind=kind, path=path, profile=None, by=None, at=timezone.now(),
            dry_run=False, load=load,
        )  # fmt: skip
    assert "已认领或由人指定，归属不变：N1" in "\n".join(report.lines())
    order.refresh_from_db()
    assert (order.agent, order.attribution) == (person, "claim")
    assert other.orders.count() == 0


# Costs


def test_own_pages_cost_the_same_for_any_number_of_rows(
    department: Department, person: Staff, agent: Account, lead: Account
) -> None:
    def queries(account: Account, url: str) -> int:
        client = client_of(account)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def fill(first: int, count: int) -> None:
        for i in range(first, first + count):
            months.order(person, today(), "10.00", no=f"A{i}")
            order = nobodys(department, f"N{i}")
            if i % 2:
                order_claim(order=order, staff=person, reason="是我", at=timezone.now())

    months.approved(department, shift_months(today(), -2))
    months.incident(person, "t-fine", today())
    fill(0, 2)
    costs = {url: queries(agent, url) for url in OWN} | {"/claims/": queries(lead, "/claims/")}
    fill(2, 60)
    for day in range(5):
        months.incident(person, "t-steps", today() - timedelta(days=day))
    assert {url: queries(agent, url) for url in OWN} | {"/claims/": queries(lead, "/claims/")} == costs
    assert costs.pop("/me/commission/so-far") <= 17  # no list: what a settlement of one person reads
    assert costs.pop("/me/") <= 16 and max(costs.values()) <= 14
    assert text(client_of(agent), "/me/commission/").count('<td data-label="净额"') == 50
    assert text(client_of(agent), "/me/commission/unclaimed").count('<td data-label="付款"') == 50
    assert SettlementPeriod.objects.count() == 1
