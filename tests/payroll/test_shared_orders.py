"""A shared order in pay: both are paid and corrected by their part, once, and the month's checks agree."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissions.models import Order, OrderClaim, OrderSplit
from commissions.selectors import claims_decidable_by
from commissions.services import order_record, refund_record
from core.periods import first_of
from payroll.errors import ClaimRefused, ObjectionRefused
from payroll.models import ManualLine, Objection, PayLine, SettledOrders
from payroll.selectors.reconciliation import checks
from payroll.selectors.statement import statement_so_far
from payroll.services.claims import claim_decide, order_give
from payroll.services.objections import objection_raise, objection_uphold
from people.models import Account, Department, Staff
from people.services import staff_leave
from tests import factories
from tests.payroll import months

pytestmark = pytest.mark.django_db
D = Decimal
OCTOBER_3 = months.moment("2026-10-03 09:00")


@pytest.fixture
def department() -> Department:
    return months.department(months.COMMISSION, code="D1", name="客服一部")


@pytest.fixture
def two(department: Department) -> list[Staff]:
    """陈晓 and 李四, who each sold for 1,000.00 in September and October."""
    people = [months.agent(department, "1001", name="陈晓"), months.agent(department, "1002", name="李四")]
    for each in people:
        for month in (9, 10):
            months.order(each, date(2026, month, 6), "1000.00")
    return people


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def nobodys(department: Department, number: str = "N1", at: Any = None) -> Order:
    return order_record(
        department=department,
        order_no=number,
        paid_at=at or months.moment("2026-09-20 12:00"),
        amount=D("2000.00"),
        by=None,
        at=months.LONG_AGO,
    )


def given(order: Order, by: Account, shares: dict[Staff, str], at: Any = OCTOBER_3) -> OrderSplit:
    return order_give(order=order, shares=[(who, D(share)) for who, share in shares.items()], by=by, at=at)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_a_month_with_a_shared_order_agrees_with_the_orders(two: list[Staff], manager: Account) -> None:
    order = nobodys(two[0].department)
    given(order, manager, {two[0]: "0.75", two[1]: "0.25"})
    refund_record(department=order.department, order_no="N1", amount=D("0.03"), by=None, at=OCTOBER_3)
    period = months.settled(two[0].department, months.SEPTEMBER)
    # 1 % of 1,000 + 1,500 − 0.02 and of 1,000 + 500 − 0.01: 0.0225 and 0.0075 come to 0.02 and 0.01
    assert months.amounts(period)["t-comm"] == D("25.00")
    assert months.amounts(period, "1002")["t-comm"] == D("15.00")
    line = months.lines(period, "1002")[-1]
    assert "付款1500－退款0.01，共1.25单" in line.reason
    assert {each.staff_id: sum(each.amounts) for each in SettledOrders.objects.filter(period=period)} == {
        two[0].pk: D("2499.98"),
        two[1].pk: D("1499.99"),
    }
    assert all(check.difference == 0 for check in checks(period))


def test_sharing_an_order_of_an_approved_month_adjusts_both(two: list[Staff], manager: Account) -> None:
    months.approved(two[0].department, months.AUGUST)
    months.approved(two[0].department, months.SEPTEMBER)
    given(Order.objects.earliest("pk"), manager, {two[0]: "0.4", two[1]: "0.6"})
    october = months.settled(two[0].department, months.OCTOBER)
    assert months.adjustments(october) == {"t-comm": D("-6.00")}
    assert months.adjustments(october, "1002") == {"t-comm": D("6.00")}
    for number in ("1001", "1002"):
        (line,) = months.lines(october, number, PayLine.Nature.ADJUSTMENT)
        assert "（订单归属有变更）" in line.reason


def test_the_number_of_queries_is_the_same_however_many_share(two: list[Staff], manager: Account) -> None:
    department = two[0].department

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            months.settled(department, months.SEPTEMBER)
        return len(captured)

    queries()
    before = queries()
    for i in range(4):
        given(nobodys(department, f"N{i}"), manager, {two[0]: "0.5", two[1]: "0.5"})
    assert queries() == before


def test_who_left_is_charged_the_own_part_of_a_later_refund(two: list[Staff], manager: Account) -> None:
    department = two[0].department
    given(nobodys(department), manager, {two[0]: "0.5", two[1]: "0.5"})
    staff_leave(staff=two[1], last_day=date(2026, 9, 30), by=manager, at=OCTOBER_3)
    Order.objects.filter(order_no="T4").update(agent=two[0])
    months.approved(department, months.SEPTEMBER)
    refund_record(
        department=department,
        order_no="N1",
        refunded_at=months.moment("2026-10-12 12:00"),
        amount=D("800.00"),
        by=None,
        at=months.moment("2026-10-12 12:00"),
    )
    october = months.settled(department, months.OCTOBER)
    assert months.amounts(october, "1002", PayLine.Nature.REGULAR) == {"t-comm": D("-4.00")}
    assert months.amounts(october)["t-comm"] == D("16.00")


def test_an_objection_and_a_shared_order_do_not_pay_twice(two: list[Staff], manager: Account) -> None:
    agent, hr = factories.account("agent", staff=two[1]), factories.account("hr", two[1].department)
    order = nobodys(two[0].department)
    period = months.approved(two[0].department, months.SEPTEMBER)
    line = PayLine.objects.select_related("payslip__staff").get(
        payslip__period=period, payslip__staff=two[1], code="t-comm"
    )
    objection = objection_raise(line=line, reason="少算半单", by=agent, at=OCTOBER_3)
    given(order, manager, {two[0]: "0.5", two[1]: "0.5"})
    with pytest.raises(ObjectionRefused, match="订单N1已分给1002 李四，会自动在以后月份补上"):
        objection_uphold(objection=objection, answer="是", amount=D("10.00"), by=hr, at=OCTOBER_3)
    assert not ManualLine.objects.exists() and Objection.objects.get().state == "open"
    assert "结算后分给本人的同月订单" in client_of(hr).get(f"/objections/{objection.pk}/").content.decode()
    objection_uphold(objection=objection, answer="是", amount=None, by=hr, at=OCTOBER_3)
    assert Objection.objects.get().state == "upheld" and not ManualLine.objects.exists()


def test_an_assignment_that_took_a_part_away_leaves_the_amount_to_the_objection(
    two: list[Staff], manager: Account
) -> None:
    agent, hr = factories.account("agent", staff=two[0]), factories.account("hr", two[0].department)
    period = months.approved(two[0].department, months.SEPTEMBER)
    line = PayLine.objects.select_related("payslip__staff").get(
        payslip__period=period, payslip__staff=two[0], code="t-comm"
    )
    objection = objection_raise(line=line, reason="少算", by=agent, at=OCTOBER_3)
    given(Order.objects.earliest("pk"), manager, {two[0]: "0.4", two[1]: "0.6"})
    assert "结算后分给" not in client_of(hr).get(f"/objections/{objection.pk}/").content.decode()
    objection_uphold(objection=objection, answer="是", amount=D("10.00"), by=hr, at=OCTOBER_3)
    assert ManualLine.objects.get().amount == 10


def test_what_was_given_after_an_adjustment_comes_back_by_itself(two: list[Staff], manager: Account) -> None:
    agent, hr = factories.account("agent", staff=two[0]), factories.account("hr", two[0].department)
    order = Order.objects.earliest("pk")
    for month in (months.AUGUST, months.SEPTEMBER):
        months.approved(two[0].department, month)
    given(order, manager, {two[0]: "0.4", two[1]: "0.6"})
    october = months.approved(two[0].department, months.OCTOBER)
    (line,) = months.lines(october, "1001", PayLine.Nature.ADJUSTMENT)
    at = months.next_month(months.OCTOBER, 3)
    objection = objection_raise(line=line, reason="多扣", by=agent, at=at)
    given(order, manager, {two[0]: "0.7", two[1]: "0.3"}, at=at)
    with pytest.raises(ObjectionRefused, match="会自动在以后月份补上"):
        objection_uphold(objection=objection, answer="是", amount=D("3.00"), by=hr, at=at)
    assert not ManualLine.objects.exists() and Objection.objects.get().state == "open"


def test_who_was_paid_by_an_objection_is_not_given_a_part_as_well(two: list[Staff], manager: Account) -> None:
    agent, hr = factories.account("agent", staff=two[1]), factories.account("hr", two[1].department)
    order = nobodys(two[0].department)
    period = months.approved(two[0].department, months.SEPTEMBER)
    line = PayLine.objects.select_related("payslip__staff").get(
        payslip__period=period, payslip__staff=two[1], code="t-comm"
    )
    objection = objection_raise(line=line, reason="少算半单", by=agent, at=OCTOBER_3)
    objection_uphold(objection=objection, answer="是", amount=D("10.00"), by=hr, at=OCTOBER_3)
    with pytest.raises(ClaimRefused, match=r"1002 李四对“销售提成”的异议.*不要把这一单多分给他"):
        given(order, manager, {two[0]: "0.5", two[1]: "0.5"})
    claim = OrderClaim.objects.create(
        order=order, staff=two[0], partner=two[1], share=D("0.5"), reason="我们的", at=OCTOBER_3
    )
    with pytest.raises(ClaimRefused, match="请不认定这条认领"):
        claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3)
    order.refresh_from_db()
    assert order.agent is None and not OrderSplit.objects.exists()


def test_nobody_gives_orders_to_the_own_self_or_out_of_another_team(
    department: Department, two: list[Staff]
) -> None:
    team = factories.team(department, "A")
    leading = months.agent(department, "1101", name="组长", role="lead", team=team)
    lead = factories.account("lead", staff=leading)
    mate = months.agent(department, "1102", name="组员", team=team)
    order, theirs = nobodys(department), Order.objects.earliest("pk")
    for shares in ({leading: "1"}, {mate: "0.5", leading: "0.5"}, {mate: "0.5", two[0]: "0.5"}):
        with pytest.raises(ClaimRefused, match="的订单不由您决定"):
            given(order, lead, shares)
    with pytest.raises(ClaimRefused, match="现在的归属不由您决定"):
        given(theirs, lead, {mate: "1"})
    assert client_of(lead).get(f"/claims/orders/{theirs.pk}").status_code == 404
    assert not OrderSplit.objects.exists()
    given(order, lead, {mate: "1"})
    assert Order.objects.get(pk=order.pk).agent == mate


def test_a_lead_decides_no_claim_with_a_partner_of_another_team(
    department: Department, two: list[Staff], manager: Account
) -> None:
    team = factories.team(department, "A")
    leading = months.agent(department, "1101", name="组长", role="lead", team=team)
    lead = factories.account("lead", staff=leading)
    mate = months.agent(department, "1102", name="组员", team=team)
    order = nobodys(department)
    claim = OrderClaim.objects.create(
        order=order, staff=mate, partner=two[0], share=D("0.5"), reason="我们的", at=OCTOBER_3
    )
    assert not claims_decidable_by(lead).exists()
    for accept in (True, False):
        with pytest.raises(ClaimRefused, match="1001 陈晓的订单不由您决定"):
            claim_decide(claim=claim, accept=accept, answer="不", by=lead, at=OCTOBER_3)
    claim.refresh_from_db()
    assert claim.state == "open" and not OrderSplit.objects.exists()
    assert claims_decidable_by(manager).get() == claim
    claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3)
    assert Order.objects.get(pk=order.pk).in_shares


def test_an_order_given_to_one_person_alone_is_shown_as_no_shared_one(
    two: list[Staff], manager: Account
) -> None:
    given(nobodys(two[0].department), manager, {two[0]: "1"})
    rows = statement_so_far(two[0], months.SEPTEMBER)[:]
    assert len(rows) == 2 and [row.shared for row in rows] == ["", ""]


def test_a_claimed_order_is_decided_before_it_is_given(two: list[Staff], manager: Account) -> None:
    order = nobodys(two[0].department)
    OrderClaim.objects.create(order=order, staff=two[0], reason="我的", at=OCTOBER_3)
    with pytest.raises(ClaimRefused, match="有人认领，还没有决定"):
        given(order, manager, {two[1]: "1"})
    assert not OrderSplit.objects.exists()


# Pages


def test_a_manager_shares_an_order_on_the_page(two: list[Staff], manager: Account) -> None:
    order, client = nobodys(two[0].department), client_of(manager)
    assert "/claims/orders" in client.get("/claims/").content.decode()
    found = client.get("/claims/orders", {"q": "N1"}).content.decode()
    url = f"/claims/orders/{order.pk}"
    assert url in found and "无人" in found
    page = client.post(url, {"who_0": "1001", "share_0": "60", "who_1": "1002", "share_1": "30"})
    assert "各人份额合计90%，不是100%；改到合计正好100%" in page.content.decode()
    page = client.post(url, {"who_0": "1001", "share_0": "60", "who_1": "9999", "share_1": "40"})
    assert "本部门没有工号9999" in page.content.decode()
    page = client.post(url, {"who_0": "1001", "who_1": "1002", "share_1": "40"})
    assert "没有写份额" in page.content.decode()
    assert not OrderSplit.objects.exists()
    given = {"who_0": "1001", "share_0": "62.5", "who_1": "1002", "share_1": "37.5"}
    page = client.post(url, given, follow=True).content.decode()
    assert "已分配订单 N1" in page and "1001 陈晓 62.5%、1002 李四 37.5%" in page
    shown = client.get(url).content.decode()
    assert 'value="62.5"' in shown and 'value="37.5"' in shown


def test_a_page_says_that_the_month_is_approved(two: list[Staff], manager: Account) -> None:
    order = Order.objects.earliest("pk")
    months.approved(two[0].department, months.SEPTEMBER)
    client = client_of(manager)
    assert "2026-09 已批准，差额计入" in client.get(f"/claims/orders/{order.pk}").content.decode()
    page = client.post(f"/claims/orders/{order.pk}", {"who_0": "1002"}, follow=True).content.decode()
    assert "2026-09 已批准，差额计入下一个未批准的月份" in page
    assert Order.objects.get(pk=order.pk).agent == two[1]


def test_two_claim_on_the_page_and_see_their_parts(two: list[Staff], manager: Account) -> None:
    order = nobodys(two[0].department, at=timezone.now())
    agents = [factories.account("agent", staff=each) for each in two]
    client = client_of(agents[0])
    url = f"/me/commission/unclaimed/{order.pk}/claim"
    wrong = client.post(url, {"reason": "一起", "partner": "1002"}).content.decode()
    assert "须一起写" in wrong and not OrderClaim.objects.exists()
    page = client.post(url, {"reason": "一起", "partner": "1002", "share": "60"}, follow=True)
    assert "1001 陈晓 60%、1002 李四 40%" in page.content.decode()
    claim = OrderClaim.objects.get()
    deciding = client_of(manager)
    assert "共享：1001 陈晓 60%、1002 李四 40%" in deciding.get("/claims/").content.decode()
    done = deciding.post(f"/claims/{claim.pk}/decide", {"decision": "accept"}, follow=True)
    assert "订单 N1 归1001 陈晓、1002 李四共享" in done.content.decode()
    month = f"{first_of(timezone.localdate()):%Y-%m}"
    mine = client_of(agents[1]).get("/me/commission/", {"month": month}).content.decode()
    assert "共享订单，份额40%" in mine and "800.00" in mine


def test_the_list_of_shared_orders_takes_as_many_queries_for_many(two: list[Staff], manager: Account) -> None:
    client = client_of(manager)
    given(nobodys(two[0].department), manager, {two[0]: "0.5", two[1]: "0.5"})
    client.get("/claims/orders")
    with CaptureQueriesContext(connection) as one:
        client.get("/claims/orders")
    for i in range(2, 8):
        given(nobodys(two[0].department, f"N{i}"), manager, {two[0]: "0.5", two[1]: "0.5"})
    with CaptureQueriesContext(connection) as many:
        page = client.get("/claims/orders")
    assert len(one) == len(many) and page.content.decode().count("陈晓 50%") == 7
