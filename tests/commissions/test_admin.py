"""The pages of orders and metrics: who sees what, and at what cost."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.models import Metric, Order, Refund
from people.models import Account, Staff
from shifts.models import Attendance, AttendanceMonth, Leave
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
PAID = datetime(2026, 10, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PAGES = [
    "commissions/order",
    "commissions/metric",
    "shifts/attendance",
    "shifts/attendancemonth",
    "shifts/leave",
]


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def facts_of(staff: Staff, key: str) -> Order:
    order = Order.objects.create(
        department=staff.department,
        order_no=f"T{key}",
        paid_at=PAID,
        amount=Decimal("88.00"),
        agent=staff,
        attribution="remark",
        as_of=date(2026, 10, 1),
    )
    Refund.objects.create(order=order, amount=Decimal("7.77"), refunded_at=PAID, as_of=date(2026, 10, 1))
    month = {"staff": staff, "month": date(2026, 10, 1)}
    given = {"code": f"own_{key}", "value": 1, "as_of": date(2026, 10, 1), "source": "试", "at": WHEN}
    Metric.objects.create(department=staff.department, **month, **given)
    Attendance.objects.create(staff=staff, work_date=date(2026, 10, 1))
    AttendanceMonth.objects.create(**month, coverage="full")
    Leave.objects.create(staff=staff, starts_on=date(2026, 10, 2), days=1, type="sick")
    return order


@pytest.mark.parametrize("page", PAGES)
def test_superuser_opens_every_page_and_changes_nothing(page: str) -> None:
    order = facts_of(factories.staff(factories.department("D1"), "101"), "1")
    root = client_of(Account.objects.create_superuser("root"))
    assert root.get(f"/admin/{page}/?q=101").status_code == 200
    assert root.get(f"/admin/{page}/add/").status_code == 403
    assert root.get(f"/admin/commissions/order/{order.pk}/change/").status_code == 200


def test_an_order_shows_its_basis_and_what_was_refunded() -> None:
    order = facts_of(factories.staff(factories.department("D1"), "101"), "1")
    Order.objects.create(
        department=order.department, order_no="T2", amount=0, attribution="conflict", as_of=PAID
    )
    root = client_of(Account.objects.create_superuser("root"))
    page = root.get("/admin/commissions/order/").content.decode()
    assert "7.77" in page and "备注" in page
    page = root.get("/admin/commissions/order/?attribution__exact=conflict").content.decode()
    assert ">T2<" in page and ">T1<" not in page


def test_pages_hold_only_what_the_account_may_see() -> None:
    one, two = factories.department("D1"), factories.department("D2")
    ann, ben = factories.staff(one, "101"), factories.staff(one, "102")
    for key, staff in (("ann", ann), ("ben", ben), ("eve", factories.staff(two, "201"))):
        facts_of(staff, key)
    manager = client_of(factories.account("manager", one))
    page = manager.get("/admin/commissions/order/").content.decode()
    assert "Tann" in page and "Tben" in page and "Teve" not in page
    agent = client_of(factories.account("agent", staff=ann))
    assert agent.get("/admin/commissions/order/").status_code == 403
    page = agent.get("/admin/commissions/metric/").content.decode()
    assert "own_ann" in page and "own_ben" not in page
    page = agent.get("/admin/shifts/leave/").content.decode()
    assert ann.name in page and ben.name not in page


@pytest.mark.parametrize("page", PAGES)
def test_lists_cost_the_same_for_one_row_and_for_many(page: str) -> None:
    department = factories.department("D1")
    root = client_of(Account.objects.create_superuser("root"))
    counts = []
    for number in range(12):
        facts_of(factories.staff(department, str(101 + number)), str(number))
        if number in (0, 1, 11):
            with CaptureQueriesContext(connection) as captured:
                assert root.get(f"/admin/{page}/").status_code == 200
            counts.append(len(captured))
    assert counts[1] == counts[2]
