"""Headers of real exports: two rows, units, sheets among others, sums, what is characteristic."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets import profiles, recognition
from sheets.errors import SheetError
from sheets.profiles import Profile, load_profile
from sheets.questions import QuestionsOpen
from sheets.recognition import Recognised, recognise
from sheets.table import Table, read_table

DAYS = """
kind: attendance
name: daily
title: 日报
sheet: [每日统计]
units_row: true
characteristic: [上班1/打卡时间]
columns:
  staff_number: {names: [工号], type: order_no, required: true}
  work_date: {names: [日期], type: date, required: true}
  in_1: {names: [上班1/打卡时间], type: text}
  in_2: {names: [上班2/打卡时间], type: text}
  leave: {names: [事假(小时)], type: quantity}
ignored: [考勤组]
ignored_like: [加班总时长/*]
"""
MONEY = """
kind: orders
name: sums
title: 余额单
columns:
  order_no: {names: [订单号], type: order_no, required: true}
  paid_amount: {names: [实付], type: money, required: true, sum: [余额, 应付金额]}
  remark: {names: [备注], type: text}
"""


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Profile, ...]:
    """Only these profiles."""
    for name, content in {"attendance.daily": DAYS, "orders.sums": MONEY}.items():
        (tmp_path / f"{name}.yaml").write_text(content.lstrip(), encoding="utf-8")
    found = tuple(load_profile(path) for path in sorted(tmp_path.glob("*.yaml")))
    monkeypatch.setattr(profiles, "all_profiles", lambda: found)
    monkeypatch.setattr(recognition, "all_profiles", lambda: found)
    return found


def workbook(**sheets: list[list[Any]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content


def records(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.fields, values, strict=True)) for _, values in table.rows()]


def read(content: str, kind: str) -> Table:
    return read_table(io.BytesIO(content.encode()), kind=kind)


TWO_ROWS = [
    ["每日统计 统计日期：2026-10-01 至 2026-10-31"],
    ["报表生成时间：2026-11-01 15:22"],
    ["考勤组", "工号", "日期", "上班1", None, "上班2", "请假", None, "加班总时长", None],
    [None, None, None, "打卡时间", "打卡结果", "打卡时间", "事假(小时)", "年假(天)", "工作日", "休息日"],
]


@pytest.mark.usefixtures("known")
def test_a_header_of_groups_and_names_is_read_as_both() -> None:
    rows = [*TWO_ROWS, ["客服", "9101", "2026-10-09", "08:22", "正常", "13:00", 4, None, 1, None]]
    table = read_table(workbook(每日统计=rows), kind="attendance")
    assert (table.header.row_number, table.period) == (4, OCTOBER)
    (record,) = records(table)
    assert (record["in_1"], record["in_2"], record["leave"]) == ("08:22", "13:00", 4)
    assert table.unread_note() == "没有读的列：上班1/打卡结果（E 列）、请假/年假(天)（H 列）。"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("units", [[None, None, None, None, None, None, "小时", "天"], ["说明", "谁"]])
def test_a_row_of_units_below_the_header_is_no_data(units: list[Any]) -> None:
    rows = [*TWO_ROWS, units, ["客服", "9101", "2026-10-09", "08:22"]]
    table = read_table(workbook(每日统计=rows), kind="attendance")
    assert [number for number, _ in table.rows()] == [6]
    assert table.left_out_notes() == []


@pytest.mark.usefixtures("known")
def test_of_several_sheets_the_one_with_the_best_header_is_read() -> None:
    header = ["工号", "日期", "上班1/打卡时间"]
    summary = [["工号", "姓名", "出勤天数"], ["9101", "某", 22]]
    other = [header, ["1", "2026-10-09", "09:00"]]
    wanted = [header, ["9101", "2026-10-09", "08:22"]]
    table = read_table(workbook(月度汇总=summary, 别的=other, 每日统计=wanted), kind="attendance")
    assert (table.source.sheet_name, records(table)[0]["staff_number"]) == ("每日统计", "9101")
    assert recognised(workbook(月度汇总=summary, 每日统计=wanted)).sheet_name == "每日统计"


def recognised(content: io.BytesIO) -> Recognised:
    return recognise(content, kinds={"attendance", "orders"}, mappings={})


@pytest.mark.usefixtures("known")
def test_without_what_is_characteristic_a_file_is_not_recognised() -> None:
    with pytest.raises(SheetError):
        read("工号,日期,考勤组\n9101,2026-10-09,甲\n", "attendance")
    assert recognised(io.BytesIO("工号,日期,考勤组\n9101,2026-10-09,甲\n".encode())).header is None
    chosen = read_table(
        io.BytesIO("工号,日期,考勤组\n9101,2026-10-09,甲\n".encode()), kind="attendance", profile="daily"
    )
    assert len(records(chosen)) == 1


@pytest.mark.usefixtures("known")
def test_a_column_that_is_the_sum_of_several_is_added_up() -> None:
    table = read('订单号,余额,应付金额,备注\n1,450.00,0,甲\n2,300,"1,000.5",\n3,,,\n4,x,1,\n', "orders")
    assert table.header_of("paid_amount") == "余额+应付金额"
    rows = list(table.rows(raise_at_end=False))
    assert [values[1] and str(values[1]) for _, values in rows[:2]] == ["450.00", "1300.50"]
    assert [(error.row, error.column, error.value) for error in table.errors] == [
        (4, "余额+应付金额", ""),
        (5, "余额+应付金额", "x"),
    ]
    own = read("订单号,实付,余额,应付金额\n1,7,450.00,1\n", "orders")
    assert str(records(own)[0]["paid_amount"]) == "7"


def test_sheets_of_one_kind_are_asked_about_and_read_one_after_the_other() -> None:
    header = ["工号", "姓名", "入职日期"]
    first = [["一月"], header, ["1001", "陈晓", "2018-03-05"]]
    second = [header, ["1002", "林芳", "2018-03-05"], ["1003", "周涛", "昨天"]]
    content = workbook(甲=first, 乙=second)
    with pytest.raises(QuestionsOpen) as caught:
        read_table(content, kind="staff")
    (question,) = caught.value.questions
    assert [code for code, _ in question.choices] == ["all", "甲", "乙"]
    other = workbook(甲=first, 乙=[["姓名", "工号", "入职日期"], ["林芳", "1002", "2018-03-05"]])
    with pytest.raises(QuestionsOpen) as caught:
        read_table(other, kind="staff")
    assert [code for code, _ in caught.value.questions[0].choices] == ["甲", "乙"]  # not below each other
    only = read_table(content, kind="staff", answers={question.key: "乙"})
    assert records_of(only) == ["1002"]
    assert only.digest != read_table(content, kind="staff", answers={question.key: "甲"}).digest
    assert list(only.answered.values()) == [question]


def test_a_sheet_that_goes_on_on_another_is_read_as_one() -> None:
    header = ["工号", "姓名", "入职日期"]
    content = workbook(
        甲=[header, ["1001", "陈晓", "2018-03-05"]],
        乙=[["续"], header, ["1002", "林芳", "2018-03-05"], ["1003", "周涛", "昨天"]],
    )
    table = read_table(content, kind="staff", answers={"sheets:甲、乙": "all"})
    assert records_of(table) == ["1001", "1002"]
    (error,) = table.errors
    assert str(error).startswith("工作表“乙”第 4 行「入职日期」（昨天）")
    assert table.count() == 3


def records_of(table: Table) -> list[str]:
    return [values[0] for _, values in table.rows(raise_at_end=False)]


def test_an_unknown_header_that_may_be_money_is_asked_about() -> None:
    content = "订单号,付款时间,金额,退款金额合计,退款状态\n7001,2026-10-03,100,30,已退\n7002,2026-10-03,1,,\n"
    with pytest.raises(QuestionsOpen) as caught:
        read(content, "orders")
    (question,) = caught.value.questions
    assert question.key == "header:退款金额合计"
    assert question.choices == (("refund_amount", "是退款金额"), ("-", "不需要"))
    assert question.samples == ("第 2 行：退款金额合计 30",)

    def answered(answer: str) -> Table:
        return read_table(io.BytesIO(content.encode()), kind="orders", answers={question.key: answer})

    table = answered("refund_amount")
    assert table.header_of("refund_amount") == "退款金额合计"
    assert list(table.answered) == [question.key]
    assert table.answered[question.key].choices == question.choices
    assert "refund_amount" not in answered("-").present


def test_two_headers_said_to_be_one_amount_are_asked_about_and_neither_goes_unread() -> None:
    content = (
        "订单号,付款时间,金额,退款金额合计,退款金额共计\n7001,2026-10-03,100,,30\n7002,2026-10-03,9,2,\n"
    )
    said = {"header:退款金额合计": "refund_amount", "header:退款金额共计": "refund_amount"}
    with pytest.raises(QuestionsOpen) as caught:
        read_table(io.BytesIO(content.encode()), kind="orders", answers=said)
    (question,) = caught.value.questions
    assert (question.key, len(question.choices)) == ("column:refund_amount", 2)
    chosen = said | {question.key: "退款金额共计"}
    table = read_table(io.BytesIO(content.encode()), kind="orders", answers=chosen)
    assert [record["refund_amount"] for record in records(table)] == [30, None]
    with pytest.raises(QuestionsOpen, match="header:退款金额共计=refund_amount"):  # half an answer
        one = {"header:退款金额合计": "refund_amount"}
        read_table(io.BytesIO(content.encode()), kind="orders", answers=one)
    only = content.replace("退款金额合计", "心情")
    table = read_table(io.BytesIO(only.encode()), kind="orders", answers=said)
    assert table.header_of("refund_amount") == "退款金额共计"


def test_a_header_that_the_profile_lists_means_what_the_profile_says() -> None:
    content = "订单号,付款时间,实付金额\n7001,2026-10-03,100\n".encode()
    table = read_table(io.BytesIO(content), kind="orders", answers={"header:实付金额": "refund_amount"})
    assert table.header_of("paid_amount") == "实付金额" and table.answered == {}


def test_an_amount_that_few_orders_have_is_asked_about_by_its_name() -> None:
    rows = "".join(f"{number},2026-10-03,100,\n" for number in range(7001, 7030))
    content = f"订单号,付款时间,金额,退款金额合计\n{rows}7030,2026-10-03,100,30\n"
    with pytest.raises(QuestionsOpen, match="header:退款金额合计=refund_amount"):
        read(content, "orders")


def test_a_header_longer_than_a_key_is_asked_about_and_read_under_the_same_key() -> None:
    name = "退款金额" + "合" * 300
    content = f"订单号,付款时间,金额,{name}\n7001,2026-10-03,100,30\n"
    with pytest.raises(QuestionsOpen) as caught:
        read(content, "orders")
    (question,) = caught.value.questions
    assert len(question.key) == 255
    for key in (question.key, f"header:{name}"):
        answers = {key: "refund_amount"}
        table = read_table(io.BytesIO(content.encode()), kind="orders", answers=answers)
        assert records(table)[0]["refund_amount"] == 30
        assert list(table.answered) == [question.key]


@pytest.mark.usefixtures("known")
def test_a_sum_is_read_where_a_space_stands_beyond_the_explanations() -> None:
    header = ["订单号", "余额", "应付金额", "问题说明", None, " "]
    table = read_table(workbook(甲=[header, ["1", "1.50", "2", "", "", ""]]), kind="orders")
    assert str(records(table)[0]["paid_amount"]) == "3.50"


def test_a_sheet_called_all_and_one_with_a_space_at_its_end_can_be_chosen() -> None:
    header = ["工号", "姓名", "入职日期"]
    content = workbook(
        **{
            "all": [header, ["1001", "陈晓", "2018-03-05"]],
            "10月 ": [header, ["1002", "林芳", "2018-03-05"]],
        }
    )
    with pytest.raises(QuestionsOpen) as caught:
        read_table(content, kind="staff")
    (question,) = caught.value.questions
    assert [code for code, _ in question.choices] == ["all", "[all]", "10月 "]
    for code, numbers in {"all": ["1001", "1002"], "[all]": ["1001"], "10月 ": ["1002"]}.items():
        assert records_of(read_table(content, kind="staff", answers={question.key: code})) == numbers


def test_a_column_can_be_said_to_be_a_field() -> None:
    content = b"\xef\xbb\xbf" + "工号,姓名,来的那天\n1001,陈晓,2018-03-05\n".encode()
    with pytest.raises(SheetError, match="--column 入职日期=表头"):
        read_table(io.BytesIO(content), kind="staff")
    table = read_table(io.BytesIO(content), kind="staff", answers={"column:hired_on": "来的那天"})
    assert table.header_of("hired_on") == "来的那天"
    assert list(table.answered) == ["column:hired_on"]


def test_a_pay_sheet_is_no_list_of_staff() -> None:
    pay = "工号,姓名,部门,岗位,入职日期,基本工资,绩效工资,应发工资,个税,实发工资\n"
    pay += "1,某,客服,客服,2024-01-01,1,1,2,0,2\n"
    with pytest.raises(SheetError, match="「应发工资」这一列说明它不是员工花名册"):
        read(pay, "staff")
    found = recognise(io.BytesIO(pay.encode()), kinds={"staff", "orders"}, mappings={})
    assert found.header is None and found.candidates == ()
    assert "应发工资" in found.foreign[0]


NO_DATA = """订单导出,,,
订单号,付款时间,金额,备注
T1,2026-10-08 10:00:00,10.00,9101
 , 　 ,,
,合计,10.00,
合计：,,10.00,
小计,2,10.00,
订单号,付款时间,金额,备注
#共1笔,,,
#------------,,,
制表人：某,,审核：某,
"""


def test_rows_that_are_no_data_are_counted_by_their_reason() -> None:
    table = read(NO_DATA, "orders")
    for _ in range(2):  # a second reading counts nothing twice
        assert [number for number, _ in table.rows(raise_at_end=False)] == [3]
    assert table.errors == []
    assert [number for number, _ in table.raw_rows()] == [3]
    assert table.left_out_notes() == [
        "只有空格的行 1 行没有导入（第 4 行）。",
        "合计行 3 行没有导入（第 5、6、7 行）。",
        "重复的表头行 1 行没有导入（第 8 行）。",
        "以 # 开头的行 2 行没有导入（第 9、10 行）。",
        "制表、审核等说明行 1 行没有导入（第 11 行）。",
    ]


def test_rows_with_nothing_but_a_number_put_there_beforehand_are_no_data() -> None:
    table = read("序号,工号,姓名,入职日期\n1,9101,某,2024-01-01\n2,,,\n3,,,\n", "staff")
    assert [number for number, _ in table.rows()] == [2]
    assert table.left_out_notes() == ["只有序号的空行 2 行没有导入（第 3、4 行）。"]


def test_a_remark_about_a_total_is_data() -> None:
    rows = read("订单号,付款时间,金额,备注\nT1,2026-10-08 10:00:00,10.00,合计\n", "orders").raw_rows()
    assert len(list(rows)) == 1
    with pytest.raises(SheetError, match="不能为空"):
        list(read("订单号,付款时间,金额,备注\n,2026-10-08 10:00:00,10.00,9101\n", "orders").rows())


OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("title", "name", "period"),
    [
        ("统计周期：2026/10/01-2026/10/31", "", OCTOBER),
        ("起始：[2026年10月01日]   终止：[2026年10月31日]", "", OCTOBER),
        ("统计日期：2026-10-31", "", (date(2026, 10, 31), date(2026, 10, 31))),
        ("生成时间：2026-11-02 10:00", "绩效_2026-10-01至2026-10-31.xlsx", OCTOBER),
        ("客服一部", "绩效20261001-20261007.csv", (date(2026, 10, 1), date(2026, 10, 7))),
        ("2026年2月绩效", "", (date(2026, 2, 1), date(2026, 2, 28))),
        ("客服一部", "绩效2026-10.csv", OCTOBER),
        ("客服一部", "订单导出_20261102.csv", None),
        ("客服一部", "绩效2026-10-31至2026-10-01.csv", None),
        ("客服一部", "客服数据_2026_11_02.csv", None),
        ("客服一部", "客服数据2026年11月2日.csv", None),
        ("客服一部", "客服数据2026年10月1日至31日.csv", OCTOBER),
        ("客服一部", "绩效2026-10_甲店.csv", OCTOBER),
        ("统计日期：2026-10-31 生成时间：2026-11-02", "", (date(2026, 10, 31), date(2026, 10, 31))),
        ("开始日期：2026-10-01 00:00:00，结束日期：2026-10-31 23:59:59", "", OCTOBER),
        ("2026.10.01～2026.10.31", "", OCTOBER),
    ],
)
def test_the_period_is_read_from_titles_and_the_name(
    title: str, name: str, period: tuple[date, date] | None
) -> None:
    content = f"{title}\n工号,姓名,入职日期\n1001,陈晓,2018-03-05\n"
    table = read_table(io.BytesIO(content.encode()), kind="staff", file_name=name)
    assert (table.period, table.file_name) == (period, name)
