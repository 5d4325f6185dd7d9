"""Finds the header, of one row or two, and says which column holds which field."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sheets.profiles import EXPLANATIONS, Profile, ProfileColumn, header_key
from sheets.questions import LONGEST_KEY
from sheets.reading import Row, column_letter
from sheets.units import is_note, is_units
from sheets.values import key_of, plain

SEARCHED_ROWS = 12  # title rows, and a header of two rows below them
HEADER = "header:"  # what the key of the question what an unknown header means begins with
_FEWEST_KNOWN = 2
_CALENDAR_DAY = re.compile(r"(?:\d{1,2}[-/.月])?\d{1,2}[日号]?(?:星期|周|礼拜)?[一二三四五六日天]")


@dataclass(frozen=True)
class Placed:
    """A column of the profile and where it is in the file (index from 0); `parts` are the places of the
    columns whose sum it is, none for a column of its own."""

    column: ProfileColumn
    index: int
    header: str
    parts: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """The header with its letter, as it is compared: what tells it from another of the same name."""
        return key_of(_with_letter(self))

    def is_called(self, name: str) -> bool:
        """Whether the name is its header, with its letter or without."""
        return header_key(name) in (header_key(self.header), self.key)


@dataclass(frozen=True)
class Header:
    """One row of the file, or two, read as header under one profile. Usable when nothing is ``missing``.

    ``row_number`` is the row with the names, the lower of two; data begin below ``last_row`` (a row of units
    counts as header). ``width`` is how many columns it has, ``names`` what each may be called. ``unknown``
    are the cells that are none of the profile's headers, with their places; ``rivals`` the columns that may
    be a field as well as the first of them, which is placed; ``missing`` the required columns that are not
    there; ``foreign`` the headers of
    quite another kind of file; ``explained`` the place of a sheet of faults' own column.
    """

    profile: Profile
    row_number: int
    last_row: int
    width: int
    names: tuple[tuple[str, ...], ...]
    placed: tuple[Placed, ...]
    known: int
    unknown: tuple[tuple[int, str], ...] = ()
    rivals: tuple[tuple[Placed, ...], ...] = ()
    missing: tuple[ProfileColumn, ...] = ()
    foreign: tuple[str, ...] = ()
    explained: int | None = None
    repeats: tuple[tuple[str, ...], ...] = ()

    @property
    def is_characteristic(self) -> bool:
        """Whether it has one of the headers that tell its profile from others."""
        keys = {header_key(name) for names in self.names for name in names}
        return not self.profile.characteristic.isdisjoint(keys)

    @property
    def fits(self) -> bool:
        """Whether the file is of this profile: all that is needed is there, and what decides."""
        return not self.missing and not self.foreign and self.may_be

    @property
    def may_be(self) -> bool:
        """Whether what decides for this profile is there, if anything does; of metrics at least one."""
        metrics = self.profile.metric_fields
        if metrics and not any(each.column.metric for each in self.placed):
            return False
        return not self.profile.characteristic or self.is_characteristic

    @property
    def score(self) -> tuple[bool, int, int]:
        """How well the profile explains the file: what is characteristic, what is known, what is used."""
        return self.is_characteristic, self.known - len(self.missing), len(self.placed)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the file cannot be read under this profile, each with its remedy."""
        told = [
            f"「{name}」这一列说明它不是{self.profile.title}；请换一种类别，确实是的请指定格式 "
            f"{self.profile.name}。"
            for name in self.foreign
        ]
        told += [
            f"缺少「{column.title}」列；表头可以写：{'、'.join(column.names)}。已有别的叫法的，"
            f"请指出是哪一列（命令行写 --column {column.title}=表头）。"
            for column in self.missing
        ]
        return tuple(told)


def no_header(profiles: Sequence[Profile]) -> str:
    """That none of the first rows is a header, and which columns would have to be there."""
    wanted = "；".join(f"{profile.title}：{_names_of_required(profile)}" for profile in profiles)
    return f"前 {SEARCHED_ROWS} 行里找不到表头。需要的列——{wanted}。请检查是否选对了文件。"


def explanation(header: Header, profiles: Sequence[Profile]) -> str:
    """What is wrong with the header, and which other profiles there are."""
    lines = [f"表头（第 {header.row_number} 行，按「{header.profile.title}」读取）有问题：", *header.problems]
    if len(profiles) > 1:
        names = "、".join(f"{profile.name}（{profile.title}）" for profile in profiles)
        lines.append(f"如果是另一种格式，请用 --profile 指定：{names}。")
    return "\n".join(lines)


def best_row(
    rows: Sequence[tuple[int, Row]],
    profile: Profile,
    columns: Mapping[str, str] | None = None,
    fewest: int = _FEWEST_KNOWN,
) -> Header | None:
    """The first of the rows, or of two rows below each other, in which most cells are known headers; None
    where fewer than `fewest` are."""
    near = [(number, row) for number, row in rows if number - rows[0][0] < SEARCHED_ROWS]
    wanted = columns or {}
    singles = [_Reading([row], profile, wanted) for _, row in near]
    best: Header | None = None
    for place, (number, row) in enumerate(near):
        reading, last = singles[place], number
        if place + 1 < len(near) and near[place + 1][0] == number + 1:
            double = _Reading([row, near[place + 1][1]], profile, wanted)
            if double.known > singles[place + 1].known and _is_one_header(double, reading):
                reading, last = double, number + 1
        if best is None or reading.known > best.known:
            best = reading.header(last, next((row for below, row in rows if below == last + 1), []))
    return best if best and best.known >= fewest else None


def _is_one_header(double: "_Reading", upper: "_Reading") -> bool:
    """Whether two rows are a header of groups and names: nothing in the second is a value, and some group
    is over several names or the second row makes more of the columns known."""
    groups, names = double.rows
    if any(plain(cell) and (not isinstance(cell, str) or _begins_as_value(plain(cell))) for cell in names):
        return False
    tops = [plain(groups[index]) if index < len(groups) else "" for index in range(len(names))]
    is_grouped = any(
        plain(cell) and (not tops[index] or (index > 0 and tops[index] == tops[index - 1] != plain(cell)))
        for index, cell in enumerate(names)
    )
    return is_grouped or double.known > upper.known


def _begins_as_value(shown: str) -> bool:
    """Whether it begins with a digit, and is no day of a calendar (1 星期三)."""
    return shown[0].isdigit() and not _CALENDAR_DAY.fullmatch(key_of(shown))


class _Reading:
    """Header rows under a profile: where each column is, and what is not understood."""

    def __init__(self, rows: Sequence[Row], profile: Profile, wanted: Mapping[str, str]) -> None:
        self.profile = profile
        self.rows = rows
        self.known = 0
        self.unknown: list[tuple[int, str]] = []
        self.explained: int | None = None
        self.found: dict[str, list[Placed]] = {}
        self.names = [_names(rows, index) for index in range(max(map(len, rows)))]
        columns = profile.by_key()
        by_field = {column.field: column for column in profile.columns}
        for index, names in enumerate(self.names):
            for name in names:
                key = header_key(name)
                said = (by_field.get(field) for field, header in wanted.items() if header_key(header) == key)
                column = next((each for each in said if each), None)
                column = column or columns.get(key) or columns.get(header_key(said_as(name)))
                if column or profile.ignores(key):
                    self._note(index, name, column)
                    break
            else:
                if names:
                    self.unknown.append((index, names[0]))
        self.width = len(self.names)
        if self.explained is not None:
            # A workbook's header row is as wide as its widest row: what stood beyond headers stays beyond.
            self.width = max(index for index, names in enumerate(self.names, 1) if names)
        self._prefer(wanted)
        self._add_up()

    def _note(self, index: int, name: str, column: ProfileColumn | None) -> None:
        self.known += 1
        if column:
            self.found.setdefault(column.field, []).append(Placed(column, index, name))
        elif header_key(name) == EXPLANATIONS:
            self.explained = index

    def _prefer(self, wanted: Mapping[str, str]) -> None:
        """Of several columns for a field the one that was said to be it, if it is here."""
        for field, header in wanted.items():
            places = self.found.get(field, [])
            said = [each for each in places if each.is_called(header)]
            if said:
                self.found[field] = said

    def _add_up(self) -> None:
        """Place what is the sum of columns where it has none of its own."""
        keys = {header_key(name): index for index, names in enumerate(self.names) for name in reversed(names)}
        for column in self.profile.columns:
            parts = [keys.get(key_of(name)) for name in column.sum]
            if parts and column.field not in self.found and None not in parts:
                places = tuple(part for part in parts if part is not None)
                at = self.width + sum(1 for each in self.found.values() if each[0].parts)
                self.found[column.field] = [Placed(column, at, "+".join(column.sum), places)]
                summed = set(places)
                self.known += sum(index in summed for index, _ in self.unknown)
                self.unknown = [each for each in self.unknown if each[0] not in summed]

    def header(self, last: int, below: Row) -> Header:
        """The finding, with `below` the row under it."""
        profile = self.profile
        every = [name for names in self.names for name in names]
        is_extra = is_units(below) or (profile.units_row and is_note(below))
        return Header(
            profile=profile,
            row_number=last,
            last_row=last + is_extra,
            width=self.width,
            names=tuple(map(tuple, self.names)),
            placed=tuple(places[0] for places in self.found.values()),
            known=self.known,
            unknown=tuple(self.unknown),
            rivals=tuple(tuple(places) for places in self.found.values() if len(places) > 1),
            missing=profile.lacking(self.found),
            foreign=tuple(name for name in every if header_key(name) in profile.foreign),
            explained=self.explained,
            repeats=tuple(tuple(header_key(cell) for cell in row) for row in self.rows),
        )


def said_as(name: str) -> str:
    """What the question what a header means calls it, as far as the key of a question goes."""
    return key_of(name)[: LONGEST_KEY - len(HEADER)]


def choice_of(placed: Placed, among: Collection[Placed]) -> str:
    """What a column is called in an answer: its header, with its letter where another is called the same."""
    twins = [each for each in among if header_key(each.header) == header_key(placed.header)]
    return placed.header if len(twins) == 1 else _with_letter(placed)


def _with_letter(placed: Placed) -> str:
    return f"{placed.header}（{column_letter(placed.index + 1)} 列）"


def _names(rows: Sequence[Row], index: int) -> list[str]:
    """What the column may be called: `group/name` and the name alone where there are two rows."""
    cells = [plain(row[index]) if index < len(row) else "" for row in rows]
    if len(cells) == 1 or not cells[1] or cells[0] == cells[1]:
        return [cells[0]] if cells[0] else []
    group = next((plain(cell) for cell in reversed(rows[0][: index + 1]) if plain(cell)), "")
    return [f"{group}/{cells[1]}", cells[1]] if group else [cells[1]]


def _names_of_required(profile: Profile) -> str:
    return "、".join(column.title for column in profile.lacking(()))
