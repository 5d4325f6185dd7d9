"""Which months are touched by facts that changed: settlement reads it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from people.models import Account, Department, FactChange
from people.one_person import departments_sharing


def facts_changed(
    *,
    department: Department,
    months: Iterable[date],
    source: FactChange.Source | str,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> None:
    """Record that facts of these months (any day of each) changed; two or three queries, none for no months.

    Settlement reads the rows to see that a frozen month must be recomputed. Where somebody moved between
    departments, the other's months that count on these facts are named too, without saying what changed.
    """
    firsts = sorted({day.replace(day=1) for day in months})
    changes = [
        FactChange(department=department, month=month, source=source, note=note[:200], by=by, at=at)
        for month in firsts
    ]
    changes += [
        FactChange(
            department_id=other,
            month=month,
            source=source,
            note=f"调动人员在{department}的记录有变更",
            by=by,
            at=at,
        )
        for other, shared in departments_sharing(department, firsts).items()
        for month in sorted(shared)
    ]
    FactChange.objects.bulk_create(changes)


def months_since(day: date, at: datetime) -> list[date]:
    """The months that a change in force from `day` touches: its own and all up to the month of `at`."""
    month, last = day.replace(day=1), timezone.localtime(at).date().replace(day=1)
    months = [month]
    while month < last:
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        months.append(month)
    return months
