"""What a department says about orders out of the ordinary, and what imports make of it."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils.timezone import localtime

from commissions.errors import OrderReadingRefused
from commissions.models import Order, OrderReading
from commissions.services import order_reading_set
from people.models import Department
from sheets.errors import SheetError
from tests import factories
from tests.commissions.conftest import Bring
from tests.commissions.test_shop_exports import net, totals
from tests.factories import WHEN

HEADER = "订单号,付款时间,金额,支付方式,完成时间,标记,备注"
SHAM = "S1,2026-10-08 10:00:00,100.00,,,,1001 补单"
MARKED = "S2,2026-10-08 10:00:00,10.00,,,刷单,1001"
DELIVERED = "C1,,50.00,货到付款,2026-10-09 12:00:00,,1001"
GIFT = "G1,2026-10-08 10:00:00,0.00,,,,1001"
PLAIN = "P1,2026-10-08 10:00:00,7.00,在线支付,,,1001"


def read(of: Department, **given: Any) -> OrderReading:
    ways = {
        "from_on": date(2026, 10, 1),
        "sham": "leave",
        "sham_words": "补单、刷单",
        "cash_on_delivery": "count",
        "gifts": "leave",
        "hidden": "count",
        "deposits": "last",
    }
    return order_reading_set(department=of, **(ways | given), by=None, at=WHEN)


def paid() -> int:
    return Order.objects.filter(paid_at__isnull=False).count()


def test_without_settings_sham_orders_and_gifts_are_left_out_and_counted(bring: Bring) -> None:
    report = bring("orders", HEADER, SHAM, MARKED, DELIVERED, GIFT, PLAIN)
    assert (net("1001"), paid()) == (57, 2)
    told = totals(report)
    assert told["补单、刷单（不计）"] == "2 行，110 元"
    assert told["货到付款（计入）"] == "1 行，50 元"
    assert told["0 元订单（不计）"] == "1 行，0 元"
    assert "2026-10-09" in str(Order.objects.get(order_no="C1").paid_at)


def test_the_settings_hold_from_their_day(bring: Bring, department: Department) -> None:
    read(department, sham="count", cash_on_delivery="leave", gifts="count")
    report = bring(
        "orders", HEADER, SHAM, MARKED, DELIVERED, GIFT, PLAIN, SHAM.replace("S1,2026-10", "S3,2026-09")
    )
    assert (net("1001"), paid()) == (117, 4)
    told = totals(report)
    assert (told["补单、刷单（计入）"], told["补单、刷单（不计）"]) == ("2 行，110 元", "1 行，100 元")
    assert told["货到付款（不计）"] == "1 行，50 元"


REFUNDED = "订单号,付款时间,金额,支付方式,完成时间,退款金额,退款时间,备注"


@pytest.mark.parametrize(
    "refunded, paid_on",
    [("", "10-09 12:00"), ("2026-10-09 18:00", "10-09 12:00"), ("2026-10-08 08:00", "10-08 08:00")],
)
def test_cash_on_delivery_with_a_refund_was_paid_when_it_was_finished(
    bring: Bring, refunded: str, paid_on: str
) -> None:
    bring("orders", REFUNDED, f"C1,,50.00,货到付款,2026-10-09 12:00:00,20.00,{refunded},1001")
    assert net("1001") == 30
    assert f"{localtime(Order.objects.get().paid_at):%m-%d %H:%M}" == paid_on


def test_cash_on_delivery_that_is_left_out_may_have_a_refund(bring: Bring, department: Department) -> None:
    read(department, cash_on_delivery="leave")
    bring("orders", REFUNDED, "C1,,50.00,货到付款,2026-10-09 12:00:00,20.00,,1001")
    assert (net("1001"), paid()) == (0, 0)


def test_a_bad_moment_of_cash_on_delivery_is_named(bring: Bring) -> None:
    with pytest.raises(SheetError, match="第 2 行「完成时间」"):
        bring("orders", REFUNDED, "C1,,50.00,货到付款,2026-02-31 12:00:00,20.00,,1001")
    assert not Order.objects.exists()


def test_a_sham_order_that_counts_is_read_on(bring: Bring, department: Department) -> None:
    read(department, sham="count")
    report = bring(
        "orders", HEADER, DELIVERED.replace("1001", "1001 补单"), GIFT.replace("1001", "1001 补单"), PLAIN
    )
    assert (net("1001"), paid()) == (57, 2)
    told = totals(report)
    assert told["补单、刷单（计入）"] == "2 行，50 元"
    assert (told["货到付款（计入）"], told["0 元订单（不计）"]) == ("1 行，50 元", "1 行，0 元")


def test_words_of_ones_own_mark_sham_orders(bring: Bring, department: Department) -> None:
    read(department, sham_words="红旗,  V单")
    assert OrderReading.objects.get().sham_words == "红旗、V单"
    bring("orders", HEADER, MARKED.replace("刷单", "红旗"), SHAM, PLAIN)
    assert net("1001") == 107


@pytest.mark.parametrize("deposits, month", [("first", "2026-10"), ("last", "2026-11")])
def test_deposit_and_balance_count_in_the_month_of_the_one_or_the_other(
    bring: Bring, department: Department, deposits: str, month: str
) -> None:
    read(department, deposits=deposits)
    rows = ["Y1,2026-10-20 20:00:00,50.00,1001", "Y1,2026-11-01 00:10:00,450.00,1001"]
    report = bring("orders", "订单号,付款时间,金额,备注", *rows)
    assert [f"{each:%Y-%m}" for each in report.summary.months] == [month]
    assert net("1001") == 500


@pytest.mark.parametrize("hidden, kept", [("count", 30), ("leave", 10)])
def test_hidden_rows_are_counted_and_read_as_the_department_says(
    bring: Bring, department: Department, tmp_path: Path, hidden: str, kept: int
) -> None:
    read(department, hidden=hidden)
    book = openpyxl.Workbook()
    book.active.append(["订单号", "付款时间", "金额", "备注"])
    book.active.append(["H1", "2026-10-08 10:00:00", 10, "1001"])
    book.active.append(["H2", "2026-10-08 10:00:00", 20, "1001"])
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "orders.xlsx")
    report = bring("orders", file=tmp_path / "orders.xlsx")
    assert net("1001") == kept
    assert totals(report)[f"隐藏的行（{'计入' if hidden == 'count' else '不计'}）"] == "1 行，20 元"


def test_a_setting_needs_words_and_a_day_that_is_near(department: Department) -> None:
    with pytest.raises(OrderReadingRefused, match="没有写认补单的词；请至少写一个"):
        read(department, sham_words=" 、")
    with pytest.raises(OrderReadingRefused, match="日期太远"):
        read(department, from_on=date(2036, 1, 1))
    assert not OrderReading.objects.exists()
    assert read(department) == read(department)


def test_the_manager_sets_it_on_its_page_and_a_supervisor_reads_it(
    client: Client, department: Department
) -> None:
    sent = {
        "from_on": "2026-10-01",
        "sham": "count",
        "sham_words": "补单",
        "cash_on_delivery": "leave",
        "gifts": "count",
        "hidden": "leave",
        "deposits": "first",
    }
    client.force_login(factories.account("supervisor", department))
    page = client.get("/order-reading/D1/").content.decode()
    assert "补单、刷单" in page and "还没有设定过" in page and "<form method" not in page.split("<main")[1]
    assert client.post("/order-reading/D1/", sent).status_code == 404
    client.force_login(factories.account("manager", department))
    assert client.post("/order-reading/D1/", sent | {"sham_words": "、"}).status_code == 200
    assert not OrderReading.objects.exists()
    assert client.post("/order-reading/D1/", sent).status_code == 302
    assert OrderReading.objects.get().deposits == "first"
    assert "2026-10-01" in client.get("/order-reading/D1/").content.decode()
    client.force_login(factories.account("agent", department))
    assert client.get("/order-reading/D1/").status_code == 404
