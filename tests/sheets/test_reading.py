"""Opening files as people have them, and refusing what cannot be read, in words."""

import csv
import hashlib
import io
import os
import struct
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheets import archive, reading
from sheets.errors import SheetError

ROWS = [["工号", "姓名"], ["1001", "陈晓"], ["1002", "林芳"]]


def text_of(rows: list[list[str]], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


def rows_of(content: bytes) -> list[list[object]]:
    return [row for _, row in reading.open_source(io.BytesIO(content)).rows()]


def refusal(content: bytes, **options: int) -> str:
    with pytest.raises(SheetError) as caught:
        list(reading.open_source(io.BytesIO(content), **options).rows())
    return str(caught.value)


def workbook_bytes(rows: list[list[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def repacked(content: bytes, part: str, data: bytes) -> bytes:
    """The same archive with one part replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, data)
    return stream.getvalue()


def with_shared_texts(texts: list[str]) -> bytes:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    xml = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'
    return repacked(workbook_bytes([["工号"]]), "xl/sharedStrings.xml", xml.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_every_usual_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    assert rows_of(text_of(ROWS, delimiter).encode(encoding)) == ROWS


def test_gb18030_is_recognised_when_the_first_megabytes_are_ascii() -> None:
    ascii_rows = "number,note\n" + "1001,plain text\n" * 100_000
    assert len(ascii_rows) > 1 << 20
    source = reading.open_source(io.BytesIO((ascii_rows + "1002,客服\n").encode("gb18030")))
    assert source.encoding == "gb18030"
    *_, (number, last) = source.rows()
    assert (number, last) == (100_002, ["1002", "客服"])


def test_a_character_on_a_block_boundary_is_read_whole() -> None:
    for shift in range(4):
        note = "x" * shift + "客服" * 30_000
        for encoding in ("utf-8", "gb18030"):
            lines = "".join(
                f"{number},{note[i : i + 500]}\n" for number, i in enumerate(range(0, len(note), 500))
            )
            read = rows_of(lines.encode(encoding))
            assert "".join(str(row[1]) for row in read) == note


def test_row_numbers_are_those_of_a_spreadsheet_program() -> None:
    content = '工号,说明\n1001,"两行\n文字"\n\n,,\n1002,好\n\n\n'.encode()
    assert [number for number, _ in reading.open_source(io.BytesIO(content)).rows()] == [1, 2, 5]


def test_numbers_wrapped_as_formula_texts_are_unwrapped() -> None:
    content = '="编号",备注\n="1234567890123456789","有,""引号"""\n="12,3",好\n="9",="8"\n'
    content += '"=""7""",x\n"a,=""b""",y\n'
    for encoding in ("utf-8", "gb18030"):
        assert rows_of(content.encode(encoding)) == [
            ["编号", "备注"],
            ["1234567890123456789", '有,"引号"'],
            ["12,3", "好"],
            ["9", "8"],
            ["7", "x"],
            ['a,="b"', "y"],
        ]


def test_a_separator_line_of_excel_is_obeyed() -> None:
    assert rows_of(b"sep=;\na,b,c;d\n1;2\n")[1:] == [["a,b,c", "d"], ["1", "2"]]


def test_a_source_can_be_read_twice_and_knows_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(text_of(ROWS).encode("gb18030"))
    source = reading.open_source(path)
    assert list(source.rows()) == list(source.rows())
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_xlsx_gives_typed_cells_with_their_true_rows_and_columns() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["B3"], sheet["C3"] = "工号", "入职"
    sheet["B5"], sheet["C5"] = 1001, date(2020, 2, 21)
    stream = io.BytesIO()
    workbook.save(stream)
    source = reading.open_source(stream)
    assert list(source.rows()) == [(3, ["", "工号", "入职"]), (5, ["", 1001.0, date(2020, 2, 21)])]
    assert source.digest == hashlib.sha256(stream.getvalue()).hexdigest()


def test_the_first_visible_filled_worksheet_is_read() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["藏"])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("空")
    workbook.create_sheet("数据").append(["工号"])
    stream = io.BytesIO()
    workbook.save(stream)
    source = reading.open_source(stream)
    assert (source.sheet_name, list(source.rows())) == ("数据", [(1, ["工号"])])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="打不开文件"):
        reading.open_source(tmp_path / "无.csv")


def test_an_empty_file_is_refused() -> None:
    assert "空的" in refusal(b"")
    assert "没有内容" in refusal(workbook_bytes([]))


def test_a_renamed_xls_is_told_to_be_saved_as_xlsx() -> None:
    message = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    assert "旧版 .xls" in message and "另存为 .xlsx" in message


def test_an_encrypted_workbook_is_told_to_lose_its_password() -> None:
    padding = bytes(300_000 - 8 - 10)  # the directory entry lies on a block boundary
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + padding + "EncryptedPackage".encode("utf-16-le")
    assert "密码" in refusal(content)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "不是表格文件"),
        (b"\x89PNG\r\n\x1a\n...", "不是表格文件"),
        (b"a,b\n1,\x00\x01\x02\n", "不是表格文件"),
        (b"\xef\xbb\xbf<html><table>", "网页格式"),
    ],
)
def test_other_files_are_refused(content: bytes, word: str) -> None:
    assert word in refusal(content)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("a.txt", "x")
    assert "不是 Excel 表格" in refusal(stream.getvalue())


def test_a_truncated_or_altered_workbook_is_refused() -> None:
    content = workbook_bytes([["工号"], *[[str(i)] for i in range(500)]])
    assert "已损坏" in refusal(content[: len(content) // 2])
    middle = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        where = packed.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    middle[where : where + 20] = os.urandom(20)
    assert "已损坏" in refusal(bytes(middle))
    assert "已损坏" in refusal(repacked(content, "xl/workbook.xml", b"<workbook><sheets><sheet"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(workbook_bytes([["工号"]]), "xl/worksheets/sheet1.xml", b" " * (30 << 20))
    assert len(bomb) < 100_000
    assert "压缩炸弹" in refusal(bomb)


def test_a_workbook_above_the_total_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook_bytes([["工号"], ["1001"]])
    assert rows_of(content)
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1000)
    assert "解压后过大" in refusal(content)


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    """The sheet unpacks to 30 MB and declares 64 bytes: reading stops there and the checksum is wrong."""
    bomb = bytearray(repacked(workbook_bytes([["工号"]]), "xl/worksheets/sheet1.xml", b" " * (30 << 20)))
    true_size = struct.pack("<L", 30 << 20)
    assert bomb.count(true_size) == 2
    assert "已损坏" in refusal(bytes(bomb.replace(true_size, struct.pack("<L", 64))))


def test_a_sheet_whose_cells_lie_far_apart_is_refused() -> None:
    """Two cells at the far corners would make the parser allocate the whole grid."""
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    message = refusal(repacked(workbook_bytes([["工号"]]), "xl/worksheets/sheet1.xml", xml.encode()))
    assert "1,048,576 行 × 16,384 列" in message


@pytest.mark.parametrize("rows", ["<row><c><v>1</v></c></row>" * 3, '<row r="2000000"/>'])
def test_rows_without_references_are_counted_too(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_GRID_CELLS", 10)
    xml = f'<worksheet><sheetData>{rows}<row><c r="E9"/></row></sheetData></worksheet>'
    assert "请重新导出，或者导出为 CSV" in refusal(
        repacked(workbook_bytes([["工号"]]), "xl/worksheets/sheet1.xml", xml.encode())
    )


def test_one_long_text_in_very_many_cells_is_refused() -> None:
    """30,000 cells that name one text of 30,000 characters would become 900 MB."""
    content = with_shared_texts(["x" * 30_000])
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 30_001))
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    assert "文字总量过大" in refusal(repacked(content, "xl/worksheets/sheet1.xml", xml.encode()))


def test_one_long_text_among_many_short_ones_is_read() -> None:
    content = with_shared_texts(["x" * 30_000, "短"])
    cells = "".join(f'<row><c t="s"><v>{min(row, 1)}</v></c></row>' for row in range(30_001))
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    rows = rows_of(repacked(content, "xl/worksheets/sheet1.xml", xml.encode()))
    assert rows == [["x" * 30_000], *[["短"]] * 30_000]


def test_an_old_password_of_the_archive_is_named() -> None:
    content = bytearray(workbook_bytes([["工号"]]))
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    assert "密码" in refusal(bytes(content))


def test_a_file_above_the_limit_is_refused() -> None:
    assert "超过上限" in refusal(b"a,b\n" * 1000, max_bytes=1000)


@pytest.mark.parametrize("opening", ["", '"'])
def test_a_cell_of_20_megabytes_is_named_by_row_and_column(opening: str) -> None:
    content = f"工号,说明,金额\n1001,好,1\n1002,{opening}{'长' * 7_000_000}{opening},3\n".encode()
    message = refusal(content)
    assert "第 3 行 B 列" in message and "32,767" in message


def test_a_cell_at_the_limit_is_read() -> None:
    assert rows_of(f"工号,说明\n1,{'长' * 32_767}\n".encode())[1][1] == "长" * 32_767


def test_an_oversized_cell_of_a_workbook_is_named() -> None:
    long_cell = f'<row r="2"><c r="C2" t="inlineStr"><is><t>{"x" * 40_000}</t></is></c></row></sheetData>'
    content = workbook_bytes([["a", "b", "c"]])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml").replace(b"</sheetData>", long_cell.encode())
    assert "第 2 行 C 列" in refusal(repacked(content, "xl/worksheets/sheet1.xml", xml))


def test_an_unpaired_quote_is_named_by_its_row() -> None:
    assert "第 3 行的引号不成对" in refusal('工号,说明\n1001,好\n1002,"没有结束\n1003,好\n'.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_undecodable_bytes_are_named_by_their_line(encoding: str) -> None:
    good = "工号,姓名,部门,小组,岗位\n" + "1001,陈晓,客服,售前,客服\n" * 40_000
    content = good.encode(encoding) + b"1002,\xff\xff,a,b,c\n" + "1003,林芳,客服,售前,客服\n".encode(encoding)
    message = refusal(content)
    assert "第 40002 行有无法识别的字符" in message and "CSV UTF-8" in message


def test_a_damaged_utf8_file_is_not_taken_for_gb18030() -> None:
    """GB18030 would read these bytes as other characters."""
    content = "工号,姓名,部门,小组,岗位\n1001,陈晓,客服,售前,客服\n".encode() + "1002,林芳\n".encode(
        "gb18030"
    )
    assert "第 3 行" in refusal(content)


def test_a_large_csv_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    line = '="1234567890123456789",178.80,上海,2020/2/21 0:00\n'
    with path.open("w", encoding="gb18030", newline="") as stream:
        stream.write("订单编号,总金额,收货地址,订单付款时间\n")
        for _ in range(60):
            stream.write(line * 10_000)
    assert path.stat().st_size > 25 << 20
    script = (
        "import sys, resource; from sheets.reading import open_source\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(sum(1 for _ in open_source(sys.argv[1]).rows()),"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    root = Path(reading.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True, cwd=root
    )
    count, grown_kb = map(int, done.stdout.split())
    assert count == 600_001
    assert grown_kb < 20 << 10


def test_column_letters() -> None:
    assert [reading.column_letter(number) for number in (1, 26, 27, 702, 703)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]


def test_reading_agrees_with_the_csv_module_on_awkward_content(tmp_path: Path) -> None:
    rows = [
        ["a", "b"],
        ["x,y", 'He said "hi"'],
        ["两\n行", "tab\there"],
        [" 空格 ", "=1+1"],
        ["'quoted'", "100%"],
    ]
    path = tmp_path / "awkward.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert [row for _, row in reading.open_source(path).rows()] == rows
