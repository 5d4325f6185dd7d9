"""Cell values: exact, and refused where they could be read in two ways."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sheets import values
from sheets.cells import shape_of
from sheets.errors import CellError


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("157", "157"),
        (" 178.8 ", "178.8"),
        ("¥1,234.50", "1234.50"),
        ("￥1，234.50", "1234.50"),
        ("１２３．４５", "123.45"),
        ("12.3000", "12.30"),
        ("88元", "88"),
        ("0", "0"),
        (157.8, "157.8"),
        (0.1 + 0.2, "0.3"),
        (1001.0, "1001"),
        (12, "12"),
        ("123,456,789.01", "123456789.01"),
    ],
)
def test_money_is_read_exactly(written: object, amount: str) -> None:
    assert values.money(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        "一百",
        "inf",
        "1e3",
        "1.5E+2",
        "1.234",
        "12,34",
        "1.2.3",
        "--5",
        "¥",
        "1 2x",
        True,
        0.125,
        "#DIV/0!",
        "5%",
    ],
)
def test_text_exponents_and_third_decimals_are_no_money(written: object) -> None:
    with pytest.raises(CellError) as caught:
        values.money(written)
    assert "金额" in caught.value.message or "科学计数" in caught.value.message
    assert "两位小数" in caught.value.remedy


@pytest.mark.parametrize("written", [date(2020, 2, 1), datetime(2020, 2, 1), time(1), timedelta(1)])
def test_a_date_cell_is_no_number(written: object) -> None:
    for parse in (values.money, values.decimal, values.percent):
        with pytest.raises(CellError):
            parse(written)


def test_a_negative_amount_is_refused_unless_allowed() -> None:
    with pytest.raises(CellError, match="不能为负数"):
        values.money("-5.00")
    assert values.signed_money("-5.00") == Decimal("-5.00")
    assert values.signed_money("－5.00") == Decimal("-5.00")


@pytest.mark.parametrize("parse", values.PARSERS.values(), ids=values.PARSERS.keys())
def test_blank_cells_are_none(parse: values.Parser) -> None:
    assert parse("") is None
    assert parse("  \u3000") is None
    assert parse(None) is None


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_money_survives_every_way_of_writing(amount: Decimal) -> None:
    for written in (f"{amount}", f"¥{amount:,}", f" {amount:,} ", f"{amount}0"):
        assert values.money(written) == amount


@given(st.integers(min_value=0, max_value=10**9))
def test_money_of_excel_numbers_is_exact_to_the_fen(fen: int) -> None:
    assert values.money(fen / 100) == Decimal(fen) / 100


@given(st.decimals(min_value=-1000, max_value=1000, places=4))
def test_percent_texts_are_divided_by_a_hundred_exactly(number: Decimal) -> None:
    assert values.percent(f"{number}%") == number / 100


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)))
def test_dates_survive_every_way_of_writing(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    for written in (
        day.isoformat(),
        f"{y}/{m}/{d}",
        f"{y}.{m:02}.{d:02}",
        f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}",
        day,
    ):
        assert values.day(written) == day


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 12, 31)))
def test_moments_survive_every_way_of_writing(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assume(whole not in (datetime(1970, 1, 1), datetime(1970, 1, 1, 8)))  # say that there is none
    clock = f"{whole.hour}:{whole.minute:02}:{whole.second:02}"
    for written in (
        whole.isoformat(),
        whole.isoformat(" "),
        f"{whole.year}/{whole.month}/{whole.day}  {clock}",
    ):
        assert values.moment(written) == whole
    assert values.moment(f"{whole:%Y-%m-%d} {whole.hour}:{whole:%M}") == whole.replace(second=0)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_words(written: str) -> None:
    for parse in values.PARSERS.values():
        try:
            parse(written)
        except CellError as error:
            assert error.message and error.remedy


def test_a_bare_number_in_a_percent_column_is_refused_when_ambiguous() -> None:
    assert values.percent("72.41%") == Decimal("0.7241")
    assert values.percent("１３１％") == Decimal("1.31")
    assert values.percent(0.7241) == Decimal("0.7241")
    assert values.percent("1") == Decimal(1)
    assert values.percent("1.31", Decimal(10)) == Decimal("1.31")
    with pytest.raises(CellError, match=r"72\.41%"):
        values.percent("72.41")
    with pytest.raises(CellError, match="不是百分数"):
        values.percent("很高")
    with pytest.raises(CellError, match="不是百分数"):
        values.percent("%")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020/2/21", date(2020, 2, 21)),
        ("20-02-01 星期六", date(2020, 2, 1)),
        ("2020年2月21日 周五", date(2020, 2, 21)),
        ("２０２０－０２－２１", date(2020, 2, 21)),
        ("2020-02-21 00:00:00", date(2020, 2, 21)),
        (datetime(2020, 2, 21, 8, 30), date(2020, 2, 21)),
        ('="2020-02-21"', date(2020, 2, 21)),
    ],
)
def test_dates_in_the_forms_of_real_exports(written: object, expected: date) -> None:
    assert values.day(written) == expected


def test_the_thirty_first_of_february_is_refused() -> None:
    for parse in (values.day, values.moment):
        with pytest.raises(CellError, match=r"2020 年 2 月只有 29 天"):
            parse("2020-02-31")
    with pytest.raises(CellError, match=r"2020 年 2 月只有 29 天"):
        values.moment("2020/2/31 10:00")


@pytest.mark.parametrize(
    "written", ["2020-13-01", "明天", "21/2/2020", "2020-02", 43882.0, "2020-02/21", "0000-01-01"]
)
def test_what_is_no_date_is_refused(written: object) -> None:
    with pytest.raises(CellError):
        values.day(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020/2/21 0:00", datetime(2020, 2, 21)),
        ("2020-02-21 13:05:30", datetime(2020, 2, 21, 13, 5, 30)),
        ("2020-02-21T13:05:30", datetime(2020, 2, 21, 13, 5, 30)),
        ("2020年2月21日 13:05", datetime(2020, 2, 21, 13, 5)),
        ("2020-02-21 13:05:30.0", datetime(2020, 2, 21, 13, 5, 30)),
        (" 2020-02-21\t13:05 ", datetime(2020, 2, 21, 13, 5)),
        ("2020-02-21", datetime(2020, 2, 21)),
        (date(2020, 2, 21), datetime(2020, 2, 21)),
    ],
)
def test_moments_in_the_forms_of_real_exports(written: object, expected: datetime) -> None:
    assert values.moment(written) == expected


@pytest.mark.parametrize(
    "written", ["2020-02-21 24:00", "2020-02-21 13:60", "下午", 43882.5, "2020-02-21 99:00:00"]
)
def test_what_is_no_moment_is_refused(written: object) -> None:
    with pytest.raises(CellError):
        values.moment(written)


def test_months_and_ranges() -> None:
    for written in ("2020-02", "2020年2月", "2020/2", "202002", "２０２０年２月份", date(2020, 2, 9)):
        assert values.month(written) == date(2020, 2, 1)
    with pytest.raises(CellError):
        values.month("2020-13")
    february = (date(2020, 2, 1), date(2020, 2, 29))
    for written in (
        "2020-02-01~2020-02-29",
        "2020-02-01 ～ 2020-02-29",
        "2020/2/1至2020/2/29",
        "2020-02",
        "2020-02-01 - 2020-02-29",
    ):
        assert values.date_range(written) == february
    assert values.date_range("2020-02-03") == (date(2020, 2, 3), date(2020, 2, 3))
    with pytest.raises(CellError, match="早于"):
        values.date_range("2020-02-29~2020-02-01")
    with pytest.raises(CellError):
        values.date_range("2020-02-01~")


def test_order_numbers_stay_text_and_rounded_ones_are_refused() -> None:
    assert values.order_no("1234567890123456789") == "1234567890123456789"
    assert values.order_no('="1234567890123456789"') == "1234567890123456789"
    assert values.order_no("'1234567890123456789\t") == "1234567890123456789"
    assert values.order_no(1001.0) == "1001"
    assert values.order_no("007") == "007"
    for rounded in ("1.23457E+18", 1.2345678901234568e18):
        with pytest.raises(CellError, match="末几位已经丢失"):
            values.order_no(rounded)


def test_counts_quantities_and_seconds() -> None:
    assert values.count("1,400") == 1400
    assert values.quantity("0.5") == Decimal("0.5")
    assert values.decimal("-1.5") == Decimal("-1.5")
    for written, amount in (
        ("25", 25),
        ("25秒", 25),
        ("1分5秒", 65),
        ("00:01:05", 65),
        (12.5, "12.5"),
        (timedelta(seconds=65), 65),
    ):
        assert values.seconds(written) == Decimal(amount)
    for parse, bad in (
        (values.count, "1.5"),
        (values.count, "-1"),
        (values.quantity, "-1"),
        (values.seconds, "慢"),
    ):
        with pytest.raises(CellError):
            parse(bad)


def test_booleans_and_choices() -> None:
    assert [values.boolean(written) for written in ("是", "YES", "1", True, "否", "无", 0.0)] == [
        True
    ] * 4 + [False] * 3
    with pytest.raises(CellError):
        values.boolean("也许")
    closed = values.choice({"高级客服": "senior", "试用": "trial"})
    assert closed(" 高级 客服") == "senior"
    assert closed("SENIOR") == "senior"
    with pytest.raises(CellError, match="高级客服、试用"):
        closed("特级")
    assert values.choice({"客服": "agent"}, is_open=True)("吉祥物") == "吉祥物"


def test_names_are_compared_without_width_case_spaces_and_kind_of_arrow() -> None:
    for written in (
        "询单->最终付款转化率",
        "询单 → 最终付款转化率",
        "询单—>最终付款转化率\u200b",
        "询单－＞最终付款转化率",
    ):
        assert values.key_of(written) == "询单>最终付款转化率"
    assert values.key_of("首次响应时间（秒）") == values.key_of("首次响应时间(秒)")
    assert values.key_of("店铺ＩＤ") == values.key_of("店铺id")


PLACEHOLDERS = ["-", "--", "—", "——", "/", "／", "无", "NaN", "N/A", "null", "NULL", "暂无数据", "延迟统计"]


@pytest.mark.parametrize("written", PLACEHOLDERS)
@pytest.mark.parametrize("kind", [kind for kind in values.PARSERS if kind != "bool"])
def test_a_placeholder_is_a_blank(kind: str, written: str) -> None:
    assert values.PARSERS[kind](written) is None
    assert values.PARSERS[kind](f" {written} ") is None


def test_a_placeholder_is_a_blank_of_yes_and_no_but_where_it_says_no() -> None:
    assert values.boolean("无") is False
    assert values.boolean("-") is None
    assert values.choice({"无": "none", "有": "some"})("无") == "none"
    assert values.choice({"甲": "a"})("/") is None
    assert values.choice({"甲": "a"}, is_open=True)("-") is None


@pytest.mark.parametrize(
    "written",
    ["0000-00-00", "0000-00-00 00:00:00", "9999-12-31", "9999-12-31 23:59:59", "1970-01-01 08:00:00"],
)
def test_dates_of_nothing_are_blanks(written: str) -> None:
    assert values.moment(written) is None


def test_dates_of_nothing_in_a_workbook_are_blanks() -> None:
    for parse in (values.day, values.moment, values.month, values.date_range):
        assert parse(datetime(9999, 12, 31)) is None
        assert parse(date(9999, 12, 31)) is None
    assert values.day("1970-01-01") == date(1970, 1, 1)
    assert values.moment("1970-01-01 08:00:01") == datetime(1970, 1, 1, 8, 0, 1)


@pytest.mark.parametrize("written", ["12-", "- 12", "无效", "-/-1", "n/a1", "·"])
def test_what_only_looks_like_a_placeholder_is_refused(written: str) -> None:
    for parse in (values.money, values.decimal, values.moment):
        with pytest.raises(CellError):
            parse(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (4.2e-05, "0.000042"),
        ("4.2E-05", "0.000042"),
        ("1.2345E+02", "123.45"),
        ("-1.5e-3", "-0.0015"),
        (2.29e-14, "0"),
        ("2.29E-14", "0"),
        (-1e-15, "0"),
        (0.1 + 0.2, "0.3"),
        (123456789.5, "123456789.5"),
    ],
)
def test_numbers_with_exponents_are_read_and_noise_is_not(written: object, read: str) -> None:
    assert values.decimal(written) == Decimal(read)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (2.29e-14, "0"),
        (-2.29e-14, "0"),
        ("2.29E-14", "0"),
        (100.10000000002, "100.1"),
        (99.99999999999, "100"),
    ],
)
def test_noise_behind_the_fen_is_no_third_decimal(written: object, read: str) -> None:
    found = values.money(written)
    assert found == Decimal(read) and not str(found).startswith("-")


def test_noise_is_no_part_of_a_count_and_a_rounded_number_none_at_all() -> None:
    assert values.count(29.999999999) == 30
    assert values.count(34.9999999999) == 35
    with pytest.raises(CellError):
        values.count(34.999)
    with pytest.raises(CellError, match="科学计数"):
        values.decimal("1.2E+05")


@pytest.mark.parametrize("written", ["46303", "46303.41667", 46303.0, 46303.41667])
def test_a_date_that_became_a_number_is_named_as_that(written: object) -> None:
    for parse in (values.day, values.moment):
        with pytest.raises(CellError, match="日期变成的数字（相当于 2026-10-08"):
            parse(written)


def test_a_number_shown_by_its_format_is_text_where_text_is_wanted() -> None:
    shape = shape_of('"KF"000')
    assert shape is not None
    shown = shape.applied(7.0)
    assert (values.text(shown), values.order_no(shown), values.plain(shown)) == ("KF007",) * 3
    assert (values.money(shown), values.count(shown), values.percent(shown, Decimal(10))) == (7, 7, 7)
