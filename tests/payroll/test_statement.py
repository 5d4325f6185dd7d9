"""The statement of orders: each with why it counted or not, sums those of the payslip, short at any size."""

import io
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.models import Order
from commissions.services import order_assign, order_record, refund_record
from payroll.models import PayLine, Payslip
from payroll.selectors.statement import Statement, statement_settled, statement_so_far
from payroll.selectors.statement_terms import with_facts
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll import months
from tests.thousand import it_is_november

D = Decimal
FESTIVAL: dict[str, Any] = {
    **months.BY_CONVERSION,
    "params": {**months.BY_CONVERSION["params"], "exclude": ["09-09"]},
}


@pytest.fixture
def department(db: None) -> Department:
    return months.department(FESTIVAL)


@pytest.fixture
def agent(department: Department) -> Staff:
    account = factories.account("agent", username="agent-1001")
    return months.agent(department, "1001", name="陈晓", account=account)


def order(of: Department, number: str, paid: str, amount: str = "100.00", remark: str = "1001") -> Order:
    at = months.moment(paid) if paid else None
    return order_record(
        department=of,
        order_no=number,
        paid_at=at,
        amount=D(amount),
        remark=remark,
        by=None,
        at=months.moment("2026-09-30 12:00"),
    )


def refund(of: Department, number: str, at: str, amount: str) -> None:
    refund_record(
        department=of,
        order_no=number,
        refunded_at=months.moment(at),
        amount=D(amount),
        by=None,
        at=months.moment("2026-09-30 12:00"),
    )


@pytest.fixture
def orders(department: Department, agent: Staff) -> None:
    mate = months.agent(department, "1002", name="李雷")
    order(department, "PLAIN", "2026-09-03 10:00", "1000.10")
    order(department, "FESTIVAL", "2026-09-09 10:00", "500.00")
    order(department, "RETURNED", "2026-09-04 10:00", "300.00")
    refund(department, "RETURNED", "2026-09-20 10:00", "50.00")
    refund(department, "RETURNED", "2026-10-02 10:00", "10.00")
    order(department, "BEFORE", "2026-08-30 10:00", "200.00")
    refund(department, "BEFORE", "2026-09-02 10:00", "200.00")
    shared = order(department, "SHARED", "2026-09-05 10:00", "99.99", remark="")
    shares = [(agent, D("0.6")), (mate, D("0.4"))]
    order_assign(order=shared, shares=shares, by=months.user("m"), at=months.moment("2026-09-30 12:00"))
    order(department, "CONFLICT", "2026-09-06 10:00", remark="1001 1002")
    order(department, "SHAM", "2026-09-07 10:00", remark="1001 补单")
    Order.objects.filter(order_no="SHAM").update(paid_at=None, ordered_at=months.moment("2026-09-07 10:00"))
    order(department, "UNPAID", "2026-09-08 10:00")
    Order.objects.filter(order_no="UNPAID").update(paid_at=None, ordered_at=months.moment("2026-09-08 10:00"))
    order(department, "NOBODYS", "2026-09-08 10:00", remark="110013")  # no number of anybody's
    months.conversion(agent, months.SEPTEMBER, "0.72")


def why(statement: Statement) -> dict[str, str]:
    return {row.order_no: row.why for row in statement.all()}


def test_every_order_says_why_it_counted_or_not(agent: Staff, orders: None) -> None:
    told = why(statement_so_far(agent, months.SEPTEMBER))
    rate = "销售提成按全月所到的一档计"
    assert told == {
        "PLAIN": f"备注里有工号；{rate}",
        "FESTIVAL": "备注里有工号；销售提成：每年9月9日付款的不计",
        "RETURNED": f"备注里有工号；另有退款计在2026-10；{rate}",
        "BEFORE": f"备注里有工号；2026-08付款，退款计在本月；{rate}",
        "SHARED": f"由组长、主管或经理指定；{rate}",
        "CONFLICT": "没有归属，不计入任何人：备注里有两个人，不归任何人",
        "SHAM": "补单、刷单，按订单读法不计",
        "UNPAID": "没有付款，或者按状态和订单读法不计（未付款、关闭、赠品）",
    }
    shared = next(row for row in statement_so_far(agent, months.SEPTEMBER) if row.order_no == "SHARED")
    assert (shared.paid, shared.shared) == (D("59.99"), "共享订单，份额60%")


def test_the_statement_comes_to_the_line_of_the_payslip(agent: Staff, orders: None) -> None:
    months.settled(agent.department, months.SEPTEMBER)
    slip = with_facts(Payslip.objects.select_related("period", "staff__department")).get(staff=agent)
    line = PayLine.objects.get(payslip=slip, code="t-comm")
    statement = statement_settled([slip])
    (base,) = statement.bases
    assert (base.paid, base.refunded) == (D(line.trace["facts"]["sales"]), D(line.trace["facts"]["refunds"]))
    counted = statement_settled([slip], standing="counted")
    assert sum(row.net for row in counted.all()) == base.net == D("1110.09")
    assert line.amount == D("16.65") == (base.net * D("0.015")).quantize(D("0.01"))
    assert why(statement)["PLAIN"] == "备注里有工号；销售提成计1.5%"
    assert why(statement) == {
        number: told.replace("按全月所到的一档计", "计1.5%")
        for number, told in why(statement_so_far(agent, months.SEPTEMBER)).items()
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"standing": "excluded"}, ["FESTIVAL"]),
        ({"standing": "refunded"}, ["RETURNED", "BEFORE"]),
        ({"standing": "earlier"}, ["BEFORE"]),
        ({"standing": "shared"}, ["SHARED"]),
        ({"standing": "uncounted", "sort": "number"}, ["CONFLICT", "SHAM", "UNPAID"]),
        ({"sought": "lain"}, ["PLAIN"]),
        ({"sought": "%"}, []),
        ({"sort": "paid", "standing": "counted"}, ["PLAIN", "RETURNED", "SHARED", "BEFORE"]),
        ({"sort": "old", "sought": "E"}, ["BEFORE", "RETURNED", "SHARED", "FESTIVAL"]),
    ],
)
def test_orders_are_sought_filtered_and_sorted(
    agent: Staff, orders: None, asked: dict[str, str], found: list[str]
) -> None:
    statement = statement_so_far(agent, months.SEPTEMBER, **asked)
    assert [row.order_no for row in statement[0:50]] == found and len(statement) == len(found)


def test_who_was_not_employed_is_named_for_it(department: Department, agent: Staff) -> None:
    left = months.agent(department, "1003", name="韩梅", left_on=date(2026, 9, 10))
    order(department, "LATER", "2026-09-12 10:00", remark="1003")
    order(department, "OTHER", "2026-09-12 10:00", remark="10031")
    (row,) = statement_so_far(left, months.SEPTEMBER).all()
    assert row.order_no == "LATER"
    assert row.why == "没有归属，不计入任何人：备注里的人付款当天不在职"


def test_the_workbook_has_every_order_with_its_number_as_text(agent: Staff, orders: None) -> None:
    order(agent.department, "00123456789012345678", "2026-10-02 10:00")
    client = Client()
    assert agent.account is not None
    client.force_login(agent.account, backend="django.contrib.auth.backends.ModelBackend")
    with patch("django.utils.timezone.now", it_is_november()):
        response = client.get("/me/commission/?month=2026-10&as=xlsx")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    numbers = [(cell.value, cell.data_type) for cell in sheet["A"]]
    assert numbers[1:] == [("00123456789012345678", "s"), ("RETURNED", "s"), ("合计", "s")]
    assert sheet["G2"].value == "备注里有工号；销售提成按全月所到的一档计"


@pytest.mark.parametrize("settled", [False, True])
def test_twenty_thousand_orders_open_in_few_queries_and_kilobytes(
    department: Department, agent: Staff, settled: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO commissions_order (department_id, shop, order_no, paid_at, amount, remark, agent_id,
                attribution, reason, as_of)
            SELECT %s, '官方旗舰店', '2026100100' || n,
                timestamptz '2026-10-01 00:00+08' + n * interval '2 min', 100, '客服1001', %s,
                'remark', 'number', '2026-10-31'
            FROM generate_series(1, 20000) n
            """,
            [department.pk, agent.pk],
        )
        cursor.execute(
            """
            INSERT INTO commissions_refund (order_id, amount, refunded_at, as_of)
            SELECT id, 10, paid_at, as_of FROM commissions_order WHERE id % 7 = 0
            """
        )
    address = "/me/commission/?month=2026-10"
    if settled:
        months.conversion(agent, months.OCTOBER, "0.72")
        months.approved(department, months.OCTOBER)
        address = "/me/pay/2026-10/orders"
    client = Client()
    assert isinstance(agent.account, Account)
    client.force_login(agent.account, backend="django.contrib.auth.backends.ModelBackend")
    with patch("django.utils.timezone.now", it_is_november()), CaptureQueriesContext(connection) as taken:
        response = client.get(address)
    page = response.content.decode()
    assert "涉及 20000 单" in page and page.count("<tr>") == 51
    assert len(taken) < 10, "\n".join(each["sql"][:200] for each in taken)
    assert len(response.content) < 40_000
