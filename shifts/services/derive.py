"""A department's attendance from rosters, punches and approvals: read, derived and written set-wise."""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from core.locks import Lock
from people.models import Account, Department, FactChange, Staff
from people.models.approvals import Requested
from people.selectors import not_left
from people.services import facts_changed
from shifts.days_owed import DaysOwed
from shifts.derivation import (
    FAR,
    NONE,
    Clock,
    Corrected,
    Figures,
    LeavePart,
    Out,
    RosteredShift,
    clocks_by_day,
    day_figures,
)
from shifts.models import Attendance, Correction, Leave, Outing, Overtime, Punch, Roster, RosterDay
from shifts.planning.holidays import is_statutory
from shifts.selectors.days_owed import days_owed_of

Key = tuple[int, date]  # staff, work_date
DAY = timedelta(days=1)
LONGEST_LEAVE = timedelta(days=366)
COLUMNS = ("staff_id", "work_date", *Figures._fields)
NULL = r"\N"


@dataclass(frozen=True, slots=True)
class ClockMismatch:
    """A day whose figures somebody entered, and that the clock tells otherwise; what was entered stands."""

    staff_id: int
    work_date: date
    entered: Figures
    derived: Figures


@dataclass(slots=True)
class Derived:
    """What a derivation changed; `months` by their first days."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    months: set[date] = field(default_factory=set)
    differences: list[ClockMismatch] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """Everything that days are derived from, by person."""

    staff: dict[int, tuple[date, date | None]]
    shifts: dict[int, list[RosteredShift]]
    clocks: dict[int, list[Clock]]
    aways: dict[Key, list[LeavePart]]
    outings: dict[Key, list[Out]]
    corrections: dict[Key, list[Corrected]]
    overtime: dict[Key, Decimal]


@transaction.atomic
def attendance_derive(
    *,
    department: Department,
    first: date,
    last: date,
    now: datetime,
    by: Account | None,
    at: datetime,
    staff: Collection[Staff] | None = None,
) -> Derived:
    """Bring the department's attendance from `first` to `last` in line with rosters and punches.

    Only days whose shift has ended by `now` are derived; rows that somebody entered stay as they are and
    are told where the clock differs. Settlement is told of the months that changed. `staff` limits it to
    some people. The number of queries depends on neither people nor days.
    """
    result = days_derive(department=department, first=first, last=last, now=now, staff=staff)
    facts_changed(
        department=department,
        months=result.months,
        source=FactChange.Source.ATTENDANCE,
        by=by,
        at=at,
        note="按排班与打卡核算",
    )
    return result


def days_derive(
    *, department: Department, first: date, last: date, now: datetime, staff: Collection[Staff] | None = None
) -> Derived:
    """The same for callers that tell settlement themselves, as imports do; needs a transaction."""
    with connection.cursor() as cursor:  # two derivations of one department wait for each other
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.ATTENDANCE, department.pk])
    facts = load(department, first, last, staff)
    return write(derive(facts, first, last, now), facts, first, last, now)


def departments_with_rosters(first: date, last: date) -> QuerySet[Department]:
    """Those in which somebody is rostered on one of these days."""
    rows = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED, pattern__isnull=False, work_date__range=(first, last)
    )
    return Department.objects.filter(pk__in=rows.values("roster__department"))


def derive(facts: Facts, first: date, last: date, now: datetime) -> dict[Key, Figures]:
    """What every day of everybody came to, in memory."""
    found: dict[Key, Figures] = {}
    for staff_id, shifts in facts.shifts.items():
        joined_on, left_on = facts.staff[staff_id]
        clocks = clocks_by_day(shifts, facts.clocks.get(staff_id, ()))
        for shift in shifts:
            day = shift.work_date
            if day < first or day > last or shift.ends_at > now:
                continue
            if day < joined_on or (left_on is not None and day > left_on):
                continue
            key = staff_id, day
            found[key] = day_figures(
                shift,
                clocks.get(day, ()),
                aways=facts.aways.get(key, ()),
                outings=facts.outings.get(key, ()),
                corrections=facts.corrections.get(key, ()),
                overtime_hours=facts.overtime.get(key, NONE),
            )
    today = timezone.localdate(now)
    for key, hours in facts.overtime.items():
        rostered = {shift.work_date for shift in facts.shifts.get(key[0], ())}
        if first <= key[1] <= last and key[1] < today and key[1] not in rostered:
            found[key] = day_figures(None, (), overtime_hours=hours)
    return found


def load(department: Department, first: date, last: date, only: Collection[Staff] | None = None) -> Facts:
    """Read everything that the days depend on; seven queries, nine where somebody is on leave."""
    people = Staff.objects.filter(not_left(first), department=department, joined_on__lte=last)
    if only is not None:
        people = people.filter(pk__in=[each.pk for each in only])
    staff = {pk: (joined, left) for pk, joined, left in people.values_list("pk", "joined_on", "left_on")}
    who = list(staff)
    leaves = list(
        Leave.objects.filter(
            staff__in=who, starts_on__gte=first - LONGEST_LEAVE, starts_on__lte=last
        ).values_list(*("staff_id", "starts_on", "days", "natural"), *LeavePart._fields[1:])
    )
    reaching = [
        leave for leave in leaves if leave[1] >= first or leave[1] + 2 * int(leave[2] + 1) * DAY >= first
    ]
    # Of leave that began earlier the days since then are needed, to count its own.
    owed = days_owed_of(
        {leave[0] for leave in reaching}, min((leave[1] for leave in reaching), default=first), last
    )
    return Facts(
        staff=staff,
        shifts=_rosters(who, first - DAY, last + DAY),
        clocks=_clocks(who, first, last),
        aways=_aways(reaching, owed, first, last),
        outings=_outings(who, first, last),
        corrections=_corrections(who, first, last),
        overtime={
            (staff_id, day): hours
            for staff_id, day, hours in _approved(Overtime, who, first, last).values_list(
                "staff_id", "work_date", "hours"
            )
        },
    )


def _rosters(who: list[int], first: date, last: date) -> dict[int, list[RosteredShift]]:
    """Published shifts in the order of their starts."""
    shifts: dict[int, list[RosteredShift]] = defaultdict(list)
    rows = RosterDay.objects.filter(
        staff__in=who,
        roster__state=Roster.State.PUBLISHED,
        work_date__range=(first, last),
        pattern__isnull=False,
    ).order_by("staff_id", "starts_at")
    found: Iterable[Any] = rows.values_list(
        *("staff_id", "pattern__name", "work_date", "starts_at", "ends_at"),
        *("break_starts_at", "break_ends_at", "pattern__punches"),
    )
    for staff_id, name, *span in found:
        shifts[staff_id].append(RosteredShift(span[0], name, *span[1:]))
    return shifts


def _clocks(who: list[int], first: date, last: date) -> dict[int, list[Clock]]:
    since = timezone.make_aware(datetime.combine(first - DAY, datetime.min.time())) - FAR
    until = timezone.make_aware(datetime.combine(last + 3 * DAY, datetime.min.time()))
    clocks: dict[int, list[Clock]] = defaultdict(list)
    rows = Punch.objects.filter(
        Q(work_date__range=(first, last)) | Q(work_date__isnull=True, at__range=(since, until)),
        staff__in=who,
    ).order_by("staff_id", "at")
    for staff_id, at, work_date, is_in, pk, part in rows.values_list(
        *("staff_id", "at", "work_date", "is_in", "id", "part")
    ):
        clocks[staff_id].append(Clock(at, work_date, is_in, pk, part))
    return clocks


def _aways(
    leaves: Iterable[Any], owed: dict[int, DaysOwed], first: date, last: date
) -> dict[Key, list[LeavePart]]:
    aways: dict[Key, list[LeavePart]] = defaultdict(list)
    for staff_id, starts_on, days, natural, *details in leaves:
        for on, part in owed[staff_id].leave(starts_on, days, natural=natural):
            if first <= on <= last:
                aways[staff_id, on].append(LeavePart(part, *details))
    return aways


def _outings(who: list[int], first: date, last: date) -> dict[Key, list[Out]]:
    outings: dict[Key, list[Out]] = defaultdict(list)
    rows = _approved(Outing, who, first, last).order_by("leaves_at")
    for staff_id, day, *out in rows.values_list(
        "staff_id", "work_date", "leaves_at", "due_at", "returned_at"
    ):
        outings[staff_id, day].append(Out(*out))
    return outings


def _corrections(who: list[int], first: date, last: date) -> dict[Key, list[Corrected]]:
    corrections: dict[Key, list[Corrected]] = defaultdict(list)
    rows = _approved(Correction, who, first, last).order_by("decided_at", "id")
    for staff_id, day, *ends in rows.values_list("staff_id", "work_date", "clock_in", "clock_out", "part"):
        corrections[staff_id, day].append(Corrected(*ends))
    return corrections


def _approved(model: type[Model], who: list[int], first: date, last: date) -> "QuerySet[Any]":
    return model._default_manager.filter(
        staff__in=who, work_date__range=(first, last), state=Requested.State.APPROVED
    )


def write(wanted: dict[Key, Figures], facts: Facts, first: date, last: date, now: datetime) -> Derived:
    """Store what differs from what is there; one query to read, at most six to write."""
    result = Derived()
    changed: dict[Key, Figures] = {}
    overtime: list[Attendance] = []
    stored: set[Key] = set()
    gone: list[int] = []
    rostered = {(who, shift.work_date) for who, shifts in facts.shifts.items() for shift in shifts}
    today = timezone.localdate(now)
    rows = Attendance.objects.filter(staff__in=list(facts.staff), work_date__range=(first, last))
    for pk, source, staff_id, day, *given in rows.values_list("pk", "source", *COLUMNS):
        key, known = (staff_id, day), Figures(*given)
        figures = wanted.get(key)
        if source == Attendance.Source.ENTERED:
            stored.add(key)
            if figures is not None and figures[:3] != known[:3]:
                result.differences.append(ClockMismatch(staff_id, day, known, figures))
            # Who enters a day says nothing of its overtime; what is approved of it counts all the same.
            if figures and figures.overtime_minutes not in (0, known.overtime_minutes):
                overtime.append(Attendance(pk=pk, overtime_minutes=figures.overtime_minutes))
                result.changed += 1
                result.months.add(day.replace(day=1))
        elif figures is None:
            # A shift that has not ended yet says nothing; a day without one has no row any more.
            if key not in rostered and day < today:
                gone.append(pk)
                result.months.add(day.replace(day=1))
        else:
            stored.add(key)
            if figures == known:
                result.unchanged += 1
            else:
                changed[key] = figures
                result.changed += 1
    new = {key: figures for key, figures in wanted.items() if key not in stored}
    result.created, result.removed = len(new), len(gone)
    result.months |= {
        day.replace(day=1) for key, figures in (new | changed).items() for day in _days_told(key[1], figures)
    }
    if gone:
        Attendance.objects.filter(pk__in=gone).delete()
    if overtime:
        Attendance.objects.bulk_update(overtime, ["overtime_minutes"])
    if new or changed:
        _copy(new | changed)
    return result


def _days_told(day: date, figures: Figures) -> list[date]:
    """The days whose pay a work_date touches: its overtime and its duty on a holiday may be of the next."""
    told = [day]
    if figures.overtime_minutes:
        told += [day + DAY, day + 2 * DAY]
    elif is_statutory(day + DAY):
        told.append(day + DAY)
    return told


UPSERT = f"""
    INSERT INTO shifts_attendance ({", ".join(COLUMNS)}, source)
    SELECT {", ".join(COLUMNS)}, '{Attendance.Source.DERIVED}' FROM derived_days
    ON CONFLICT (staff_id, work_date) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in Figures._fields)}
    WHERE shifts_attendance.source = '{Attendance.Source.DERIVED}'
"""


def _copy(rows: dict[Key, Figures]) -> None:
    """Insert or update these days, but for those that somebody has entered meanwhile."""
    data = io.StringIO("".join([_line(*key, figures) for key, figures in rows.items()]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE derived_days ON COMMIT DROP AS"
            f" SELECT {', '.join(COLUMNS)} FROM shifts_attendance WITH NO DATA"
        )
        cursor.copy_expert(f"COPY derived_days ({', '.join(COLUMNS)}) FROM STDIN", data)
        cursor.execute(UPSERT)
        cursor.execute("DROP TABLE derived_days")


def _line(staff_id: int, day: date, figures: Figures) -> str:
    """A row in COPY's text format."""
    *numbers, clock_in, clock_out, name = figures
    moments = [NULL if each is None else each.isoformat() for each in (clock_in, clock_out)]
    if not name.isalnum():
        name = name.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return "\t".join([str(staff_id), day.isoformat(), *map(str, numbers), *moments, name]) + "\n"
