"""What an XLSX file is made of, looked at before a parser gets it: no bombs, no locked or broken files."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import BinaryIO

from sheets.cells import NumberShape, shape_of
from sheets.errors import SheetError
from sheets.worksheets import MAX_GRID_CELLS, NUL, Scanner, Worksheet

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
MAX_MEMBERS = 10_000
MAX_TEXT_BYTES = 512 << 20
MAX_CELL_CHARS = 32_767  # Excel's own limit
EXPORT = "请从后台重新导出为 .xlsx 或 CSV；自己做的表格，另存为 .xlsx 再上传。"
RESAVE = "请重新导出这个文件；自己做的表格，请打开后另存为 .xlsx 再上传"

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHARED_TEXTS = "xl/sharedstrings.xml"  # in lower case: the parser does not mind
_TEXT_CELL = re.compile(rb"\st\s*=\s*[\"']s[\"'][^>]*>\s*<v[^>]*>\s*(\d+)")
_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')
_RATIO_FREE_BYTES = 10 << 20
_LARGEST_PART = 64 << 20  # of those that are read whole
_CHUNK = 1 << 20
_LONGEST_CELL_CHUNKS = 64
_OVERLAP = 256
_SHEETS = re.compile(r"<(?:\w+:)?sheets>.*?</(?:\w+:)?sheets>", re.DOTALL)
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL_STYLES = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(r"<(?:\w+:)?xf\s([^>]*)>")
_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s([^>]*)>")
_CALCULATE_ON_LOAD = re.compile(r"<(?:\w+:)?calcPr\s[^>]*\bfullCalcOnLoad\s*=\s*[\"'](?:1|true)[\"']")
# Programs that write 0 beside a formula and leave the computing to whoever opens the file.
_NEVER_CALCULATES = re.compile(r"<Application>[^<]*(?:Apache POI|openpyxl)", re.IGNORECASE)


@dataclass(frozen=True)
class Archive:
    """A sound XLSX file: the part of each sheet, in their order, and what was seen of each part."""

    sheets: tuple[str, ...]
    worksheets: dict[str, Worksheet]
    has_odd_text: bool = False  # among those that the sheets share: too long, or with a NUL


def check_archive(stream: BinaryIO) -> Archive:
    """Raise SheetError unless the stream holds a sound XLSX of reasonable size; else what was seen of it.

    Names the reason and the remedy. Worksheets are streamed; the shared texts are held once.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            _check_sizes(members)
            names = {member.filename for member in members}
            if "xl/workbook.bin" in names:
                raise SheetError(f"这是 .xlsb 文件。{EXPORT}")
            if _WORKBOOK not in names:
                raise SheetError("这是压缩包或其他文档，不是 Excel 表格。请上传 .xlsx 或 CSV 文件。")
            if any(member.flag_bits & 1 for member in members):
                raise SheetError("文件有密码。请重新导出不带密码的；自己做的表格，去掉密码再上传。")
            parts = _Parts(archive)
            scanner = Scanner(parts.shapes(), is_uncalculated=parts.is_uncalculated())
            scanned = {
                member.filename: _scan(archive, member, scanner) for member in members if _is_sheet(member)
            }
            return Archive(parts.sheets(), scanned, _check_shared_texts(archive))
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
            "请按时间分几次导出，或者导出为 CSV。"
        )


class _Parts:
    """The small parts of a workbook that say what its sheets are and how cells are shown."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {member.filename.lower(): member.filename for member in archive.infolist()}

    def text(self, name: str) -> str:
        """A part, blank where there is none."""
        found = self.names.get(name.lower())
        if found and self.archive.getinfo(found).file_size > _LARGEST_PART:
            raise SheetError("文件里的样式或工作表太多，没有读取。请把数据复制到新的工作簿，保存后再上传。")
        return self.archive.read(found).decode("utf-8", "replace") if found else ""

    def sheets(self) -> tuple[str, ...]:
        """The part of each sheet, in the order of the workbook; blank where it is not there."""
        targets = {
            relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))
            for relation in map(_attributes, _RELATION.findall(self.text(_RELATIONS)))
        }
        links = [
            next((value for key, value in sheet.items() if key.endswith(":id")), "")
            for listed in _SHEETS.findall(self.text(_WORKBOOK))
            for sheet in map(_attributes, _SHEET.findall(listed))
        ]
        return tuple(self.names.get(targets.get(link, "").removeprefix("/").lower(), "") for link in links)

    def shapes(self) -> dict[int, NumberShape]:
        """The styles whose numbers are shown otherwise than bare."""
        xml = self.text("xl/styles.xml")
        codes = {
            each.get("numFmtId"): each.get("formatCode", "")
            for each in map(_attributes, _FORMAT.findall(xml))
        }
        styles = _CELL_STYLES.search(xml)
        return {
            index: shape
            for index, style in enumerate(_STYLE.findall(styles[0]) if styles else ())
            if (shape := shape_of(codes.get(_attributes(style).get("numFmtId"), "")))
        }

    def is_uncalculated(self) -> bool:
        """Whether a stored 0 beside a formula says nothing: the program that wrote it does not compute."""
        on_load = _CALCULATE_ON_LOAD.search(self.text(_WORKBOOK))
        return bool(on_load or _NEVER_CALCULATES.search(self.text("docProps/app.xml")))


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _scan(archive: zipfile.ZipFile, member: zipfile.ZipInfo, scanner: Scanner) -> Worksheet:
    """Read one member to its end (checks its CRC); what it is as a worksheet, if it is one.

    A workbook may keep its sheets anywhere; other parts name no cells far out.
    """
    found = scanner.scan(whole_cells(archive, member))
    if found is None or found.height * found.width > MAX_GRID_CELLS:
        found = scanner.count(whole_cells(archive, member))
    if found.height * found.width > MAX_GRID_CELLS:
        raise SheetError(
            f"工作表有 {found.height:,} 行 × {found.width:,} 列，超过 {MAX_GRID_CELLS:,} 格。"
            "多半是很远的格子里有内容或格式；请重新导出，或者导出为 CSV。"
        )
    return found


def _is_sheet(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower() != _SHARED_TEXTS


def whole_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in pieces that are cut behind a cell, where it has cells."""
    rest: list[bytes] = []
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            # No honest cell is that long: it is handed on cut.
            cut = chunk.rfind(b"</c>") + 4
            if cut < 4:
                cut = chunk.rfind(b":c>") + 3
            if cut < 4 and len(rest) >= _LONGEST_CELL_CHUNKS:
                cut = len(chunk)
            if cut >= 4:
                yield b"".join((*rest, chunk[:cut]))
                rest = [chunk[cut:]]
            else:
                rest.append(chunk)
    if any(rest):
        yield b"".join(rest)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in pieces that overlap a little, so that nothing short is cut in every piece."""
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _check_shared_texts(archive: zipfile.ZipFile) -> bool:
    """A text is stored once and may be named by a million cells, each of which becomes a copy. Gives whether
    one may be too long for a cell or have a NUL."""
    shared = next((member for member in archive.infolist() if not _is_sheet(member)), None)
    if shared is None:
        return False
    texts = archive.read(shared)
    sizes = [len(text) for text in texts.split(b"</si>")]
    is_odd = max(sizes) > MAX_CELL_CHARS or NUL in texts
    sheets = [member for member in archive.infolist() if _is_sheet(member)]
    if max(sizes) * sum(member.file_size for member in sheets) // _SHORTEST_CELL <= MAX_TEXT_BYTES:
        return is_odd
    named = (
        index for sheet in sheets for xml in _pieces(archive, sheet) for index in _TEXT_CELL.findall(xml)
    )
    if sum(sizes[int(index)] for index in named if int(index) < len(sizes)) > MAX_TEXT_BYTES:
        raise SheetError("工作表里的文字总量过大，没有读取。请按时间分几次导出，或者导出为 CSV。")
    return is_odd
