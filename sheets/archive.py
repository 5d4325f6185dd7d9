"""What an XLSX file is made of, looked at before a parser gets it: no bombs, no locked or broken files."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from sheets.errors import SheetError

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
MAX_MEMBERS = 10_000
# The parser keeps a sheet as one dense grid of about 32 bytes per cell.
MAX_GRID_CELLS = 12_000_000
MAX_TEXT_BYTES = 512 << 20

_SHARED_TEXTS = "xl/sharedstrings.xml"  # in lower case: the parser does not mind
_TEXT_CELL = re.compile(rb"\st\s*=\s*[\"']s[\"'][^>]*>\s*<v[^>]*>\s*(\d+)")
_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')
_RATIO_FREE_BYTES = 10 << 20
_CHUNK = 1 << 20
_OVERLAP = 256
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,9})([0-9]{1,200})")
RESAVE = "请在 Excel 里打开原文件，另存为 .xlsx 或 CSV 后再上传"


def check_archive(stream: BinaryIO) -> None:
    """Raise SheetError unless the stream holds a sound XLSX of reasonable size.

    Names the reason and the remedy. Worksheets are streamed; the shared texts are held once.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            _check_sizes(members)
            names = {member.filename for member in members}
            if "xl/workbook.bin" in names:
                raise SheetError("这是 .xlsb 文件。请在 Excel 里另存为 .xlsx 后再上传。")
            if "xl/workbook.xml" not in names:
                raise SheetError("这是压缩包或其他文档，不是 Excel 表格。请上传 .xlsx 或 CSV 文件。")
            for member in members:
                if member.flag_bits & 1:
                    raise SheetError("文件有密码。请在 Excel 里去掉密码，另存后再上传。")
                _check_member(archive, member)
            _check_repeated_texts(archive)
    except SheetError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise SheetError(f"文件已损坏，无法读取。{RESAVE}。") from error


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    """The declared sizes; that they are true is checked while reading, where a lie is a CRC error."""
    unpacked = sum(member.file_size for member in members)
    suspicious = any(
        member.file_size > _RATIO_FREE_BYTES and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if unpacked > MAX_UNPACKED_BYTES or suspicious or len(members) > MAX_MEMBERS:
        raise SheetError(
            f"文件解压后过大（{unpacked / (1 << 20):,.0f} MB），可能是压缩炸弹，没有读取。"
            "请删去多余的行、列和工作表，或者另存为 CSV 后再上传。"
        )


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Read one member to its end (checks its CRC) and, for a worksheet, how far its cells reach."""
    height = width = counted = 0
    for xml in _pieces(archive, member):
        if _is_sheet(member):
            reached = _reach(xml)
            height, width = max(height, reached[0]), max(width, reached[1])
            counted += xml.count(b"<row")
    height = max(height, counted)
    if width * height > MAX_GRID_CELLS:
        raise SheetError(
            f"工作表有 {height:,} 行 × {width:,} 列，超过 {MAX_GRID_CELLS:,} 格。"
            "请删去空白的行和列，或者另存为 CSV 后再上传。"
        )


def _is_sheet(member: zipfile.ZipInfo) -> bool:
    # A workbook may keep its sheets anywhere; other parts name no cells far out.
    return member.filename.lower() != _SHARED_TEXTS


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in pieces that overlap a little, so that nothing short is cut in every piece."""
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _check_repeated_texts(archive: zipfile.ZipFile) -> None:
    """A text is stored once and may be named by a million cells, each of which becomes a copy."""
    shared = next((member for member in archive.infolist() if not _is_sheet(member)), None)
    if shared is None:
        return
    sizes = [len(text) for text in archive.read(shared).split(b"</si>")]
    sheets = [member for member in archive.infolist() if _is_sheet(member)]
    if max(sizes) * sum(member.file_size for member in sheets) // _SHORTEST_CELL <= MAX_TEXT_BYTES:
        return
    named = (
        index for sheet in sheets for xml in _pieces(archive, sheet) for index in _TEXT_CELL.findall(xml)
    )
    if sum(sizes[int(index)] for index in named if int(index) < len(sizes)) > MAX_TEXT_BYTES:
        raise SheetError("工作表里的文字总量过大，没有读取。请删去不需要的文字列，或者另存为 CSV 后再上传。")


def _reach(xml: bytes) -> tuple[int, int]:
    """The highest row and column that worksheet XML names; cells without a reference are counted."""
    found = _REFERENCE.findall(xml)
    height = max(map(int, {digits for _, digits in found}), default=1)
    named = max(map(_column_number, {letters for letters, _ in found}), default=0)
    counted = max(row.count(b"<c ") + row.count(b"<c>") for row in xml.split(b"<row"))
    return height, max(named, counted)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
