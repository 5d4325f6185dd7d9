"""The sheets of an XLSX file: each is parsed when its rows are asked for, and no other."""

import re
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, BinaryIO

import python_calamine

from sheets.archive import MAX_CELL_CHARS, RESAVE, Archive, whole_cells
from sheets.cells import Fault, NumberShape
from sheets.errors import SheetError
from sheets.worksheets import LAST_MOMENT, Mark, Worksheet

Cell = Any
Row = list[Cell]

_DAMAGED = f"文件已损坏，无法读取。{RESAVE}。"
_ERROR_TYPE = re.compile(rb"(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*)[\"']e[\"']")


class Workbook:
    """An opened XLSX file. `sheets` are the visible worksheets that hold something, in their order.

    Raises SheetError for a file that the parser cannot open.
    """

    def __init__(self, stream: BinaryIO, archive: Archive) -> None:
        self._book = _parsed(stream)
        self.sheets: list[WorkbookSheet] = []
        self._mended: dict[str, python_calamine.CalamineWorkbook] = {}
        every = self._book.sheets_metadata
        if len(every) != len(archive.sheets):
            raise SheetError(_DAMAGED)
        for meta, part in zip(every, archive.sheets, strict=True):
            seen = archive.worksheets.get(part, Worksheet())
            is_visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            if is_visible and meta.typ == python_calamine.SheetTypeEnum.WorkSheet and seen.is_filled:
                has_odd_text = seen.has_odd_text or archive.has_odd_text
                self.sheets.append(WorkbookSheet(self, meta.name, seen, has_odd_text=has_odd_text))
                if seen.has_unknown_errors:
                    # Now: the stream may be closed when the sheet is read.
                    self._mended[meta.name] = _mended(stream, archive, part)

    def parsed(self, name: str) -> python_calamine.CalamineSheet:
        """The sheet of that name, read whole. Raises SheetError where it is damaged."""
        try:
            return self._mended.get(name, self._book).get_sheet_by_name(name)
        except (python_calamine.CalamineError, ValueError, OSError) as error:
            raise SheetError(f"工作表「{name}」已损坏，无法读取。{RESAVE}。") from error


class WorkbookSheet:
    """One worksheet. Once `data_below` says which row the data are below, merged cells carry their value."""

    def __init__(self, workbook: Workbook, name: str, seen: Worksheet, *, has_odd_text: bool) -> None:
        self.name = name
        self._workbook = workbook
        self._seen = seen
        self._has_odd_text = has_odd_text
        self.data_below: int | None = None

    @cached_property
    def _sheet(self) -> python_calamine.CalamineSheet:
        return self._workbook.parsed(self.name)

    @property
    def has_faults(self) -> bool:
        return self._seen.has_faults

    @property
    def hidden_rows(self) -> set[int]:
        return self._seen.hidden

    @property
    def last_row(self) -> int:
        """The number of the last row that holds anything."""
        return self._sheet.end[0] + 1 if self._sheet.end else 0

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(row number, cells) of every row that is not wholly empty.

        Raises SheetError for a cell above 32,767 characters.
        """
        sheet = self._sheet
        left = [""] * (sheet.start[1] if sheet.start else 0)
        kinds = tuple(self._seen.kinds)
        marks = [(column - 1, places) for column, places in self._seen.marks.items()]
        merged = self._merged if self.data_below is not None else {}
        carried: dict[tuple[int, int], Cell] = {}
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = left + row if left else row
            for index, places in marks:
                if number < len(places) and (mark := kinds[places[number]]):
                    if index >= len(cells):
                        cells += [""] * (index + 1 - len(cells))
                    cells[index] = _marked(cells[index], mark)
            if not any(cells) and all(cell == "" for cell in cells):
                continue
            if number in merged:
                for top, index in merged[number]:
                    if index >= len(cells):
                        continue
                    if number == top:
                        carried[top, index] = cells[index]
                    elif cells[index] == "":
                        cells[index] = carried.get((top, index), "")
            if self._has_odd_text:
                _check_texts(number, cells)
            yield number, cells

    def is_carried(self, number: int, index: int) -> bool:
        """Whether the value of a cell (row, place from 0) is that of a cell above with which it is merged."""
        return any(top < number and place == index for top, place in self._merged.get(number, ()))

    @cached_property
    def _merged(self) -> dict[int, list[tuple[int, int]]]:
        """By row, the (first row, place from 0) of the vertical merges among the data that cover it."""
        merged: dict[int, list[tuple[int, int]]] = defaultdict(list)
        below = self.data_below or 0
        for (top, left), (bottom, _) in self._sheet.merged_cell_ranges or ():
            if bottom > top >= below:
                for number in range(top + 1, min(bottom + 1, self.last_row) + 1):
                    merged[number].append((top + 1, left))
        return merged


def column_letter(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def _check_texts(number: int, cells: Row) -> None:
    """Refuse a text that is too long; take out NUL, which no database takes."""
    for index, cell in enumerate(cells):
        if type(cell) is not str:
            continue
        if len(cell) > MAX_CELL_CHARS:
            where = f"第 {number} 行 {column_letter(index + 1)} 列"
            raise SheetError(f"{where}的内容超过 {MAX_CELL_CHARS:,} 个字。请缩短这一格。")
        if "\0" in cell:
            cells[index] = cell.replace("\0", "")


def _marked(cell: Cell, mark: Mark) -> Cell:
    """The cell with what the parser does not tell of it."""
    if isinstance(mark, Fault):
        return mark
    if isinstance(mark, NumberShape):
        return mark.applied(cell) if type(cell) is float else cell
    if mark is LAST_MOMENT and isinstance(cell, datetime) and cell.time() == time():
        return cell - timedelta(seconds=1)
    return cell


def _parsed(stream: BinaryIO) -> python_calamine.CalamineWorkbook:
    stream.seek(0)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(stream)
    except python_calamine.PasswordError as error:
        raise SheetError("文件有密码。请重新导出不带密码的；自己做的表格，去掉密码再上传。") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise SheetError(_DAMAGED) from error


def _mended(stream: BinaryIO, archive: Archive, wanted: str) -> python_calamine.CalamineWorkbook:
    """The workbook with one of its sheets, the error cells of that as text: the parser refuses a sheet for
    an error value that it does not know. What they are is known from looking through the XML."""
    with tempfile.TemporaryFile() as copy:
        with zipfile.ZipFile(stream) as old, zipfile.ZipFile(copy, "w") as new:
            for member in old.infolist():
                if member.filename == wanted:
                    with new.open(wanted, "w") as part:
                        for xml in whole_cells(old, member):
                            part.write(_ERROR_TYPE.sub(rb'\1"str"', xml))
                elif member.filename not in archive.sheets:
                    new.writestr(member.filename, old.read(member))
        return _parsed(copy)
