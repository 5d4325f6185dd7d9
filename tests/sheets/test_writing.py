"""Workbooks that open, print and cannot carry a formula in."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets.reading import open_source
from sheets.writing import Sheet, SheetColumn, plain_text, write_workbook

COLUMNS = (
    SheetColumn("工号"),
    SheetColumn("入职", format="date"),
    SheetColumn("实发", format="money"),
    SheetColumn("转化率", format="percent"),
    SheetColumn("说明", width=40, format="wrapped"),
)
ROW = ("1001", date(2020, 2, 1), Decimal("1234.50"), Decimal("0.7241"), "迟到 3 次")


def written(*sheets: Sheet) -> openpyxl.Workbook:
    stream = io.BytesIO()
    write_workbook(stream, sheets)
    stream.seek(0)
    return openpyxl.load_workbook(stream)


def first_cells(rows: Sequence[Sequence[Any]], columns: Sequence[SheetColumn] = COLUMNS) -> list[Any]:
    return list(written(Sheet("表", columns, rows)).active[2])


def test_a_workbook_is_its_owners_alone_also_in_place_of_one_that_was_not(tmp_path: Path) -> None:
    path = tmp_path / "工资表.xlsx"
    path.touch(mode=0o644)
    write_workbook(path, [Sheet("表", COLUMNS, [ROW])])
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
)
def test_text_that_could_be_a_formula_stays_text_as_it_is(text: str) -> None:
    for column in (
        SheetColumn("说明"),
        SheetColumn("说明", format="wrapped"),
        SheetColumn("说明", format="money"),
    ):
        (cell,) = first_cells([(text,)], [column])
        assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text.replace("\r", "_x000D_"), True)
    sheet = written(Sheet("表", [SheetColumn("=1+1")], [], footer=[text]))["表"]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=1+1", "s")
    assert sheet["A2"].data_type == "s" and sheet["A2"].font.b


def test_an_error_value_in_a_text_is_no_error_cell() -> None:
    (cell,) = first_cells([("#N/A",)], [SheetColumn("说明")])
    assert (cell.data_type, cell.value) == ("s", "#N/A")


def test_numbers_stay_numbers_and_harmless_text_is_untouched() -> None:
    cells = first_cells([("7", None, Decimal("-55.10"), -0.5, "a=b\n第二行")])
    assert [cell.value for cell in cells] == ["7", None, -55.1, -0.5, "a=b\n第二行"]
    assert [cell.data_type for cell in cells] == ["s", "n", "n", "n", "s"]


def test_control_characters_and_overlong_text_do_not_break_the_file() -> None:
    assert plain_text("a\x00b\x0bc\ufffed\ud800") == "abcd"
    (cell,) = first_cells([("x" * 40_000,)], [SheetColumn("说明")])
    assert len(cell.value) == 32_767


def test_cells_have_the_formats_of_their_columns() -> None:
    sheet = written(Sheet("表", COLUMNS, [ROW] * 3, footer=["合计", None, Decimal("3703.50"), None, None]))[
        "表"
    ]
    for row in (2, 3, 4):
        assert sheet.cell(row, 1).number_format == "General"
        assert sheet.cell(row, 2).number_format == "yyyy-mm-dd"
        assert sheet.cell(row, 3).number_format == "#,##0.00"
        assert sheet.cell(row, 4).number_format == "0.00%"
        assert sheet.cell(row, 5).alignment.wrap_text
    assert sheet["C5"].font.b and sheet["C5"].number_format == "#,##0.00"
    assert sheet["A5"].value == "合计" and not sheet["C4"].font.b


def test_a_date_in_a_money_column_leaves_the_rows_below_as_money() -> None:
    sheet = written(Sheet("表", [SheetColumn("额", format="money")], [(date(2020, 2, 1),), (Decimal(5),)]))[
        "表"
    ]
    assert (sheet["A2"].value, sheet["A3"].number_format) == (datetime(2020, 2, 1), "#,##0.00")


def test_the_header_is_bold_frozen_and_repeated_in_print() -> None:
    sheet = written(Sheet("工资表", COLUMNS, [ROW]))["工资表"]
    assert [cell.value for cell in sheet[1]] == ["工号", "入职", "实发", "转化率", "说明"]
    assert all(cell.font.b for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["E"].width == 40
    assert sheet.column_dimensions["C"].width >= 13


def test_titles_are_made_acceptable_and_unique() -> None:
    column = [SheetColumn("a")]
    book = written(
        *(Sheet(title, column, []) for title in ("2020/02:工资", "2020 02 工资", "长" * 40, "长" * 40))
    )
    assert book.sheetnames == ["2020 02 工资", "2020 02 工资 (2)", "长" * 31, "长" * 27 + " (2)"]


def test_rows_may_come_from_a_generator_and_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "工资.xlsx"
    write_workbook(path, iter([Sheet("表", COLUMNS, (ROW for _ in range(1000)))]))
    rows = list(open_source(path).rows())
    assert len(rows) == 1001
    assert rows[1000][1] == ["1001", date(2020, 2, 1), 1234.5, 0.7241, "迟到 3 次"]


def test_a_failed_export_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "工资.xlsx"
    write_workbook(path, [Sheet("旧", COLUMNS, [ROW])])
    before = path.read_bytes()

    def broken() -> Any:
        yield ROW
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_workbook(path, [Sheet("新", COLUMNS, broken())])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        written(Sheet("表", [SheetColumn("a", format="colour")], []))
    with pytest.raises(ValueError, match="2 cells"):
        written(Sheet("表", [SheetColumn("a")], [(1, 2)]))
    with pytest.raises(ValueError, match="at least one sheet"):
        written()
    with pytest.raises(TypeError):
        written(Sheet("表", [SheetColumn("a")], [(datetime(2020, 2, 1, tzinfo=UTC),)]))


def test_wrapped_text_gets_the_height_it_needs_and_pages_their_heading() -> None:
    columns = [SheetColumn("工号"), SheetColumn("说明", width=20, format="wrapped")]
    rows = [("1", "短"), ("2", "说" * 30), ("3", "一\n二"), ("4", "长" * 9000)]
    sheet = written(Sheet("表", columns, rows, heading="客服 A&B"))["表"]
    heights = [sheet.row_dimensions[row].height for row in (2, 3, 4, 5)]
    assert heights[0] is None
    assert heights[1] == 4 * heights[2] / 2 and heights[3] <= 409
    assert sheet.oddHeader.center.text == "客服 A&&B"


odd_text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        ["=1+1", "+86", "@x", "-5", "#N/A", "#REF!", "_x0041_", "_x005F_x0041_", " ", "\n", "0007"]
    ),
    st.from_regex(r"_x[0-9A-F]{4}_|[ \t\r\n]{1,3}|[=+@#'-].{0,4}", fullmatch=True),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(odd_text, min_size=1, max_size=20))
def test_any_text_is_read_back_as_it_was_given(texts: list[str]) -> None:
    columns = (SheetColumn("甲"), SheetColumn("乙", format="wrapped"), SheetColumn("丙", format="money"))
    rows = [(each, each, each, "末") for each in texts]
    stream = io.BytesIO()
    write_workbook(stream, [Sheet("表", (*columns, SheetColumn("丁")), rows)])
    held = [re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", each) for each in texts]
    assert [row for _, row in open_source(stream).rows()][1:] == [[each, each, each, "末"] for each in held]
    shown = list(openpyxl.load_workbook(stream).active.iter_rows(min_row=2))
    assert {cell.data_type for row in shown for cell in row if cell.value is not None} == {"s"}
