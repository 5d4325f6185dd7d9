"""A person's month as attendance and leave have it: days due, worked and paid, overtime, runs of absence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from people.terms import PersonMonth
from rules.kinds.attendance import UNEXCUSED, Absent, Day
from rules.kinds.leave import LeaveFact, LeaveKind, LeaveOutcome
from rules.kinds.overtime import OvertimeDay
from rules.leave_types import LeaveType
from rules.provisions import Rule
from shifts.extra_hours import Extra
from shifts.planning.holidays import calendar_of, is_statutory


@dataclass(frozen=True, slots=True)
class Worked:
    """Days of a person's month: due, worked, and for who is paid by the day the days that are paid."""

    due: Decimal
    worked: Decimal
    is_prorated: bool
    paid: dict[date, Decimal]
    unpaid: dict[date, Decimal]
    present: dict[date, Decimal]  # the part of each day on which the person was at work

    def paid_between(self, first: date, last: date) -> Decimal:
        return sum((part for day, part in self.paid.items() if first <= day <= last), Decimal(0))


@dataclass(slots=True)
class AttendanceOf:
    """One person's attendance: days (earlier ones too, for counting), leave, and what they come to."""

    person: PersonMonth
    days: Sequence[Day]
    leaves: Sequence[LeaveFact]
    is_listed: bool
    is_partial: bool
    shifts: frozenset[date] = frozenset()  # days with a shift on a published roster
    rest: frozenset[date] = frozenset()  # and those on which it gives rest
    extra: Sequence[Extra] = ()  # hours paid beside the month
    is_prorated: bool = False
    outcomes: list[tuple[Rule[LeaveKind], LeaveOutcome]] = field(default_factory=list)
    absences: list[Absent] = field(default_factory=list)
    absences_before: list[Absent] = field(default_factory=list)  # of earlier months, for longer windows
    converted: set[tuple[date, type]] = field(default_factory=set)  # lateness of days that is absence
    worked: Worked | None = None

    def in_month(self) -> list[Day]:
        return [day for day in self.days if self.person.first <= day.on <= self.person.last]

    def dates_of(self, leave: LeaveFact) -> list[tuple[date, Decimal]]:
        """The rostered days that a leave takes: where days are counted Monday to Friday, of those only."""
        return leave.dates(weekdays=self.is_prorated and not self.is_listed, rest=self.rest)

    def dates_in_month(self, leave: LeaveFact) -> list[tuple[date, Decimal]]:
        return [
            (on, part) for on, part in self.dates_of(leave) if self.person.first <= on <= self.person.last
        ]


def is_prorated(read: AttendanceOf) -> bool:
    """Whether the month is paid by days: a working day missed by coming or going, or long leave."""
    person = read.person
    missed = any(day.weekday() < 5 for day in person.days_outside)
    is_long = any(
        person.first <= on <= person.last
        for leave in read.leaves
        if leave.type == LeaveType.LONG and leave.approved
        for on, _ in leave.dates(weekdays=not read.is_listed, rest=read.rest)
    )
    return missed or is_long or not person.in_month


def worked_days(read: AttendanceOf) -> Worked:
    """Days due, worked and paid of a person's month (rule-kinds: base_pay).

    The roster is made of the shifts where somebody is rostered and of the listed days where ordinary days are
    listed; else of Monday to Friday within the employment, statutory holidays included. Absence and leave at
    a full day's pay or more are unpaid by proration, and then not deducted a second time; other leave stays
    paid and is priced by its provision.
    """
    person = read.person
    rows = {day.on: day for day in read.in_month()}
    if read.is_listed:
        roster = dict.fromkeys(read.shifts | rows.keys(), Decimal(1))
    else:
        span = (person.last - person.first).days + 1
        dates = (person.first + timedelta(days=i) for i in range(span))
        roster = {on: Decimal(1) for on in dates if on.weekday() < 5}
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
    unpaid = {on: min(part, roster[on]) for on, part in unpaid.items() if on in roster}
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
    )


def overtime_days(read: AttendanceOf, first: date, last: date) -> list[OvertimeDay]:
    """Approved overtime and duty on statutory holidays that count from `first` to `last`, by date.

    Of a shift that somebody missed or had leave from only the part that was worked is duty. Where no roster
    says so, who is listed as present on a statutory holiday was on duty for a day's hours.
    """
    found = [_overtime_day(read, extra) for extra in read.extra if first <= extra.counts_on <= last]
    found += [
        OvertimeDay(day.on, None, is_holiday=True, is_duty=True, part=_part_worked(read, day.on))
        for day in read.days
        if first <= day.on <= last
        and day.on not in read.shifts
        and day.on not in read.rest
        and is_statutory(day.on)
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
    if on in read.rest:
        return True
    if on in read.shifts or any(day.on == on for day in read.days):
        return False
    return read.is_listed or calendar_of(on, on)[on].is_off


def runs_of(read: AttendanceOf, category: str, absences: Sequence[Absent]) -> list[tuple[date, int]]:
    """The month's days, each with how many whole days absent in a row, over rostered days, it ends.

    `absences` are the month's of the category; a run of 旷工 may have begun in the month before.

    Where ordinary days are listed, the listed days are the roster; else every day of the calendar is.
    """
    absent = {on for each in absences for on in each.whole_days()}
    if category == UNEXCUSED:
        absent |= {day.on for day in read.days if day.absent_days == 1}
        for leave in read.leaves:
            if not leave.approved or any(
                o.absence == UNEXCUSED for _, o in read.outcomes if o.leave is leave
            ):
                absent |= {on for on, part in read.dates_of(leave) if part == 1}
    roster = sorted({day.on for day in read.days} | absent)
    found, run = [], 0
    previous: date | None = None
    for on in roster:
        follows = previous is not None and (read.is_listed or on - previous == timedelta(days=1))
        run = (run + 1 if follows else 1) if on in absent else 0
        if read.person.first <= on <= read.person.last:
            found.append((on, run))
        previous = on
    return found
