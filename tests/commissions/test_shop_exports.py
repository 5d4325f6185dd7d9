"""Exports of shops as their back offices write them: what counts, what of it, whose it is."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import yaml
from django.db.models import Sum

from commissions.models import Order, Refund
from imports.batches import ImportReport
from people.models import Department
from sheets.errors import SheetError
from sheets.questions import QuestionsOpen
from tests import factories
from tests.commissions.conftest import Bring

SHANGHAI = ZoneInfo("Asia/Shanghai")
CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "fixtures" / "samples"
WHEN = "2026-10-07 09:00:00,2026-10-07 09:01:00"
TAOBAO = "订单编号,买家应付货款,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,订单备注,店铺名称"
GENERIC = "订单号,付款时间,金额,备注"


def net(number: str) -> Decimal:
    """What an agent's paid orders come to, less refunds."""
    mine = Order.objects.filter(agent__number=number, paid_at__isnull=False)
    paid = mine.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    refunds = Refund.objects.filter(order__in=mine).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return paid - refunds


def totals(report: ImportReport) -> dict[str, str]:
    return dict(report.summary.totals)


def moments(number: str) -> list[tuple[Decimal, str]]:
    found = Refund.objects.filter(order__order_no=number).order_by("refunded_at", "pk")
    return [(each.amount, f"{each.refunded_at.astimezone(SHANGHAI):%m-%d %H:%M}") for each in found]


def test_closed_orders_earn_nothing_without_a_column_of_refunds(bring: Bring) -> None:
    report = bring(
        "orders",
        "订单号,店铺,付款时间,金额,备注,状态",
        "G1,一店,2026-10-08 10:00:00,100.00,1001,已取消，退款成功",
        "G2,一店,2026-10-08 10:00:00,60.00,1001,已签收",
    )
    assert net("1001") == 60 and Order.objects.filter(paid_at__isnull=False).count() == 1
    assert totals(report)["已取消，退款成功（不计）"] == "1 行，100 元"
    assert totals(report)["净额"] == "60 元"


def test_a_closed_order_of_taobao_earns_nothing(bring: Bring) -> None:
    bring(
        "orders",
        f"{TAOBAO},订单关闭原因",
        f"1,100.00,100.00,100.00,交易关闭,{WHEN},1001,一店,买家申请退款，退款成功",
        f"2,60.00,60.00,60.00,交易成功,{WHEN},1001,一店,订单未关闭",
    )
    assert net("1001") == 60


def test_an_order_that_counted_and_was_closed_since_is_given_back_at_the_export(bring: Bring) -> None:
    header = f"{GENERIC},状态"
    bring("orders", header, "G1,2026-09-30 10:00:00,100.00,1001,已发货")
    done = bring(
        "orders", header, "G1,2026-09-30 10:00:00,100.00,1001,已取消", as_of=date(2026, 11, 3)
    ).summary
    assert (done.changed, done.months) == (1, {date(2026, 11, 1)})
    assert moments("G1") == [(Decimal("100.00"), "11-03 00:00")]
    order = Order.objects.get()
    assert (order.amount, order.paid_at) == (Decimal("100.00"), datetime(2026, 9, 30, 10, tzinfo=SHANGHAI))
    again = bring(
        "orders", header, "G1,2026-09-30 10:00:00,100.00,1001,已关闭", as_of=date(2026, 12, 1)
    ).summary
    assert (again.changed, Refund.objects.count()) == (0, 1)


def test_a_closed_order_that_counts_again_comes_back_at_the_export(bring: Bring) -> None:
    def export(state: str, as_of: date) -> set[date]:
        row = f"G1,2026-09-30 10:00:00,100.00,1001,{state}"
        return set(bring("orders", f"{GENERIC},状态", row, as_of=as_of).summary.months)

    export("等待出库", date(2026, 10, 15))
    export("锁定", date(2026, 11, 3))
    assert (net("1001"), Order.objects.get().closed_refund) == (0, 100)
    assert export("已发货", date(2026, 10, 20)) == set() and net("1001") == 0  # an older export
    assert export("完成", date(2026, 12, 2)) == {date(2026, 12, 1)}
    assert (net("1001"), Order.objects.get().closed_refund) == (100, None)
    assert moments("G1") == [(Decimal("100.00"), "11-03 00:00"), (Decimal("-100.00"), "12-02 00:00")]
    assert export("已完成", date(2026, 12, 3)) == set() and Refund.objects.count() == 2
    export("暂停", date(2026, 12, 4))
    assert net("1001") == 0


def test_what_was_given_back_besides_the_closing_stays(bring: Bring) -> None:
    row = "G1,2026-09-30 10:00:00,100.00,1001"
    bring("orders", f"{GENERIC},退款金额", f"{row},30.00")
    bring("orders", f"{GENERIC},状态", f"{row},锁定", as_of=date(2026, 11, 3))
    assert (net("1001"), Order.objects.get().closed_refund) == (0, 70)
    bring("orders", f"{GENERIC},状态", f"{row},完成", as_of=date(2026, 11, 4))
    assert net("1001") == 70
    bring("orders", f"{GENERIC},退款金额", f"{row},100.00", as_of=date(2026, 11, 5))
    bring("orders", f"{GENERIC},状态", f"{row},完成", as_of=date(2026, 11, 6))
    assert net("1001") == 0  # refunded, which the state does not show


def test_a_refund_total_takes_the_place_of_what_the_closing_gave_back(bring: Bring) -> None:
    row = "G1,2026-09-30 10:00:00,100.00,1001"
    bring("orders", f"{GENERIC},状态", f"{row},完成")
    bring("orders", f"{GENERIC},状态", f"{row},锁定", as_of=date(2026, 11, 3))
    bring("orders", f"{GENERIC},退款金额", f"{row},100.00", as_of=date(2026, 11, 4))
    bring("orders", f"{GENERIC},状态", f"{row},完成", as_of=date(2026, 11, 5))
    assert (net("1001"), Refund.objects.count()) == (0, 1)


def test_a_kept_amount_is_not_raised_by_what_the_closing_gave_back(bring: Bring) -> None:
    row = f"1,100.00,100.00,100.00,{{}},{WHEN},1001,一店"
    for day, state in enumerate(("卖家已发货", "交易关闭", "交易成功"), 10):
        bring("orders", TAOBAO, row.format(state), as_of=date(2026, 10, day))
    assert (net("1001"), Order.objects.get().amount) == (100, 100)


def test_a_state_that_nobody_knows_is_asked_once(bring: Bring) -> None:
    rows = ["S1,2026-10-08 10:00:00,100.00,1001,云仓处理", "S2,2026-10-09 10:00:00,20.00,1001,云仓处理"]
    with pytest.raises(QuestionsOpen) as asked:
        bring("orders", f"{GENERIC},状态", *rows)
    assert "“云仓处理”算不算成交？\n  2 行，120 元" in str(asked.value)
    assert "--answer 'status:云仓处理=closed'" in str(asked.value)
    assert not Order.objects.exists()
    bring("orders", f"{GENERIC},状态", *rows, answers={"status:云仓处理": "counts"})
    assert net("1001") == 120
    bring("orders", f"{GENERIC},状态", *rows, "S3,2026-10-09 10:00:00,7.00,1001,云仓处理")
    assert net("1001") == 127


def test_an_unknown_state_of_what_nobody_paid_is_not_asked(bring: Bring) -> None:
    bring("orders", f"{GENERIC},状态", "S1,,100.00,1001,云仓处理")
    assert not Order.objects.filter(paid_at__isnull=False).exists()


GROSS = f"31,100.00,100.00,100.00,交易成功,{WHEN},1001,一店,30.00"
EITHER = f"32,100.00,100.00,70.00,交易成功,{WHEN},1001,一店,30.00"


def test_a_paid_amount_that_cannot_be_what_the_profile_says_is_asked_with_both_readings(bring: Bring) -> None:
    with pytest.raises(QuestionsOpen) as asked:
        bring("orders", f"{TAOBAO},退款金额", GROSS, EITHER)
    told = str(asked.value)
    assert "第 2 行订单 31：「总金额」100.00，「买家实际支付金额」100.00，「退款金额」30.00" in told
    assert "按买家实付：付 100.00、退 30.00、留 70.00" in told
    assert "130.00 大于总金额 100.00，不对" in told
    assert "第 3 行订单 32" in told and "按店铺实收：付 100.00、退 30.00、留 70.00" in told
    assert "--answer 'money:一店:买家实际支付金额=gross'" in told
    assert not Order.objects.exists()


@pytest.mark.parametrize("said, kept", [("each", 140), ("gross", 110)])
def test_the_answer_holds_for_the_shop(bring: Bring, said: str, kept: int) -> None:
    answers = {"money:一店:买家实际支付金额": said}
    bring("orders", f"{TAOBAO},退款金额", GROSS, EITHER, answers=answers)
    assert net("1001") == kept
    bring("orders", f"{TAOBAO},退款金额", GROSS.replace("31,", "33,", 1))
    assert net("1001") == kept + 70


def test_a_row_against_the_answer_is_refused(bring: Bring) -> None:
    answers = {"money:一店:买家实际支付金额": "kept"}
    with pytest.raises(SheetError, match=r"第 2 行「买家实际支付金额」.*130.00，大于总金额 100.00"):
        bring("orders", f"{TAOBAO},退款金额", GROSS, EITHER, answers=answers)
    assert not Order.objects.exists()


def test_more_paid_than_the_order_came_to_is_refused(bring: Bring) -> None:
    with pytest.raises(SheetError, match=r"第 2 行「买家实际支付金额」（120.00）大于总金额 100.00"):
        bring("orders", TAOBAO, f"1,100.00,100.00,120.00,交易成功,{WHEN},1001,一店")
    assert not Order.objects.exists()


def test_item_rows_of_an_order_add_up(bring: Bring) -> None:
    rows = [
        f"11,300.00,300.00,300.00,交易成功,{WHEN},1001,一店,椅子,0",
        f"11,200.00,200.00,0.00,交易关闭,{WHEN},1001,一店,柜子,200.00",
        f"12,80.00,80.00,80.00,交易成功,{WHEN},1002,一店,灯,0",
    ]
    bring("orders", f"{TAOBAO},宝贝标题,退款金额", *rows)
    assert Order.objects.get(order_no="11").amount == 500
    assert (net("1001"), net("1002")) == (300, 80)


def test_rows_of_an_order_far_apart_come_to_one_order(bring: Bring) -> None:
    between = [f"X{n},2026-10-08 10:00:00,{n}.00,1002" for n in range(1, 50)]
    report = bring(
        "orders", GENERIC, "Y1,2026-10-20 20:00:00,50.00,1001", *between, "Y1,2026-11-01 00:10:00,450.00,1001"
    )
    assert (report.summary.created, net("1001")) == (50, 500)
    order = Order.objects.get(order_no="Y1")
    assert f"{order.paid_at.astimezone(SHANGHAI):%Y-%m-%d}" == "2026-11-01"
    assert totals(report)["定金与尾款"] == "1 行，450 元，与同一订单的另一行合计"


def test_scattered_rows_come_to_one_order_where_the_main_number_is_blank(bring: Bring) -> None:
    rows = [
        f"11,,100.00,100.00,60.00,交易成功,{WHEN},1001,一店,40.00",
        f"12,,50.00,50.00,50.00,交易成功,{WHEN},1002,一店,0",
        f"11,,80.00,80.00,80.00,交易成功,{WHEN},1001,一店,0",
    ]
    header = f"{TAOBAO},退款金额".replace("订单编号,", "订单编号,主订单编号,")
    for _ in range(2):
        bring("orders", header, *rows, profile="taobao")
        assert (Order.objects.count(), Order.objects.get(order_no="11").amount) == (2, 180)
        assert (net("1001"), net("1002")) == (140, 50)


def test_a_negative_row_is_a_refund_at_its_own_moment(bring: Bring) -> None:
    rows = ["N1,2026-10-08 10:00:00,100.00,1001", "N1,2026-10-15 10:00:00,-30.00,1001"]
    bring("orders", GENERIC, *rows)
    assert net("1001") == 70 and moments("N1") == [(Decimal("30.00"), "10-15 10:00")]
    done = bring("orders", GENERIC, *rows, "N2,2026-10-08 10:00:00,1.00,1001").summary
    assert (done.created, done.changed, Refund.objects.count()) == (1, 0, 1)


def test_a_later_file_may_have_the_refund_alone(bring: Bring) -> None:
    bring("orders", GENERIC, "N1,2026-10-08 10:00:00,100.00,1001")
    done = bring("orders", GENERIC, "N1,2026-11-02 10:00:00,-30.00,1001", as_of=date(2026, 11, 5)).summary
    assert (done.changed, done.months) == (1, {date(2026, 11, 1)})
    assert moments("N1") == [(Decimal("30.00"), "11-02 10:00")]


def test_a_refund_in_a_row_of_its_own_counts_from_an_older_export_too(bring: Bring) -> None:
    sale, newer = "N1,2026-10-08 10:00:00,100.00,1001", "N1,2026-11-02 10:00:00,-30.00,1001"
    bring("orders", GENERIC, sale, newer, as_of=date(2026, 11, 5))
    older = ["N1,2026-10-20 10:00:00,-20.00,1001", "N1,2026-11-02 10:00:00,-25.00,1001"]
    for changed in (1, 0):
        done = bring("orders", GENERIC, sale, *older, as_of=date(2026, 10, 31)).summary
        assert done.changed == changed
        assert moments("N1") == [(Decimal("20.00"), "10-20 10:00"), (Decimal("30.00"), "11-02 10:00")]


def test_an_older_export_gives_back_no_more_than_was_paid(bring: Bring) -> None:
    sale = "N1,2026-10-08 10:00:00,100.00,1001"
    bring("orders", GENERIC, sale, "N1,2026-11-02 10:00:00,-90.00,1001", as_of=date(2026, 11, 5))
    bring("orders", GENERIC, "N1,2026-10-20 10:00:00,-20.00,1001", as_of=date(2026, 10, 31))
    assert net("1001") == 10


def test_the_same_payment_twice_is_asked(bring: Bring) -> None:
    rows = ["R1,2026-10-08 10:00:00,10.00,1001"] * 2
    with pytest.raises(
        QuestionsOpen, match=r"与第 2 行是同一订单：10\.00 与 10\.00；相加是 20\.00，只算一次是 10\.00"
    ):
        bring("orders", GENERIC, *rows)
    assert not Order.objects.exists()
    key = "rows:通用订单表"
    bring("orders", GENERIC, *rows, answers={key: "order"})
    assert net("1001") == 10
    bring("orders", GENERIC, *[row.replace("R1", "R2") for row in rows], answers={key: "items"})
    assert net("1001") == 30


def test_cells_merged_over_the_items_of_an_order_count_once(bring: Bring, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["订单号", "付款时间", "金额", "备注", "商品"])
    for number, (order, item) in enumerate((("M1", "椅子"), ("M1", "柜子"), ("M2", "灯")), 2):
        sheet.append([order, "2026-10-08 10:00:00", 500 if order == "M1" else 80, "1001", item])
        if number == 3:
            for column in "ABCD":
                sheet[f"{column}3"] = None
                sheet.merge_cells(f"{column}2:{column}3")
    book.save(tmp_path / "orders.xlsx")
    bring("orders", file=tmp_path / "orders.xlsx")
    assert (net("1001"), Order.objects.count()) == (580, 2)


def test_an_instalment_in_a_file_of_its_own_is_pointed_out(bring: Bring) -> None:
    bring("orders", GENERIC, "Y1,2026-10-20 20:00:00,50.00,1001")
    report = bring("orders", GENERIC, "Y1,2026-11-01 00:10:00,450.00,1001", as_of=date(2026, 11, 2))
    assert any("Y1（50.00 改为 450.00）" in note for note in report.summary.notes)


def test_buyers_are_not_kept(bring: Bring) -> None:
    bring("orders", file=SAMPLES / "orders.taobao.csv")
    kept = str(list(Order.objects.values()))
    assert "某" not in kept and "tb" not in kept


SUB_ORDERS = (
    "子订单编号,主订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码,买家应付货款,"
    "买家实际支付金额,退款状态,退款金额,订单创建时间,订单付款时间"
)


def test_sub_orders_add_up_to_their_main_order(bring: Bring) -> None:
    row = "{},21,椅子,{},1,,白,,1001,交易成功,A1,{},{},没有申请退款,0,2026-10-07 09:00:00,2026-10-07 09:01:00"
    report = bring("orders", SUB_ORDERS, row.format(22, 300, 300, 300), row.format(23, 200, 200, 200))
    assert report.profile == "taobao_items"
    assert (Order.objects.get().order_no, net("1001")) == ("21", 500)


JD = (
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,"
    "订单备注,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,付款确认时间,货号,订单完成时间"
)


def jd(number: int, total: int, balance: int, due: int, status: str, agent: str, paid: str = "") -> str:
    paid = paid or "2026-10-07 09:01:00"
    return (
        f"{number},1,锅,1,在线支付,2026-10-07 09:00:00,300.00,{total}.00,480.00,{balance}.00,{due}.00,"
        f"{status},SOP,,{agent},0,0.00,{paid},,"
    )


def test_the_amounts_of_a_jd_order_count_once_and_its_balance_too(bring: Bring) -> None:
    report = bring(
        "orders",
        JD,
        jd(1, 500, 0, 450, "完成", "1001"),
        jd(1, 500, 0, 450, "完成", "1001"),
        jd(2, 300, 300, 0, "完成", "1002"),
        jd(3, 300, 0, 300, "(删除)等待出库", "1002"),
    )
    assert report.profile == "jd"
    assert (net("1001"), net("1002")) == (450, 300)


DOUYIN = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,订单提交时间,支付完成时间,商家备注,"
    "订单完成时间,订单状态,售后状态,取消原因,发货时间,平台实际承担优惠金额,商家实际承担优惠金额"
)


def douyin(number: int, sub: int, amount: str, paid: str, agent: str, status: str, after: str) -> str:
    return (
        f'"\t69{number}","\t69{sub}","\t某商品","\t1袋",1,"\t3004",{amount},0.00,##密文,2026-10-08 10:00:00,'
        f"{paid},{agent},-,{status},{after},,2026-10-08 10:00:00,5.00,5.00"
    )


def test_douyin_orders_are_read_with_their_after_sales(bring: Bring) -> None:
    paid = "2026-10-08 10:00:10"
    report = bring(
        "orders",
        DOUYIN,
        douyin(51, 51, "28.90", paid, "1001", "已完成", "退款成功"),
        douyin(52, 52, "20.00", paid, "1002", "已发货", "-"),
        douyin(52, 59, "0.00", paid, "1002", "已关闭", "-"),
        douyin(53, 53, "15.90", "-", "-", "已关闭", "-"),
    )
    assert report.profile == "douyin"
    assert (net("1001"), net("1002")) == (0, 20)
    assert Order.objects.get(order_no="6953").paid_at is None


def test_douyin_settlements_have_their_refunds_in_rows_of_their_own(bring: Bring) -> None:
    report = bring(
        "orders",
        "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,有结算前退款,下单时间,收入合计,支出合计,平台服务费,达人佣金",
        " , , ,收入+支出, , , , , , , , ",
        "2026-10-11 05:59:20,'6951,'6951,97.02,聚合账户,已结算,否,2026-10-04 10:51:58,109.00,11.98,5.45,6.53",
        "2026-10-20 18:34:00,'6951,'6951,-8,聚合账户,结算后退款-非原路退回,否,2026-10-04 10:51:58,0,8,0,0",
    )
    assert report.profile == "douyin_settled"
    order = Order.objects.get()
    assert (order.order_no, order.amount) == ("6951", Decimal("97.02"))
    assert moments("6951") == [(Decimal("8.00"), "10-20 18:34")]


PDD = (
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),用户实付金额(元),"
    "商家实收金额(元),商品数量(件),支付时间,发货时间,商品id,商品规格,商家备注,买家留言,售后状态,快递单号,快递公司"
)


def test_pdd_orders_count_with_what_the_shop_gets(bring: Bring) -> None:
    row = "某商品,261008-{},{},50.00,0,5.00,10.00,0,35.00,45.00,1,{}\t,,1,x,1001\t,,{}\t,,"
    paid, none = "2026-10-08 10:00:00", "无售后或售后取消"
    report = bring(
        "orders",
        PDD,
        row.format(1, "已收货", paid, none),
        row.format(2, "已发货，退款成功", paid, "退款成功"),
        row.format(3, "已取消", "", none),
    )
    assert (report.profile, net("1001")) == ("pdd", 45)


@pytest.mark.parametrize("prefix", ["`", "'", "’", "\t", "‘"])
def test_a_number_with_a_quote_before_it_is_the_same_order(bring: Bring, prefix: str) -> None:
    bring("orders", GENERIC, "5116000000000000100,2026-10-08 10:00:00,10.00,1001")
    bring("orders", GENERIC, f"{prefix}5116000000000000100,2026-10-08 10:00:00,10.00,1001")
    assert (Order.objects.count(), net("1001")) == (1, 10)


def test_a_date_that_became_a_number_is_a_date_again(bring: Bring) -> None:
    bring("orders", GENERIC, "D1,46303.4166666667,10.00,1001")
    assert Order.objects.get().paid_at == datetime(2026, 10, 8, 10, tzinfo=SHANGHAI)


def test_numbers_with_letters_match_remarks_and_the_orders_of_nobody_are_told(
    bring: Bring, department: Department
) -> None:
    factories.staff(department, "001")
    factories.staff(department, "KF03")
    report = bring(
        "orders",
        GENERIC,
        "Z1,2026-10-08 10:00:00,10.00,001",
        "Z2,2026-10-08 10:00:00,10.00,KF03",
        "Z3,2026-10-08 10:00:00,10.00,kf03 加急",
        "Z4,2026-10-08 10:00:00,1.00,加急",
        "Z5,2026-10-08 10:00:00,2.00,9999",
        "Z6,2026-10-08 10:00:00,3.00,KF04",
        "Z7,2026-10-08 10:00:00,4.00,1001 1002",
        "Z8,2019-10-08 10:00:00,5.00,1001",
    )
    assert (net("001"), net("KF03")) == (10, 20)
    assert (
        "2026-10：4单、付款10元没有归属，不计入任何人的提成：备注里没有工号1单、备注里的号码不是任何人的工号1单、"
        "备注里的号码带字母，不是任何人的工号1单、备注里有两个工号1单。"
    ) in report.summary.notes
    assert any("2019-10：1单" in note and "付款当天不在职1单" in note for note in report.summary.notes)


@pytest.mark.parametrize("remark", ["KF-03", "kf03", "k.f_03 加急", "ＫＦ０３", "１００３"])
def test_who_was_not_employed_is_found_in_a_remark_as_attribution_reads_it(
    bring: Bring, department: Department, remark: str
) -> None:
    for number in ("kf-03", "1003"):
        factories.staff(department, number, hired_on=date(2026, 10, 20))
    report = bring("orders", GENERIC, f"Z1,2026-10-08 10:00:00,10.00,{remark}")
    assert any("备注里的人付款当天不在职1单" in note for note in report.summary.notes)


def test_digits_with_a_mark_between_them_are_no_number(bring: Bring) -> None:
    report = bring("orders", GENERIC, "Z1,2019-10-08 10:00:00,10.00,10-01")
    assert any("备注里的号码不是任何人的工号1单" in note for note in report.summary.notes)


@pytest.mark.parametrize(
    "profile, mine, other",
    [
        ("generic", "198", "750"),
        ("taobao", "128", "150"),
        ("taobao_items", "300", "80"),
        ("tmall_report", "0", "0"),
        ("jd", "549", "300"),
        ("pdd", "45", "36"),
        ("douyin", "0", "20"),
        ("douyin_settled", "0", "0"),
        ("1688", "500", "80"),
        ("youzan", "450", "80"),
    ],
)
def test_the_sample_of_a_profile_comes_in_as_it_is(bring: Bring, profile: str, mine: str, other: str) -> None:
    report = bring("orders", file=SAMPLES / f"orders.{profile}.csv")
    assert (report.profile, net("1001"), net("1002")) == (profile, Decimal(mine), Decimal(other))
    assert report.summary.created and report.summary.totals


def test_no_profile_repeats_what_states_mean_everywhere() -> None:
    common = yaml.safe_load((ROOT / "commissions" / "imports" / "states.yaml").read_text(encoding="utf-8"))
    repeated = [
        (path.name, state)
        for path in (ROOT / "sheets" / "profiles").glob("orders.*.yaml")
        for column, meanings in common.items()
        for meaning, states in meanings.items()
        for state in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
        .get(column, {})
        .get(meaning, ())
        if state in states
    ]
    assert not repeated


@pytest.mark.skipif(not CASES.is_dir(), reason="没有 ../shared/cases")
@pytest.mark.parametrize(
    "name, mine, other",
    [
        ("closed", 60, 0),
        ("closed-taobao", 60, 0),
        ("item-rows", 300, 80),
        ("sub-orders", 500, 0),
        ("jd", 450, 300),
        ("douyin", 0, 20),
        ("pdd", 45, 0),
        ("taobao-67-columns", 100, 150),
        ("deposit", 500, 0),
        ("negative", 70, 0),
        ("total-row", 10, 20),
        ("trailer", 10, 0),
        ("serial-dates", 10, 0),
    ],
)
def test_the_cases_come_to_their_figures(
    bring: Bring, department: Department, name: str, mine: int, other: int
) -> None:
    factories.staff(department, "9101")
    factories.staff(department, "9102")
    bring("orders", file=CASES / f"import-orders-{name}.csv", as_of=date(2026, 11, 30))
    assert (net("9101"), net("9102")) == (mine, other)
