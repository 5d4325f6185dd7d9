"""The payslip page: every line down to its facts, provision, caps and orders; who looked is noted."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.services import refund_record
from payroll.models import SettlementPeriod
from payroll.services.manual_lines import manual_line_add
from payroll.workflow import period_open
from penalties.services import incident_reverse
from people.models import AccessLog, Account, Department
from tests import factories
from tests.payroll import months, sample

pytestmark = pytest.mark.django_db
URL = "/pay/D1/2026-10/"


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200, url
    return len(captured)


@pytest.fixture
def department() -> Department:
    return sample.department("D1", name="客服一部")


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department)


def test_a_commission_opens_to_its_facts_provision_steps_and_orders(
    department: Department, hr: Account
) -> None:
    sample.agent(department, "1001", name="陈晓", refunds="500.00")
    sample.settled(department, by=hr)
    page = text(client_of(hr), f"{URL}1001/")
    assert "销售提成" in page and "第1版（2026-10-01 起）" in page
    assert "净销售额9500×1.5%" in page and "<dt>退款额</dt><dd>500</dd>" in page
    assert "<dt>询单转化率</dt><dd>0.72</dd>" in page
    assert f'href="{URL}1001/orders"' in page
    orders = text(client_of(hr), f"{URL}1001/orders")
    assert "O1001" in orders and "10,000.00" in orders and "500.00" in orders and "9,500.00" in orders
    assert "涉及 1 单：付款 10,000.00 元，退款 500.00 元" in orders


def test_a_fine_opens_to_the_incident_and_the_ledger(department: Department, hr: Account) -> None:
    person = sample.agent(department, "1001")
    sample.incident(person, "t-fine", note="漏记<script>alert(1)</script>")
    sample.settled(department, by=hr)
    incident = person.incidents.get()
    page = text(client_of(hr), f"{URL}1001/")
    assert f'href="/incidents/{incident.pk}/"' in page and "<dt>记录人</dt><dd>系统</dd>" in page
    assert "漏记&lt;script&gt;" in page and "<script>alert" not in page
    assert "每次10.00元×1次" in page and "台账" in page


def test_a_capped_line_says_the_limit_and_its_rest_comes_from_the_month_before() -> None:
    made = months.capped(months.LOSS, wage="1000.00")
    made.code = "D1"
    made.save()
    person = months.agent(made, "1001", base_pay="3000.00")
    months.incident(person, "t-loss", date(2026, 9, 5), "900.00")
    months.approved(made, months.SEPTEMBER)
    months.settled(made, months.OCTOBER)
    hr = client_of(factories.account("hr", made))
    september = text(hr, "/pay/D1/2026-09/1001/")
    assert "有封顶" in september and "赔偿每月不超过应发3000.00元的20%即600.00元" in september
    assert "余 300.00 元转下月" in september
    october = text(hr, f"{URL}1001/")
    assert "上月转入" in october and "应扣 −900.00 元，当月扣了 −600.00 元" in october


def test_an_adjustment_says_what_was_and_what_is_and_why() -> None:
    made = months.department(months.FINE, code="D1")
    person = months.agent(made, "1001")
    wrong = months.incident(person, "t-fine", date(2026, 9, 5))
    months.approved(made, months.SEPTEMBER)
    incident_reverse(
        incident=wrong,
        on=date(2026, 10, 10),
        reason="查错了人",
        by=None,
        at=months.next_month(months.SEPTEMBER, 10),
    )
    months.settled(made, months.OCTOBER)
    page = text(client_of(factories.account("hr", made)), f"{URL}1001/")
    assert "以前月份调整" in page and "2026-09 原为 −10.00 元，重算为 0.00 元" in page
    assert "奖惩有变更" in page


def test_a_manual_line_names_who_wrote_it(department: Department, hr: Account) -> None:
    person = sample.agent(department, "1001")
    manual_line_add(
        period=period_open(department=department, month=sample.MONTH),
        staff=person,
        title="带教",
        amount=Decimal("200.00"),
        reason="带新人",
        by=hr,
        at=factories.WHEN,
    )
    sample.settled(department, by=hr)
    page = text(client_of(hr), f"{URL}1001/")
    assert "手工登记" in page and f"{hr}：带新人" in page


def test_the_points_are_told_one_by_one() -> None:
    points = {"code": "t-points", "title": "态度", "kind": "points", "params": {"deduct": "1"}}
    made = months.department(points, code="D1")
    person = months.agent(made, "1001")
    months.incident(person, "t-points", date(2026, 10, 5))
    months.settled(made, months.OCTOBER)
    page = text(client_of(factories.account("hr", made)), f"{URL}1001/")
    assert "当月得分" in page and "9 分" in page and "−1 分" in page and "2026-10-05 态度" in page


def test_looking_at_somebody_elses_pay_is_noted_and_at_ones_own_is_not(department: Department) -> None:
    manager_row = sample.agent(department, "1000")
    other = sample.agent(department, "1001")
    manager = factories.account("manager", department, staff=manager_row)
    period = sample.settled(department)
    client = client_of(manager)
    text(client, f"{URL}1000/")
    assert not AccessLog.objects.exists()
    text(client, f"{URL}1001/")
    text(client, f"{URL}1001/orders")
    noted = set(AccessLog.objects.values_list("by", "what", "staff", "month", "payslip"))
    slip = period.payslips.get(number="1001")
    assert noted == {(manager.pk, "payslip", other.pk, date(2026, 10, 1), slip.pk)}


def test_unknown_numbers_and_odd_ones_are_met(department: Department, hr: Account) -> None:
    sample.agent(department, "A.7-甲")
    sample.settled(department, by=hr)
    assert client_of(hr).get(f"{URL}9999/").status_code == 404
    page = text(client_of(hr), URL)
    assert "/pay/D1/2026-10/A.7-%E7%94%B2/" in page
    assert "A.7-甲" in text(client_of(hr), "/pay/D1/2026-10/A.7-%E7%94%B2/")
    text(client_of(hr), "/pay/D1/2026-10/A.7-%E7%94%B2/orders")


def test_payslips_and_orders_cost_the_same_for_any_number_of_lines_and_orders(
    department: Department, hr: Account
) -> None:
    person = sample.agent(department, "1001")
    sample.settled(department, by=hr)
    client, urls = client_of(hr), [f"{URL}1001/", f"{URL}1001/orders"]
    before = [queries(client, url) for url in urls]
    for day in range(1, 8):
        sample.incident(person, "t-fine", day=day)
        for i in range(9):
            months.order(person, date(2026, 10, day), "10.00", no=f"N{day}-{i}")
    sample.settled(department, by=hr)
    assert [queries(client, url) for url in urls] == before
    assert max(before) <= 13
    orders = text(client, f"{URL}1001/orders")
    assert orders.count('<td data-label="净额"') == 50 and "涉及 64 单" in orders


def test_an_order_that_was_refunded_in_a_later_month_stands_there_with_its_refund() -> None:
    made = months.department(months.COMMISSION, code="D1")
    person = months.agent(made, "1001")
    order = months.order(person, date(2026, 9, 5), "1000.00", no="S1")
    refund_record(
        department=made,
        order_no=order.order_no,
        refunded_at=months.moment("2026-10-03 10:00"),
        amount=Decimal("300.00"),
        by=None,
        at=months.LONG_AGO,
    )
    months.settled(made, months.OCTOBER)
    page = text(client_of(factories.account("hr", made)), f"{URL}1001/orders")
    assert "S1" in page and "付款 0.00 元，退款 300.00 元" in page and "−300.00" in page
    assert SettlementPeriod.objects.count() == 1
