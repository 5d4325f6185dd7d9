"""Which rows of staff are one person: who was transferred, and who came back after leaving."""

from collections.abc import Collection

from django.db import connection

# A row of the same account; else of the same number and name that was hired on the same day (a transfer) or
# is of the same department (somebody who came back).
_OTHERS = """
    SELECT own.id, other.id
    FROM people_staff own JOIN people_staff other ON other.account_id = own.account_id
    WHERE own.id = ANY(%(staff)s) AND other.id <> own.id
    UNION
    SELECT own.id, other.id
    FROM people_staff own JOIN people_staff other ON other.number = own.number AND other.name = own.name
    WHERE own.id = ANY(%(staff)s) AND other.id <> own.id
        AND (other.hired_on = own.hired_on OR other.department_id = own.department_id)
        AND (other.left_on < own.joined_on OR own.left_on < other.joined_on)
"""


def other_rows(staff: Collection[int]) -> dict[int, int]:
    """The other rows of these people, each with the row that was asked about; one query.

    A row of two that were asked about is given to the later of them.
    """
    if not staff:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"{_OTHERS} ORDER BY 1", {"staff": list(staff)})
        return {other: own for own, other in cursor.fetchall()}
