"""A person's month as attendance and leave have it: days due, worked and paid, overtime, runs of absence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from core.periods import days_between
from people.terms import PersonMonth
from rules.kinds.attendance import UNEXCUSED, Absent, Day
from rules.kinds.leave import LeaveFact, LeaveKind, LeaveOutcome
from rules.kinds.overtime import OvertimeDay
from rules.leave_types import LeaveType
from rules.provisions import Rule
from shifts.days_owed import DayPart, DaysOwed
from shifts.extra_hours import Extra
from shifts.planning.holidays import is_statutory


@dataclass(frozen=True, slots=True)
class Worked:
    """Days of a person's month: due, worked, and for who is paid by the day the days that are paid.

    `to_work` are the days due that are no paid holidays; `outside` the days before joining and after leaving;
    `calendar_paid` tells of every day employed whether it is paid where days of the calendar are counted;
    `there` and `away` are the working days that are paid and that are not. `is_away`: the person worked no
    day of the month, in whatever department, and is paid nothing.
    """

    due: Decimal
    worked: Decimal
    is_prorated: bool
    paid: dict[date, Decimal]
    unpaid: dict[date, Decimal]
    present: dict[date, Decimal]  # the part of each day on which the person was at work
    to_work: Decimal
    outside: dict[date, Decimal]  # the days employed nowhere, with the part of each that is due
    calendar_paid: dict[date, Decimal]
    there: Decimal
    away: Decimal
    is_away: bool = False

    def without_pay(self) -> "Worked":
        """The same of who worked no day of the month: the holidays are not paid either."""
        return replace(
            self,
            paid=dict.fromkeys(self.paid, Decimal(0)),
            calendar_paid=dict.fromkeys(self.calendar_paid, Decimal(0)),
            is_away=True,
        )

    @property
    def due_in_month(self) -> Decimal:
        return self.due + sum(self.outside.values(), Decimal(0))

    def paid_between(self, first: date, last: date, *, by_calendar: bool = False) -> Decimal:
        days = self.calendar_paid if by_calendar else self.paid
        return sum((part for day, part in days.items() if first <= day <= last), Decimal(0))

    def missed(self, *, by_calendar: bool = False) -> dict[date, Decimal]:
        """The unpaid part of each day of the month."""
        if by_calendar:
            lost = {day: 1 - part for day, part in self.calendar_paid.items()}
            return {day: part for day, part in lost.items() if part} | dict.fromkeys(self.outside, Decimal(1))
        return self.unpaid | {day: part for day, part in self.outside.items() if part}


@dataclass(slots=True)
class AttendanceOf:
    """One person's attendance: days (earlier ones too, for counting), leave, and what they come to.

    `taken`: the days owed that each leave takes, by its id; the leaves of a day come to at most the day, and
    what they take of a day is no absence.
    """

    person: PersonMonth
    owed: DaysOwed
    days: Sequence[Day]
    leaves: Sequence[LeaveFact]
    is_listed: bool
    is_partial: bool
    extra: Sequence[Extra] = ()  # hours paid beside the month
    is_prorated: bool = False
    outcomes: list[tuple[Rule[LeaveKind], LeaveOutcome]] = field(default_factory=list)
    absences: list[Absent] = field(default_factory=list)
    absences_before: list[Absent] = field(default_factory=list)  # of earlier months, for longer windows
    converted: set[tuple[date, type]] = field(default_factory=set)  # lateness of days that is absence
    worked: Worked | None = None
    taken: dict[int, list[DayPart]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        free: dict[date, Decimal] = {}
        # Of one day, what was granted comes first.
        for leave in sorted(self.leaves, key=lambda each: (not each.approved, each.on, each.id)):
            parts = []
            for on, part in self.owed.leave(leave.on, leave.days, natural=leave.natural):
                left = free.get(on, self.owed.to_work(on))
                if part := min(part, left):
                    parts.append((on, part))
                free[on] = left - part
            self.taken[leave.id] = parts
        self.days = [
            replace(day, absent_days=min(day.absent_days, free.get(day.on, self.owed_of_row(day.on))))
            if day.absent_days
            else day
            for day in self.days
        ]

    def owed_of_row(self, on: date) -> Decimal:
        """The part of a day that attendance lists: a whole one where no roster says otherwise."""
        return self.owed.rostered.get(on, Decimal(1))

    def in_month(self) -> list[Day]:
        return [day for day in self.days if self.person.first <= day.on <= self.person.last]

    def dates_of(self, leave: LeaveFact) -> list[DayPart]:
        """The days owed that a leave takes."""
        return self.taken[leave.id]

    def dates_in_month(self, leave: LeaveFact) -> list[DayPart]:
        return [
            (on, part) for on, part in self.dates_of(leave) if self.person.first <= on <= self.person.last
        ]


def is_prorated(read: AttendanceOf) -> bool:
    """Whether the month is paid by days: a working day missed by coming or going, or long leave."""
    person = read.person
    missed = any(read.owed.to_work(day) for day in person.days_outside)
    is_long = any(
        leave.type == LeaveType.LONG and leave.approved and read.dates_in_month(leave)
        for leave in read.leaves
    )
    return missed or is_long or not person.in_month


def worked_days(read: AttendanceOf) -> Worked:
    """Days due, worked and paid of a person's month (rule-kinds: base_pay).

    Where ordinary days are listed, the listed and the rostered days are due; else the days owed within the
    employment. Absence and leave at a full day's pay or more are unpaid by proration, and then not deducted a
    second time; other leave stays paid and is priced by its provision.
    """
    person = read.person
    rows = {day.on: day for day in read.in_month()}
    employed = days_between(person.first, person.last)
    if read.is_listed:
        roster = {on: part for on in employed if on in read.owed.rostered and (part := read.owed.to_work(on))}
        roster = dict.fromkeys(rows, Decimal(1)) | roster
    else:
        roster = {on: part for on in employed if (part := read.owed.paid(on))}
    away: dict[date, Decimal] = {on: day.absent_days for on, day in rows.items() if day.absent_days}
    unpaid = dict(away)
    for leave in read.leaves:
        outcomes = [outcome for _, outcome in read.outcomes if outcome.leave is leave]
        long = leave.type == LeaveType.LONG and leave.approved
        for on, part in read.dates_in_month(leave):
            of_day = [outcome for outcome in outcomes if outcome.holds(on)]
            costs = max((outcome.multiple for outcome in of_day), default=Decimal(0))
            is_absence = not leave.approved or any(outcome.absence for outcome in of_day)
            if read.is_listed:
                roster.setdefault(on, part)
            away[on] = min(Decimal(1), away.get(on, Decimal(0)) + part)
            if long or is_absence or costs >= 1:
                unpaid[on] = min(Decimal(1), unpaid.get(on, Decimal(0)) + part)
    due = sum(roster.values(), Decimal(0))
    lost = sum((min(part, roster.get(on, Decimal(0))) for on, part in away.items()), Decimal(0))
    paid = {on: part - min(part, unpaid.get(on, Decimal(0))) for on, part in roster.items()}
    outside = {on: read.owed.paid(on) for on in person.days_outside}
    unpaid = {on: min(part, roster[on]) for on, part in unpaid.items() if on in roster}
    to_work = {on for on in roster if read.is_listed or read.owed.to_work(on)}
    return Worked(
        due=due,
        worked=due - lost,
        is_prorated=read.is_prorated,
        paid=paid,
        unpaid=unpaid if read.is_prorated else {},
        present={
            on: part - min(part, away.get(on, Decimal(0)))
            for on, part in roster.items()
            if read.is_listed or not is_statutory(on)
        },
        to_work=sum((roster[on] for on in to_work), Decimal(0)),
        outside=outside,
        calendar_paid=_calendar_paid(employed, roster, unpaid) if read.is_prorated else {},
        there=sum((paid[on] for on in to_work), Decimal(0)),
        away=sum(unpaid.values(), Decimal(0)),
    )


def _calendar_paid(
    employed: Sequence[date], roster: Mapping[date, Decimal], unpaid: Mapping[date, Decimal]
) -> dict[date, Decimal]:
    """The paid part of each day employed: a day of rest among unpaid days is as unpaid as they are."""
    lost = {on: unpaid.get(on, Decimal(0)) / part for on, part in roster.items()}
    found = {}
    for place, on in enumerate(employed):
        if on in lost:
            found[on] = 1 - lost[on]
            continue
        before = next((lost[day] for day in reversed(employed[:place]) if day in lost), None)
        after = next((lost[day] for day in employed[place:] if day in lost), None)
        near = [each for each in (before, after) if each is not None]
        found[on] = Decimal(0) if near and min(near) == 1 else Decimal(1)
    return found


def overtime_days(read: AttendanceOf, first: date, last: date) -> list[OvertimeDay]:
    """Approved overtime and duty on statutory holidays that count from `first` to `last`, by date.

    Of a shift that somebody missed or had leave from only the part that was worked is duty. Where no roster
    says so, who is listed as present on a statutory holiday was on duty for a day's hours.
    """
    found = [_overtime_day(read, extra) for extra in read.extra if first <= extra.counts_on <= last]
    found += [
        OvertimeDay(day.on, None, is_holiday=True, is_duty=True, part=_part_worked(read, day.on))
        for day in read.days
        if first <= day.on <= last and day.on not in read.owed.rostered and is_statutory(day.on)
    ]
    return sorted((day for day in found if day.part), key=lambda day: day.on)


def _overtime_day(read: AttendanceOf, extra: Extra) -> OvertimeDay:
    is_holiday = is_statutory(extra.on)
    if extra.shift_on is None:
        return OvertimeDay(extra.on, extra.minutes, is_rest=_is_rest(read, extra.on), is_holiday=is_holiday)
    return OvertimeDay(
        extra.on,
        extra.minutes,
        is_holiday=is_holiday,
        is_duty=True,
        of_eve=not is_statutory(extra.shift_on),
        part=_part_worked(read, extra.shift_on),
    )


def _part_worked(read: AttendanceOf, on: date) -> Decimal:
    """How much of a work_date's shift somebody was there: without absence and leave."""
    away = sum((day.absent_days for day in read.days if day.on == on), Decimal(0))
    for leave in read.leaves:
        away += sum((part for day, part in read.dates_of(leave) if day == on), Decimal(0))
    return max(Decimal(1) - away, Decimal(0))


def _is_rest(read: AttendanceOf, on: date) -> bool:
    """Whether the published roster gives rest or no shift on a day; the calendar where there is no roster."""
    if on in read.owed.rostered or any(day.on == on for day in read.days):
        return not read.owed.to_work(on)
    return read.is_listed or read.owed.calendar[on].is_off


def runs_of(read: AttendanceOf, category: str, absences: Sequence[Absent]) -> list[tuple[date, int]]:
    """The month's days, each with how many whole days absent in a row, over days owed, it ends.

    `absences` are the month's of the category; a run of 旷工 may have begun in the month before.
    Where ordinary days are listed, the listed days are those owed.
    """
    absent = {on for each in absences for on in each.whole_days()}
    if category == UNEXCUSED:
        absent |= {
            day.on for day in read.days if day.absent_days and day.absent_days == read.owed_of_row(day.on)
        }
        for leave in read.leaves:
            if not leave.approved or any(
                o.absence == UNEXCUSED for _, o in read.outcomes if o.leave is leave
            ):
                absent |= {on for on, part in read.dates_of(leave) if part == read.owed.to_work(on)}
    rows = {day.on for day in read.days}
    if not absent:
        return []
    found, run = [], 0
    for on in days_between(min(absent), read.person.last):
        if on in absent:
            run += 1
        elif on in rows or (not read.is_listed and read.owed.to_work(on)):
            run = 0
        else:
            continue
        if on >= read.person.first:
            found.append((on, run))
    return found
