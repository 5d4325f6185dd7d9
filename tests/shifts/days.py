"""Rostered days and punches for tests, by clock times: `17:30`, and `+01:07` for the day after."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from people.models import Department, Staff
from shifts.models import PatternHours, Punch, Roster, RosterDay, ShiftPattern


def moment(day: date, text: str) -> datetime:
    on = day + timedelta(days=text.startswith("+"))
    return timezone.make_aware(datetime.combine(on, time.fromisoformat(text.lstrip("+"))))


def pattern(of: Department, name: str = "白班", start: str = "08:30", end: str = "17:30") -> ShiftPattern:
    found, is_new = ShiftPattern.objects.get_or_create(
        department=of, name=name, defaults={"code": f"{name}{start}"[:16]}
    )
    if is_new:
        PatternHours.objects.create(
            pattern=found, starts_at=time.fromisoformat(start), ends_at=time.fromisoformat(end)
        )
    return found


def rostered(
    staff: Staff,
    day: date,
    of: ShiftPattern | None,
    *punches: str,
    state: str = Roster.State.PUBLISHED,
) -> RosterDay:
    """One day of a roster (rest where there is no pattern), with punches of the page."""
    roster, _ = Roster.objects.get_or_create(
        department=staff.department, month=day.replace(day=1), defaults={"state": state}
    )
    span = of.hours.get().on(day) if of else None
    for text in punches:
        Punch.objects.create(staff=staff, at=moment(day, text))
    return RosterDay.objects.create(
        roster=roster,
        staff=staff,
        work_date=day,
        pattern=of,
        starts_at=span and span.starts_at,
        ends_at=span and span.ends_at,
    )
