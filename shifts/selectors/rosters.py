"""What published rosters say: whose shifts are when. What is still a draft is nobody's shift yet."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from people.models import Department
from shifts.models import PatternHours, Roster, RosterDay, ShiftPattern
from shifts.models.roster import ShiftTimes


def roster_days_of(staff_ids: Iterable[int], first: date, last: date) -> QuerySet[RosterDay]:
    """The published days of these people from `first` to `last`, with their pattern; one query.

    A row without a pattern is a day of rest; no row: nothing was rostered. Ordered by day and person.
    """
    published = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED, staff__in=list(staff_ids), work_date__range=(first, last)
    )
    return published.select_related("pattern").order_by("work_date", "staff_id")


USUAL_HOURS = Decimal(8)  # of a day that no roster knows


def hours_of_day(staff_id: int, day: date) -> Decimal:
    """How many hours somebody's published shift of a day has without its break; one query."""
    row = RosterDay.objects.filter(
        staff=staff_id, work_date=day, roster__state=Roster.State.PUBLISHED, pattern__isnull=False
    ).first()
    if row is None or row.starts_at is None or row.ends_at is None:
        return USUAL_HOURS
    length = row.ends_at - row.starts_at
    if row.break_starts_at is not None and row.break_ends_at is not None:
        length -= row.break_ends_at - row.break_starts_at
    return Decimal(int(length.total_seconds())) / 3600


def patterns_of(department: Department, *, retired: bool = True) -> list[ShiftPattern]:
    """The department's patterns in the order in which they were made, hours at hand; two queries."""
    rows = ShiftPattern.objects.filter(department=department).order_by("id").prefetch_related("hours")
    return list(rows if retired else rows.filter(is_retired=False))


def hours_on(pattern: ShiftPattern, day: date) -> PatternHours:
    """A pattern's hours of a day: the latest that began in the year, else the last of the year before.

    Reads `pattern.hours.all()`, so prefetch it; ValueError for a pattern without hours.
    """
    hours = sorted(pattern.hours.all(), key=lambda each: (each.from_month, each.from_day))
    if not hours:
        raise ValueError(f"{pattern}没有时间")
    begun = [each for each in hours if (each.from_month, each.from_day) <= (day.month, day.day)]
    return begun[-1] if begun else hours[-1]


def span_on(pattern: ShiftPattern, day: date) -> ShiftTimes:
    """When a pattern's shift of a day begins and ends; as `hours_on`."""
    return hours_on(pattern, day).on(day)


def shifts_between(department: Department, first: date, last: date) -> dict[date, list[ShiftTimes]]:
    """The department's published shifts from `first` to `last` by work_date, each hours once; one query."""
    rows = (
        RosterDay.objects.filter(
            roster__department=department,
            roster__state=Roster.State.PUBLISHED,
            work_date__range=(first, last),
            pattern__isnull=False,
        )
        .order_by("work_date", "starts_at")
        .values_list("work_date", "starts_at", "ends_at", "break_starts_at", "break_ends_at")
        .distinct()
    )
    found: dict[date, list[ShiftTimes]] = defaultdict(list)
    for work_date, starts_at, ends_at, *pause in rows:
        assert starts_at is not None and ends_at is not None  # the database has it so with a pattern
        found[work_date].append(ShiftTimes(starts_at, ends_at, *pause))
    return found
