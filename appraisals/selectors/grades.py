"""Reading of grades."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet

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


def grade_letters(
    staff_ids: Collection[int] | QuerySet[Any, Any], *, until: date
) -> dict[int, dict[date, str]]:
    """Of each person the letter of each quarter that begins up to `until`: one query, no objects."""
    rows = QuarterGrade.objects.filter(staff__in=staff_ids, quarter__lte=until).order_by("quarter", "id")
    letters: dict[int, dict[date, str]] = {}
    for staff_id, quarter, grade in rows.values_list("staff_id", "quarter", "grade"):
        letters.setdefault(staff_id, {})[quarter] = grade
    return letters
