"""Whose declarations count together: all rows of staff that are one person, of many people at once.

Figures of a year are those of one employer: who went to another begins anew there.
"""

from collections.abc import Collection

from people.models import Staff
from people.one_person import other_rows


def employer_key(employer: int | None, department: int) -> tuple[int | None, int]:
    """By which an employer is known: all of its departments, or a department that has none, by their ids."""
    return (None, department) if employer is None else (employer, 0)


class Persons:
    """The people of some rows, each known by one key over all of their rows; one query."""

    def __init__(self, staff: Collection[int]) -> None:
        self._key = {each: each for each in staff}
        for other, own in other_rows(staff).items():
            mine, theirs = self.of(own), self.of(other)
            self._key[max(mine, theirs)] = min(mine, theirs)

    def of(self, staff_id: int) -> int:
        """The person's key."""
        key = self._key.setdefault(staff_id, staff_id)
        return key if key == staff_id else self.of(key)

    @property
    def rows(self) -> list[int]:
        """Every row of everybody."""
        return sorted(self._key)

    def lock(self) -> None:
        """Whoever declares something else of one of these people waits until the end of the transaction."""
        rows = Staff.objects.select_for_update(no_key=True).filter(pk__in=self.rows)
        list(rows.order_by("pk").values_list("pk"))
