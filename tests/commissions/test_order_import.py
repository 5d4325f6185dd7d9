"""Order exports: what goes in, what a later one changes, what is refused and then changes nothing."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissions.imports import order_lines
from commissions.models import Order, Refund
from people.models import Department, FactChange, ImportBatch
from sheets.errors import SheetError
from tests import factories
from tests.commissions.conftest import Bring
from workbench.benchmarks.order_import import run

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = "订单号,店铺,下单时间,付款时间,金额,退款金额,退款时间,备注"
TWO = [
    "T1,一店,2026-10-01 09:00,2026-10-01 10:00,100.00,,,1001",
    "T2,一店,2026-10-02 09:00,2026-10-02 10:00:30,80.5,20,2026-10-05 12:00,1002 加急",
]
TAOBAO = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间, 订单备注 ,店铺名称"
REPORT = "订单编号,总金额,买家实际支付金额,订单创建时间,订单付款时间,退款金额"


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def stored() -> tuple[list, list]:
    """Everything that an order file may touch."""
    orders = Order.objects.order_by("pk").values_list()
    refunds = Refund.objects.order_by("pk").values_list()
    return list(orders), [*refunds, FactChange.objects.count(), ImportBatch.objects.count()]


def refunds_of(number: str) -> list[tuple[Decimal, datetime]]:
    rows = Refund.objects.filter(order__order_no=number).order_by("pk")
    return [(row.amount, timezone.localtime(row.refunded_at, SHANGHAI)) for row in rows]


def months_touched() -> list[str]:
    rows = FactChange.objects.filter(source="orders").order_by("pk")
    return [f"{row.month:%Y-%m}" for row in rows]


def test_orders_and_their_refunds_are_stored(bring: Bring) -> None:
    report = bring("orders", HEADER, *TWO)
    assert (report.summary.rows, report.summary.created) == (2, 2)
    order = Order.objects.get(order_no="T2")
    assert (order.shop, order.amount, order.remark, order.as_of) == (
        "一店",
        Decimal("80.50"),
        "1002 加急",
        date(2026, 10, 15),
    )
    assert order.paid_at == moment(2026, 10, 2, 10, 0, 30)
    assert (order.agent.number, order.attribution) == ("1002", "remark")
    assert refunds_of("T2") == [(Decimal("20.00"), moment(2026, 10, 5, 12))]
    assert refunds_of("T1") == []
    assert months_touched() == ["2026-10"]


def test_the_same_file_twice_changes_nothing_and_says_so(bring: Bring) -> None:
    bring("orders", HEADER, *TWO)
    before = stored()
    assert "没有改动任何数据" in bring("orders", HEADER, *TWO).lines()[0]
    assert stored() == before


def test_a_longer_export_adds_what_is_new_and_leaves_the_rest(bring: Bring) -> None:
    bring("orders", HEADER, *TWO)
    before = stored()[0]
    done = bring("orders", HEADER, *TWO, "T3,一店,,2026-11-01 00:00,5,,,").summary
    assert (done.created, done.changed, done.unchanged) == (1, 0, 2)
    assert stored()[0][:2] == before
    assert done.months == {date(2026, 11, 1)}


def test_a_changed_order_is_updated_and_touches_its_old_and_new_month(bring: Bring) -> None:
    bring("orders", HEADER, *TWO)
    changed = "T1,一店,2026-10-01 09:00,2026-11-01 00:10,90.00,,,1002"
    done = bring("orders", HEADER, changed, TWO[1], as_of=date(2026, 11, 2)).summary
    assert (done.created, done.changed, done.unchanged) == (0, 1, 1)
    assert done.months == {date(2026, 10, 1), date(2026, 11, 1)}
    order = Order.objects.get(order_no="T1")
    assert (order.amount, order.agent.number, order.as_of) == (Decimal("90.00"), "1002", date(2026, 11, 2))


def test_a_refund_without_a_moment_counts_at_the_payment(bring: Bring) -> None:
    bring("orders", HEADER, "T1,,,2026-09-30 10:00,100,30,,")
    assert refunds_of("T1") == [(Decimal("30.00"), moment(2026, 9, 30, 10))]
    assert months_touched() == ["2026-09"]


def test_a_refund_that_a_later_export_shows_counts_at_its_date(bring: Bring) -> None:
    row = "T1,,,2026-09-30 10:00,100,{},,"
    bring("orders", HEADER, row.format("30"))
    done = bring("orders", HEADER, row.format("45.5"), as_of=date(2026, 11, 3)).summary
    assert (done.changed, done.months) == (1, {date(2026, 11, 1)})
    assert refunds_of("T1")[1:] == [(Decimal("15.50"), moment(2026, 11, 3))]
    bring("orders", HEADER, row.format("0"), as_of=date(2026, 12, 1))
    assert refunds_of("T1")[2:] == [(Decimal("-45.50"), moment(2026, 12, 1))]


def test_a_later_refund_with_its_moment_counts_then(bring: Bring) -> None:
    bring("orders", HEADER, "T1,,,2026-09-30 10:00,100,,,")
    bring("orders", HEADER, "T1,,,2026-09-30 10:00,100,40,2026-10-20 08:00,", as_of=date(2026, 11, 3))
    assert refunds_of("T1") == [(Decimal("40.00"), moment(2026, 10, 20, 8))]


def test_an_older_export_does_not_undo_a_newer_one(bring: Bring) -> None:
    bring("orders", HEADER, "T1,,,2026-09-30 10:00,100,40,,", as_of=date(2026, 11, 1))
    before = stored()[0]
    report = bring("orders", HEADER, "T1,,,2026-09-30 10:00,120,0,,", as_of=date(2026, 10, 1))
    assert "1 个订单已有更晚的导出" in "".join(report.lines())
    assert stored()[0] == before
    assert Refund.objects.count() == 1


def test_a_report_whose_amounts_are_less_refunds_gives_what_was_paid(bring: Bring) -> None:
    bring(
        "orders",
        REPORT,
        "1,50,30,2020/2/21 0:00,2020/2/21 0:05,20",
        "2,50,0,2020/2/21 0:00,,0",
    )
    paid, unpaid = Order.objects.order_by("order_no")
    assert (paid.amount, refunds_of("1")) == (
        Decimal("50.00"),
        [(Decimal("20.00"), moment(2020, 2, 21, 0, 5))],
    )
    assert (unpaid.paid_at, unpaid.amount) == (None, Decimal("0.00"))


def test_what_an_export_has_no_column_for_stays(bring: Bring) -> None:
    bring("orders", REPORT, "1,50,30,2026-10-01 0:00,2026-10-01 0:05,20")
    kept = "1,u,50,30,交易成功,2026-10-01 0:00,2026-10-01 0:05,1001,"
    bring("orders", TAOBAO, kept)
    order = Order.objects.get()
    assert (order.amount, order.agent.number) == (Decimal("50.00"), "1001")
    bring("orders", REPORT, "1,50,25,2026-10-01 0:00,2026-10-01 0:05,25")
    order.refresh_from_db()
    assert (order.amount, order.agent.number, order.remark) == (Decimal("50.00"), "1001", "1001")
    assert Refund.objects.aggregate(Sum("amount"))["amount__sum"] == 25


def test_taobao_exports_are_read_as_the_seller_centre_writes_them(bring: Bring) -> None:
    when = "2026-10-01 09:00,2026-10-01 09:01"
    row = f'="1234567890123456789",小王,120.00,100.00,交易成功,{when},"\'工号1001，\n礼品",一店'
    bring("orders", TAOBAO, row, encoding="gb18030")
    order = Order.objects.get()
    assert order.order_no == "1234567890123456789"
    assert (order.agent.number, order.amount) == ("1001", Decimal("100.00"))
    assert order.remark == "'工号1001， 礼品"


def test_remarks_keep_backslashes_and_tabs_do_no_harm(bring: Bring) -> None:
    bring(
        "orders",
        HEADER,
        "T1,,,2026-10-01 10:00,1,,,\\N 路径\\t C:\\\\x\t1001",
        "T2,,,2026-10-01 10:00,1,,,\\.",
    )
    first, second = Order.objects.order_by("order_no")
    assert (first.remark, first.agent.number) == ("\\N 路径\\t C:\\\\x 1001", "1001")
    assert second.remark == "\\."


def test_workbooks_are_read_too(bring: Bring, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["订单号", "店铺", "付款时间", "金额", "退款金额", "备注"])
    book.active.append(["9876543210987654321", "一店", datetime(2026, 10, 1, 9, 30, 15), 12.3, None, "1002"])
    book.active.append(["T2", "一店", None, 5, 0, 1001])
    book.save(tmp_path / "orders.xlsx")
    bring("orders", file=tmp_path / "orders.xlsx")
    paid, unpaid = Order.objects.order_by("pk")
    assert (paid.order_no, paid.amount) == ("9876543210987654321", Decimal("12.30"))
    assert (paid.paid_at, paid.agent.number) == (moment(2026, 10, 1, 9, 30, 15), "1002")
    assert (unpaid.paid_at, unpaid.amount) == (None, Decimal("0.00"))


def test_two_numbers_in_a_remark_are_a_conflict_and_listed(bring: Bring) -> None:
    report = bring("orders", HEADER, "T1,,,2026-10-01 10:00,100,,,1001 1002", *TWO[1:])
    assert "1 个订单的备注里有两个不同的工号，不归任何人：T1。" in "".join(report.lines())
    order = Order.objects.get(order_no="T1")
    assert (order.agent, order.attribution) == (None, "conflict")


def test_an_attribution_file_wins_over_every_later_remark(bring: Bring) -> None:
    bring("orders", HEADER, *TWO)
    bring("attribution", "订单编号,落实客服工号", "T1,1002")
    bring("orders", HEADER, TWO[0].replace("1001", "1001 改地址"))
    order = Order.objects.get(order_no="T1")
    assert (order.agent.number, order.attribution, order.remark) == ("1002", "file", "1001 改地址")


def test_an_order_without_shop_beside_one_with_is_pointed_out(bring: Bring) -> None:
    bring("orders", HEADER, *TWO)
    report = bring("orders", HEADER, "T1,,,2026-10-01 10:00,100,,,")
    assert "会重复计算：T1" in "".join(report.lines())


def test_shop_option_names_the_shop_of_files_that_name_none(bring: Bring) -> None:
    report = bring("orders", REPORT, "1,50,50,2026-10-01 0:00,2026-10-01 0:05,0", shop="旗舰店")
    assert Order.objects.get().shop == "旗舰店"
    assert not any("店铺" in note for note in report.summary.notes)


BAD = {
    "负数": ("T9,,,2026-10-01 10:00,-1,,,", ["第 3 行", "「金额」", "-1", "不能为负数"]),
    "文字": ("T9,,,2026-10-01 10:00,很多,,,", ["第 3 行", "「金额」", "很多", "请只填数字"]),
    "三位小数": ("T9,,,2026-10-01 10:00,1.234,,,", ["「金额」", "小数超过两位"]),
    "空金额": ("T9,,,2026-10-01 10:00,,,,", ["「金额」", "不能为空"]),
    "空订单号": (",,,2026-10-01 10:00,1,,,", ["「订单号」", "不能为空"]),
    "没有的日子": ("T9,,,2026-02-31 10:00,1,,,", ["「付款时间」", "2026-02-31", "2 月只有 28 天"]),
    "长订单号": (f"{'9' * 65},,,2026-10-01 10:00,1,,,", ["「订单号」", "超过 64 个字", "请缩短"]),
    "长备注": (f"T9,,,2026-10-01 10:00,1,,,{'长' * 1001}", ["「备注」", "超过 1000 个字"]),
    "长店铺": (f"T9,{'长' * 65},,2026-10-01 10:00,1,,,", ["「店铺」", "超过 64 个字"]),
    "太大": ("T9,,,2026-10-01 10:00,10000000000,,,", ["「金额」", "金额太大"]),
    "未付款退款": ("T9,,,,1,1,,", ["「退款金额」", "没有付款的订单不会有退款", "请补上付款时间"]),
    "退款太多": (
        "T9,,,2026-10-01 10:00,1,2,,",
        ["「退款金额」2", "退款大于金额 1", "按店铺实收：付 3、退 2、留 1"],
    ),
    "退款太早": ("T9,,,2026-10-02 10:00,5,2,2026-10-01 10:00,", ["「退款时间」", "退款早于付款"]),
    "两次": (TWO[0], ["第 3 行", "「订单号」", "T1", "与第 2 行是同一订单", "rows:通用订单表=order"]),
    "科学记数": ("1.23E+18,,,2026-10-01 10:00,1,,,", ["「订单号」", "末几位已经丢失"]),
}


@pytest.mark.parametrize("row, said", BAD.values(), ids=BAD)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, row: str, said: list[str]) -> None:
    bring("orders", HEADER, "T0,一店,,2026-10-01 10:00,100,,,1001")
    before = stored()
    with pytest.raises(SheetError) as refused:
        bring("orders", HEADER, TWO[0], row, TWO[1], "T0,一店,,2026-10-01 10:00,200,50,,1002")
    assert all(word in str(refused.value) for word in said), str(refused.value)
    assert stored() == before


def test_all_bad_rows_are_told_at_once(bring: Bring) -> None:
    with pytest.raises(SheetError) as refused:
        bring("orders", HEADER, "T1,,,31,-1,x,,", *TWO, "T1,,,2026-10-01,y,,,")
    assert "3 处错误" in str(refused.value)
    assert not Order.objects.exists()


@pytest.mark.parametrize("known", [False, True])
def test_an_order_whose_rows_lie_in_two_batches_is_asked_about_or_comes_to_one(
    bring: Bring, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(order_lines, "BATCH", 2)
    if known:
        bring("orders", HEADER, TWO[0])
    before = stored()
    rows = [f"R{number},,,2026-10-01 10:00,1,,," for number in range(5)]
    lines = [TWO[0], *rows, TWO[0].replace("100.00", "99")]
    with pytest.raises(SheetError, match=r"第 8 行「订单号」（T1）与第 2 行是同一订单：100.00 与 99"):
        bring("orders", HEADER, *lines)
    assert stored() == before
    done = bring("orders", HEADER, *lines, answers={"rows:通用订单表": "items"}).summary
    assert (done.created, done.changed) == ((5, 1) if known else (6, 0))
    assert Order.objects.get(order_no="T1").amount == 199


def test_batches_with_known_and_new_orders_come_to_the_same(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_lines, "BATCH", 3)
    rows = [f"R{number},,,2026-10-0{number} 10:00,{number}0,{number},,1001" for number in range(1, 9)]
    bring("orders", HEADER, rows[3], rows[7].replace("80,8", "80,3"))
    done = bring("orders", HEADER, *rows, as_of=date(2026, 12, 1)).summary
    assert (done.rows, done.created, done.changed, done.unchanged) == (8, 6, 1, 1)
    assert Order.objects.aggregate(Sum("amount"))["amount__sum"] == 360
    assert Refund.objects.aggregate(Sum("amount"))["amount__sum"] == 36
    assert done.months == {date(2026, 10, 1), date(2026, 12, 1)}


def test_dry_run_says_what_would_happen_and_does_nothing(bring: Bring) -> None:
    report = bring("orders", HEADER, *TWO, dry_run=True)
    assert "新增 2" in report.lines()[0]
    assert not Order.objects.exists()


def test_departments_do_not_share_orders(bring: Bring, department: Department) -> None:
    other = factories.department("D2")
    Order.objects.create(department=other, shop="一店", order_no="T1", amount=1, as_of=date(2026, 1, 1))
    assert bring("orders", HEADER, *TWO).summary.created == 2
    assert Order.objects.filter(order_no="T1").count() == 2


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    def queries(count: int, known: int) -> int:
        rows = [f"Q{count}-{n},,,2026-10-01 10:00,10,{n % 2},,1001" for n in range(count)]
        if known:
            bring("orders", HEADER, *rows[:known])
        with CaptureQueriesContext(connection) as captured:
            bring("orders", HEADER, *rows)
        return len(captured)

    assert queries(3, 0) == queries(400, 0)
    assert queries(4, 2) == queries(401, 200)


def test_command_takes_the_file(department: Department, tmp_path: Path, capsys) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *TWO]), encoding="utf-8-sig")
    call_command("import_orders", str(path), "--department=D1", "--as-of=2026-10-15")
    assert "共 2 行，新增 2，变更 0，未变 0" in capsys.readouterr().out
    with pytest.raises(CommandError, match="不是日期：昨天"):
        call_command("import_orders", str(path), "--department=D1", "--as-of=昨天")


@pytest.mark.django_db(transaction=True)
def test_the_benchmark_measures_and_leaves_nothing() -> None:
    result = run(500)
    assert set(result) == {"seconds", "floor_seconds", "ratio", "queries", "peak_mb"}
    assert result["seconds"] > 0 and result["floor_seconds"] > 0 and result["queries"] < 60
    assert not Order.objects.exists()
    assert not Department.objects.exists()
