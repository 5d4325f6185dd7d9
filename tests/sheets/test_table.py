"""Headers, profiles and rows: what fits is read, what does not is named with its remedy."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from sheets import profiles
from sheets.errors import RowError, SheetError, SheetErrors
from sheets.profiles import ProfileMistake, all_profiles, load_profile
from sheets.questions import QuestionsOpen
from sheets.table import MAX_ERRORS, Table, read_table
from sheets.values import key_of

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not on this machine")

STAFF = "工号,姓名,入职日期\n"
TAOBAO = (
    "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,"
    "订单创建时间,订单付款时间,订单备注,店铺名称\n"
)


def table_of(content: str, kind: str, profile: str | None = None, encoding: str = "utf-8") -> Table:
    return read_table(io.BytesIO(content.encode(encoding)), kind=kind, profile=profile)


def records(table: Table) -> list[dict[str, object]]:
    return [dict(zip(table.fields, values, strict=True)) for _, values in table.rows()]


def refusal(content: str, kind: str, profile: str | None = None) -> str:
    with pytest.raises(SheetError) as caught:
        table_of(content, kind, profile)
    return str(caught.value)


def row_errors(content: str, kind: str) -> list[RowError]:
    with pytest.raises(SheetErrors) as caught:
        list(table_of(content, kind).rows())
    return list(caught.value.errors)


def test_headers_match_with_spaces_width_case_and_synonyms() -> None:
    content = " 员工编号 ,姓　名*,入职时间,星级\n1001,陈晓,2018-03-05,3\n"
    table = table_of(content, "staff")
    assert table.present == ("number", "name", "star", "hired_on")
    assert records(table)[0]["hired_on"] == date(2018, 3, 5)
    assert table.header_of("number") == "员工编号"


def test_the_header_may_stand_below_title_rows() -> None:
    content = "客服一部花名册,,\n制表：,人事,\n\n" + STAFF + "1001,陈晓,2018-03-05\n"
    table = table_of(content, "staff")
    assert table.header.row_number == 4
    assert [number for number, _ in table.rows()] == [5]


def test_a_header_below_too_many_title_rows_is_not_found() -> None:
    assert table_of("标题,,\n" * 11 + STAFF + "1001,陈晓,2018-03-05\n", "staff").header.row_number == 12
    message = refusal("标题,,\n" * 12 + STAFF + "1001,陈晓,2018-03-05\n", "staff")
    assert "前 12 行里找不到表头" in message and "工号、姓名、入职日期" in message


def test_an_unknown_header_is_not_read_and_said() -> None:
    table = table_of("工号,姓名,入职日期,血型\n1001,陈晓,2018-03-05,A\n", "staff")
    assert [record["number"] for record in records(table)] == ["1001"]
    assert table.unread_note() == "没有读的列：血型（D 列）。"


def test_a_missing_column_is_named_with_its_accepted_names() -> None:
    assert "缺少「入职日期」列；表头可以写：入职日期、入职时间" in refusal("工号,姓名\n1001,陈晓\n", "staff")


def test_two_columns_of_one_meaning_are_asked_about_with_their_values() -> None:
    content = "工号,姓名,入职日期,员工编号\n1001,陈晓,2018-03-05,1001\n1002,林芳,2018-03-05,2002\n"
    with pytest.raises(QuestionsOpen) as caught:
        table_of(content, "staff")
    (question,) = caught.value.questions
    assert (question.key, question.choices) == (
        "column:number",
        (("工号", "A 列「工号」"), ("员工编号", "D 列「员工编号」")),
    )
    assert question.samples == ("第 3 行：工号 1002，员工编号 2002",)
    answers = {"column:number": "员工编号"}
    table = read_table(io.BytesIO(content.encode()), kind="staff", answers=answers)
    assert [record["number"] for record in records(table)] == ["1001", "2002"]


def test_two_columns_that_agree_or_of_which_one_is_empty_are_no_question() -> None:
    content = "工号,姓名,基本工资,底薪,员工编号,入职日期\n1001,陈晓,100,100.00,,2018-03-05\n"
    (record,) = records(table_of(content, "staff"))
    assert (record["number"], record["base_pay"]) == ("1001", 100)
    content = "员工编号,姓名,入职日期,工号\n,陈晓,2018-03-05,1001\n"
    assert records(table_of(content, "staff"))[0]["number"] == "1001"


def test_columns_with_the_same_header_are_told_apart_by_their_letters() -> None:
    content = "工号,姓名,入职日期,姓名\n1001,陈晓,2018-03-05,陈小\n"
    answers = {"column:name": "姓名（D 列）"}
    table = read_table(io.BytesIO(content.encode()), kind="staff", answers=answers)
    assert records(table)[0]["name"] == "陈小"


def test_every_missing_column_is_reported_at_once() -> None:
    message = refusal("工号,部门,血型\n1001,客服,A\n", "staff")
    assert "缺少「姓名」" in message and "缺少「入职日期」" in message


def test_a_file_with_only_a_header_is_refused() -> None:
    assert "只有表头" in refusal(STAFF, "staff")
    assert "只有表头" in refusal(STAFF + ",,\n\n", "staff")


def test_columns_without_a_header_and_ignored_columns_are_left_out() -> None:
    table = table_of("序号,工号,姓名,入职日期,,手机\n1,1001,陈晓,2018-03-05,,13800000000\n", "staff")
    assert "13800000000" not in str(records(table))


def test_every_bad_cell_is_listed_with_row_column_value_and_remedy() -> None:
    content = (
        STAFF.strip()
        + ",基本工资\n1001,陈晓,2018-02-31,五千\n1002,,2018-09-10,3000\n1003,周涛,2019-01-02,-1\n"
    )
    errors = row_errors(content, "staff")
    assert [(error.row, error.column, error.value) for error in errors] == [
        (2, "入职日期", "2018-02-31"),
        (2, "基本工资", "五千"),
        (3, "姓名", ""),
        (4, "基本工资", "-1"),
    ]
    assert "只有 28 天" in errors[0].message
    assert all(error.remedy for error in errors)
    assert str(errors[1]) == "第 2 行「基本工资」（五千）不是金额；请只填数字，最多两位小数，例如 1234.50"


def test_good_rows_come_while_errors_are_collected() -> None:
    table = table_of(STAFF + "1001,陈晓,昨天\n1002,林芳,2018-09-10\n", "staff")
    assert [number for number, _ in table.rows(raise_at_end=False)] == [3]
    table.add_error(3, "number", "工号不存在", "请先导入员工", "1002")
    with pytest.raises(SheetErrors, match="2 处错误") as caught:
        table.check()
    assert [error.row for error in caught.value.errors] == [2, 3]
    assert "没有导入任何数据" in str(caught.value)


def test_after_two_hundred_errors_reading_stops() -> None:
    content = STAFF + "1001,陈晓,昨天\n" * 500
    with pytest.raises(SheetErrors) as caught:
        list(table_of(content, "staff").rows())
    assert len(caught.value.errors) == MAX_ERRORS
    assert not caught.value.complete and "错误太多" in str(caught.value)


def test_short_rows_are_filled_up_and_surplus_cells_refused() -> None:
    table = table_of(STAFF.strip() + ",星级\n1001,陈晓,2018-03-05\n1002,林芳,2018-09-10,2,,\n", "staff")
    assert [record["star"] for record in records(table)] == [None, 2]
    (error,) = row_errors(STAFF + "1001,陈,晓,2018-03-05\n", "staff")
    assert (error.row, error.column) == (2, "D 列") and "分隔符" in error.remedy


def test_rows_of_spaces_and_trailing_empty_rows_are_no_data() -> None:
    table = table_of(STAFF + "1001,陈晓,2018-03-05\n,,\n  ,\u3000, \n\n\n", "staff")
    assert len(records(table)) == 1


def test_a_long_bad_value_is_shortened_in_the_message() -> None:
    (error,) = row_errors(STAFF + f"1001,陈晓,{'长' * 5000}\n", "staff")
    assert len(error.value) == 41


def test_an_unknown_profile_or_kind_is_named() -> None:
    assert "tmall_report（天猫订单报表）" in refusal("订单编号\n1\n", "orders", "nobody")
    assert "没有「weather」" in refusal("a,b\n1,2\n", "weather")


def test_a_header_that_fits_two_profiles_needs_a_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"staff.{name}.yaml").write_text(
            f"kind: staff\nname: {name}\ntitle: 花名册{name}\ncolumns:\n"
            "  number: {names: [工号], type: text, required: true}\n  name: {names: [姓名], type: text}\n"
        )
    twins = tuple(load_profile(path) for path in sorted(tmp_path.glob("*.yaml")))
    monkeypatch.setattr(profiles, "all_profiles", lambda: twins)
    message = refusal("工号,姓名\n1001,陈晓\n", "staff")
    assert "one（花名册one）、two（花名册two）" in message and "--profile" in message
    assert table_of("工号,姓名\n1001,陈晓\n", "staff", "two").profile.name == "two"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("type: text", "type: colour"), "unknown type"),
        (("title: 花名册", "titel: 花名册"), "unknown keys"),
        (("ignored: [备注]", "ignored: [工 号]"), "listed twice"),
        (("name: mine", "name: other"), "must be named"),
    ],
)
def test_a_wrong_profile_file_is_refused(tmp_path: Path, change: tuple[str, str], word: str) -> None:
    content = "kind: staff\nname: mine\ntitle: 花名册\ncolumns:\n"
    content += "  number: {names: [工号], type: text}\nignored: [备注]\n"
    path = tmp_path / "staff.mine.yaml"
    path.write_text(content)
    assert load_profile(path).title == "花名册"
    path.write_text(content.replace(*change))
    with pytest.raises(ProfileMistake, match=word):
        load_profile(path)


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: f"{profile.kind}.{profile.name}")
def test_every_profile_reads_a_sheet_of_its_own_headers(profile: profiles.Profile) -> None:
    examples = {
        "text": "文字", "order_no": "1001", "long_number": "1001", "money": "1.50",
        "signed_money": "-1.50", "decimal": "1", "count": "2", "quantity": "0.5", "seconds": "25",
        "percent": "70%", "metric_value": "5", "date": "2020-02-21", "datetime": "2020-02-21 13:05",
        "datetime_or_serial": "2020-02-21 13:05", "month": "2020-02",
        "date_range": "2020-02-01~2020-02-29", "bool": "是",
    }  # fmt: skip
    cells = [
        next(iter(column.choices), "") if column.type == "choice" else examples[column.type]
        for column in profile.columns
    ]
    header = ",".join(column.title for column in profile.columns)
    table = table_of(f"{header}\n{','.join(cells)}\n", profile.kind, profile.name)
    (record,) = records(table)
    assert None not in record.values()
    assert table.present == profile.fields


def test_a_taobao_export_is_read_without_its_buyers() -> None:
    line = '="1234567890123456789",小明88,120.00,100.00,交易成功,请发快递,张三,'
    line += "2020-02-20 23:59:01,2020-02-21 00:00:05,1003 已备注,旗舰店\n"
    table = table_of(TAOBAO + line, "orders", encoding="gb18030")
    assert table.profile.name == "taobao"
    (record,) = records(table)
    assert record["order_no"] == "1234567890123456789"
    assert record["paid_at"] == datetime(2020, 2, 21, 0, 0, 5)
    assert (record["remark"], record["shop"], record["paid_amount"]) == (
        "1003 已备注",
        "旗舰店",
        Decimal("100.00"),
    )
    assert not {"小明88", "张三", "请发快递"} & {str(value) for value in record.values()}


def test_a_plain_order_sheet_is_read() -> None:
    content = "订单号,店铺,付款时间,金额,备注,退款金额,退款时间\n"
    content += "A1,旗舰店,2020-02-21 13:05,99.90,1001,10,2020-03-02 09:00\n"
    table = table_of(content, "orders")
    assert (table.profile.name, table.profile.rules["paid_amount"]) == ("generic", "gross")
    assert records(table)[0]["refunded_at"] == datetime(2020, 3, 2, 9)


def test_a_bulk_importer_gets_raw_cells_by_index() -> None:
    line = '="12",小明,1,1,成功,,,2020-02-20 23:59:01,,,店\n'
    table = table_of(TAOBAO + line, "orders")
    order, paid, remark = (table.index_of(field) for field in ("order_no", "paid_at", "remark"))
    assert order is not None and paid is not None and remark is not None
    assert [(number, row[order], row[paid], row[remark]) for number, row in table.raw_rows()] == [
        (2, "12", "", "")
    ]
    assert table.index_of("refund_amount") is None


def test_metrics_in_rows_of_one_metric_each() -> None:
    header = "工号,指标,数值,月份,截至日期,来源\n"
    content = (
        header + "1001,询单转化率,72.41%,2020-02,2020-03-01,后台\n"
        "1001,sales,1200.5,2020年2月,,\n1001,quiz,7,2020-02,,\n"
    )
    rows = records(table_of(content, "metrics"))
    assert [(row["metric"], row["value"]) for row in rows] == [
        ("conversion_rate", Decimal("0.7241")),
        ("sales", Decimal("1200.5")),
        ("quiz", Decimal("7")),
    ]
    assert rows[1]["month"] == date(2020, 2, 1)
    (error,) = row_errors(header + "1001,询单转化率,72.41,2020-02,,\n", "metrics")
    assert error.column == "数值" and "72.41%" in error.remedy


def test_totals_below_a_performance_report_are_no_staff() -> None:
    content = "日期,客服工号,咨询人数\n2020-02-01~2020-02-29,1001,5\n汇总,,5\n均值,,5\n"
    assert [row["staff_number"] for row in records(table_of(content, "metrics"))] == ["1001"]


def test_tiers_and_roles_become_codes_and_unknown_ones_stay() -> None:
    content = (
        STAFF.strip() + ",职级,岗位\n1,甲,2020-01-01,高级客服,客服主管\n"
        "2,乙,2020-01-01,试用,吉祥物\n3,丙,2020-01-01,,售前\n"
    )
    rows = records(table_of(content, "staff"))
    assert [(row["tier"], row["role"]) for row in rows] == [
        ("senior", "supervisor"),
        ("trial", "吉祥物"),
        (None, "presale"),
    ]
    (row,) = records(table_of(STAFF.strip() + ",职级\n1,甲,2020-01-01,特级\n", "staff"))
    assert row["tier"] == "特级"


def test_a_workbook_with_typed_cells_reads_like_its_csv() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["工号", "姓名", "入职日期", "基本工资", "星级"])
    workbook.active.append([1001, "陈晓", date(2018, 3, 5), 3000.5, 3])
    stream = io.BytesIO()
    workbook.save(stream)
    from_xlsx = records(read_table(stream, kind="staff"))
    from_csv = records(
        table_of("工号,姓名,入职日期,基本工资,星级\n1001,陈晓,2018-03-05,3000.50,3\n", "staff")
    )
    assert from_xlsx == from_csv
    assert from_csv[0]["base_pay"] == Decimal("3000.50")


def test_an_order_number_rounded_by_excel_is_refused() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["订单编号", "落实客服工号"])
    workbook.active.append([1234567890123456789, 1001])
    stream = io.BytesIO()
    workbook.save(stream)
    with pytest.raises(SheetErrors, match="末几位已经丢失"):
        list(read_table(stream, kind="attribution").rows())


def test_the_headers_of_the_seller_centre_are_all_known() -> None:
    taobao = next(profile for profile in all_profiles() if profile.name == "taobao")
    known = taobao.ignored | set(taobao.by_key())
    assert len(known) > 55
    assert all(
        key_of(name) in known
        for name in ("买家支付宝账号", "店铺ＩＤ", "物流单号 ", "宝贝标题", "订单关闭原因")
    )


@needs_samples
def test_the_sample_orders_add_up_to_the_file() -> None:
    table = read_table(SAMPLES / "tmall_order_report.csv", kind="orders")
    rows = records(table)
    assert (table.profile.name, table.profile.rules["paid_amount"]) == ("tmall_report", "kept")
    assert len(rows) == 28_010
    assert sum(row["paid_at"] is None for row in rows) == 3_923
    assert sum(row["paid_amount"] for row in rows) == Decimal("1902487.15")  # type: ignore[misc]
    assert sum(row["refund_amount"] for row in rows) == Decimal("572335.92")  # type: ignore[misc]
    assert "上海" not in {value for row in rows[:50] for value in row.values()}


@needs_samples
def test_the_other_samples_are_read_as_they_are() -> None:
    staff = read_table(SAMPLES / "staff.csv", kind="staff")
    first, *_, last = records(staff)
    assert (first["name"], first["tier"], first["base_pay"], last["tier"]) == (
        "陈晓",
        "senior",
        None,
        "trial",
    )
    metrics = records(read_table(SAMPLES / "chitu_performance_2020-02.csv", kind="metrics"))
    assert metrics[0]["period"] == (date(2020, 2, 1), date(2020, 2, 29))
    assert (metrics[0]["conversion_rate"], metrics[0]["answer_ratio"]) == (Decimal("0.7241"), Decimal("1.31"))
    attribution = records(read_table(SAMPLES / "tmall_attribution.csv", kind="attribution"))
    assert {"order_no": "1", "staff_number": "1005", "share": None}.items() <= attribution[0].items()
