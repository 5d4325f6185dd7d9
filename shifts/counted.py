"""What the attendance provisions count of a person's month and of the window that it lies in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from core.money import plain
from core.periods import window_start
from penalties.openings import Opening, counted_together
from people.terms import PersonMonth
from rules.kinds.attendance import (
    UNEXCUSED,
    Absence,
    AbsenceProposal,
    Absent,
    Late,
    Punctuality,
    Unpunctual,
)
from rules.kinds.base import Charge, Occurrence, PayBasis
from rules.kinds.labels import CATEGORY_LABELS
from rules.kinds.missing_punch import MissingPunch
from rules.provisions import K, Month, Rule, Stretch
from shifts.working_days import AttendanceOf, runs_of

Recorded = Sequence[tuple[Rule[Absence], Occurrence]]  # incidents under absence provisions


def of_code(stretches: Sequence[Stretch[K]], here: Stretch[K]) -> list[Stretch[K]]:
    """The stretches of the same provision up to the end of one."""
    return [each for each in stretches if each.rule.code == here.rule.code and each.last <= here.last]


def unpunctual(
    month: Month, read: AttendanceOf, here: Stretch[Punctuality], stretches: Sequence[Stretch[Punctuality]]
) -> list[Unpunctual]:
    """The occurrences of the window up to the end of a stretch, each by the rule that held on its day.

    Of months before this one, whose terms are not at hand, the rule of the stretch decides. `stretches`:
    those of the provision. Days of another department count where it had the code.
    """
    start, code = window_start(here.rule.window, read.person.month_first), here.rule.code
    found = []
    for day in read.days:
        if not start <= day.on <= here.last or not month.counts(read.person, day.on, code):
            continue
        of_day = next((each for each in stretches if each.holds(day.on)), None)
        if of_day is None and day.on >= read.person.first:
            continue  # the provision did not bind then
        kind = (of_day or here).rule.kind
        # What one provision takes for absence is no late arrival under another either.
        if kind.occurs(day) and (day.on, type(kind)) not in read.converted:
            minutes = kind.minutes(day)
            found.append(Unpunctual(day.on, f"{day.on:%m-%d}{kind.label}{minutes}分钟", minutes))
        if isinstance(kind, Late) and kind.occurs_early(day):
            minutes = kind.minutes_early(day)
            found.append(Unpunctual(day.on, f"{day.on:%m-%d}早退{minutes}分钟", minutes))
    return found


def days_late(read: AttendanceOf, stretches: Sequence[Stretch[Punctuality]]) -> list[date]:
    """The days of the month with a late arrival.

    Late is what a provision calls so: beyond its grace, and no absence instead. Where none speaks of it every
    minute counts.
    """
    found = []
    for day in read.in_month():
        kinds = [each.rule.kind for each in stretches if each.holds(day.on)]
        late = [kind for kind in kinds if isinstance(kind, Late)]
        if any(kind.occurs(day) for kind in late) if late else day.late_minutes:
            found.append(day.on)
    return found


def missed_punches(read: AttendanceOf, stretches: Sequence[Stretch[MissingPunch]]) -> list[date]:
    """The days of the month's missing punches under one provision, a day for each punch, in order."""
    return [
        day.on
        for day in read.in_month()
        if any(each.holds(day.on) for each in stretches)
        for _ in range(day.missing_punches)
    ]


def absences_under(read: AttendanceOf, rule: Rule[Absence], recorded: Recorded) -> list[Absent]:
    """The absences of a provision's category in order, those before the month that count included."""
    category = rule.kind.category
    found = [absent for absent in (*read.absences_before, *read.absences) if absent.category == category]
    found += [
        rule.kind.recorded(each, f"记录的{CATEGORY_LABELS[category]}")
        for of, each in recorded
        if of.code == rule.code
        for _ in range(each.quantity)
    ]
    return sorted(found, key=lambda absent: absent.on)


def counts_reached(
    month: Month,
    read: AttendanceOf,
    here: Stretch[Absence],
    stretches: Sequence[Stretch[Absence]],
    recorded: Recorded,
    opening: Opening | None,
) -> list[tuple[AbsenceProposal, date, list[Absent]]]:
    """The counts of a provision that were reached within a stretch, when, and the absences counted.

    Days of the window count: in the month those on which the provision bound (`stretches`), what earlier
    months had, days of another department where it had the code, and what the person brought along.
    """
    kind, person = here.rule.kind, read.person
    start = window_start(here.rule.window, person.month_first)
    counted = [
        absent
        for absent in absences_under(read, here.rule, recorded)
        if start <= absent.on
        and month.counts(person, absent.on, here.rule.code)
        and (absent.on < person.first or any(each.holds(absent.on) for each in stretches))
    ]
    if opening is not None:
        counted.insert(0, Absent(opening.on, opening.value, kind.category, opening.counted_in_words))
    runs = runs_of(read, kind.category, [each for each in counted if each.on >= person.first])
    return [
        (proposal, on, counted)
        for proposal in kind.proposal
        for on in proposal.reached_on(runs, counted)
        if here.holds(on)
    ]


def absences_before(month: Month, read: AttendanceOf) -> list[Absent]:
    """The absences before the month, or before a transfer within it, that a provision still counts, as far
    as its window reaches back.

    Lateness counts as absence by the rules of its day, in the department of then, and, of terms before the
    month, the first known.
    """
    person = read.person
    windows = {each.rule.window for each in month.stretches(person, Absence)}
    start = min((window_start(window, person.first) for window in windows), default=person.first)
    if start >= person.first:
        return []
    found = []
    converted: dict[tuple[date, str, type], Absent] = {}
    for day in read.days:
        if not start <= day.on < person.first:
            continue
        if day.absent_days:
            found.append(Absent(day.on, day.absent_days, UNEXCUSED, "旷工"))
        role = person.on(day.on).role
        for rule in month.timeline_for(person, day.on).on(day.on).of_kind(Punctuality):
            absent = rule.kind.absence(day) if rule.binds(role) else None
            if absent is not None:
                converted.setdefault((day.on, absent.category, type(rule.kind)), absent)
    found += converted.values()
    leaves = [(leave, UNEXCUSED, "请假未获批准") for leave in read.leaves if not leave.approved]
    leaves += [(each.leave, each.absence, each.words) for _, each in read.outcomes if each.absence]
    for leave, category, cause in leaves:
        for on, part in read.dates_of(leave):
            if start <= on < person.first:
                found.append(Absent(on, part, category, cause))
    return found


def days_told(person: PersonMonth, absences: Sequence[Absent]) -> dict[str, list[str]]:
    """The dates absent here; of another department the number alone, as its records are not for here."""
    before: dict[str, Decimal] = defaultdict(Decimal)
    dates = []
    for absent in absences:
        part = person.before_on(absent.on)
        if part is None:
            dates.append(str(absent.on))
        else:
            before[part.department] += absent.days
    told = {"调动前": [f"在{where}{plain(days)}天" for where, days in before.items()]} if before else {}
    return {**told, "日期": dates}


def charged_with(
    openings: Sequence[Opening],
    kind: Punctuality,
    occurrences: Sequence[Unpunctual],
    first: date,
    last: date,
    pay: PayBasis,
) -> Charge:
    """What occurrences of a window cost from `first` to `last`, counted on from what was brought along."""
    found = []
    for opening, together in counted_together(openings, occurrences, lambda each: each.on):
        before = [opening.on] * opening.count if opening else []
        charge = kind.charge(together, first, last, pay, before)
        if opening is not None and charge.steps:
            charge = replace(charge, steps=(*charge.steps, opening.counted_in_words))
        found.append(charge)
    return Charge(
        sum((each.amount for each in found), Decimal(0)),
        tuple(step for each in found for step in each.steps),
        points=sum((each.points for each in found), Decimal(0)),
        last_on=next((each.last_on for each in reversed(found) if each.last_on), None),
    )
