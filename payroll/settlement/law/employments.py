"""For how long people were employed by the employer of a month: over transfers within it, and again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from core.periods import first_of, last_of, shift_months
from people.models import Department, Staff

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of staff: days of work in a department; `last` None while they go on.

    `hired`: since when the employment goes on there, though figures of it begin with `first`.
    """

    staff_id: int
    department_id: int
    department: str
    first: date
    last: date | None
    hired: date

    def holds(self, first: date, last: date) -> bool:
        return self.first <= last and (self.last is None or self.last >= first)


@dataclass(frozen=True, slots=True)
class Employment:
    """All rows of one person at one employer, the earliest first; `person`: those at others as well."""

    rows: tuple[Row, ...]
    person: tuple[int, ...]

    @property
    def staff(self) -> list[int]:
        return [row.staff_id for row in self.rows]

    def rows_in(self, month: date) -> list[Row]:
        """The rows with a day in a month, the earliest first."""
        return [row for row in self.rows if row.holds(month, last_of(month))]

    def months(self, first: date, last: date, *, since_hired: bool = False) -> list[date]:
        """The months from `first` to `last` (first days) with a day of employment, in order.

        `since_hired`: those before the department's figures began count too.
        """
        found = _months(first, last)
        spans = [(first_of(each.hired if since_hired else each.first), each.last) for each in self.rows]
        if len(spans) == 1:  # as mostly
            begun, last_day = spans[0]
            return [each for each in found if begun <= each and (last_day is None or each <= last_day)]
        return [
            each
            for each in found
            if any(begun <= each and (last_day is None or each <= last_day) for begun, last_day in spans)
        ]

    def days_around(self, month: date) -> tuple[date, date | None]:
        """First and last day of the employment that the month ends in, whatever the departments."""
        rows = self.rows_in(month)
        first, last = rows[-1].first, rows[-1].last
        for row in reversed(self.rows):
            if row.last is not None and row.last + DAY == first:
                first = row.first
            if last is not None and row.first == last + DAY:
                last = row.last
        return first, last


@lru_cache(maxsize=256)
def _months(first: date, last: date) -> tuple[date, ...]:
    """The months from `first` to `last`, in order."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(shift_months(first, each) for each in range(count))


def departments_of_employer(department: Department) -> list[int]:
    """The departments of its legal person; the department alone where none is named. One query at most."""
    if department.employer_id is None:
        return [department.pk]
    return list(Department.objects.filter(employer=department.employer_id).values_list("pk", flat=True))


def employments_of(
    staff: Iterable[int], others: Mapping[int, int], departments: Iterable[int]
) -> dict[int, Employment]:
    """By each of the rows asked about, the person's rows in these departments; one query.

    `others`: as `other_rows` gives them. Rows that were asked about and are one person share an employment.
    """
    leads: dict[int, int] = {each: each for each in staff}
    for other, own in others.items():
        leads[_first(leads, other)] = _first(leads, own)
    people: dict[int, list[int]] = defaultdict(list)
    for each in sorted(leads):
        people[_first(leads, each)].append(each)
    rows = Staff.objects.filter(pk__in=list(leads), department__in=list(departments))
    found: dict[int, list[Row]] = defaultdict(list)
    columns = ("pk", "department_id", "department__name", "joined_on", "left_on", "hired_on", "moved_from_id")
    for *row, hired_on, moved_from in rows.order_by("joined_on", "pk").values_list(*columns):
        pk, department, name, joined_on, left_on = row
        # Who was transferred was hired elsewhere: those months are of the row before.
        hired = hired_on if moved_from is None else joined_on
        found[_first(leads, pk)].append(Row(pk, department, name, joined_on, left_on, hired))
    employments = {lead: Employment(tuple(rows), tuple(people[lead])) for lead, rows in found.items()}
    return {each: employments[lead] for each in staff if (lead := _first(leads, each)) in employments}


def _first(leads: dict[int, int], row: int) -> int:
    """The row by which a person is known."""
    while leads.setdefault(row, row) != row:
        row = leads[row]
    return row


def year_of(day: date) -> date:
    """The first month of a day's year."""
    return first_of(day).replace(month=1)
