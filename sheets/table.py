"""A spreadsheet under its profile: parsed rows, and every bad cell with its remedy."""

import os
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from sheets.cells import Fault
from sheets.columns import as_added, columns_said, headers_said, money_unread, placed_as_said, settled
from sheets.errors import CellError, RowError, SheetError, SheetErrors
from sheets.headers import Header
from sheets.no_data import TOTALS, reason_of
from sheets.opening import Continued, best_readings, chosen_sheets, read_as_one, sheets_of
from sheets.profiles import Profile, profiles_of
from sheets.questions import LONGEST_KEY, Question, QuestionsOpen
from sheets.reading import MAX_FILE_BYTES, Row, Source, column_letter
from sheets.titles import Period, period_of
from sheets.values import Parser, key_of, percent, plain

MAX_ERRORS = 200
MAX_QUESTIONS = 100
_SHOWN_CHARS = 40
_SHOWN_ROWS = 5


class Table:
    """A file whose header is understood.

    ``digest`` is the SHA-256 of the file (the same file twice), ``fields`` the fields of the profile in its
    order. A bulk importer takes ``raw_rows()`` with ``index_of()`` and ``add_error()``. ``read_to`` is the
    row that is being read. ``period`` is what title rows or ``file_name`` say the report is of (first and
    last day), if they do. ``width`` is how long a raw row is: the headers, and what is added up from them.
    What is in ``at_end`` is called (by, at) once the whole file is good.
    """

    def __init__(
        self,
        source: Source | Continued,
        header: Header,
        answers: Mapping[str, str] | None = None,
        *,
        file_name: str = "",
        period: Period | None = None,
    ) -> None:
        self.source = source
        self.file_name = file_name
        self.period = period
        self.profile: Profile = header.profile
        self.fields = header.profile.fields
        self._private = {column.field for column in self.profile.columns if column.private}
        self.digest = source.digest
        self.errors: list[RowError] = []
        self.answers: Mapping[str, str] = answers or {}
        self.read_to = 0
        self.answered: dict[str, Question] = {}
        self.at_end: list[Callable[..., object]] = []
        self._questions: dict[str, Question] = {}
        self._left_out: dict[str, dict[int, None]] = {}
        self.place(header)

    def place(self, header: Header) -> None:
        """Read the columns where this header has them."""
        self.header = header
        self._placed = {placed.column.field: placed for placed in header.placed}
        self._sums = [placed for placed in header.placed if placed.parts]
        self.width = header.width + len(self._sums)

    @property
    def present(self) -> tuple[str, ...]:
        """The fields that the file has a column for."""
        return tuple(field for field in self.fields if field in self._placed)

    def index_of(self, field: str) -> int | None:
        """Where the field is in a raw row (from 0), None when the file has no such column."""
        placed = self._placed.get(field)
        return placed.index if placed else None

    def header_of(self, field: str) -> str:
        """The column's header as written in the file, for messages."""
        placed = self._placed.get(field)
        if placed:
            return placed.header
        return next((column.title for column in self.profile.columns if column.field == field), field)

    def raw_rows(self) -> Iterator[tuple[int, Row]]:
        """(row number, cells as the reader yields them) below the header, at least as many as headers.

        A row with more filled cells than headers is an error, and so is one with a cell without a value
        (`Fault`) in a column that is used.
        """
        width, has_faults = self.header.width, self.source.has_faults
        for number, row in self._below():
            self.read_to = number
            if len(row) != width:
                if len(row) < width:
                    row = row + [""] * (width - len(row))
                elif any(plain(cell) for cell in row[width:]):
                    self._report_surplus(number, row)
                    continue
                elif self._sums:
                    del row[width:]
            for each in self._sums:
                row.append(as_added([row[part] for part in each.parts]))
            if has_faults and self._report_faults(number, row):
                continue
            yield number, row

    def count(self) -> int:
        """How many rows the whole file has, good or bad."""
        return sum(1 for _ in self._below())

    def _below(self) -> Iterator[tuple[int, Row]]:
        """The rows below the header that are data; what a sheet of faults says of them is blanked.

        A row whose identity is plain text of letters and digits is data unless it begins with a total: that
        is all that is asked of the rows of a large file.
        """
        last, explained = self.header.last_row, self.header.explained
        identity, first_cells = self._identity(), TOTALS | self.profile.skip_rows
        for number, row in self.source.rows():
            if number <= last:
                continue
            if explained is not None and explained < len(row):
                row[explained] = ""
                if not any(row):
                    continue
            cell = row[identity] if identity < len(row) else ""
            is_plain = cell.__class__ is not str or (cell and cell.isascii() and cell[0] not in "# ")
            if is_plain and row[0] not in first_cells and (row[0] or TOTALS.isdisjoint(row)):
                yield number, row
                continue
            if reason := self._no_data(row):
                self.leave_out(number, reason)
            else:
                yield number, row

    def _identity(self) -> int:
        """The place of the column that says what a row is about: a number, or what must be there."""
        placed = [each for each in self.header.placed if not each.parts]
        numbers = [each for each in placed if each.column.type == "order_no"]
        who = {field for group in self.profile.any_of for field in group}
        needed = [each for each in placed if each.column.required or each.column.field in who]
        return next((each.index for each in (*numbers, *needed, *placed)), 0)

    def _no_data(self, row: Row) -> str | None:
        skipped, identity = self.profile.skip_rows, self._identity()
        if skipped:
            first = next((key for cell in row if (key := key_of(cell))), "")
            said = key_of(row[identity]) if identity < len(row) else ""
            if first in skipped or said in skipped:
                return "合计等不是数据的行"
        return reason_of(row, self.header, identity)

    def rows(self, *, raise_at_end: bool = True) -> Iterator[tuple[int, list[Any]]]:
        """(row number, parsed values in the order of ``fields``, None for blank or absent) of every good row.

        Bad rows are collected in ``errors`` and, once the file is read, raised together as SheetErrors
        (at 200 at once). With ``raise_at_end=False`` the caller adds its own findings and calls ``check()``.
        """
        self.errors.clear()
        blank_index = self.width
        steps: list[tuple[int, Parser]] = []
        filled: list[int] = []
        for position, column in enumerate(self.profile.columns):
            index = self.index_of(column.field)
            steps.append((blank_index, _nothing) if index is None else (index, column.parser()))
            if column.filled and index is not None:
                filled.append(position)
        ratio_checks = self._ratio_checks()
        for number, row in self.raw_rows():
            if len(row) == blank_index:
                row.append("")
            try:
                values = [parse(row[index]) for index, parse in steps]
                for position in filled:
                    if values[position] is None:
                        raise CellError("不能为空", "请填写")
                for which, position, index in ratio_checks:
                    most = self.profile.percent_metrics.get(values[which])
                    if most is not None:
                        values[position] = percent(row[index], most)
            except CellError:
                if reason := self._no_data(row):
                    self.leave_out(number, reason)
                else:
                    self._report_row(number, row)
                continue
            yield number, values
        if raise_at_end:
            self.check()

    def add_error(
        self,
        row: int,
        field: str,
        message: str,
        remedy: str,
        value: object = "",
        index: int | None = None,
    ) -> None:
        """Record a bad cell, at `index` where it has no field; without its value where that is private.

        Raises SheetErrors when there are 200.
        """
        shown = plain(value) if field not in self._private else ""
        if len(shown) > _SHOWN_CHARS:
            shown = shown[:_SHOWN_CHARS] + "…"
        place = self.index_of(field) if index is None else index
        self.errors.append(
            RowError(row, self.header_of(field), message, remedy, shown, place, self.place_of(row))
        )
        if len(self.errors) >= MAX_ERRORS:
            raise SheetErrors(self.errors, complete=False)

    def ask(self, question: Question) -> str | None:
        """The answer to a question, one of its choices; None where `check()` will have to ask it.

        Raises SheetError for more than 100 of them, which nobody would answer.
        """
        answer = self.answers.get(question.key)
        codes = [code for code, _ in question.choices]
        if answer is not None and (not codes or answer in codes):
            self.answered.setdefault(question.key, question)
            return answer
        self._questions[question.key] = question
        if len(self._questions) > MAX_QUESTIONS:
            raise SheetError(
                f"要问的超过 {MAX_QUESTIONS} 个，最后一个是：{question.text}多半选错了列或者文件；"
                "请检查表头和各列的内容，改正后重新导入。"
            )
        return None

    def leave_out(self, row: int, reason: str) -> None:
        """Count a row that is left out on purpose; the report says how many there were, and why."""
        self._left_out.setdefault(reason, {})[row] = None

    def place_of(self, row: int) -> str:
        """Where a row is, for people: 第 7 行, with the sheet where several are read as one."""
        return self.source.place_of(row) if isinstance(self.source, Continued) else f"第 {row} 行"

    def left_out_notes(self) -> list[str]:
        """The rows left out, by reason: 合计行 2 行没有导入（第 7、9 行）。"""
        return [
            f"{reason} {len(rows)} 行没有导入（第 {'、'.join(map(str, list(rows)[:_SHOWN_ROWS]))} 行"
            + (" 等" if len(rows) > _SHOWN_ROWS else "")
            + "）。"
            for reason, rows in self._left_out.items()
        ]

    def unread_note(self) -> str:
        """What is not read: columns whose headers are not known, and other sheets; blank for none."""
        columns = [f"{name}（{column_letter(index + 1)} 列）" for index, name in self.header.unknown]
        told = [f"没有读的列：{'、'.join(columns)}。"] if columns else []
        if self.source.other_sheets:
            told.append(f"没有读的工作表：{'、'.join(self.source.other_sheets)}。")
        return "".join(told)

    def check(self) -> None:
        """Raise SheetErrors when anything was recorded, QuestionsOpen when something was asked."""
        if self.errors:
            raise SheetErrors(sorted(self.errors, key=lambda error: error.row))
        if self._questions:
            raise QuestionsOpen(list(self._questions.values()))

    def _ratio_checks(self) -> list[tuple[int, int, int]]:
        """(position of the metric's name, position of its value, index of the value) of long tables."""
        checks = []
        for position, column in enumerate(self.profile.columns):
            index = self.index_of(column.field)
            if column.by and index is not None:
                checks.append((self.fields.index(column.by), position, index))
        return checks

    def _report_row(self, number: int, row: Row) -> None:
        """Record every bad cell of a row that could not be read."""
        ratio_values = {position: which for which, position, _ in self._ratio_checks()}
        parsed: dict[int, Any] = {}
        for position, column in enumerate(self.profile.columns):
            index = self.index_of(column.field)
            if index is None:
                continue
            cell = row[index]
            if isinstance(cell, Fault):
                parts = self._placed[column.field].parts or (index,)
                at = next(part for part in parts if isinstance(row[part], Fault))
                name = self.source.cell_name(number, at)
                remedy = cell.remedy(column.form, is_needed=column.filled)
                self.add_error(number, column.field, cell.message(name), remedy, cell.error)
                continue
            try:
                parsed[position] = column.parser()(cell)
                if column.filled and parsed[position] is None:
                    raise CellError("不能为空", "请填写这一格")
                most = self.profile.percent_metrics.get(parsed.get(ratio_values.get(position, -1), ""))
                if most is not None:
                    percent(row[index], most)
            except CellError as error:
                self.add_error(number, column.field, error.message, error.remedy, row[index])

    def _report_faults(self, number: int, row: Row) -> bool:
        """Record every bad cell of a row that has a Fault where something is read; blank it elsewhere."""
        used = {placed.index for placed in self._placed.values()}
        is_faulty = any(isinstance(row[index], Fault) for index in used)
        if is_faulty:
            self._report_row(number, row)
        else:
            row[:] = ["" if isinstance(cell, Fault) else cell for cell in row]
        return is_faulty

    def _report_surplus(self, number: int, row: Row) -> None:
        width = self.header.width
        index = next(index for index, cell in enumerate(row) if index >= width and plain(cell))
        self.add_error(
            number,
            f"{column_letter(index + 1)} 列",
            f"这一行有 {len(row)} 列，表头只有 {width} 列",
            "请检查这一行是否多了分隔符，内容里有逗号的格子要加引号",
            row[index],
            index,
        )


def read_table(
    origin: str | os.PathLike[str] | BinaryIO,
    *,
    kind: str,
    profile: str | None = None,
    mappings: Mapping[str, Mapping[str, str | None]] | None = None,
    answers: Mapping[str, str] | None = None,
    file_name: str = "",
    max_bytes: int = MAX_FILE_BYTES,
) -> Table:
    """Open a spreadsheet of a kind (orders, metrics, staff, incidents, attendance, leave, attribution).

    The profile is chosen by its name or by the headers. `mappings` (profile → header as `key_of` gives it →
    field, None to ignore the column) adds headers that the profiles do not list; `answers` (the key of a
    question → answer) is what was asked before. Raises SheetError when the file cannot be opened, the header
    is not understood or there is no row below it, and QuestionsOpen where two columns may be one field.
    """
    given, known = mappings or {}, {key[:LONGEST_KEY]: value for key, value in (answers or {}).items()}
    candidates = [
        each.knowing({**given.get(each.name, {}), **headers_said(known, each)})
        for each in profiles_of(kind, profile)
    ]
    said = columns_said(known)
    readings = best_readings(sheets_of(origin, max_bytes), candidates, said, is_chosen=profile is not None)
    readings, asked = chosen_sheets(readings, known)
    header, top = readings[0].header, readings[0].sheet.top
    name = file_name or (Path(origin).name if isinstance(origin, str | os.PathLike) else "")
    table = Table(
        read_as_one(readings),
        header,
        known,
        file_name=name,
        period=period_of([each for each in top if each[0] < header.row_number], name),
    )
    if next(table.raw_rows(), None) is None and not table.errors:
        raise SheetError("文件只有表头，没有数据。请检查导出的日期范围，重新导出。")
    table.errors.clear()
    if asked and len(readings) == 1:  # another sheet of the same file is no repetition
        table.digest = sha256(f"{table.digest} {table.source.sheet_name}".encode()).hexdigest()
    table.answered |= {each.key: each for each in (*asked, *placed_as_said(header, known))}
    questions = money_unread(header, [each for each in top if each[0] > header.last_row], known)
    if header.rivals:
        settled_header, rivals = settled(header, table.raw_rows())
        table.place(settled_header)
        questions += rivals
    for question in questions:
        table.ask(question)
    table.check()
    return table


def _nothing(_: object) -> None:
    return None
