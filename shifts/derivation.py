"""What a rostered day came to, from the clock and from what was approved beside it; pure, no database.

Rules (rule-kinds “From attendance”):
- A shift belongs to the day on which it starts, and so do its punches, whenever they fall.
- Neither punch is one day of absence, one of two is a missing punch; leave takes its part of the day away.
- A punch is read to the minute, as files show it: 08:30:59 is 08:30 and not late, 08:31 is one minute late,
  17:29:59 is one minute early. Minutes are those of the clock, a break between them included.
- Leave of half a day moves the start or the end of the shift to its break, or to its middle where it has
  none; other parts of a day move it by that part of the shift. Leave that does not say which half is the
  half that leaves the least to answer for. Leave by the hour moves the start or the end as an outing does.
- A shift in two parts with four punches is judged part by part: a part without a punch is half a day of
  absence, whoever is late for the second part is late. With two punches only the day's ends count.
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
HALF = Decimal("0.5")
NONE = Decimal(0)
# How far from a shift a punch may be and still be one of it.
FAR = timedelta(hours=8)
# Two punches that are less apart are one end of the day, pressed twice.
ONE_END = timedelta(hours=1)
# Two punches within a break that are so far apart are its two ends.
A_BREAK = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)


class RosteredShift(NamedTuple):
    """A rostered shift, with the break between its two parts where it has them.

    `punches`: two for the day's ends, or four where each part has its own.
    """

    work_date: date
    name: str
    starts_at: datetime
    ends_at: datetime
    break_starts_at: datetime | None = None
    break_ends_at: datetime | None = None
    punches: int = 2


class Clock(NamedTuple):
    """A punch. A source that knows says of which day, end and part it is; `order`: which came in last."""

    at: datetime
    work_date: date | None = None
    is_in: bool | None = None
    order: int = 0
    part: int | None = None


class LeavePart(NamedTuple):
    """The part of a day that a leave takes; who has it without approval is charged for the leave itself.

    Leave by the hour says from when until when.
    """

    part: Decimal = WHOLE
    half: str = ""
    approved: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Out(NamedTuple):
    """An approved outing."""

    leaves_at: datetime
    due_at: datetime
    returned_at: datetime | None = None


class Corrected(NamedTuple):
    """An approved correction: what is given replaces the clock's, of the day's ends or of a part's."""

    clock_in: datetime | None = None
    clock_out: datetime | None = None
    part: int | None = None


class Part(NamedTuple):
    """When somebody has to be there; `absent` days where there is no punch. `number`: 1 or 2, 0 for all."""

    number: int
    starts_at: datetime
    ends_at: datetime
    absent: Decimal


class Figures(NamedTuple):
    """What a day came to; `second_…` is what of it was in the second part of a shift judged part by part."""

    late_minutes: int = 0
    early_minutes: int = 0
    absent_days: Decimal = NONE
    missing_punches: int = 0
    overtime_minutes: int = 0
    outing_minutes: int = 0
    second_late_minutes: int = 0
    second_early_minutes: int = 0
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
        figures = _judge_span(shift, clocks, corrections, (), shift.starts_at, shift.ends_at, WHOLE)
        return figures._replace(overtime_minutes=overtime) if overtime else figures
    granted = sum((away.part for away in aways if away.approved), NONE)
    left = max(WHOLE - sum((away.part for away in aways), NONE), NONE)
    excused, parts = list(outings), []
    for away in aways:
        if away.approved and away.starts_at is not None and away.ends_at is not None:
            excused.append(Out(away.starts_at, away.ends_at))
        else:
            parts.append(away)
    excused.sort(key=lambda out: out[:2])
    by_part = sum((away.part for away in parts if away.approved), NONE)
    spans = [(shift.ends_at, shift.ends_at)] if granted >= WHOLE else _spans(shift, parts, by_part)
    judged = (_judge_span(shift, clocks, corrections, excused, *span, left) for span in spans)
    figures = min(judged, key=lambda each: each.blame)
    return figures._replace(overtime_minutes=overtime, outing_minutes=_minutes_out(shift, outings))


def _spans(
    shift: RosteredShift, aways: Sequence[LeavePart], part: Decimal
) -> list[tuple[datetime, datetime]]:
    """From when until when somebody has to be there; both readings where nobody said which half is free."""
    if not part:
        return [(shift.starts_at, shift.ends_at)]
    is_half = part == HALF
    taken = (shift.ends_at - shift.starts_at) * int(part * 100) / 100
    begins = (shift.break_ends_at if is_half else None) or shift.starts_at + taken
    ends = (shift.break_starts_at if is_half else None) or shift.ends_at - taken
    first, second = (begins, shift.ends_at), (shift.starts_at, ends)
    said = {away.half for away in aways if away.approved and away.half}
    if len(said) == 1:
        return [first] if FIRST in said else [second]
    return [first, second]


def _judge_span(
    shift: RosteredShift,
    clocks: Sequence[Clock],
    corrections: Sequence[Corrected],
    outings: Sequence[Out],
    start: datetime,
    end: datetime,
    absent: Decimal,
) -> Figures:
    """The figures where somebody has to be there from `start` to `end`; `absent` days without a punch."""
    if shift.punches == 2 or shift.break_starts_at is None or shift.break_ends_at is None:
        # Of a source that tells parts apart only the day's ends count.
        ends = [each for each in clocks if each.part is None or each.is_in == (each.part == 1)]
        return _judge(shift, ends, corrections, outings, Part(0, start, end, absent))
    parts = _parts(shift, start, end, absent)
    if len(parts) == 1:  # the other one is leave: every punch is of this one
        return _judge(shift, clocks, _corrections_of(corrections, parts[0].number), outings, parts[0])
    cut = _cut(shift, clocks)
    first, second = (
        _judge(
            shift,
            [clock for clock in clocks if _part_of(clock, shift, cut) == part.number],
            _corrections_of(corrections, part.number),
            outings,
            part,
        )
        for part in parts
    )
    return Figures(
        late_minutes=first.late_minutes + second.late_minutes,
        early_minutes=first.early_minutes + second.early_minutes,
        absent_days=first.absent_days + second.absent_days,
        missing_punches=first.missing_punches + second.missing_punches,
        second_late_minutes=second.late_minutes,
        second_early_minutes=second.early_minutes,
        clock_in=first.clock_in or second.clock_in,
        clock_out=second.clock_out or first.clock_out,
        shift_name=shift.name,
    )


def _parts(shift: RosteredShift, start: datetime, end: datetime, absent: Decimal) -> list[Part]:
    """The parts of a shift that leave has not taken, with the part of a day that each is worth."""
    assert shift.break_starts_at is not None and shift.break_ends_at is not None
    first = Part(1, start, min(end, shift.break_starts_at), absent)
    second = Part(2, max(start, shift.break_ends_at), end, absent)
    there = [part for part in (first, second) if part.starts_at < part.ends_at]
    if len(there) < 2:
        return there or [second]
    if start > shift.starts_at:
        worth = (max(absent - HALF, NONE), min(absent, HALF))
    elif end < shift.ends_at:
        worth = (min(absent, HALF), max(absent - HALF, NONE))
    else:
        worth = (absent / 2, absent / 2)
    return [part._replace(absent=days) for part, days in zip(there, worth, strict=True)]


def _cut(shift: RosteredShift, clocks: Sequence[Clock]) -> datetime:
    """The moment that parts the punches of two parts: between those of the break, else in its middle."""
    since, until = shift.break_starts_at, shift.break_ends_at
    assert since is not None and until is not None
    within = [clock.at for clock in clocks if clock.is_in is None and since <= clock.at <= until]
    if within and within[-1] - within[0] >= A_BREAK:
        since, until = within[0], within[-1]
    return since + (until - since) / 2


def _part_of(clock: Clock, shift: RosteredShift, cut: datetime) -> int:
    """The part that a punch belongs to: as its source says; within the break whoever comes, comes back."""
    if clock.part is not None:
        return clock.part
    assert shift.break_starts_at is not None and shift.break_ends_at is not None
    if clock.is_in is not None and shift.break_starts_at <= clock.at <= shift.break_ends_at:
        return 2 if clock.is_in else 1
    return 1 if clock.at < cut else 2


def _corrections_of(corrections: Sequence[Corrected], part: int) -> list[Corrected]:
    """The corrections of a part; one that names no part is of the day's two ends."""
    found = []
    for each in corrections:
        if each.part == part:
            found.append(each)
        elif each.part is None:
            found.append(each._replace(clock_out=None) if part == 1 else each._replace(clock_in=None))
    return found


def _judge(
    shift: RosteredShift,
    clocks: Sequence[Clock],
    corrections: Sequence[Corrected],
    outings: Sequence[Out],
    part: Part,
) -> Figures:
    """The figures of a part of a shift, or of all of it."""
    start, end = part.starts_at, part.ends_at
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
        return Figures(absent_days=part.absent, shift_name=shift.name)
    late = early = missing = 0
    if clock_in is not None:
        late = _minutes(start, min(clock_in, end)) if clock_in > start else 0
    elif needs_in:
        missing += 1
    if clock_out is not None:
        early = _minutes(max(_to_minute(clock_out), start), end) if clock_out < end else 0
    elif needs_out:
        missing += 1
    return Figures(late, early, NONE, missing, 0, 0, 0, 0, clock_in, clock_out, shift.name)


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
