"""Opening balances as what counts with them reads them, with the words that every trace says of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.money import plain
from core.periods import first_of, window_end, window_start
from penalties.models import OpeningBalance
from rules.kinds.base import Occurrence

Kind = OpeningBalance.Kind


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening balance with who brought it when."""

    id: int
    staff_id: int
    code: str
    on: date
    value: Decimal
    note: str
    by: str
    at: datetime

    @property
    def count(self) -> int:
        return int(self.value)

    @property
    def source(self) -> str:
        """`截至2026-10-14，hr于2026-11-02录入`."""
        note = f"，{self.note}" if self.note else ""
        return f"截至{self.on}，{self.by}于{timezone.localdate(self.at)}录入{note}"

    @property
    def counted_in_words(self) -> str:
        return f"含期初{self.count}次（{self.source}）"

    def in_trace(self) -> dict[str, Any]:
        return {
            "opening_balance": self.id,
            "date": self.on.isoformat(),
            "value": plain(self.value),
            "note": self.note,
            "recorded_by": self.by,
            "at": timezone.localtime(self.at).isoformat(timespec="minutes"),
        }

    def occurrence(self) -> Occurrence:
        """So many occurrences, before all others of the window; they cost nothing here any more."""
        return Occurrence(0, self.on, self.count)


class OpeningCounts:
    """Counts of occurrences by (person, code). `person_of` gives all rows of a person the same key."""

    def __init__(self, openings: Iterable[Opening] = (), person_of: Callable[[int], int] = int) -> None:
        self._person_of = person_of
        self._by_place: Mapping[tuple[int, str], list[Opening]] = defaultdict(list)
        for each in openings:
            self._by_place[person_of(each.staff_id), each.code].append(each)

    def __bool__(self) -> bool:
        return bool(self._by_place)

    def of(self, staff_id: int, code: str, window: str, day: date) -> Opening | None:
        """What was counted before in the window that holds the day: the latest word, None for nothing."""
        first, last = window_start(window, day), window_end(window, day)
        place = (self._person_of(staff_id), code)
        found = [each for each in self._by_place.get(place, ()) if first <= each.on <= last]
        latest = max(found, key=lambda each: each.on, default=None)
        return latest if latest is not None and latest.count else None


def openings_of(kind: str, **filters: Any) -> list[Opening]:
    """The opening balances of a kind, the earliest first; one query."""
    rows = OpeningBalance.objects.filter(kind=kind, **filters).select_related("by").order_by("on", "id")
    return [
        Opening(row.pk, row.staff_id, row.code, row.on, row.value, row.note, str(row.by or "系统"), row.at)
        for row in rows
    ]


def opening_counts(
    staff: Collection[int], codes: Collection[str], person_of: Callable[[int], int] = int
) -> OpeningCounts:
    """The counts that people bring along under some codes; one query, none for nobody or no code.

    `person_of` as in OpeningCounts, where `staff` has several rows of one person.
    """
    if not staff or not codes:
        return OpeningCounts()
    found = openings_of(Kind.COUNT, staff__in=list(staff), code__in=list(codes))
    return OpeningCounts(found, person_of)


def opening_points(staff: Collection[int], months: Collection[date]) -> dict[tuple[int, date], Opening]:
    """The points that people bring along, by person and month; of two of a month the later day."""
    if not staff or not months:
        return {}
    found = openings_of(Kind.POINTS, staff__in=list(staff), on__gte=min(months))
    return {(each.staff_id, first_of(each.on)): each for each in found if first_of(each.on) in months}


def opening_streaks(staff: Collection[int], codes: Collection[str]) -> dict[tuple[int, str, date], Opening]:
    """Streaks of first places that people bring along, by person, code and the month they end with."""
    if not staff or not codes:
        return {}
    found = openings_of(Kind.STREAK, staff__in=list(staff), code__in=list(codes))
    return {(each.staff_id, each.code, first_of(each.on)): each for each in found}
