"""Opening balances as what counts with them reads them, with the words that every trace says of them.

A count stands for everything under its provision up to and including its date. Whatever is recorded of those
days here is not counted again by what comes after; it costs what it costs by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.utils import timezone

from core.money import plain
from core.periods import first_of, window_end, window_start
from penalties.models import OpeningBalance
from rules.kinds.base import Occurrence

Kind = OpeningBalance.Kind
T = TypeVar("T")


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
    def counts_from(self) -> date:
        """The day after its own: what is recorded up to then is in it already."""
        return self.on + timedelta(days=1)

    @property
    def source(self) -> str:
        """`截至2026-10-14，hr于2026-11-02录入`."""
        note = f"，{self.note}" if self.note else ""
        return f"截至{self.on}，{self.by}于{timezone.localdate(self.at)}录入{note}"

    @property
    def counted_in_words(self) -> str:
        return f"含期初{self.count}次（{self.source}，到那天为止的记录不再另计）"

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
        """What counts before everything of the day: the latest word of its window from before it."""
        before = [each for each in self.within(staff_id, code, window, day) if each.on < day]
        return before[-1] if before else None

    def within(self, staff_id: int, code: str, window: str, day: date) -> list[Opening]:
        """What was brought along in the window that holds the day, by date; zero takes one out of account."""
        first, last = window_start(window, day), window_end(window, day)
        place = (self._person_of(staff_id), code)
        found = [each for each in self._by_place.get(place, ()) if first <= each.on <= last]
        return sorted((each for each in found if each.count), key=lambda each: each.on)


def counted_together(
    openings: Sequence[Opening], occurrences: Sequence[T], day_of: Callable[[T], date]
) -> Iterable[tuple[Opening | None, list[T]]]:
    """The occurrences of a window as they count together, each with what counts before it.

    Both by date. Those up to the day of a balance are in it already, so whatever follows begins with it.
    """
    starts = [date.min, *(each.on for each in openings)]
    ends = [*starts[1:], date.max]
    for opening, start, end in zip([None, *openings], starts, ends, strict=True):
        yield opening, [each for each in occurrences if start < day_of(each) <= end]


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
