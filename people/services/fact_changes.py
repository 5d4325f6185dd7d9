"""Which months are touched by facts that changed: settlement reads it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from people.models import Account, Department, FactChange


def facts_changed(
    *,
    department: Department,
    months: Iterable[date],
    source: FactChange.Source | str,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> None:
    """Record that facts of these months (any day of each) changed; one query, none for no months.

    Settlement reads the rows to see that a frozen month must be recomputed.
    """
    firsts = sorted({day.replace(day=1) for day in months})
    FactChange.objects.bulk_create(
        FactChange(department=department, month=month, source=source, note=note[:200], by=by, at=at)
        for month in firsts
    )


def months_since(day: date, at: datetime) -> list[date]:
    """The months that a change in force from `day` touches: its own and all up to the month of `at`."""
    month, last = day.replace(day=1), timezone.localtime(at).date().replace(day=1)
    months = [month]
    while month < last:
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        months.append(month)
    return months
