"""Says which kind of spreadsheet a file is, by trying its header under every profile."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from sheets.errors import SheetError
from sheets.headers import SEARCHED_ROWS, Header, best_row
from sheets.profiles import Profile, all_profiles
from sheets.reading import MAX_FILE_BYTES, Row, open_source
from sheets.values import plain

# (kind, profile) → normalised header → field, None to ignore.
Mappings = Mapping[tuple[str, str], Mapping[str, str | None]]


@dataclass(frozen=True)
class Recognised:
    """What a file may be: `header` when that is clear (it may still have unknown columns), else candidates.

    `top` are the file's first rows.
    """

    header: Header | None
    candidates: tuple[Profile, ...]
    top: tuple[tuple[int, Row], ...]


def recognise(
    origin: str | os.PathLike[str] | BinaryIO,
    *,
    kinds: Collection[str],
    chosen: tuple[str, str] | None = None,
    mappings: Mappings,
    max_bytes: int = MAX_FILE_BYTES,
) -> Recognised:
    """Try the profiles of these kinds, or the `chosen` one (kind, profile).

    A header without any problem wins; of several the one with most of its columns in use. Otherwise the
    profile that knows most headers is taken, if only one does. Raises SheetError for no spreadsheet.
    """
    source = open_source(origin, max_bytes=max_bytes)
    top = tuple(islice(source.rows(), SEARCHED_ROWS + 3))
    if not top:
        raise SheetError("表格里没有内容。请检查是否选对了文件。")
    if chosen:
        profile = next(each for each in all_profiles() if (each.kind, each.name) == chosen)
        return Recognised(_read_as(profile.knowing(mappings.get(chosen, {})), top), (profile,), top)
    profiles = [
        each.knowing(mappings.get((each.kind, each.name), {}))
        for each in all_profiles()
        if each.kind in kinds
    ]
    readings = [reading for profile in profiles if (reading := best_row(top, profile))]
    fitting = [reading for reading in readings if not reading.problems]
    best = _most(fitting) if fitting else _most(readings)
    clear = best[0] if len(best) == 1 else None
    return Recognised(clear, tuple(reading.profile for reading in best), top)


def _read_as(profile: Profile, top: tuple[tuple[int, Row], ...]) -> Header:
    """The header under a chosen profile; where none is known, the fullest of the rows is taken."""
    found = best_row(top, profile, fewest=1)
    if found:
        return found
    fullest = max(top, key=lambda numbered: sum(bool(plain(cell)) for cell in numbered[1]))
    header = best_row([fullest], profile, fewest=0)
    assert header is not None
    return header


def _most(readings: list[Header]) -> list[Header]:
    """Those that explain most of the file: known less missing headers, then headers that are used."""

    def score(reading: Header) -> tuple[int, int]:
        return reading.known - len(reading.missing), len(reading.placed)

    most = max(map(score, readings), default=(0, 0))
    return [reading for reading in readings if score(reading) == most]
