"""What is left of a type of leave: days granted, taken and lapsed, one after another. Pure, no database.

Nothing is stored but what happened. Of what can be taken on a day the part that lapses first is taken first;
what is taken beyond it is owed and comes off what is granted next.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from rules.kinds.leave_balance import ALLOW, PLACES, LeaveBalance
from rules.leave_types import LEAVE_LABELS

NO_DAYS = Decimal(0)
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Grant:
    """Days that can be taken from a day on, until another (None: they do not lapse), and why.

    `is_kept`: somebody said until when, whatever goes on at the end of a year.
    """

    on: date
    days: Decimal
    until: date | None
    what: str
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """Days taken on a day: as a leave (its key), as a request that waits, else by a correction."""

    on: date
    days: Decimal
    what: str
    leave: int | None = None
    waits: bool = False

    @property
    def corrects(self) -> bool:
        return self.leave is None and not self.waits


@dataclass(frozen=True, slots=True)
class Limit:
    """At the end of a day no more than so many days go on."""

    on: date
    most: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what explains a balance; taken and lapsed days are negative."""

    on: date
    days: Decimal
    what: str
    until: date | None = None


class Part(NamedTuple):
    """Days that are left until the end of a day; None: for good."""

    until: date | None
    days: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on a day, by its year: `carried` + `granted` − `used` − `expired` = `left`.

    `used` counts leave to come that is approved. `parts` are in the order of their ends.
    """

    type: str
    kind: LeaveBalance
    on: date
    carried: Decimal
    granted: Decimal
    used: Decimal
    expired: Decimal
    left: Decimal
    waiting: Decimal
    parts: Sequence[Part]
    entries: Sequence[Entry]

    @property
    def label(self) -> str:
        return LEAVE_LABELS[self.type]

    @property
    def words(self) -> dict[str, str]:
        """Each figure as people read it."""
        names = ("carried", "granted", "used", "expired", "left", "waiting", "expiring")
        return {name: self.kind.shown(getattr(self, name)) for name in names}

    @property
    def until_when(self) -> list[tuple[date | None, str]]:
        """How much is left until when, in words."""
        return [(until, self.kind.shown(days)) for until, days in self.parts]

    @property
    def lines(self) -> list[tuple[Entry, str]]:
        """The entries, the days of each in words with their sign."""
        return [
            (each, f"{'+' if each.days > 0 else ''}{self.kind.shown(each.days)}") for each in self.entries
        ]

    @property
    def expiring(self) -> Decimal:
        """The days that lapse within thirty days if they are not taken."""
        return sum((days for until, days in self.parts if self._is_soon(until)), NO_DAYS)

    @property
    def expires_on(self) -> date | None:
        """The first day at whose end something lapses."""
        return next((until for until, _ in self.parts if until is not None), None)

    def _is_soon(self, until: date | None) -> bool:
        return until is not None and until <= self.on + SOON


@dataclass(slots=True)
class _Lot:
    grant: Grant
    left: Decimal
    taken: list[tuple[Use | None, Decimal]] = field(default_factory=list)  # by None: borne of what was owed
    lapsed: list[tuple[date, Decimal]] = field(default_factory=list)

    def take(self, wanted: Decimal, use: Use | None) -> Decimal:
        days = min(self.left, wanted)
        if days > 0:
            self.left -= days
            self.taken.append((use, days))
        return days

    def lapse(self, on: date, days: Decimal) -> None:
        if days > 0:
            self.left -= days
            self.lapsed.append((on, days))

    def left_on(self, day: date, *, spent: date = date.max) -> Decimal:
        """What is left at the beginning of a day, without what is taken before `spent`."""
        lapsed = sum((days for on, days in self.lapsed if on < day), NO_DAYS)
        taken = sum((days for use, days in self.taken if use is None or use.on < spent), NO_DAYS)
        return self.grant.days - taken - lapsed


@dataclass(slots=True)
class _Course:
    """What became of the grants: each lot, and what was taken beyond them (negative where it was borne)."""

    lots: list[_Lot]
    owed: list[tuple[date, Use | None, Decimal]]

    @property
    def beyond(self) -> Decimal:
        return sum((days for _, _, days in self.owed if days > 0), NO_DAYS)

    def owed_by(self, day: date) -> list[tuple[date, Use | None, Decimal]]:
        """What is owed on a day: of leave to come as well, until something is granted that may bear it."""
        following = min((lot.grant.on for lot in self.lots if lot.grant.on > day), default=date.max)
        return [each for each in self.owed if each[0] < following]

    def left(self, day: date, *, spent: date = date.max) -> Decimal:
        begun = (lot.left_on(day, spent=spent) for lot in self.lots if lot.grant.on <= day)
        return sum(begun, NO_DAYS) - self.owed_on(day)

    def owed_on(self, day: date) -> Decimal:
        return sum((days for _, _, days in self.owed_by(day)), NO_DAYS)


@dataclass(frozen=True, slots=True)
class LeaveAccount:
    """All that is known of one person's leave of a type under the rule that holds on the day asked about.

    `since`: what was taken before does not count.
    """

    type: str
    kind: LeaveBalance
    since: date
    grants: tuple[Grant, ...]
    uses: tuple[Use, ...]
    limits: tuple[Limit, ...] = ()

    def having(self, uses: Iterable[Use], *, without: Iterable[int] = ()) -> "LeaveAccount":
        """The same with more that is taken, and without what is taken as these leaves."""
        gone = set(without)
        kept = (use for use in self.uses if use.leave is None or use.leave not in gone)
        return replace(self, uses=(*kept, *uses))

    def decided(self) -> "LeaveAccount":
        """The same without what is only asked for."""
        return replace(self, uses=tuple(use for use in self.uses if not use.waits))

    def refusal(self, wanted: Sequence[Use]) -> str:
        """Why so much cannot be taken, without a remedy; empty where it can."""
        uses = [use for use in wanted if use.on >= self.since]
        if self.kind.beyond == ALLOW or not uses:
            return ""
        before, after = self._course(), self.having(uses)._course()
        if _rounded(after.beyond - before.beyond) <= 0:
            return ""
        total = sum((use.days for use in uses), NO_DAYS)
        left = max(before.left(uses[0].on), NO_DAYS)
        shown, label = self.kind.shown, LEAVE_LABELS[self.type]
        if left >= total:
            # There are so many on the first day, but some lapse before the last.
            left, words = total - (after.beyond - before.beyond), "（其余在此之前到期）"
        else:
            words = ""
        return f"{label}到{uses[0].on:%Y-%m-%d}只剩{shown(left)}{words}，这次请{shown(total)}"

    def balance(self, on: date) -> Balance:
        """What is left on a day; leave to come that is approved is taken off, what is asked for is not."""
        course, year = self.decided()._course(), date(on.year, 1, 1)
        begun = [lot for lot in course.lots if lot.grant.on <= on]
        left, carried = course.left(on), self._carried(course, year)
        granted = sum((lot.grant.days for lot in begun if lot.grant.on >= year), NO_DAYS)
        since = max(year, self.since)
        granted -= sum((use.days for use in self.uses if use.corrects and since <= use.on <= on), NO_DAYS)
        expired = sum((days for lot in begun for day, days in lot.lapsed if year <= day < on), NO_DAYS)
        parts: dict[date | None, Decimal] = defaultdict(Decimal)
        for lot in begun:
            for day, days in [*lot.lapsed, (lot.grant.until, lot.left)]:
                if days and (day is None or day >= on):
                    parts[day] += days
        return Balance(
            type=self.type,
            kind=self.kind,
            on=on,
            carried=carried,
            granted=granted,
            used=carried + granted - expired - left,
            expired=expired,
            left=left,
            waiting=sum((use.days for use in self.uses if use.waits), NO_DAYS),
            parts=[Part(*each) for each in sorted(parts.items(), key=lambda each: each[0] or date.max)],
            entries=self._entries(course, carried, year, on),
        )

    def _carried(self, course: _Course, year: date) -> Decimal:
        before = (lot.left_on(year, spent=year) for lot in course.lots if lot.grant.on < year)
        owed = sum((days for day, _, days in course.owed if day < year), NO_DAYS)
        return sum(before, NO_DAYS) - owed

    def _entries(self, course: _Course, carried: Decimal, year: date, on: date) -> list[Entry]:
        """What happened in the year, by date, after what was carried into it; they add up to what is left."""
        entries = [Entry(year, carried, "上年结转")] if carried else []
        taken: dict[tuple[int | None, str, date | None], list[tuple[date, Decimal]]] = defaultdict(list)
        for lot in course.lots:
            if lot.grant.on > on:
                continue
            if lot.grant.on >= year:
                entries.append(Entry(lot.grant.on, lot.grant.days, lot.grant.what, lot.grant.until))
            entries += [Entry(day, -days, "到期作废") for day, days in lot.lapsed if year <= day < on]
            for use, days in lot.taken:
                if use is not None and use.on >= year:
                    taken[_key(use)].append((use.on, days))
        for day, use, days in course.owed_by(on):
            if use is not None and day >= year:
                taken[_key(use)].append((day, days))
        for (_, what, _), parts in taken.items():
            total = sum((days for _, days in parts), NO_DAYS)
            entries.append(Entry(min(day for day, _ in parts), -total, what))
        return sorted(entries, key=lambda entry: (entry.on, entry.days < 0))

    def _course(self) -> _Course:
        """The events in the order of days: what is granted, then what is taken, then what lapses."""
        events: list[tuple[date, int, Grant | Use | Limit]] = [(grant.on, 0, grant) for grant in self.grants]
        events += [(use.on, 1, use) for use in self.uses if use.on >= self.since]
        events += [(limit.on, 3, limit) for limit in self.limits]
        lapses = {grant.until for grant in self.grants if grant.until is not None}
        events += [(day, 2, Limit(day, NO_DAYS)) for day in lapses]
        course, owed = _Course([], []), NO_DAYS
        for day, order, event in sorted(events, key=lambda each: each[:2]):
            match event:
                case Grant():
                    lot = _Lot(event, event.days)
                    course.lots.append(lot)
                    borne = lot.take(owed, None)
                    if borne > 0:
                        owed -= borne
                        course.owed.append((day, None, -borne))
                case Use():
                    rest = event.days
                    for lot in sorted(course.lots, key=_lapses_first):
                        rest -= lot.take(rest, event)
                    if rest > 0:
                        owed += rest
                        course.owed.append((day, event, rest))
                case Limit() if order == 2:
                    for lot in course.lots:
                        if lot.grant.until == day:
                            lot.lapse(day, lot.left)
                case Limit():
                    _cut(course.lots, event)
        return course


def _cut(lots: Iterable[_Lot], limit: Limit) -> None:
    """What is more than the limit lapses, the oldest first."""
    held = sorted((lot for lot in lots if lot.left > 0 and not lot.grant.is_kept), key=_lapses_first)
    excess = sum((lot.left for lot in held), NO_DAYS) - limit.most
    for lot in held:
        days = min(lot.left, max(excess, NO_DAYS))
        lot.lapse(limit.on, days)
        excess -= days


def _lapses_first(lot: _Lot) -> tuple[date, date]:
    return lot.grant.until or date.max, lot.grant.on


def _key(use: Use) -> tuple[int | None, str, date | None]:
    """Uses that are one entry: the days of a leave; corrections of one day and reason."""
    return use.leave, use.what, None if use.leave is not None else use.on


def _rounded(days: Decimal) -> Decimal:
    """To what can be asked for: thirds of an hour's overtime add up to whole days."""
    return days.quantize(PLACES, ROUND_HALF_UP)
