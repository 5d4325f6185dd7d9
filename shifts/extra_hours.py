"""Hours that are paid beside the month: approved overtime and duty on statutory holidays, by calendar day.

Hours count on the day on which they fall, so a stretch is cut at midnight. Approved overtime that does not
say when it began follows its work_date's shift. Only what fell after somebody's last day of employment
counts on that last day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from core.periods import days_between
from people.models.approvals import Requested
from rules.kinds.overtime import OvertimeKind
from rules.provisions import Month
from shifts.models import Overtime, Roster, RosterDay
from shifts.planning.holidays import is_statutory

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# Who asks for so much of a shift asks for the whole of it, whatever its breaks.
WHOLE_SHIFT = timedelta(hours=8)


class Stretch(NamedTuple):
    """From one moment until another."""

    starts_at: datetime
    ends_at: datetime

    def by_day(self) -> Iterator[tuple[date, int]]:
        """Each calendar day that it touches, with its minutes there."""
        since = self.starts_at
        while since < self.ends_at:
            day = timezone.localdate(since)
            until = min(self.ends_at, timezone.make_aware(datetime.combine(day + DAY, time())))
            yield day, (until - since) // MINUTE
            since = until

    def covers(self, shift: "Stretch") -> bool:
        return self.starts_at <= shift.starts_at and self.ends_at >= min(
            shift.ends_at, shift.starts_at + WHOLE_SHIFT
        )

    def common(self, other: "Stretch") -> "Stretch":
        """What both have in common; it ends before it starts where that is nothing."""
        return Stretch(max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at))


@dataclass(frozen=True, slots=True)
class Extra:
    """Minutes on a calendar day, and the day of the employment on which they count.

    `shift_on`: the work_date of the shift whose hours they are; None for overtime.
    """

    on: date
    counts_on: date
    minutes: int
    shift_on: date | None = None


def overtime_stretch(
    work_date: date, hours: Decimal, starts_at: datetime | None, shift: Stretch | None
) -> Stretch:
    """When approved overtime was: from its own start, else from the end of its work_date's shift.

    Without a shift it was within the day. A request that gives no start and as many hours as a shift of a
    statutory holiday is a request for that shift, as people wrote before duty was paid without one.
    """
    length = timedelta(minutes=round(hours * 60))
    if starts_at is not None:
        return Stretch(starts_at, starts_at + length)
    if shift is None:
        midnight = timezone.make_aware(datetime.combine(work_date, time()))
        return Stretch(midnight, midnight + length)
    is_for_shift = is_statutory(work_date) and Stretch(shift.starts_at, shift.starts_at + length).covers(
        shift
    )
    start = shift.starts_at if is_for_shift else shift.ends_at
    return Stretch(start, start + length)


def overtime_days_of(overtime: Overtime) -> list[date]:
    """The calendar days on which a request's hours fall; one query."""
    row = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED, staff=overtime.staff, work_date=overtime.work_date
    ).first()
    shift = Stretch(row.starts_at, row.ends_at) if row and row.starts_at and row.ends_at else None
    stretch = overtime_stretch(overtime.work_date, overtime.hours, overtime.starts_at, shift)
    return [day for day, _ in stretch.by_day()]


def extra_hours(month: Month) -> dict[int, list[Extra]]:
    """The month's hours by person; two queries, none where no provision pays for them."""
    rules = [
        rule
        for _, _, rules in month.timeline.segments(month.first, month.last)
        for rule in rules.of_kind(OvertimeKind)
    ]
    if not rules:
        return {}
    approved = _approved(month)
    found: dict[int, list[Extra]] = defaultdict(list)
    for staff_id, rows in approved.items():
        for stretch, left_on in rows:
            found[staff_id] += [
                Extra(day, min(day, left_on or day), minutes) for day, minutes in stretch.by_day()
            ]
    if any(rule.kind.pays_duty for rule in rules):
        for staff_id, extra in _duty(month, approved):
            found[staff_id].append(extra)
    return found


def _approved(month: Month) -> dict[int, list[tuple[Stretch, date | None]]]:
    """The approved overtime to be paid that may fall in the month, with the person's last day."""
    shift = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED,
        staff=OuterRef("staff"),
        work_date=OuterRef("work_date"),
        pattern__isnull=False,
    )
    # A shift ends on the next day at the latest, and overtime a day after it.
    rows = Overtime.objects.filter(
        state=Requested.State.APPROVED,
        compensation=Overtime.Compensation.PAY,
        staff__in=list(month.people),
        work_date__range=(month.first - 2 * DAY, month.last),
    ).order_by("work_date", "id")
    found: dict[int, list[tuple[Stretch, date | None]]] = defaultdict(list)
    for staff_id, left_on, work_date, hours, starts_at, *span in rows.values_list(
        *("staff_id", "staff__left_on", "work_date", "hours", "starts_at"),
        Subquery(shift.values("starts_at")),
        Subquery(shift.values("ends_at")),
    ):
        stretch = overtime_stretch(work_date, hours, starts_at, Stretch(*span) if span[0] else None)
        found[staff_id].append((stretch, left_on))
    return found


def _duty(
    month: Month, approved: dict[int, list[tuple[Stretch, date | None]]]
) -> Iterator[tuple[int, Extra]]:
    """The hours of rostered shifts on statutory holidays, without those that overtime was approved for."""
    holidays = {day for day in days_between(month.first, month.last + DAY) if is_statutory(day)}
    if not holidays:
        return
    rows = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED,
        staff__in=list(month.people),
        work_date__in=holidays | {day - DAY for day in holidays},
        pattern__isnull=False,
    ).order_by("work_date")
    for staff_id, joined_on, left_on, work_date, *span in rows.values_list(
        *("staff_id", "staff__joined_on", "staff__left_on", "work_date"),
        *("starts_at", "ends_at", "break_starts_at", "break_ends_at"),
    ):
        if work_date < joined_on or (left_on and work_date > left_on):
            continue
        asked = [stretch for stretch, _ in approved.get(staff_id, ())]
        if any(stretch.covers(Stretch(*span[:2])) for stretch in asked):
            continue
        minutes: dict[date, int] = defaultdict(int)
        for part in _parts(*span):
            for day, length in part.by_day():
                minutes[day] += length
            for day, length in (each for stretch in asked for each in part.common(stretch).by_day()):
                minutes[day] -= length
        for day, length in minutes.items():
            if day in holidays and length > 0:
                yield staff_id, Extra(day, min(day, left_on or day), length, work_date)


def _parts(start: datetime, end: datetime, rests: datetime | None, resumes: datetime | None) -> list[Stretch]:
    """A shift without its break."""
    if rests is None or resumes is None:
        return [Stretch(start, end)]
    return [Stretch(start, rests), Stretch(resumes, end)]
