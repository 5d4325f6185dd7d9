"""Says which kind of spreadsheet a file is, by trying its header under every profile."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from sheets.headers import Header, best_row
from sheets.opening import Reading, Sheet, readings_of, sheets_of
from sheets.profiles import Profile, all_profiles
from sheets.reading import MAX_FILE_BYTES, Row
from sheets.values import plain

# (kind, profile) → normalised header → field, None to ignore.
Mappings = Mapping[tuple[str, str], Mapping[str, str | None]]

_CLOSE = 1  # known headers by which one kind must be ahead of another


@dataclass(frozen=True)
class Recognised:
    """What a file may be: `header` when that is clear (it may still have unknown columns), else candidates.

    `top` are the first rows of the sheet, `foreign` says of which profiles it is not, and why.
    """

    header: Header | None
    candidates: tuple[Profile, ...]
    top: tuple[tuple[int, Row], ...]
    sheet_name: str = ""
    foreign: tuple[str, ...] = ()


def recognise(
    origin: str | os.PathLike[str] | BinaryIO,
    *,
    kinds: Collection[str],
    chosen: tuple[str, str] | None = None,
    mappings: Mappings,
    max_bytes: int = MAX_FILE_BYTES,
) -> Recognised:
    """Try the profiles of these kinds, or the `chosen` one (kind, profile), on every sheet.

    A header with all that its profile needs wins, of several the one that explains most of the file; else
    the profile that knows most headers, and at least half of them, is taken. Where several do, or another
    kind is nearly as close, it is not clear. Raises SheetError for no spreadsheet.
    """
    sheets = sheets_of(origin, max_bytes)
    if chosen:
        profile = next(each for each in all_profiles() if (each.kind, each.name) == chosen)
        return _read_as(profile.knowing(mappings.get(chosen, {})), sheets)
    profiles = [
        each.knowing(mappings.get((each.kind, each.name), {}))
        for each in all_profiles()
        if each.kind in kinds
    ]
    readings = readings_of(sheets, profiles)
    possible = [each for each in readings if each.header.may_be and not each.header.foreign]
    fitting = [each for each in possible if each.header.fits]
    best = _best(fitting or [each for each in possible if each.header.known >= len(each.header.unknown)])
    foreign = dict.fromkeys(
        each.header.problems[0] for each in readings if each.header.foreign and not each.header.missing
    )
    if not best:
        return Recognised(None, (), sheets[0].top, sheets[0].source.sheet_name, tuple(foreign))
    first = best[0]
    clear = first.header if len({_profile(each) for each in best}) == 1 else None
    candidates = dict.fromkeys(_profile(each) for each in best)
    found = {_profile(each): each.header.profile for each in best}
    return Recognised(
        clear,
        tuple(found[each] for each in candidates),
        first.sheet.top,
        first.sheet.source.sheet_name,
    )


def _read_as(profile: Profile, sheets: list[Sheet]) -> Recognised:
    """The header under a chosen profile; where none is known, the fullest of the rows is taken."""
    readings = [
        Reading(sheet, header) for sheet in sheets if (header := best_row(sheet.top, profile, fewest=1))
    ]
    if readings:
        best = max(readings, key=lambda each: each.score)
        return Recognised(best.header, (profile,), best.sheet.top, best.sheet.source.sheet_name)
    sheet = sheets[0]
    fullest = max(sheet.top, key=lambda numbered: sum(bool(plain(cell)) for cell in numbered[1]))
    header = best_row([fullest], profile, fewest=0)
    return Recognised(header, (profile,), sheet.top, sheet.source.sheet_name)


def _best(readings: list[Reading]) -> list[Reading]:
    """The readings that score best, and those of other kinds that explain the file nearly as well: as much
    of it, or where neither explains all of it one header less."""
    if not readings:
        return []
    leader = max(readings, key=lambda each: each.score)
    best = [each for each in readings if each.score == leader.score]
    if leader.header.fits:
        least = leader.header.score[1] - (_CLOSE if leader.header.unknown else 0)
        best += [
            each
            for each in readings
            if each.header.profile.kind != leader.header.profile.kind
            and each.score != leader.score
            and each.score[:3] == leader.score[:3]
            and each.header.score[1] >= least
        ]
    return best


def _profile(reading: Reading) -> tuple[str, str]:
    return reading.header.profile.kind, reading.header.profile.name
