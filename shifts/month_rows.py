"""What a month's attendance is reckoned from: its days, leaves and the days owed, read set-wise."""

from collections import defaultdict
from datetime import date, timedelta

from rules.kinds.attendance import Day
from rules.kinds.leave import LeaveFact
from rules.provisions import Month
from shifts.days_owed import DAY, DaysOwed, joined
from shifts.models import Attendance, Leave
from shifts.selectors.days_owed import days_owed_of

# A run of absence that ends in the month may have begun before it.
DAYS_BEFORE = timedelta(days=31)


def read_days(month: Month, earliest: date) -> dict[int, list[Day]]:
    """Everybody's days of attendance from `earliest` on, in order; one query."""
    rows_of = month.rows
    days: dict[int, list[Day]] = defaultdict(list)
    rows = Attendance.objects.filter(
        staff__in=list(rows_of), work_date__gte=earliest, work_date__lte=month.last
    ).order_by("work_date")
    for staff_id, shift_name, source, *day in rows.values_list(
        *("staff_id", "shift_name", "source", "work_date", "late_minutes", "early_minutes"),
        *("absent_days", "missing_punches", "second_late_minutes", "second_early_minutes"),
    ):
        # A day without a shift that has a derived row has it for its overtime; it was no day of work.
        if shift_name or source != Attendance.Source.DERIVED:
            for own in rows_of[staff_id]:
                days[own].append(Day(*day))
    return days


def read_leaves(month: Month, earliest: date) -> dict[int, list[LeaveFact]]:
    """Everybody's leaves that began from `earliest` on, in order; one query."""
    rows_of = month.rows
    leaves: dict[int, list[LeaveFact]] = defaultdict(list)
    began = Leave.objects.filter(
        staff__in=list(rows_of), starts_on__gte=earliest, starts_on__lte=month.last
    ).order_by("starts_on", "id")
    for staff_id, pk, starts_on, length, type_, certificate, approved, natural in began.values_list(
        *("staff_id", "id", "starts_on", "days", "type", "certificate", "approved", "natural")
    ):
        fact = LeaveFact(pk, starts_on, length, type_, certificate, approved, natural)
        for own in rows_of[staff_id]:
            leaves[own].append(fact)
    return leaves


def days_owed_in(
    month: Month, leaves: dict[int, list[LeaveFact]], days: dict[int, list[Day]]
) -> dict[int, DaysOwed]:
    """Which days everybody owes in the month; of who was away before, since then."""
    since = month.first - DAYS_BEFORE
    early: dict[int, date] = {}
    for staff_id, taken in leaves.items():
        begun = [each.on for each in taken if each.on + 2 * int(each.days + 1) * DAY >= since]
        if begun and min(begun) < month.first:
            early[staff_id] = min(begun)
    for staff_id, listed in days.items():
        absent = [day.on for day in listed if day.absent_days and since <= day.on < month.first]
        if absent:
            early[staff_id] = min([early.get(staff_id, month.first), *absent])
    rows: dict[int, list[int]] = defaultdict(list)
    for row, owns in month.rows.items():
        for own in owns:
            rows[own].append(row)
    read = days_owed_of(month.rows, month.first, month.last)
    if early:
        before = [row for staff_id in early for row in rows[staff_id]]
        read |= days_owed_of(before, min(early.values()), month.last)
    return {staff_id: joined([read[row] for row in own]) for staff_id, own in rows.items()}
