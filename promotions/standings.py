"""Figures of a department's people month by month, and who came to which place. Nothing here queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from rules.kinds.ladder import Ranked

Values = Mapping[int, Decimal]  # by person
Places = Mapping[int, int]


class Seat(NamedTuple):
    """Where somebody was at a month's end."""

    role: str
    tier: str
    star: int | None
    team_id: int | None

    @property
    def levels(self) -> frozenset[str]:
        """What of a ladder somebody is: role, tier, star."""
        return frozenset({self.role, self.tier, "" if self.star is None else str(self.star)} - {""})


def places_of(values: Values, *, descending: bool) -> dict[int, int]:
    """The place of each as in a ranked award: who ties shares one and as many are skipped; zero has none."""
    able = {who: value for who, value in values.items() if value}
    places: dict[int, int] = {}
    place, before = 0, None
    for count, who in enumerate(sorted(able, key=able.__getitem__, reverse=descending), 1):
        if able[who] != before:
            place, before = count, able[who]
        places[who] = place
    return places


@dataclass(frozen=True)
class Standings:
    """`values` by code, month and person; `seats` by month and person, of who was in the department then."""

    values: Mapping[str, Mapping[date, Values]]
    seats: Mapping[date, Mapping[int, Seat]]
    _places: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def has(self, code: str) -> bool:
        """Whether anybody has a figure of that code at all."""
        return any(self.values.get(code, {}).values())

    def value(self, who: int, code: str, month: date) -> Decimal | None:
        return self.values.get(code, {}).get(month, {}).get(who)

    def takes_part(self, who: int, ranked: Ranked, roles: tuple[str, ...], month: date) -> bool:
        """Whether somebody was in the department at a month's end in a role and on a level that is ranked."""
        seat = self.seats.get(month, {}).get(who)
        return seat is not None and _is_ranked(seat, ranked, roles)

    def places(self, ranked: Ranked, roles: tuple[str, ...], months: Sequence[date]) -> Places:
        """The places by the sum of these months, among who has a figure of each and is there at the end."""
        last = months[-1]
        key = (ranked.terms, roles, months[0], last)
        if key not in self._places:
            self._places[key] = self._ranked(ranked, roles, months, last)
        found: Places = self._places[key]
        return found

    def month_by_month(
        self, ranked: Ranked, roles: tuple[str, ...], months: Sequence[date]
    ) -> list[tuple[date, Places]]:
        """The places of each of these months, which follow one another."""
        key = ("by month", ranked.terms, roles, months[0], months[-1])
        if key not in self._places:
            self._places[key] = [(month, self.places(ranked, roles, [month])) for month in months]
        found: list[tuple[date, Places]] = self._places[key]
        return found

    def _ranked(self, ranked: Ranked, roles: tuple[str, ...], months: Sequence[date], last: date) -> Places:
        own: dict[int, Decimal] | Values = self.values.get(ranked.metric, {}).get(last, {})
        for month in months[:-1]:
            then = self.values.get(ranked.metric, {}).get(month, {})
            own = {who: value + then[who] for who, value in own.items() if who in then}
        seats = self.seats.get(last, {})
        there = {who: seat for who, seat in seats.items() if who in own and _is_ranked(seat, ranked, roles)}
        groups: dict[Any, dict[int, Decimal]] = {}
        match ranked.scope:
            case "team":
                for who, seat in there.items():
                    groups.setdefault(seat.team_id, {})[who] = own[who]
            case "level":
                for who, seat in there.items():
                    groups.setdefault((seat.tier, seat.star), {})[who] = own[who]
            case _:
                groups[None] = {who: own[who] for who in there}
        return _merged(places_of(each, descending=ranked.order == "desc") for each in groups.values())


def _is_ranked(seat: Seat, ranked: Ranked, roles: tuple[str, ...]) -> bool:
    if roles and seat.role not in roles:
        return False
    out = ranked.without
    return not out or not (seat.tier in out or seat.role in out or str(seat.star) in out)


def _merged(parts: Iterable[Places]) -> Places:
    return {who: place for part in parts for who, place in part.items()}
