"""Orders, refunds, attributions and metrics one at a time."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from commissions.errors import CommissionRefused
from commissions.metrics import metrics_in_force
from commissions.models import Metric, Order, Refund
from commissions.services import metric_record, order_claim, order_record, refund_record
from people.models import Department, FactChange
from tests import factories
from tests.factories import WHEN

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAID = datetime(2026, 10, 31, 23, 59, tzinfo=SHANGHAI)
RECORDED = {"by": None, "at": WHEN}


@pytest.fixture
def order(department: Department) -> Order:
    given = {"order_no": "T1", "paid_at": PAID, "amount": Decimal("100.00"), "remark": "1001"}
    return order_record(department=department, **given, **RECORDED)


def months(source: str) -> list[str]:
    return [f"{each.month:%Y-%m}" for each in FactChange.objects.filter(source=source).order_by("pk")]


def test_an_order_belongs_to_whom_its_remark_names(order: Order) -> None:
    assert (order.agent.number, order.attribution) == ("1001", "remark")
    assert months("orders") == ["2026-10"]


@pytest.mark.parametrize(("number", "amount"), [("T1", "5"), ("T2", "-1")])
def test_an_impossible_order_is_refused(order: Order, number: str, amount: str) -> None:
    given = {"order_no": number, "paid_at": PAID, "amount": Decimal(amount)}
    with pytest.raises(CommissionRefused):
        order_record(department=order.department, **given, **RECORDED)
    assert Order.objects.count() == 1


def test_a_refund_counts_at_its_own_moment_or_at_the_payment(order: Order) -> None:
    given = {"department": order.department, "order_no": "T1", **RECORDED}
    later = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    assert refund_record(**given, refunded_at=later, amount=Decimal(30)).refunded_at == later
    assert refund_record(**given, amount=Decimal(70)).refunded_at == PAID
    assert months("orders") == ["2026-10", "2026-11", "2026-10"]
    with pytest.raises(CommissionRefused, match="已退100"):
        refund_record(**given, amount=Decimal("0.01"))
    assert Refund.objects.count() == 2


def test_an_order_is_not_claimed_by_who_was_not_there(department: Department) -> None:
    given = {"order_no": "T9", "paid_at": PAID, "amount": Decimal(100)}
    order = order_record(department=department, **given, **RECORDED)
    stranger = factories.staff(factories.department("D2"), "9001")
    late = factories.staff(department, "1009", hired_on=date(2026, 11, 1))
    for agent, said in ((stranger, "不在"), (late, "不在职")):
        with pytest.raises(CommissionRefused, match=said):
            order_claim(order=order, staff=agent, reason="是我", at=WHEN)
    assert not order.claims.exists()


def test_the_latest_as_of_date_is_in_force_then_the_latest_row(department: Department) -> None:
    month = date(2026, 10, 1)
    given = {"department": department, "staff": department.staff.first(), "month": date(2026, 10, 9)}
    for value, day in (("1", 20), ("2", 25), ("3", 25), ("4", 24)):
        metric_record(
            **given,
            code="exam_score",
            value=Decimal(value),
            as_of=date(2026, 10, day),
            source="试",
            **RECORDED,
        )
    (held,) = metrics_in_force(department, [month]).values()
    assert (held.value, held.month) == (3, month)
    assert Metric.objects.count() == 4
