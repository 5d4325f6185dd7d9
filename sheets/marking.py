"""Writes a file again as it is, with its faulty cells marked and explained, to be mended and brought back."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from sheets.cells import Fault, ShownNumber
from sheets.errors import RowError
from sheets.profiles import EXPLANATIONS
from sheets.reading import Row
from sheets.table import Table
from sheets.values import plain
from sheets.writing import is_plain_text, new_workbook, text_cell

_FAULT = PatternFill("solid", fgColor="FFC7CE")
_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTH, _EXPLANATION_WIDTH = 15, 60
_LINE_HEIGHT, _MAX_HEIGHT = 17.0, 400.0


def write_marked(target: str | os.PathLike[str] | BinaryIO, table: Table, errors: Iterable[RowError]) -> None:
    """The whole sheet, every row in its place: faulty cells filled, `EXPLANATIONS` says what is wrong.

    Text stays exactly what it was, also where it begins like a formula: the mended file is read again.
    Raises SheetError where the file cannot be read to its end.
    """
    faults: dict[int, list[RowError]] = defaultdict(list)
    for error in errors:
        faults[error.row].append(error)
    header = table.header
    place = header.width if header.explained is None else header.explained
    is_new = header.explained is None
    with new_workbook(target) as workbook:
        sheet: Any = workbook.create_sheet(EXPLANATIONS)
        for index in range(place):
            sheet.column_dimensions[get_column_letter(index + 1)].width = _WIDTH
        sheet.column_dimensions[get_column_letter(place + 1)].width = _EXPLANATION_WIDTH
        sheet.freeze_panes = f"A{header.row_number + 1}"
        written = 0
        for number, row in table.source.rows():
            for _ in range(number - written - 1):
                sheet.append([])
            written = number
            if number == header.row_number:
                sheet.append(_heading(sheet, _explained(row, place, EXPLANATIONS, is_new=is_new)))
            elif number in faults:
                sheet.row_dimensions[number].height = min(len(faults[number]) * 2 * _LINE_HEIGHT, _MAX_HEIGHT)
                sheet.append(_faulty(sheet, row, place, faults[number], is_new=is_new))
            else:
                sheet.append([_cell(sheet, value) for value in _explained(row, place, "", is_new=is_new)])
        letter = get_column_letter(place + 1)
        sheet.auto_filter.ref = f"A{header.row_number}:{letter}{written}"


def _heading(sheet: Any, row: Row) -> list[Cell]:
    cells = [text_cell(sheet, plain(value)) for value in row]
    for cell in cells:
        cell.font = _BOLD
    return cells


def _faulty(sheet: Any, row: Row, place: int, faults: Sequence[RowError], *, is_new: bool) -> list[Any]:
    wrong = {fault.index + (is_new and fault.index >= place) for fault in faults if fault.index is not None}
    told = "\n".join(fault.told for fault in faults)
    cells: list[Any] = []
    for index, value in enumerate(_explained(row, place, told, is_new=is_new)):
        cell = _cell(sheet, value)
        if index in wrong or index == place:
            cell = cell if isinstance(cell, Cell) else WriteOnlyCell(sheet, cell)
            if index == place:
                cell.alignment = _WRAPPED
            else:
                cell.fill = _FAULT
        cells.append(cell)
    return cells


def _explained(row: Row, place: int, told: str, *, is_new: bool) -> Row:
    """The row with what is told of it: beside the last header, so that a cell without one stays a fault;
    where the file has the column already, instead of what an earlier sheet of faults said."""
    padded = [*row, *[""] * (place - len(row))]
    return [*padded[:place], told, *padded[place + (not is_new) :]]


def _cell(sheet: Any, value: Any) -> Any:
    """The value: text in a cell that says it is text, a cell without a value as an error, so that it is none
    when it comes back, a number that its format shows otherwise under that format."""
    if isinstance(value, Fault):
        cell = WriteOnlyCell(sheet)
        cell.value, cell.data_type = value.error or "#N/A", "e"
        return cell
    if isinstance(value, ShownNumber):
        cell = WriteOnlyCell(sheet, float(value))
        cell.number_format = value.code
        return cell
    if not isinstance(value, str) or is_plain_text(value):
        return value
    return text_cell(sheet, value)
