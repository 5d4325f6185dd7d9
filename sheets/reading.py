"""Opens a spreadsheet as people have it and streams its rows.

CSV is read in blocks: decoding, splitting and parsing run in C, so a row costs little more than with a
bare ``csv.reader`` and memory does not grow with the file. XLSX is read by calamine (`workbooks.py`).
"""

import codecs
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO

from sheets.archive import EXPORT, MAX_CELL_CHARS, check_archive
from sheets.cells import ERROR_VALUES, Fault
from sheets.errors import SheetError
from sheets.workbooks import Row, Workbook, WorkbookSheet, column_letter

MAX_FILE_BYTES = 1 << 30

_BLOCK = 1 << 18
_LONGEST_LINE_BLOCKS = 64
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MAGICS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"GIF8")
_MARKUP = re.compile(rb"\s*(?:<!doctype|<html|<table|<\?xml|<head|<meta)", re.IGNORECASE)
_ERROR_VALUE = re.compile(f"#(?:{'|'.join(re.escape(each[1:]) for each in sorted(ERROR_VALUES))})".encode())
_LONGEST_ERROR = max(map(len, ERROR_VALUES))
_DELIMITERS = (",", "\t", ";")
_QUOTED_FORMULA_TEXT = re.compile(r'(?<!")"=""([^"\r\n]*)"""(?!")')

# Process-wide in the csv module; nothing else here reads CSV.
csv.field_size_limit(MAX_CELL_CHARS)


@dataclass
class Source:
    """One opened file, of a workbook one sheet: what it is and its digest.

    ``rows()`` may be called again and starts anew. Once `begin` was told where the data begin, cells merged
    over rows carry their value down.
    """

    origin: str | os.PathLike[str] | BinaryIO
    digest: str
    encoding: str = ""
    delimiter: str = ","
    may_have_errors: bool = False  # a text file: whether some cell may be an error value of Excel
    sheet: WorkbookSheet | None = field(default=None, repr=False)
    siblings: tuple[WorkbookSheet, ...] = field(default=(), repr=False)

    @property
    def is_csv(self) -> bool:
        return self.sheet is None

    @property
    def sheet_name(self) -> str:
        return self.sheet.name if self.sheet else ""

    @property
    def other_sheets(self) -> tuple[str, ...]:
        """The other visible sheets that hold something."""
        return tuple(each.name for each in self.siblings if each is not self.sheet)

    @property
    def has_faults(self) -> bool:
        """Whether any cell may be a Fault."""
        return self.may_have_errors if self.sheet is None else self.sheet.has_faults

    def begin(self, last_header_row: int) -> None:
        """The data are below that row."""
        if self.sheet is not None:
            self.sheet.data_below = last_header_row

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(row number as a spreadsheet program shows it, cells) of every row that is not wholly empty.

        CSV cells are text as written (``="…"`` unwrapped); XLSX cells are text, float, bool or date/time.
        Either may be a Fault. Raises SheetError for a cell above 32,767 characters, unpaired quotes or
        undecodable bytes.
        """
        return self._csv_rows() if self.sheet is None else self.sheet.rows()

    def cell_name(self, row: int, index: int) -> str:
        """What a spreadsheet program calls the cell (place from 0): E2."""
        return f"{column_letter(index + 1)}{row}"

    def is_hidden(self, row: int) -> bool:
        """Whether the spreadsheet program does not show the row (filtered or folded away)."""
        return self.sheet is not None and row in self.sheet.hidden_rows

    def is_carried(self, row: int, index: int) -> bool:
        """Whether the cell (place from 0) has its value from the cell above with which it is merged."""
        return self.sheet is not None and self.sheet.is_carried(row, index)

    def _csv_rows(self) -> Iterator[tuple[int, Row]]:
        number = 0
        with _opened(self.origin) as stream:
            lines = _lines(stream, self.encoding, self.delimiter)
            rows = csv.reader(lines, delimiter=self.delimiter, strict=True)
            try:
                for number, row in enumerate(rows, 1):
                    if any(row):
                        yield number, _with_faults(row) if self.may_have_errors else row
            except csv.Error as error:
                raise self._csv_error(number + 1, error) from error

    def _csv_error(self, number: int, error: csv.Error) -> SheetError:
        if "field limit" not in str(error):
            where = column_letter(self._broken_column(number))
            return SheetError(
                f"第 {number} 行的引号不成对（{where} 列），无法分清各列。"
                "请用记事本打开文件，把这一格内容里的引号各写成两个；也可以从后台重新导出。"
            )
        column = column_letter(self._long_column(number))
        return SheetError(
            f"第 {number} 行 {column} 列的内容超过 {MAX_CELL_CHARS:,} 个字。"
            "请缩短这一格；如果内容并不长，多半是这一行少了一个引号。"
        )

    def _broken_column(self, number: int) -> int:
        """The column of that row in which a quote closes before the cell ends, or never."""
        column, state = 1, "begin"
        for char in self._characters_from(number):
            is_end = char in f"{self.delimiter}\r\n"
            if state == "quoted":
                state = "closing" if char == '"' else state
            elif state == "closing" and char == '"':
                state = "quoted"  # doubled
            elif state == "closing" and not is_end:
                break
            elif is_end:
                column, state = column + (char == self.delimiter), "begin"
            else:
                state = "quoted" if state == "begin" and char == '"' else "bare"
        return column

    def _long_column(self, number: int) -> int:
        """The column of the oversized cell of that row."""
        column, start, quoted = 1, 0, False
        for position, char in enumerate(self._characters_from(number)):
            if char == '"':
                quoted = not quoted
            elif char == self.delimiter and not quoted:
                column, start = column + 1, position
            if position - start > MAX_CELL_CHARS + 2:
                break
        return column

    def _characters_from(self, number: int) -> Iterator[str]:
        """The text of the file from that row on."""
        with _opened(self.origin) as stream:
            lines = _lines(stream, self.encoding, self.delimiter)
            rows = csv.reader(lines, delimiter=self.delimiter, strict=True)
            for _ in islice(rows, number - 1):
                pass
            yield from chain.from_iterable(lines)


def open_source(origin: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = MAX_FILE_BYTES) -> Source:
    """The text file, or the first of a workbook's sheets that `open_sources` gives."""
    return open_sources(origin, max_bytes=max_bytes)[0]


def open_sources(
    origin: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = MAX_FILE_BYTES
) -> list[Source]:
    """Every visible sheet of a workbook that holds something, in its order; a text file is one.

    Look at a file (path or seekable binary file) and make it ready for reading.

    One fast pass takes the SHA-256 digest and decides UTF-8 or GB18030 from the whole file, so a file whose
    first Chinese character comes late is read rightly and a broken byte is found before any row is used.
    Raises SheetError with the reason and the remedy.
    """
    with _opened(origin) as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if size == 0:
            raise SheetError("文件是空的。请检查是否选对了文件，或者重新导出。")
        if size > max_bytes:
            raise SheetError(
                f"文件有 {size / (1 << 20):,.1f} MB，超过上限 {max_bytes / (1 << 20):,.1f} MB。"
                "请按时间分成几个文件导入。"
            )
        start = stream.read(4096)
        _refuse_binary(start, stream)
        if start.startswith(b"PK\x03\x04"):
            return _open_xlsx(origin, stream)
        digest, encoding, may_have_errors = _inspect(stream)
        source = Source(origin, digest, encoding, may_have_errors=may_have_errors)
        source.delimiter = _delimiter(stream, encoding)
        return [source]


def _with_faults(row: list[str]) -> Row:
    return [Fault(cell.strip()) if "#" in cell and cell.strip() in ERROR_VALUES else cell for cell in row]


def check_start(stream: IO[bytes]) -> None:
    """Raise SheetError for a file that is plainly no spreadsheet, by its first bytes."""
    stream.seek(0)
    start = stream.read(4096)
    stream.seek(0)
    if not start:
        raise SheetError("文件是空的。请检查是否选对了文件，或者重新导出。")
    _refuse_binary(start, stream)
    is_text = start.startswith(tuple(mark for mark, _ in _BOMS)) or b"\0" not in start
    if not is_text and not start.startswith(b"PK\x03\x04"):
        raise SheetError("这不是表格文件，或者文件已损坏。请上传 .xlsx 或 CSV 文件。")
    stream.seek(0)


@contextmanager
def _opened(origin: str | os.PathLike[str] | BinaryIO) -> Iterator[BinaryIO]:
    """The file from its beginning; closed again when it was a path."""
    if isinstance(origin, str | os.PathLike):
        try:
            stream = Path(origin).open("rb")  # noqa: SIM115 - closed below
        except OSError as error:
            raise SheetError(f"打不开文件 {origin}：{error.strerror}。请检查路径和权限。") from error
        with stream:
            yield stream
    else:
        origin.seek(0)
        yield origin


def _refuse_binary(start: bytes, stream: IO[bytes]) -> None:
    if start.startswith(_OLE):
        stream.seek(0)
        if _contains(stream, _ENCRYPTED):
            raise SheetError("文件有密码。请重新导出不带密码的；自己做的表格，去掉密码再上传。")
        raise SheetError(f"这是旧版 .xls 文件（改扩展名没有用）。{EXPORT}")
    if _MARKUP.match(start.removeprefix(codecs.BOM_UTF8)):
        raise SheetError(f"这是网页格式的表格。{EXPORT}")
    if start.startswith(_MAGICS):
        raise SheetError("这不是表格文件。请上传 .xlsx 或 CSV 文件。")


def _contains(stream: IO[bytes], needle: bytes) -> bool:
    tail = b""
    while block := stream.read(_BLOCK):
        if needle in tail + block:
            return True
        tail = block[-len(needle) :]
    return False


def _open_xlsx(origin: str | os.PathLike[str] | BinaryIO, stream: BinaryIO) -> list[Source]:
    """The visible worksheets that hold anything."""
    archive = check_archive(stream)
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    sheets = Workbook(stream, archive).sheets
    if not sheets:
        raise SheetError("表格里没有内容。请检查是否选对了文件。")
    return [Source(origin, digest, sheet=sheet, siblings=tuple(sheets)) for sheet in sheets]


class _Attempt:
    """Tries one encoding on the whole file, block by block."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.failed_at = 0  # line number, 0 while everything could be read
        self.chinese = 0  # Chinese characters read before the failure, counted while there are few
        self._lines = 1
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")

    def feed(self, block: bytes, *, final: bool = False) -> None:
        if self.failed_at:
            return
        try:
            text = self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            read = error.object[: error.start].decode(self.encoding, "ignore")
            self._note(read)
            self.failed_at = self._lines
            return
        self._note(text)

    def _note(self, text: str) -> None:
        self._lines += text.count("\n")
        if self.chinese < 8 and not text.isascii():
            self.chinese += sum(char > "\u0800" for char in text)


def _inspect(stream: BinaryIO) -> tuple[str, str, bool]:
    """Digest and encoding of a text file, and whether it may hold error values, by reading it once."""
    stream.seek(0)
    digest = hashlib.sha256()
    attempts: list[_Attempt] = []
    encoding, may_have_errors, tail = "", False, b""
    while block := stream.read(_BLOCK):
        if not attempts:
            encoding = next((name for bom, name in _BOMS if block.startswith(bom)), "")
            names = (encoding,) if encoding else ("utf-8", "gb18030")
            attempts = [_Attempt(name) for name in names]
        digest.update(block)
        if not may_have_errors and b"#" in block:
            may_have_errors = encoding == "utf-16" or bool(_ERROR_VALUE.search(tail + block))
        tail = block[-_LONGEST_ERROR:]
        if encoding != "utf-16" and b"\0" in block:
            raise SheetError("这不是表格文件，或者文件已损坏。请上传 .xlsx 或 CSV 文件。")
        for attempt in attempts:
            attempt.feed(block)
    for attempt in attempts:
        attempt.feed(b"", final=True)
    return digest.hexdigest(), _decide(attempts), may_have_errors


def _decide(attempts: list[_Attempt]) -> str:
    """The encoding of the file. A file that reads as UTF-8 over eight Chinese characters and then fails is a
    damaged UTF-8 file: GB18030 would accept most of its bytes and turn them into nonsense."""
    first, last = attempts[0], attempts[-1]
    if not first.failed_at:
        return first.encoding
    if first.chinese < 8 and not last.failed_at:
        return last.encoding
    failed = first if first.chinese >= 8 else max(attempts, key=lambda attempt: attempt.failed_at)
    raise SheetError(
        f"第 {failed.failed_at} 行有无法识别的字符（文件已损坏或混用了编码）。"
        "请从后台重新导出；自己做的表格，请另存为「CSV UTF-8」或 .xlsx 后再上传。"
    )


def _texts(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[str]:
    """The decoded file in pieces that end at line ends, ``="…"`` unwrapped."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    rest: list[str] = []
    while block := stream.read(_BLOCK):
        text = decoder.decode(block)
        # No honest line is this long: handed on uncut, its cell is refused before memory fills.
        cut = text.rfind("\n") + 1 or (len(text) if len(rest) > _LONGEST_LINE_BLOCKS else 0)
        if cut:
            yield _unwrapped("".join(rest) + text[:cut], delimiter)
            rest = [text[cut:]]
        else:
            rest.append(text)
    last = "".join(rest) + decoder.decode(b"", True)
    if last:
        yield _unwrapped(last, delimiter)


def _unwrapped(text: str, delimiter: str) -> str:
    """Exports write long numbers as ``="123"`` so that Excel shows every digit; here they become ``"123"``.

    Plain replacing costs a tenth of a regular expression. ``=""`` is left alone: it is an empty text or a
    doubled quote inside a quoted cell. NUL serves as a marker because a text file with one is refused.
    """
    if '="' not in text:
        return text
    for lead in (delimiter, "\n"):
        text = text.replace(f'{lead}=""', f'{lead}\0""').replace(f'{lead}="', f'{lead}"').replace("\0", "=")
    if text.startswith('="') and not text.startswith('=""'):
        text = text[1:]
    return _QUOTED_FORMULA_TEXT.sub(r'"\1"', text) if '"=""' in text else text


def _lines(stream: BinaryIO, encoding: str, delimiter: str = ",") -> Iterator[str]:
    # newline="" keeps line ends inside quoted cells; iterating StringIO costs no Python call per line.
    return chain.from_iterable(io.StringIO(text, newline="") for text in _texts(stream, encoding, delimiter))


def _delimiter(stream: BinaryIO, encoding: str) -> str:
    """The delimiter that cuts most of the first lines into equally many columns."""
    stream.seek(0)
    sample = [line[:10_000] for line in islice(_lines(stream, encoding), 20) if line.strip()]
    if sample and re.fullmatch(r"sep=[,;\t]", sample[0].strip("\r\n")):
        return sample[0][4]

    def score(delimiter: str) -> int:
        widths = [line.count(delimiter) for line in sample]
        return max((widths.count(width) * width for width in set(widths)), default=0)

    return max(_DELIMITERS, key=score)
