"""Reading of grades."""

from collections.abc import Collection
from datetime import date

from appraisals.models import QuarterGrade


def grades_held(
    staff_ids: Collection[int], *, since: date, until: date
) -> dict[int, dict[date, QuarterGrade]]:
    """Of each person the grade of each quarter that begins from `since` up to `until`: one query."""
    rows = QuarterGrade.objects.filter(staff__in=staff_ids, quarter__range=(since, until)).order_by(
        "quarter", "id"
    )
    held: dict[int, dict[date, QuarterGrade]] = {}
    for each in rows:
        held.setdefault(each.staff_id, {})[each.quarter] = each
    return held
