"""What a rostered day came to, from the clock and from what was approved beside it; pure, no database.

Rules (rule-kinds “From attendance”):
- A shift belongs to the day on which it starts, and so do its punches, whenever they fall.
- Neither punch is one day of absence, one of two is a missing punch; leave takes its part of the day away.
- A punch is read to the minute, as files show it: 08:30:59 is 08:30 and not late, 08:31 is one minute late,
  17:29:59 is one minute early. Minutes are those of the clock, a break between them included.
- Leave of half a day moves the start or the end of the shift to its break, or to its middle where it has
  none; other parts of a day move it by that part of the shift. Leave that does not say which half is the
  half that leaves the least to answer for.
- An approved outing from before the start excuses arriving until it is due, one beyond the end excuses
  leaving from when it begins. Being late back from an outing shows in its minutes.
- Only approved hours are overtime: staying on, in a shift that extends itself or not, is none.
- An approved correction takes the place of what the clock said of that end of the day.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils import timezone

FIRST, SECOND = "first", "second"
WHOLE = Decimal(1)
NONE = Decimal(0)
# How far from a shift a punch may be and still be one of it.
FAR = timedelta(hours=8)
# Two punches that are less apart are one end of the day, pressed twice.
ONE_END = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


class RosteredShift(NamedTuple):
    """A rostered shift, with the break between its two parts where it has them."""

    work_date: date
    name: str
    starts_at: datetime
    ends_at: datetime
    break_starts_at: datetime | None = None
    break_ends_at: datetime | None = None


class Clock(NamedTuple):
    """A punch. A source that knows says of which day and which end it is; `order`: which came in last."""

    at: datetime
    work_date: date | None = None
    is_in: bool | None = None
    order: int = 0


class LeavePart(NamedTuple):
    """The part of a day that a leave takes; who has it without approval is charged for the leave itself."""

    part: Decimal = WHOLE
    half: str = ""
    approved: bool = True


class Out(NamedTuple):
    """An approved outing."""

    leaves_at: datetime
    due_at: datetime
    returned_at: datetime | None = None


class Corrected(NamedTuple):
    """An approved correction: what is given replaces the clock's."""

    clock_in: datetime | None = None
    clock_out: datetime | None = None


class Figures(NamedTuple):
    """What a day came to."""

    late_minutes: int = 0
    early_minutes: int = 0
    absent_days: Decimal = NONE
    missing_punches: int = 0
    overtime_minutes: int = 0
    outing_minutes: int = 0
    clock_in: datetime | None = None
    clock_out: datetime | None = None
    shift_name: str = ""

    @property
    def blame(self) -> tuple[Decimal, int, int]:
        return self.absent_days, self.missing_punches, self.late_minutes + self.early_minutes


def clock_near(due: datetime, clock: time) -> datetime:
    """The moment nearest to a given one at which the clock reads so."""
    day = timezone.localdate(due)
    readings = (timezone.make_aware(datetime.combine(day + timedelta(days=i), clock)) for i in (-1, 0, 1))
    return min(readings, key=lambda each: abs(each - due))


def clocks_by_day(shifts: Sequence[RosteredShift], clocks: Iterable[Clock]) -> dict[date, list[Clock]]:
    """The punches of each work_date, in the order given.

    A punch that does not know its day belongs to the shift in which it falls, else to the one whose nearer
    end is nearest; between two shifts the one before wins a tie. Far from any shift it is its own day's.
    `shifts` in the order of their starts.
    """
    starts = [shift.starts_at for shift in shifts]
    found: dict[date, list[Clock]] = defaultdict(list)
    for clock in clocks:
        day = clock.work_date
        found[day if day is not None else _day_of(clock.at, shifts, starts)].append(clock)
    return found


def _day_of(at: datetime, shifts: Sequence[RosteredShift], starts: Sequence[datetime]) -> date:
    place = bisect_left(starts, at)
    after = shifts[place] if place < len(shifts) else None
    before = shifts[place - 1] if place else None
    since = at - before.ends_at if before else None
    until = after.starts_at - at if after else None
    if before and since is not None and since <= FAR and (until is None or since <= until):
        return before.work_date
    if after and until is not None and until <= FAR:
        return after.work_date
    return timezone.localdate(at)


def day_figures(
    shift: RosteredShift | None,
    clocks: Sequence[Clock],
    *,
    aways: Sequence[LeavePart] = (),
    outings: Sequence[Out] = (),
    corrections: Sequence[Corrected] = (),
    overtime_hours: Decimal = NONE,
) -> Figures:
    """What one work_date came to for one person, after its shift has ended.

    `clocks` are the day's punches, earliest first, and so are `outings`; `corrections` in the order of their
    approval. A day without a shift has nothing but its approved overtime.
    """
    overtime = int((overtime_hours * 60).to_integral_value(ROUND_HALF_UP)) if overtime_hours else 0
    if shift is None:
        return Figures(overtime_minutes=overtime)
    if not aways and not outings:
        figures = _judge(shift, clocks, corrections, (), shift.starts_at, shift.ends_at, WHOLE)
        return figures._replace(overtime_minutes=overtime) if overtime else figures
    granted = sum((away.part for away in aways if away.approved), NONE)
    left = max(WHOLE - sum((away.part for away in aways), NONE), NONE)
    spans = [(shift.ends_at, shift.ends_at)] if granted >= WHOLE else _spans(shift, aways, granted)
    judged = (_judge(shift, clocks, corrections, outings, *span, left) for span in spans)
    figures = min(judged, key=lambda each: each.blame)
    return figures._replace(overtime_minutes=overtime, outing_minutes=_minutes_out(shift, outings))


def _spans(
    shift: RosteredShift, aways: Sequence[LeavePart], part: Decimal
) -> list[tuple[datetime, datetime]]:
    """From when until when somebody has to be there; both readings where nobody said which half is free."""
    if not part:
        return [(shift.starts_at, shift.ends_at)]
    is_half = part == Decimal("0.5")
    taken = (shift.ends_at - shift.starts_at) * int(part * 100) / 100
    begins = (shift.break_ends_at if is_half else None) or shift.starts_at + taken
    ends = (shift.break_starts_at if is_half else None) or shift.ends_at - taken
    first, second = (begins, shift.ends_at), (shift.starts_at, ends)
    said = {away.half for away in aways if away.approved and away.half}
    if len(said) == 1:
        return [first] if FIRST in said else [second]
    return [first, second]


def _judge(
    shift: RosteredShift,
    clocks: Sequence[Clock],
    corrections: Sequence[Corrected],
    outings: Sequence[Out],
    start: datetime,
    end: datetime,
    absent: Decimal,
) -> Figures:
    """The figures where somebody has to be there from `start` to `end`; `absent` days without a punch."""
    clock_in, clock_out = _ends(clocks, start, end) if clocks else (None, None)
    for corrected in corrections:
        clock_in, clock_out = corrected.clock_in or clock_in, corrected.clock_out or clock_out
    needs_in = needs_out = True
    # Where one outing follows another, each excuses what the other left of that end of the day.
    for out in outings:
        if out.leaves_at <= start < out.due_at:
            start, needs_in = min(out.due_at, end), False
    for out in reversed(outings):
        if out.leaves_at < end <= out.due_at:
            end, needs_out = max(out.leaves_at, start), False
    if start >= end:
        return Figures(clock_in=clock_in, clock_out=clock_out, shift_name=shift.name)
    if clock_in is None and clock_out is None:
        return Figures(absent_days=absent, shift_name=shift.name)
    late = early = missing = 0
    if clock_in is not None:
        late = _minutes(start, min(clock_in, end))
    elif needs_in:
        missing += 1
    if clock_out is not None:
        early = _minutes(max(_to_minute(clock_out), start), end)
    elif needs_out:
        missing += 1
    return Figures(late, early, NONE, missing, 0, 0, clock_in, clock_out, shift.name)


def _ends(clocks: Sequence[Clock], start: datetime, end: datetime) -> tuple[datetime | None, datetime | None]:
    """(in, out): what a source says, the latest word first; else the first and the last punch.

    One end that was punched alone is the nearer one of the time that was due.
    """
    ins = outs = None
    unsaid = []
    for clock in clocks:
        if clock.is_in is None:
            unsaid.append(clock.at)
        elif clock.is_in:
            ins = clock if ins is None or clock.order >= ins.order else ins
        else:
            outs = clock if outs is None or clock.order >= outs.order else outs
    clock_in, clock_out = ins and ins.at, outs and outs.at
    if not unsaid or (clock_in and clock_out):
        return clock_in, clock_out
    first, last = unsaid[0], unsaid[-1]
    if clock_in is not None:
        return clock_in, (last if last - clock_in >= ONE_END else None)
    if clock_out is not None:
        return (first if clock_out - first >= ONE_END else None), clock_out
    if last - first >= ONE_END:
        return first, last
    return (first, None) if first - start <= end - first else (None, last)


def _minutes_out(shift: RosteredShift, outings: Sequence[Out]) -> int:
    return sum(
        _minutes(max(out.leaves_at, shift.starts_at), min(out.returned_at or out.due_at, shift.ends_at))
        for out in outings
    )


def _to_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _minutes(since: datetime, until: datetime) -> int:
    """Whole minutes from one moment to a later one, else none."""
    return max((until - since) // _MINUTE, 0)
