"""Which rows of staff are one person: an employment goes on over transfers, and a person may come back.

`moved_from` alone says what is one employment: its counts and months go on from department to department
(`chains_of`, `SamePerson`). Who came back has another employment, under the same account, or in the
department under the number and name of before; what a person owes follows through all (`other_rows`), and so
do documents and accounts (`rows_of`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from core.periods import first_of
from people.models import Department, Staff


@dataclass(frozen=True, slots=True)
class Part:
    """One row of somebody who was transferred; `last` is the last day there, None while it goes on."""

    staff_id: int
    department_id: int
    department: str
    first: date
    last: date | None

    def overlaps(self, first: date, last: date) -> bool:
        return self.first <= last and (self.last is None or self.last >= first)


# A row leads to those that a transfer joins to it; each look-up has its index.
_TRANSFERS = """
    SELECT id FROM people_staff WHERE id = own.moved_from_id
    UNION ALL SELECT id FROM people_staff WHERE moved_from_id = own.id
"""
_RETURNS = """
    UNION ALL SELECT id FROM people_staff WHERE account_id = own.account_id
    UNION ALL SELECT id FROM people_staff
    WHERE department_id = own.department_id AND number = own.number AND name = own.name
"""


def _rows(leads_to: str) -> str:
    """SQL of (asked, id): every row that a row asked about leads to, itself among them."""
    return f"""
        WITH RECURSIVE one_person(asked, id) AS (
            SELECT id, id FROM people_staff WHERE id = ANY(%(staff)s)
            UNION
            SELECT one_person.asked, other.id
            FROM one_person JOIN people_staff own ON own.id = one_person.id
            CROSS JOIN LATERAL ({leads_to}) other
        )
    """


_CHAINS = f"""
{_rows(_TRANSFERS)}
SELECT asked, staff.id, staff.department_id, department.name, staff.joined_on, staff.left_on
FROM one_person
JOIN people_staff staff USING (id)
JOIN people_department department ON department.id = staff.department_id
ORDER BY asked, staff.joined_on, staff.id
"""
_OTHERS = f"{_rows(_TRANSFERS + _RETURNS)} SELECT asked, id FROM one_person WHERE id <> asked ORDER BY asked"


def chains_of(staff: Collection[int]) -> dict[int, tuple[Part, ...]]:
    """All rows of each employment, the earliest first; whoever was never transferred is left out.

    By the row that was asked about, which is among its own; one query, none for nobody.
    """
    if not staff:
        return {}
    found: dict[int, list[Part]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS, {"staff": sorted(staff)})
        for asked, *row in cursor.fetchall():
            found[asked].append(Part(*row))
    return {asked: tuple(parts) for asked, parts in found.items() if len(parts) > 1}


def other_rows(staff: Collection[int]) -> dict[int, int]:
    """The other rows of these people, of whatever employment, each with the row that was asked about.

    One query. A row of two that were asked about is given to the later of them.
    """
    if not staff:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, {"staff": list(staff)})
        return {other: own for own, other in cursor.fetchall()}


def rows_of(staff: Collection[int]) -> dict[int, set[int]]:
    """All rows of these people, of whatever employment, by the row that was asked about; one query."""
    found = {asked: {asked} for asked in staff}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS, {"staff": list(found)})
            for asked, other in cursor.fetchall():
                found[asked].add(other)
    return found


class SamePerson:
    """Which rows are one employment, of some that were asked about and all that they hang together with."""

    def __init__(self, staff: Collection[int]) -> None:
        self._chains = chains_of(staff)
        self._asked = set(staff)
        self._first = {part.staff_id: parts[0].staff_id for parts in self._chains.values() for part in parts}

    @property
    def rows(self) -> set[int]:
        """Every row of everybody who was asked about."""
        return self._asked | self._first.keys()

    @property
    def departments(self) -> set[int]:
        """The departments of everybody who was transferred."""
        return {part.department_id for parts in self._chains.values() for part in parts}

    def key(self, staff_id: int) -> int:
        """The person's first row, by which all rows of one person are known together."""
        return self._first.get(staff_id, staff_id)


def departments_sharing(department: Department, months: Iterable[date]) -> dict[int, set[date]]:
    """Other departments whose months count on facts of these months here, because somebody moved.

    A month is its first day; one or two queries. In the month of a transfer both departments look at each
    other's part; later months of the department somebody went to count on with what was before.
    """
    wanted = {first_of(month) for month in months}
    if not wanted:
        return {}
    since = min(wanted)
    moved_on = Exists(Staff.objects.filter(moved_from=OuterRef("pk"), joined_on__gte=since))
    moved_here = Q(moved_from__isnull=False, joined_on__gte=since)
    movers = Staff.objects.filter(moved_here | Q(moved_on), department=department)
    shared: dict[int, set[date]] = defaultdict(set)
    for parts in chains_of(movers.values_list("pk", flat=True)).values():
        for part in parts:
            if part.department_id != department.pk and (part.last is None or part.last >= since):
                shared[part.department_id] |= {max(month, first_of(part.first)) for month in wanted}
    return shared
