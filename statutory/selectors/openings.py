"""Who was paid here earlier in the year without figures of it."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from people.models import Staff
from statutory.models import TaxOpening
from statutory.persons import Persons


def lacking_openings(
    people: QuerySet[Staff], *, year: int, paid: QuerySet[Any], departments: Collection[int]
) -> list[Staff]:
    """Those of `people` who have neither an opening of the year nor a row in `paid` under any of their rows.

    `paid`: rows with a `staff` that tell pay of the year; `departments`: those of the employer. One query,
    four where somebody is left over.
    """
    openings = TaxOpening.objects.filter(year=year, withdrawn_at=None, staff__department__in=departments)
    left = list(
        people.exclude(pk__in=openings.values("staff"))
        .exclude(pk__in=paid.values("staff"))
        .order_by("number")
    )
    if not left:
        return []
    persons = Persons([each.pk for each in left])
    known = {
        persons.of(staff)
        for rows in (openings, paid)
        for staff in rows.filter(staff__in=persons.rows).values_list("staff", flat=True)
    }
    return [each for each in left if persons.of(each.pk) not in known]
