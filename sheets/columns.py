"""Columns that may mean one thing, and what is the sum of several."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from sheets.errors import CellError
from sheets.headers import Header, Placed, choice_of
from sheets.profiles import ProfileColumn
from sheets.questions import Question
from sheets.reading import Row, column_letter
from sheets.values import plain, signed_money

COLUMN = "column:"  # what the key of the question which column a field is in begins with
_SAMPLES = 3


def as_added(cells: Sequence[object]) -> object:
    """The sum of cells as a cell: blank where all are, the first that is no amount where one is not."""
    total = Decimal(0)
    for cell in cells:
        try:
            total += signed_money(cell) or 0
        except CellError:
            return cell
    return f"{total:.2f}" if any(plain(cell) for cell in cells) else ""


def settled(header: Header, rows: Iterable[tuple[int, Row]]) -> tuple[Header, list[Question]]:
    """Which of several columns a field is in: the header with the one that has something, and a question
    for each field where several have and differ in some of the rows."""
    if not header.rivals:
        return header, []
    found = [_Rivals(rivals) for rivals in header.rivals]
    for number, row in rows:
        for each in found:
            each.see(number, row)
    filled = {each.column.field: each.filled[0] for each in found if each.filled}
    placed = tuple(filled.get(each.column.field, each) for each in header.placed)
    return replace(header, placed=placed), [each.question() for each in found if each.is_open]


class _Rivals:
    """The columns that a field may be in, and the rows in which they differ."""

    def __init__(self, rivals: Sequence[Placed]) -> None:
        self.rivals = rivals
        self.column = rivals[0].column
        self.different = 0
        self._samples: list[str] = []
        self._filled: set[int] = set()

    @property
    def filled(self) -> list[Placed]:
        return [each for each in self.rivals if each.index in self._filled]

    @property
    def is_open(self) -> bool:
        return self.different > 0 and len(self._filled) > 1

    def see(self, number: int, row: Row) -> None:
        self._filled.update(each.index for each in self.rivals if _text(row, each))
        if len({_value(row, each, self.column) for each in self.rivals}) == 1:
            return
        self.different += 1
        if len(self._samples) < _SAMPLES:
            told = "，".join(f"{each.header} {_text(row, each) or '（空）'}" for each in self.rivals)
            self._samples.append(f"第 {number} 行：{told}")

    def question(self) -> Question:
        named = [
            (choice_of(each, self.rivals), f"{column_letter(each.index + 1)} 列「{each.header}」")
            for each in self.filled
        ]
        return Question(
            f"{COLUMN}{self.column.field}",
            f"{'和'.join(words for _, words in named)}都可能是“{self.column.title}”，"
            f"有 {self.different} 行不一样。以哪一列为准？",
            tuple(named),
            tuple(self._samples),
        )


def _text(row: Row, placed: Placed) -> str:
    return plain(row[placed.index]) if placed.index < len(row) else ""


def _value(row: Row, placed: Placed, column: ProfileColumn) -> object:
    """What the cell says, so that 100 and 100.00 are the same."""
    try:
        return column.parser()(row[placed.index] if placed.index < len(row) else "")
    except CellError:
        return _text(row, placed)
