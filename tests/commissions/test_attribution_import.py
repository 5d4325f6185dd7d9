"""Attribution files: they win over the remark, and what they cannot mean is refused."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.errors import CommissionRefused
from commissions.models import Order, OrderClaim
from commissions.services import order_claim
from people.models import Department, Staff
from rules.models import Provision, Version
from sheets.errors import SheetError
from tests.commissions.conftest import Bring
from tests.factories import WHEN

ORDERS = "订单号,店铺,付款时间,金额,备注"
HEADER = "订单编号,落实客服工号"


@pytest.fixture
def orders(bring: Bring) -> None:
    bring(
        "orders",
        ORDERS,
        "T1,一店,2026-10-01 10:00,1,1001",
        "T2,一店,2026-09-30 23:59,1,",
        "T3,一店,2026-10-01 10:00,1,1001 1002",
        "T3,二店,2026-10-01 10:00,1,",
    )


def owners() -> dict[str, tuple]:
    rows = Order.objects.order_by("pk").values_list("order_no", "shop", "agent__number", "attribution")
    return {f"{number} {shop}": (agent, basis) for number, shop, agent, basis in rows}


def test_a_file_wins_over_the_remark(bring: Bring, orders: None) -> None:
    done = bring("attribution", HEADER, "T1,1002", "T2,1002").summary
    assert (done.rows, done.changed, done.unchanged) == (2, 2, 0)
    assert done.months == {date(2026, 9, 1), date(2026, 10, 1)}
    assert owners()["T1 一店"] == owners()["T2 一店"] == ("1002", "file")
    again = bring("attribution", HEADER, "T1,1002", "T2,1002", "T1,1002").summary
    assert (again.changed, again.months) == (0, frozenset())


def test_the_shop_column_tells_equal_numbers_apart(bring: Bring, orders: None) -> None:
    bring("attribution", f"{HEADER},店铺名称", "T3,1001,一店", "T3,1002,二店")
    assert owners()["T3 一店"] == ("1001", "file")
    assert owners()["T3 二店"] == ("1002", "file")


def test_two_numbers_for_an_order_make_it_nobodys_and_are_listed(bring: Bring, orders: None) -> None:
    report = bring("attribution", HEADER, "T1,1001", "T1,1002")
    assert "1 个订单在文件里有不同的工号，不归任何人：T1" in "".join(report.lines())
    assert owners()["T1 一店"] == (None, "conflict")
    bring("orders", ORDERS, "T1,一店,2026-10-01 10:00,2,1001")
    assert owners()["T1 一店"] == (None, "conflict")


def test_a_blank_number_leaves_the_order_to_its_remark(bring: Bring, orders: None) -> None:
    report = bring("attribution", HEADER, "T1,", "T2,1001")
    assert owners()["T1 一店"] == ("1001", "remark")
    assert "1 行没有写工号" in "".join(report.lines())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("T1,1009", "第 3 行「落实客服工号」（1009）本部门没有此工号；请改正工号，或者先导入员工"),
        ("T8,1001", "第 3 行「订单编号」（T8）没有这个订单；请先导入订单，或者改正订单号"),
        ("T3,1001", "第 3 行「订单编号」（T3）不止一个店铺有这个订单号；请加上「店铺名称」一列"),
        (",1001", "第 3 行「订单编号」"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, orders: None, row: str, said: str) -> None:
    before = owners()
    with pytest.raises(SheetError) as refused:
        bring("attribution", HEADER, "T2,1001", row)
    assert said in str(refused.value)
    assert owners() == before


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    numbers = [f"Q{n}" for n in range(300)]
    bring("orders", ORDERS, *(f"{number},,2026-10-01 10:00,1," for number in numbers))
    counts = []
    for some in (numbers[:2], numbers):
        with CaptureQueriesContext(connection) as captured:
            bring("attribution", HEADER, *(f"{number},1001" for number in some))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_order_is_not_given_to_somebody_who_had_left(bring: Bring, orders: None) -> None:
    """1002 left before T1 was paid; T2 was paid on the last day."""
    before = owners()
    Staff.objects.filter(number="1002").update(left_on=date(2026, 9, 30))
    with pytest.raises(SheetError) as refused:
        bring("attribution", HEADER, "T2,1002", "T1,1002")
    assert "第 3 行「落实客服工号」（1002）1002 " in str(refused.value)
    assert "在付款日2026-10-01不在职；请改为当日在职的客服" in str(refused.value)
    assert owners() == before
    bring("attribution", HEADER, "T2,1002")
    assert owners()["T2 一店"] == ("1002", "file")


def reasons() -> dict[str, tuple]:
    rows = Order.objects.order_by("pk").values_list("order_no", "agent__number", "reason")
    return {number: (agent, reason) for number, agent, reason in rows}


def adopt(department: Department, **params: Any) -> None:
    version = Version.objects.create(department=department, number=1, effective_on=date(2026, 10, 1))
    Provision.objects.create(
        version=version, position=1, code="a-1", title="订单归属", kind="attribution", params=params
    )
    version.published_at = WHEN
    version.save()


def test_the_first_test_of_the_day_of_payment_decides_between_remark_and_file(
    department: Department, bring: Bring
) -> None:
    adopt(department, tests=["number", "file"])
    rows = (
        "S1,一店,2026-09-30 10:00,1,1001",
        "N1,一店,2026-10-01 10:00,1,1001",
        "N2,一店,2026-10-01 10:00,1,",
    )
    bring("orders", ORDERS, *rows)
    report = bring("attribution", HEADER, "S1,1002", "N1,1002", "N2,1002")
    assert reasons() == {"S1": ("1002", "file"), "N1": ("1001", "number"), "N2": ("1002", "file")}
    assert "1 个订单按制度先看别的依据，归属不变：N1" in "".join(report.lines())
    later = ("S1,一店,2026-09-30 10:00,1,1001", "N2,一店,2026-10-01 10:00,1,1001")
    bring("orders", ORDERS, *later)
    assert reasons() == {"S1": ("1002", "file"), "N1": ("1001", "number"), "N2": ("1001", "number")}


def test_who_served_last_has_the_order_where_that_is_a_test(department: Department, bring: Bring) -> None:
    adopt(department, tests=["file", "last_served", "number"])
    rows = [f"{number},一店,{day} 10:00,1," for number, day in (("S1", "2026-09-30"), ("N1", "2026-10-01"))]
    bring("orders", ORDERS, *rows, "N2,一店,2026-10-01 10:00,1,", "N3,一店,2026-10-01 10:00,1,")
    times = [("1001", "2026-09-30 09:00"), ("1002", "2026-09-30 09:30")]
    served = [f"{number},{agent},{at}" for number in ("S1", "N1") for agent, at in times]
    bring("attribution", f"{HEADER},接待时间", *served, "N2,1001,", "N3,1001,", "N3,1002,")
    assert reasons() == {
        "S1": (None, "file_two"),
        "N1": ("1002", "last_served"),
        "N2": ("1001", "file"),
        "N3": (None, "file_two"),
    }


def test_claims_are_refused_where_the_provision_does_not_name_them(
    department: Department, bring: Bring
) -> None:
    adopt(department, tests=["file"])
    bring("orders", ORDERS, "S1,一店,2026-09-30 10:00,1,", "N1,一店,2026-10-01 10:00,1,1001")
    staff = Staff.objects.get(number="1001")
    by_number = {order.order_no: order for order in Order.objects.all()}
    assert by_number["N1"].agent is None
    with pytest.raises(CommissionRefused, match="不以认领为依据"):
        order_claim(order=by_number["N1"], staff=staff, reason="我接待的", at=WHEN)
    assert not OrderClaim.objects.exists()
    order_claim(order=by_number["S1"], staff=staff, reason="我接待的", at=WHEN)
