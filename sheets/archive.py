"""What an XLSX file is made of, looked at before a parser gets it: no bombs, no locked or broken files."""

import re
import zipfile
import zlib
from typing import BinaryIO

from sheets.errors import SheetError

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
MAX_MEMBERS = 10_000
# The parser keeps a sheet as one dense grid of about 32 bytes per cell.
MAX_GRID_CELLS = 12_000_000

_RATIO_FREE_BYTES = 10 << 20
_CHUNK = 1 << 20
_OVERLAP = 64
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{0,3})([0-9]{1,7})[\"']")
RESAVE = "请在 Excel 里打开原文件，另存为 .xlsx 或 CSV 后再上传"


def check_archive(stream: BinaryIO) -> None:
    """Raise SheetError unless the stream holds a sound XLSX of reasonable size. Bounded memory, one pass."""
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
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    columns: set[bytes] = set()
    last_row = 0
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            if not is_sheet:
                continue
            found = _REFERENCE.findall(tail + chunk)
            tail = chunk[-_OVERLAP:]
            if found:
                columns.update({letters for letters, _ in found})
                last_row = max(last_row, int(found[-1][1]), int(found[0][1]))
    width = max((_column_number(letters) for letters in columns), default=0)
    if width * last_row > MAX_GRID_CELLS:
        raise SheetError(
            f"工作表有 {last_row:,} 行 × {width:,} 列，超过 {MAX_GRID_CELLS:,} 格。"
            "请删去空白的行和列，或者另存为 CSV 后再上传。"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
