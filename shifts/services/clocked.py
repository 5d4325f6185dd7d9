"""Days that come with their shift and their punches: from files, and from scenarios."""

from datetime import date, datetime, time

from django.db import transaction

from people.models import Account, Department, Staff
from shifts.derivation import clock_near
from shifts.errors import AttendanceRefused
from shifts.models import PatternHours, Punch, Roster, RosterDay, ShiftPattern
from shifts.selectors.rosters import span_on
from shifts.services.common import check_employed


@transaction.atomic
def pattern_make(
    *,
    department: Department,
    code: str,
    name: str,
    starts_at: time,
    ends_at: time,
    break_starts_at: time | None = None,
    break_ends_at: time | None = None,
    punches: int = ShiftPattern.Punches.DAY,
) -> ShiftPattern:
    """A shift pattern with the same hours all year; an end not after the start is on the next day.

    `punches`: two a day, or four where each of its two parts is clocked by itself.
    """
    pattern = ShiftPattern.objects.create(department=department, code=code, name=name, punches=punches)
    PatternHours.objects.create(
        pattern=pattern,
        starts_at=starts_at,
        ends_at=ends_at,
        break_starts_at=break_starts_at,
        break_ends_at=break_ends_at,
    )
    return pattern


@transaction.atomic
def day_clocked(
    *,
    staff: Staff,
    work_date: date,
    pattern: ShiftPattern,
    clock_in: time | None,
    clock_out: time | None,
    second_in: time | None = None,
    second_out: time | None = None,
    by: Account | None,
    at: datetime,
) -> RosterDay:
    """A person's shift of a day, rostered if it is not, with its punches.

    The times are those of the clock: each is the one nearest to the shift's own start or end, or to those
    of its parts where they are clocked apart (`second_in`, `second_out`). AttendanceRefused where another
    shift is rostered, and for a second part that the shift does not have.
    """
    in_parts = pattern.punches == ShiftPattern.Punches.PARTS
    if not in_parts and (second_in or second_out):
        raise AttendanceRefused(f"{pattern.name}不是分两段打卡的班；检查班次，或去掉第二段的时间")
    check_employed(staff, work_date)
    known = RosterDay.objects.filter(staff=staff, work_date=work_date).first()
    if known is not None and known.pattern_id != pattern.pk:
        raise AttendanceRefused(f"{staff} 在 {work_date:%Y-%m-%d} 已排了别的班；检查班次与日期")
    span = span_on(pattern, work_date)
    roster, _ = Roster.objects.get_or_create(
        department=staff.department,
        team=None,
        month=work_date.replace(day=1),
        defaults={"state": Roster.State.PUBLISHED, "published_by": by, "published_at": at},
    )
    day = known or RosterDay.objects.create(
        roster=roster,
        staff=staff,
        work_date=work_date,
        pattern=pattern,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        break_starts_at=span.break_starts_at,
        break_ends_at=span.break_ends_at,
    )
    ends: list[tuple[time | None, datetime, bool, int | None]] = [
        (clock_in, span.starts_at, True, None),
        (clock_out, span.ends_at, False, None),
    ]
    if in_parts:
        assert span.break_starts_at is not None and span.break_ends_at is not None
        ends = [
            (clock_in, span.starts_at, True, 1),
            (clock_out, span.break_starts_at, False, 1),
            (second_in, span.break_ends_at, True, 2),
            (second_out, span.ends_at, False, 2),
        ]
    for clock, due, is_in, part in ends:
        if clock is not None:
            Punch.objects.get_or_create(
                staff=staff,
                at=clock_near(due, clock),
                source=Punch.Source.FILE,
                work_date=work_date,
                is_in=is_in,
                defaults={"part": part},
            )
    return day
