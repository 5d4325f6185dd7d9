"""From a file to the sheet and the header under which it is read."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from sheets.errors import SheetError
from sheets.headers import SEARCHED_ROWS, Header, best_row, explanation, no_header
from sheets.profiles import Profile
from sheets.reading import MAX_FILE_BYTES, Row, Source, open_sources

_BELOW = 3  # rows below a header that are looked at


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
    """The sheets of a file that hold something. Raises SheetError where none does."""
    opened = [
        Sheet(source, tuple(islice(source.rows(), SEARCHED_ROWS + _BELOW)))
        for source in open_sources(origin, max_bytes=max_bytes)
    ]
    if found := [sheet for sheet in opened if sheet.top]:
        return found
    raise SheetError("表格里没有内容。请检查是否选对了文件。")


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


def best_reading(
    sheets: Sequence[Sheet],
    profiles: Sequence[Profile],
    columns: Mapping[str, str] | None = None,
    *,
    is_chosen: bool = False,
) -> Reading:
    """The sheet and the header that fit best.

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
    return best[0]
