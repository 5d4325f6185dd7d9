"""Columns that may mean one thing, what is the sum of several, and money that would be left unread."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sheets.errors import CellError
from sheets.headers import HEADER, Header, Placed, choice_of, said_as
from sheets.profiles import Profile, ProfileColumn, header_key
from sheets.questions import Question
from sheets.reading import Row, column_letter
from sheets.values import key_of, plain, signed_money

COLUMN = "column:"  # what the key of the question which column a field is in begins with
NOT_NEEDED = "-"
_SAMPLES = 3
_MONEY = ("money", "signed_money")


def columns_said(answers: Mapping[str, str]) -> dict[str, str]:
    """Field → header, as the questions which column a field is in were answered."""
    return {key.removeprefix(COLUMN): name for key, name in answers.items() if key.startswith(COLUMN)}


def headers_said(answers: Mapping[str, str], profile: Profile) -> dict[str, str | None]:
    """Header → field, as the questions what a header means that the profile does not list were answered:
    several may be one field. What is not needed stays unknown, so that the report names it."""
    listed = profile.by_key()
    return {
        header: field
        for key, field in answers.items()
        if key.startswith(HEADER)
        and field != NOT_NEEDED
        and header_key(header := key.removeprefix(HEADER)) not in listed
    }


def placed_as_said(header: Header, answers: Mapping[str, str]) -> list[Question]:
    """The questions, under the keys that were answered, whose answers say where this file has its columns."""
    columns = columns_said(answers)
    questions = [
        Question(f"{COLUMN}{each.column.field}", f"“{each.column.title}”是哪一列？")
        for each in header.placed
        if (name := columns.get(each.column.field)) and each.is_called(name)
    ]
    others = {each.column.field for each in header.placed}
    for each in (*header.placed, *(rival for rivals in header.rivals for rival in rivals)):
        if key := _said_under(each, answers):
            alike = _alike(header, each.header, others - {each.column.field}) or [each.column]
            questions.append(_meaning(each.index, each.header, alike, (), key=key))
    return questions


def _said_under(placed: Placed, answers: Mapping[str, str]) -> str | None:
    """The key of the answer that its header means its field."""
    name = header_key(said_as(placed.header))
    said = (key for key, field in answers.items() if field == placed.column.field and key.startswith(HEADER))
    return next((key for key in said if header_key(key.removeprefix(HEADER)) == name), None)


def money_unread(
    header: Header, rows: Iterable[tuple[int, Row]], answers: Mapping[str, str]
) -> list[Question]:
    """What an unknown header means that is called like an amount which the file has no column for: unread,
    it would be money that nobody misses. `rows` are the first ones: something else than amounts below the
    header contradicts its name, nothing does not, as few orders have a refund. A column that is the amount
    only because of one of the `answers` leaves it open what the others are."""
    placed = {each.column.field for each in header.placed if not _said_under(each, answers)}
    questions = []
    for index, name in header.unknown:
        below = [
            (number, plain(row[index])) for number, row in rows if index < len(row) and plain(row[index])
        ]
        alike = _alike(header, name, placed)
        if alike and all(map(_is_amount, below)):
            key = f"{HEADER}{said_as(name)}"
            questions.append(_meaning(index, name, alike, below[:_SAMPLES], key=key))
    return questions


def _alike(header: Header, name: str, placed: Collection[str]) -> list[ProfileColumn]:
    """The amounts that a header is called like, without those that have a column already."""
    return [
        column
        for column in header.profile.columns
        if column.type in _MONEY and column.field not in placed and _is_alike(column, name)
    ]


def _meaning(
    index: int, name: str, alike: Sequence[ProfileColumn], below: Sequence[tuple[int, str]], *, key: str
) -> Question:
    return Question(
        key,
        f"{column_letter(index + 1)} 列「{name}」不认识，像是“{alike[0].title}”。它是什么？",
        (*((column.field, f"是{column.title}") for column in alike), (NOT_NEEDED, "不需要")),
        tuple(f"第 {number} 行：{name} {text}" for number, text in below),
    )


def _is_alike(column: ProfileColumn, name: str) -> bool:
    key = key_of(name)
    return any((known := key_of(each)) in key or key in known for each in column.names)


def _is_amount(below: tuple[int, str]) -> bool:
    try:
        return signed_money(below[1]) is not None
    except CellError:
        return False


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
