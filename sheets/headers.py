"""Finds the header row and says which column holds which field."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheets.errors import SheetError
from sheets.profiles import EXPLANATIONS, Profile, ProfileColumn
from sheets.reading import Row, column_letter
from sheets.values import key_of, plain

SEARCHED_ROWS = 6  # the header and up to five title rows above it
_FEWEST_KNOWN = 2


@dataclass(frozen=True)
class Placed:
    """A column of the profile and where it is in the file (index from 0)."""

    column: ProfileColumn
    index: int
    header: str


@dataclass(frozen=True)
class Header:
    """A row of the file read as header under one profile. It can be used when ``problems`` is empty.

    ``unknown`` are the cells that are none of the profile's headers, with their places; ``missing`` the
    required columns that are not there; ``explained`` the place of a sheet of faults' own column.
    """

    profile: Profile
    row_number: int
    width: int
    placed: tuple[Placed, ...]
    known: int
    problems: tuple[str, ...]
    unknown: tuple[tuple[int, str], ...] = ()
    missing: tuple[ProfileColumn, ...] = ()
    explained: int | None = None


def find_header(rows: Sequence[tuple[int, Row]], profiles: Sequence[Profile]) -> Header:
    """The header under the best fitting of the profiles.

    Raises SheetError naming every unknown column (letter and header), missing column (with its accepted
    names) and doubled column, or that the profile has to be chosen.
    """
    readings = [reading for profile in profiles if (reading := best_row(rows, profile))]
    if not readings:
        wanted = "；".join(f"{profile.title}：{_names_of_required(profile)}" for profile in profiles)
        raise SheetError(f"前 {SEARCHED_ROWS} 行里找不到表头。需要的列——{wanted}。请检查是否选对了文件。")
    fitting = [reading for reading in readings if not reading.problems]
    if fitting:
        most = max(len(reading.placed) for reading in fitting)
        best = [reading for reading in fitting if len(reading.placed) == most]
        if len(best) > 1:
            names = "、".join(f"{reading.profile.name}（{reading.profile.title}）" for reading in best)
            raise SheetError(f"表头同时符合几种格式：{names}。请用 --profile 指定一种。")
        return best[0]
    closest = max(readings, key=lambda reading: (reading.known, -len(reading.problems)))
    raise SheetError(_explanation(closest, profiles))


def _explanation(header: Header, profiles: Sequence[Profile]) -> str:
    lines = [f"表头（第 {header.row_number} 行，按「{header.profile.title}」读取）有问题：", *header.problems]
    if len(profiles) > 1:
        names = "、".join(f"{profile.name}（{profile.title}）" for profile in profiles)
        lines.append(f"如果是另一种格式，请用 --profile 指定：{names}。")
    return "\n".join(lines)


def best_row(rows: Sequence[tuple[int, Row]], profile: Profile, fewest: int = _FEWEST_KNOWN) -> Header | None:
    """The first of the rows in which most cells are known headers; None where fewer than `fewest` are."""
    candidates = [_read(number, row, profile) for number, row in rows if number - rows[0][0] < SEARCHED_ROWS]
    best = max(candidates, key=lambda header: header.known, default=None)
    return best if best and best.known >= fewest else None


def _read(number: int, row: Row, profile: Profile) -> Header:
    columns = profile.by_key()
    placed: dict[str, Placed] = {}
    problems: list[str] = []
    unknown: list[tuple[int, str]] = []
    known = 0
    explained: int | None = None
    for index, cell in enumerate(row):
        key = key_of(cell).rstrip("*")
        letter = column_letter(index + 1)
        column = columns.get(key)
        if column is None:
            if key in profile.ignored:
                known += 1
                explained = index if key == EXPLANATIONS else explained
            elif key:
                unknown.append((index, plain(cell)))
                problems.append(f"{letter} 列「{plain(cell)}」不认识；请改成约定的列名，或者删去这一列。")
            continue
        known += 1
        earlier = placed.get(column.field)
        if earlier:
            first = column_letter(earlier.index + 1)
            problems.append(
                f"{first} 列「{earlier.header}」和 {letter} 列「{plain(cell)}」是同一项；请只保留一列。"
            )
            continue
        placed[column.field] = Placed(column, index, plain(cell))
    missing = [column for column in profile.columns if column.required and column.field not in placed]
    problems += [f"缺少「{column.title}」列；表头可以写：{'、'.join(column.names)}。" for column in missing]
    width = len(row)
    if explained is not None:
        # A workbook's header row is as wide as its widest row: what stood beyond the headers stays beyond.
        width = max(index for index, cell in enumerate(row, 1) if plain(cell))
    return Header(
        profile,
        number,
        width,
        tuple(placed.values()),
        known,
        tuple(problems),
        tuple(unknown),
        tuple(missing),
        explained,
    )


def _names_of_required(profile: Profile) -> str:
    return "、".join(column.title for column in profile.columns if column.required)
