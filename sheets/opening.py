"""From a file to the sheet and the header under which it is read."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from sheets.errors import SheetError
from sheets.headers import SEARCHED_ROWS, Header, best_row, explanation, no_header
from sheets.profiles import Profile
from sheets.questions import Question, QuestionsOpen
from sheets.reading import MAX_FILE_BYTES, Row, Source, open_sources

_BELOW = 3  # rows below a header that are looked at
SHEETS = "sheets:"  # what the key of the question which sheets to read begins with
ALL = "all"


class Continued:
    """Sheets with the same header, read as one: each goes on below the one before."""

    def __init__(self, sheets: Sequence["Reading"]) -> None:
        first = sheets[0].sheet.source
        self.parts = [(each.sheet.source, each.header.last_row) for each in sheets]
        self.digest, self.encoding = first.digest, first.encoding
        self.is_csv = False
        self.sheet_name = "、".join(source.sheet_name for source, _ in self.parts)
        names = {source.sheet_name for source, _ in self.parts}
        self.other_sheets = tuple(name for name in first.other_sheets if name not in names)
        self._starts: list[int] = []  # the rows after which the sheets begin

    def rows(self) -> Iterator[tuple[int, Row]]:
        """As a sheet gives them, numbered through; headers of later sheets are left out."""
        last = 0
        self._starts = []
        for source, header in self.parts:
            start = last
            self._starts.append(start)
            for number, row in source.rows():
                last = start + number
                if start == 0 or number > header:
                    yield last, row

    @property
    def has_faults(self) -> bool:
        """Whether any cell may be a Fault."""
        return any(source.has_faults for source, _ in self.parts)

    def place_of(self, number: int) -> str:
        """Where a row that was read is, for people."""
        source, row = self._located(number)
        return f"第 {row} 行" if row == number else f"工作表“{source.sheet_name}”第 {row} 行"

    def cell_name(self, number: int, index: int) -> str:
        """What a spreadsheet program calls the cell of a row that was read."""
        source, row = self._located(number)
        return source.cell_name(row, index)

    def is_hidden(self, number: int) -> bool:
        """As of a sheet."""
        source, row = self._located(number)
        return source.is_hidden(row)

    def is_carried(self, number: int, index: int) -> bool:
        """As of a sheet."""
        source, row = self._located(number)
        return source.is_carried(row, index)

    def _located(self, number: int) -> tuple[Source, int]:
        """The sheet of a row that was read, and its number there."""
        place = max(place for place, start in enumerate(self._starts) if number > start)
        return self.parts[place][0], number - self._starts[place]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a text file, with its first rows."""

    source: Source
    top: tuple[tuple[int, Row], ...]


@dataclass(frozen=True)
class Reading:
    """A sheet under one profile."""

    sheet: Sheet
    header: Header

    @property
    def score(self) -> tuple[bool, bool, bool, int, int]:
        """The better the greater: it fits, its sheet is wanted, and how much of the file it explains."""
        wanted = self.sheet.source.sheet_name in self.header.profile.sheet
        return (self.header.fits, wanted, *self.header.score)


def sheets_of(origin: str | os.PathLike[str] | BinaryIO, max_bytes: int = MAX_FILE_BYTES) -> list[Sheet]:
    """The sheets of a file that hold something; one that is damaged does not spoil the others.

    Raises SheetError where none can be read.
    """
    found: list[Sheet] = []
    failed = SheetError("表格里没有内容。请检查是否选对了文件。")
    for source in open_sources(origin, max_bytes=max_bytes):
        try:
            top = tuple(islice(source.rows(), SEARCHED_ROWS + _BELOW))
        except SheetError as error:
            failed = error
            continue
        if top:
            found.append(Sheet(source, top))
    if not found:
        raise failed
    return found


def readings_of(
    sheets: Sequence[Sheet],
    profiles: Sequence[Profile],
    columns: Mapping[str, str] | None = None,
) -> list[Reading]:
    """Every sheet under every profile of which it has some headers."""
    return [
        Reading(sheet, header)
        for sheet in sheets
        for profile in profiles
        if (header := best_row(sheet.top, profile, columns))
    ]


def best_readings(
    sheets: Sequence[Sheet],
    profiles: Sequence[Profile],
    columns: Mapping[str, str] | None = None,
    *,
    is_chosen: bool = False,
) -> list[Reading]:
    """The sheet and the header that fit best; several where a workbook goes on under the same header.

    `columns` (field → header) says which column a field is in where the profile alone does not. Raises
    SheetError naming every missing column (with its accepted names) and header of another kind of file, or
    that the profile has to be chosen. Where it was (`is_chosen`), nothing is foreign.
    """
    readings = readings_of(sheets, profiles, columns)
    if not readings:
        raise SheetError(no_header(profiles))
    usable = [each for each in readings if not each.header.missing and (is_chosen or each.header.fits)]
    if not usable:
        closest = max(readings, key=lambda each: (each.header.may_be, each.score))
        raise SheetError(explanation(closest.header, profiles))
    most = max(each.score for each in usable)
    best = [each for each in usable if each.score == most]
    names = {each.header.profile.name: each.header.profile.title for each in best}
    if len(names) > 1:
        told = "、".join(f"{name}（{title}）" for name, title in names.items())
        raise SheetError(f"表头同时符合几种格式：{told}。请用 --profile 指定一种。")
    return best


def chosen_sheets(
    readings: Sequence[Reading], answers: Mapping[str, str]
) -> tuple[list[Reading], list[Question]]:
    """Of several sheets of the same kind those that are to be read, with the question that was answered.

    Raises QuestionsOpen where nobody has said which.
    """
    if len(readings) == 1:
        return list(readings), []
    question = _which_sheets(readings)
    answer = answers.get(question.key)
    if answer not in [code for code, _ in question.choices]:
        raise QuestionsOpen([question])
    if answer == ALL:
        return list(readings), [question]
    return [each for each in readings if _code(each.sheet.source.sheet_name) == answer], [question]


def _which_sheets(readings: Sequence[Reading]) -> Question:
    names = [each.sheet.source.sheet_name for each in readings]
    is_one_header = len({each.header.repeats for each in readings}) == 1
    every = ((ALL, "全部，一张接着一张读"),) if is_one_header else ()
    listed = "".join(f"“{name}”" for name in names)
    return Question(
        f"{SHEETS}{'、'.join(names)}",
        f"工作簿里有 {len(names)} 张工作表都是这种表格：{listed}。读哪些？",
        (*every, *((_code(name), f"只读“{name}”") for name in names)),
    )


def _code(name: str) -> str:
    """The answer that means one sheet: its name, in brackets (which no name of a sheet has) where that is
    the word for all of them."""
    return f"[{name}]" if name == ALL else name


def read_as_one(readings: Sequence[Reading]) -> Source | Continued:
    """The sheets as one source; one of several that were not all chosen is a file of its own.

    Cells merged over rows of data carry their value down from now on.
    """
    for each in readings:
        each.sheet.source.begin(each.header.last_row)
    return readings[0].sheet.source if len(readings) == 1 else Continued(readings)
