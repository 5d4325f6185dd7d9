"""Writes workbooks that can be opened, read and printed as they are.

Rows stream through openpyxl's write-only mode. A column that needs a style has one cell object that is
filled anew for each row, because building cells is what styling costs.
"""

import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.fonts import DEFAULT_FONT
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import SheetFormatProperties
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

# Empty: what Excel and openpyxl show by themselves is right already (dates as yyyy-mm-dd), and costs nothing.
NUMBER_FORMATS = {
    "text": "",
    "code": "@",
    "wrapped": "",
    "integer": "",
    "number": "#,##0.0##",
    "money": "#,##0.00",
    "amount": "0.00",
    "percent": "0.00%",
    "date": "",
    "datetime": "yyyy-mm-dd hh:mm",
    "month": "yyyy-mm",
}
MAX_CELL_CHARS = 32_767
MAX_TITLE_CHARS = 31
MAX_LINES = 24  # a row is at most 409 points high

_DATES = (date, datetime)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_CAREFUL = frozenset((*_DANGEROUS, "#", " "))  # beginnings of text that is not written as it is
# Control characters, halves of a pair and what no XML may hold.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_WIDTHS = {
    "code": 21.0,
    "money": 13.0,
    "amount": 13.0,
    "date": 12.0,
    "datetime": 17.0,
    "month": 10.0,
    "wrapped": 50.0,
}
_BOLD = Font(name=DEFAULT_FONT.name, size=DEFAULT_FONT.size, family=DEFAULT_FONT.family, bold=True)
_LINE_HEIGHT = 17.0  # points; Chinese characters need more than the default of 15
_HEADER_FILL = PatternFill("solid", fgColor="E7EEF7")
_HEADER_LINE = Border(bottom=Side(style="thin", color="7F7F7F"))


@dataclass(frozen=True)
class SheetColumn:
    """``format`` is a key of NUMBER_FORMATS; ``width`` in characters, by header and format when left out."""

    header: str
    width: float | None = None
    format: str = "text"


@dataclass(frozen=True)
class Sheet:
    """One worksheet. Rows hold None, str, int, Decimal, bool, date or naive local datetime.

    ``footer`` is a last row in bold, for sums; ``heading`` stands above every printed page.
    """

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    footer: Sequence[Any] = field(default=())
    heading: str = ""


def write_workbook(target: str | os.PathLike[str] | BinaryIO, sheets: Iterable[Sheet]) -> None:
    """Write the sheets in their order to a path or a binary file.

    Text stays text, also where a spreadsheet program would take what is typed so for a formula or an error,
    and is read back as it was given; numbers stay numbers. A path is replaced only when the whole workbook
    is written, and is its owner's alone (0600).
    Raises ValueError for an unknown format or a row of another width, TypeError for a datetime with a zone.
    """
    titles: set[str] = set()
    with new_workbook(target) as workbook:
        for sheet in sheets:
            _write_sheet(workbook, sheet, _free_title(sheet.title, titles))
        if not titles:
            raise ValueError("a workbook needs at least one sheet")


@contextmanager
def new_workbook(target: str | os.PathLike[str] | BinaryIO) -> Iterator[Workbook]:
    """A write-only workbook to fill, saved to a path (replaced when it is whole, 0600) or a binary file."""
    workbook = Workbook(write_only=True)
    try:
        yield workbook
        if isinstance(target, str | os.PathLike):
            _save_whole(workbook, Path(target))
        else:
            workbook.save(target)
    except BaseException:
        _discard(workbook)
        raise


def plain_text(value: str) -> str:
    """Text as an XLSX file has to write it, without the characters that it cannot hold."""
    value = _NOT_IN_XML.sub("", value)
    value = value if len(value) <= MAX_CELL_CHARS else value[: MAX_CELL_CHARS - 1] + "…"
    # What looks like the escape of a character is one, unless its own first character is escaped.
    written = _ESCAPE.sub("_x005F_", value).replace("\r", "_x000D_")
    if written and not written.strip():
        # Nothing but spaces would be left out as the layout of the XML.
        written = f"{written[:-1]}_x{ord(written[-1]):04X}_"
    return written


def is_plain_text(value: str) -> bool:
    """Whether text may be written as it is; nearly every cell."""
    return (
        value.isprintable()
        and value[:1] not in _CAREFUL
        and len(value) <= MAX_CELL_CHARS
        and "_x" not in value
    )


def _cell_like(worksheet: Any, value: Any, style: Cell | None) -> Cell:
    """A cell with the value, in the style of another."""
    cell = WriteOnlyCell(worksheet, value)
    if style is not None:
        # Its parts one by one would be looked up in the workbook for every cell.
        cell._style = copy(style._style)  # type: ignore[attr-defined]
    return cell


def text_cell(worksheet: Any, value: str, style: Cell | None = None) -> Cell:
    """A cell that says it is text, whatever it begins with, and stays that when it is edited."""
    cell = _cell_like(worksheet, plain_text(value), style)
    cell.data_type = "s"
    if value.startswith(_DANGEROUS):
        cell.quotePrefix = True
    return cell


def _write_sheet(workbook: Workbook, sheet: Sheet, title: str) -> None:
    worksheet = workbook.create_sheet(title)
    _lay_out(worksheet, sheet.columns)
    worksheet.oddHeader.center.text = sheet.heading.replace("&", "&&")
    headers = [text_cell(worksheet, column.header) for column in sheet.columns]
    for cell in headers:
        cell.font = _BOLD
        cell.fill = _HEADER_FILL
        cell.border = _HEADER_LINE
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    worksheet.append(headers)
    styled = [_column_cell(worksheet, column) for column in sheet.columns]
    width = len(styled)
    wrapped = [
        (place, worksheet.column_dimensions[get_column_letter(place + 1)].width)
        for place, column in enumerate(sheet.columns)
        if column.format == "wrapped"
    ]
    last = 1
    for row in sheet.rows:
        if len(row) != width:
            raise ValueError(f"{title}: a row has {len(row)} cells, the sheet {width} columns")
        last += 1
        _fit_height(worksheet, last, row, wrapped)
        worksheet.append(_cells(worksheet, row, styled))
    worksheet.auto_filter.ref = f"A1:{get_column_letter(width)}{last}"
    if sheet.footer:
        worksheet.append([_footer_cell(worksheet, *pair) for pair in zip(sheet.footer, styled, strict=True)])


def _fit_height(worksheet: Any, index: int, row: Sequence[Any], wrapped: Sequence[tuple[int, float]]) -> None:
    """Make room for wrapped text: not every spreadsheet program measures the rows of a file it opens."""
    lines = max((_lines(row[place], width) for place, width in wrapped), default=1)
    if lines > 1:
        worksheet.row_dimensions[index].height = min(lines, MAX_LINES) * _LINE_HEIGHT


def _lines(text: Any, width: float) -> int:
    """How many lines text takes in a wrapped cell that is `width` characters wide."""
    # Fewer characters than half the width are one line even if all are wide.
    if not isinstance(text, str) or (len(text) * 2 <= width and "\n" not in text):
        return 1
    return sum(-(-_shown_width(part) // max(1, int(width) - 1)) or 1 for part in text.split("\n"))


def _cells(worksheet: Any, row: Sequence[Any], styled: Sequence[Cell | None]) -> list[Any]:
    """The row's values, in the column's cell where it has a style. They are written before the next row."""
    cells: list[Any] = []
    for value, cell in zip(row, styled, strict=True):
        kind = type(value)
        if kind is str and not is_plain_text(value):
            value = text_cell(worksheet, value, cell)
        # openpyxl would give a cell that meets a date another format, and keep it for the rows below.
        elif (
            cell is not None
            and value is not None
            and (kind not in _DATES or is_date_format(cell.number_format))
        ):
            cell.value = value
            value = cell
        cells.append(value)
    return cells


def _column_cell(worksheet: Any, column: SheetColumn) -> Cell | None:
    if column.format not in NUMBER_FORMATS:
        raise ValueError(f"unknown format {column.format!r} of the column {column.header!r}")
    number_format = NUMBER_FORMATS[column.format]
    if not number_format and column.format != "wrapped":
        return None
    cell = WriteOnlyCell(worksheet)
    if number_format:
        cell.number_format = number_format
    else:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _footer_cell(worksheet: Any, value: Any, styled: Cell | None) -> Cell:
    make = text_cell if isinstance(value, str) else _cell_like
    cell = make(worksheet, value, styled)
    cell.font = _BOLD
    return cell


def _lay_out(worksheet: Any, columns: Sequence[SheetColumn]) -> None:
    """Widths, frozen header and print set-up; openpyxl wants them before the first row."""
    for index, column in enumerate(columns, 1):
        width = column.width or max(_WIDTHS.get(column.format, 8.0), _shown_width(column.header) + 3)
        worksheet.column_dimensions[get_column_letter(index)].width = width
    worksheet.sheet_format = SheetFormatProperties(defaultRowHeight=_LINE_HEIGHT, customHeight=True)
    worksheet.freeze_panes = "A2"
    worksheet.print_title_rows = "1:1"
    worksheet.page_setup.orientation = "landscape"
    worksheet.page_setup.paperSize = 9  # A4
    worksheet.page_setup.fitToWidth = 1
    worksheet.page_setup.fitToHeight = 0
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    worksheet.print_options.gridLines = True
    worksheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.8, bottom=0.7, header=0.4, footer=0.3)
    worksheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _shown_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _free_title(title: str, taken: set[str]) -> str:
    """A sheet title that Excel accepts and that no earlier sheet has."""
    base = _FORBIDDEN_IN_TITLE.sub(" ", title).strip().strip("'")[:MAX_TITLE_CHARS] or "Sheet"
    free, number = base, 2
    while free.casefold() in taken:
        suffix = f" ({number})"
        free, number = base[: MAX_TITLE_CHARS - len(suffix)] + suffix, number + 1
    taken.add(free.casefold())
    return free


def _save_whole(workbook: Workbook, path: Path) -> None:
    part = path.with_name(f".{path.stem}-{os.getpid()}-{threading.get_ident()}.xlsx")
    try:
        # Made before it is filled: what people earn is never readable to others on the machine.
        part.touch(mode=0o600)
        workbook.save(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _discard(workbook: Workbook) -> None:
    """Remove the temporary files of a workbook that is not going to be saved."""
    worksheets: list[Any] = workbook.worksheets
    for worksheet in worksheets:
        if not worksheet.closed:
            with suppress(Exception):
                worksheet.close()
        if worksheet._writer is not None:
            with suppress(OSError):
                worksheet._writer.cleanup()
