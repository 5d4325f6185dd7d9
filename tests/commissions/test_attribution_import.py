"""Attribution files: they win over the remark, and what they cannot mean is refused."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import Order
from people.models import Staff
from sheets.errors import SheetError
from tests.commissions.conftest import Bring

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
