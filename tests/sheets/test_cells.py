"""Cells that say more than a value: errors, formulas without a result, formats, merges, moments."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from sheets.cells import Fault, shape_of
from sheets.errors import SheetError, SheetErrors
from sheets.reading import open_source
from sheets.table import Table, read_table
from sheets.worksheets import LAST_MOMENT, Scanner
from tests.sheets.raw_books import (
    CHINESE,
    DATE,
    FLOWERY,
    MAIN,
    MOMENT,
    PADDED,
    PREFIXED,
    Raw,
    book,
    error,
    formula,
    in_sheet,
    number,
    sheet_xml,
)

ORDERS = ["订单号", "店铺", "付款时间", "金额", "退款金额", "备注"]
STAFF = ["工号", "姓名", "小组", "入职日期", "基本工资"]


def orders(*rows: Sequence[object], **options: Any) -> Table:
    return read_table(book(sheet_xml([ORDERS, *rows]), **options), kind="orders")


def order(
    number_: str = "7001", paid_at: object = "2026-10-08 10:00", amount: object = 100, *rest: object
) -> list[object]:
    return [number_, "甲店", paid_at, amount, *rest]


def told(table: Table) -> list[str]:
    with pytest.raises(SheetErrors) as caught:
        list(table.rows())
    return [str(each) for each in caught.value.errors]


def records(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.fields, values, strict=True)) for _, values in table.rows()]


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#DIV/0!", "#SPILL!", "#GETTING_DATA", "#某种新错误!"])
@pytest.mark.parametrize("column", [3, 4, 5])
def test_an_error_cell_refuses_its_row_with_error_column_and_cell(value: str, column: int) -> None:
    row = order("7001", "2026-10-08", 100, 30, "1001")
    row[column] = error(value)
    (message,) = told(orders(row, order("7002")))
    assert message.startswith(
        f"第 2 行「{ORDERS[column]}」（{value}）是错误值（单元格 {'ABCDEF'[column]}2）；"
    )


def test_every_bad_cell_of_the_row_is_named() -> None:
    messages = told(orders(order("7001", "昨天", error("#N/A"), formula("1+1"))))
    assert [message.split("」")[0] for message in messages] == [
        "第 2 行「付款时间",
        "第 2 行「金额",
        "第 2 行「退款金额",
    ]


def test_an_error_in_a_column_that_is_not_read_does_not_matter() -> None:
    rows = [
        ["订单号", "序号", "付款时间", "金额"],
        ["7001", error("#SPILL!"), "2026-10-08", 5],
    ]
    (record,) = records(read_table(book(sheet_xml(rows)), kind="orders"))
    assert record["paid_amount"] == 5


@pytest.mark.parametrize("broken", [error("#GETTING_DATA"), Raw(' t="x"><v>1</v>'), Raw("><v>abc</v>")])
def test_what_is_wrong_on_another_sheet_does_not_matter(broken: Raw) -> None:
    table = read_table(book(sheet_xml([["看板", broken]]), sheet_xml([ORDERS, order()])), kind="orders")
    assert (table.source.sheet_name, len(records(table))) == ("表2", 1)


def test_errors_of_a_text_file_are_errors_too() -> None:
    content = (
        "订单号,付款时间,金额,备注\n7001,2026-10-08,#N/A,\n7002,2026-10-08,5,#REF!\n7003,2026-10-08,5,3#楼\n"
    )
    messages = told(read_table(io.BytesIO(content.encode()), kind="orders"))
    assert [message.split("；")[0] for message in messages] == [
        "第 2 行「金额」（#N/A）是错误值（单元格 C2）",
        "第 3 行「备注」（#REF!）是错误值（单元格 D3）",
    ]


@pytest.mark.parametrize("result", ["", "<v></v>", "<v/>", "<v />"])
def test_a_formula_without_a_result_is_named(result: str) -> None:
    (message,) = told(orders(order("7001", "2026-10-08", 100, formula("C2*2", result))))
    assert message.startswith("第 2 行「退款金额」公式没有算出结果（单元格 E2）；请从算出它的程序重新导出")


@pytest.mark.parametrize(
    ("calc", "app", "is_refused"),
    [
        ('<calcPr calcId="124519" fullCalcOnLoad="1"/>', "Microsoft Excel", True),
        ("", "Apache POI", True),
        ('<calcPr calcId="191029"/>', "Microsoft Excel", False),
        ('<calcPr calcId="191029" fullCalcOnLoad="0"/>', "WPS 表格", False),
    ],
)
def test_a_zero_of_a_program_that_does_not_calculate_is_no_result(
    calc: str, app: str, *, is_refused: bool
) -> None:
    table = orders(order("7001", "2026-10-08", 100, formula("1+1", "<v>0</v>")), calc=calc, app=app)
    if is_refused:
        assert "没有算出结果" in told(table)[0]
    else:
        assert records(table)[0]["refund_amount"] == 0


def test_results_of_formulas_are_read_as_they_are_stored() -> None:
    text = Raw(' t="str"><f>"a"</f><v></v>')
    row = order("7001", "2026-10-08", formula("1+1", "<v>2</v>"), text, Raw(' t="str"><f>A1</f><v>好</v>'))
    (record,) = records(orders(row, calc='<calcPr fullCalcOnLoad="1"/>'))
    assert (record["paid_amount"], record["refund_amount"], record["remark"]) == (2, None, "好")


def test_errors_far_to_the_right_and_below_are_found_and_cells_without_a_name_counted() -> None:
    wide = openpyxl.Workbook()
    wide.active.append([f"列{index}" for index in range(60)])
    for _ in range(30):
        wide.active.append([1] * 60)
    wide.active["BH31"] = "#N/A"
    wide.active["BH31"].data_type = "e"
    stream = io.BytesIO()
    wide.save(stream)
    assert str(list(open_source(stream).rows())[30][1][59]) == "#N/A"
    unnamed = '<row><c t="inlineStr"><is><t>a</t></is></c><c t="e"><v>#N/A</v></c></row>'
    xml = in_sheet(f'{unnamed}<row r="4"><c/><c t="e"><v>#REF!</v></c></row>')
    assert [(n, [str(each) for each in row]) for n, row in open_source(book(xml)).rows()] == [
        (1, ["a", "#N/A"]),
        (4, ["", "#REF!"]),
    ]
    row = '<x:row r="1"><x:c r="A1" t="e"><x:v>#N/A</x:v></x:c></x:row>'
    prefixed = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    assert str(next(open_source(book(prefixed)).rows())[1][0]) == "#N/A"


def test_of_odd_cells_each_is_read_for_itself_and_searched_no_further() -> None:
    scanner = Scanner({}, is_uncalculated=False)
    closed = '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>1.99999999</v></c></row>'
    unclosed = '<row r="2"><c r="A2"><f>1</f></row><row r="3"><c r="A3" t="e"><v>#REF!</v></c></row>'
    found = scanner.scan([in_sheet(closed + unclosed).encode()])
    assert found is not None
    told = {number: kind for kind, number in found.kinds.items()}
    marks = {
        (column, row): told[each] for column, rows in found.marks.items() for row, each in enumerate(rows)
    }
    assert {place: mark for place, mark in marks.items() if mark} == {
        (1, 1): Fault("#N/A"),
        (1, 2): Fault(),
        (1, 3): Fault("#REF!"),
        (2, 1): LAST_MOMENT,
    }


def test_errors_are_found_in_every_block_of_a_large_sheet() -> None:
    rows = [[f"编号{index}", "说明" * 20, 5] for index in range(12_000)]
    marked = (0, 3_999, 4_000, 7_777, 11_999)
    for index in marked:
        rows[index][2] = error("#N/A")
    xml = sheet_xml(rows)
    assert len(xml.encode()) > 2 << 20
    found = [number for number, row in open_source(book(xml)).rows() if str(row[2]) == "#N/A"]
    assert found == [index + 1 for index in marked]


def test_numbers_shown_by_a_format_arrive_as_shown_and_stay_numbers() -> None:
    rows = [
        STAFF,
        [number("7", PADDED), "陈晓", "甲组", number("43466", DATE), number("4000", PADDED)],
        [number("3", PREFIXED), "林静", "甲组", number("43466", DATE), number("5", PREFIXED)],
        [number("12345", PADDED), "周敏", "甲组", number("43466", DATE), 4000],
    ]
    found = records(read_table(book(sheet_xml(rows)), kind="staff"))
    assert [each["number"] for each in found] == ["0007", "KF003", "12345"]
    assert [each["base_pay"] for each in found] == [4000, 5, 4000]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0000", "0007"), ("KF000", "KF007"), ("\\K\\F000", "KF007"), ('"号"0', "号7"),
        ("000-0000", "000-0007"), ("[Red]000;[Blue]-000", "007"), ("[$-804]000", "007"), ("0年", "7年"),
        ("[$KF-804]000", "KF007"), ("0", None), ("General", None), ("#,##0", None), ("0.00", None),
        ("0%", None), ("@", None), ("0_ ", None),
        ("yyyy-mm-dd", None), ('m"月"d"日"', None), ("[h]:mm", None), ("0E+00", None), ("[>100]000", None),
    ],
)  # fmt: skip
def test_formats_and_what_they_show(code: str, shown: str | None) -> None:
    shape = shape_of(code)
    assert (getattr(shape.applied(7.0), "shown", None) if shape else None) == shown
    if shape:
        assert [shape.applied(each) for each in (-7.0, 1.5, 1e15)] == [-7.0, 1.5, 1e15]
        assert not any(hasattr(shape.applied(each), "shown") for each in (-7.0, 1.5, 1e15))


def test_cells_merged_over_rows_carry_their_value_down_among_the_data() -> None:
    rows = [
        ["花名册", "", "", "", ""],
        STAFF,
        ["1001", "陈晓", "甲组", number("43466", DATE), 4000],
        ["1002", "林静", "", number("43466", DATE), 4000],
        ["1003", "周敏", "乙组", number("43466", DATE), ""],
        ["1004", "吴桐", "", number("43466", DATE), 4200],
        ["", "", "", "", ""],
    ]
    table = read_table(book(sheet_xml(rows, ("A1:E1", "C3:C4", "C5:C7"))), kind="staff")
    found = records(table)
    assert [each["team"] for each in found] == ["甲组", "甲组", "乙组", "乙组"]
    assert [each["base_pay"] for each in found] == [4000, 4000, None, 4200]
    assert [table.source.is_carried(row, 2) for row in (3, 4, 5, 6)] == [False, True, False, True]


def test_a_merge_of_the_header_carries_nothing_into_the_data() -> None:
    rows = [STAFF, ["1001", "陈晓", "", number("43466", DATE), 1]]
    (record,) = records(read_table(book(sheet_xml(rows, ("C1:C2",))), kind="staff"))
    assert record["team"] is None


def test_a_payment_in_the_last_moment_of_a_month_is_of_that_month_in_either_file() -> None:
    (by_workbook,) = records(orders(order("7001", number("43890.99999999999", MOMENT))))
    content = "订单号,店铺,付款时间,金额\n7001,甲店,2020-02-29 23:59:59.999999,100\n"
    (by_text,) = records(read_table(io.BytesIO(content.encode()), kind="orders"))
    assert by_workbook["paid_at"] == by_text["paid_at"] == datetime(2020, 2, 29, 23, 59, 59)
    (true_midnight,) = records(orders(order("7001", number("43891", MOMENT))))
    assert true_midnight["paid_at"] == datetime(2020, 3, 1)


@pytest.mark.parametrize(
    ("serial", "text", "second"),
    [
        ("43890.500000", "12:00:00", 0),
        ("43890.500008", "12:00:00.700", 0),
        ("43890.5000115683", "12:00:00.9995", 1),
        ("43890.50001157407", "12:00:01", 1),
    ],
)
def test_parts_of_a_second_are_left_out_alike(serial: str, text: str, second: int) -> None:
    (by_workbook,) = records(orders(order("7001", number(serial, MOMENT))))
    (by_text,) = records(orders(order("7001", f"2020-02-29 {text}")))
    assert by_workbook["paid_at"] == by_text["paid_at"] == datetime(2020, 2, 29, 12, 0, second)


def test_chinese_built_in_dates_are_dates() -> None:
    found = records(orders(order("7001", number("43882", CHINESE)), order("7002", number("43882", FLOWERY))))
    assert [each["paid_at"] for each in found] == [datetime(2020, 2, 21)] * 2


def test_runs_of_text_keep_the_spaces_between_them() -> None:
    runs = (
        ' t="inlineStr"><is><r><t>工号</t></r><r><t xml:space="preserve"> 1001 </t></r><r><t>好</t></r></is>'
    )
    (record,) = records(orders(order("7001", "2026-10-08", 100, 0, Raw(runs))))
    assert record["remark"] == "工号 1001 好"


def test_what_computing_leaves_behind_is_nothing() -> None:
    noise = formula("1000.1-1000-0.1", "<v>2.2898349882893854E-14</v>")
    (record,) = records(orders(order("7001", "2026-10-08", number("100.10000000002"), noise)))
    assert (record["paid_amount"], record["refund_amount"]) == (Decimal("100.1"), 0)


def test_a_hidden_row_is_known_as_hidden() -> None:
    xml = sheet_xml([ORDERS, order("7001"), order("7002")]).replace('<row r="3">', '<row r="3" hidden="1">')
    source = open_source(book(xml))
    assert [source.is_hidden(row) for row in (2, 3)] == [False, True]


def test_a_workbook_whose_parts_are_not_there_is_damaged() -> None:
    content = book(sheet_xml([ORDERS, order()]))
    with zipfile.ZipFile(content) as old:
        parts = {name: old.read(name) for name in old.namelist() if name != "xl/worksheets/sheet1.xml"}
    lacking = io.BytesIO()
    with zipfile.ZipFile(lacking, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    with pytest.raises(SheetError):
        read_table(lacking, kind="orders")


def test_dates_of_nothing_are_blanks() -> None:
    rows = [
        ["工号", "姓名", "入职日期", "离职日期"],
        ["1001", "陈晓", number("43466", DATE), number("2958465", DATE)],
        ["1002", "林静", number("43466", DATE), "0000-00-00"],
    ]
    found = records(read_table(book(sheet_xml(rows)), kind="staff"))
    assert [(each["hired_on"], each["left_on"]) for each in found] == [(date(2019, 1, 1), None)] * 2
