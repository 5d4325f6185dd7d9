"""Which days somebody owes, and which of them a leave takes: the one answer that everything asks for.

A day is owed as the published roster says, else because attendance lists it, else as the official calendar
says with its make-up workdays. A statutory holiday of the calendar is paid and not worked, so no leave or
absence falls on it. A day owed may be a part of one (the half Saturday). Pure, no database.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from shifts.planning.holidays import HolidayCalendar, is_statutory

DAY = timedelta(days=1)
NONE, WHOLE = Decimal(0), Decimal(1)
DayPart = tuple[date, Decimal]


@dataclass(frozen=True, slots=True)
class DaysOwed:
    """One person's. `rostered`: the part of a day that a published roster asks for, 0 where it gives rest;
    `listed`: the days of attendance that somebody entered."""

    calendar: HolidayCalendar = field(default_factory=HolidayCalendar)
    rostered: Mapping[date, Decimal] = field(default_factory=dict)
    listed: Collection[date] = frozenset()

    def to_work(self, day: date) -> Decimal:
        """The part of a day that is to be worked; nothing of a day of rest or a holiday."""
        part = self.rostered.get(day)
        if part is not None:
            return part
        return NONE if day not in self.listed and self.calendar[day].is_off else WHOLE

    def paid(self, day: date) -> Decimal:
        """The part of a day that the month's pay is for: what is to be worked, and statutory holidays."""
        if day not in self.rostered and day not in self.listed and is_statutory(day):
            return WHOLE
        return self.to_work(day)

    def is_rest(self, day: date) -> bool:
        return not self.to_work(day)

    def leave(self, starts_on: date, days: Decimal, *, natural: bool = False) -> list[DayPart]:
        """The days owed that a leave takes, with the part of each; the last may be a part of a day."""
        return [(on, part) for on, part in self._spent(starts_on, days, natural) if part]

    def last_of_leave(self, starts_on: date, days: Decimal, *, natural: bool = False) -> date:
        """The last day of a leave."""
        return list(self._spent(starts_on, days, natural))[-1][0]

    def _spent(self, starts_on: date, days: Decimal, natural: bool) -> Iterator[DayPart]:
        """Each day of a leave with the part of it that is owed.

        A day that is not owed uses up nothing of the leave; it uses up a day where natural days count, and
        where the leave begins with it: leave of a day on 1 October is over when 2 October begins.
        """
        left, on, has_begun = days, starts_on, False
        while left > 0:
            part = min(left, self.to_work(on))
            has_begun = has_begun or bool(part)
            yield on, part
            left -= part if has_begun and not natural else WHOLE
            on += DAY


def joined(rows: Sequence[DaysOwed]) -> DaysOwed:
    """The days of one person who was employed in several departments, one after another."""
    if len(rows) == 1:
        return rows[0]
    return DaysOwed(
        rows[0].calendar,
        {day: part for row in rows for day, part in row.rostered.items()},
        frozenset(day for row in rows for day in row.listed),
    )
