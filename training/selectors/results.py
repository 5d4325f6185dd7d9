"""Reading of exam results."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from training.models import ExamResult


def exam_results(staff_ids: Collection[int], *, until: date) -> dict[int, dict[str, list[ExamResult]]]:
    """Of each person and exam the results up to a day, oldest first, one a day: one query."""
    rows = ExamResult.objects.filter(staff__in=staff_ids, on__lte=until).order_by("on", "id")
    results: dict[int, dict[str, list[ExamResult]]] = {}
    for each in rows:
        of_exam = results.setdefault(each.staff_id, {}).setdefault(each.code, [])
        if of_exam and of_exam[-1].on == each.on:
            of_exam.pop()
        of_exam.append(each)
    return results


def exam_outcomes(
    staff_ids: Collection[int] | QuerySet[Any, Any], *, until: date
) -> list[tuple[int, str, date, bool, Decimal | None]]:
    """Every result up to a day as staff id, exam, day, whether passed, score, oldest first; one a day.

    One query, no objects.
    """
    rows = ExamResult.objects.filter(staff__in=staff_ids, on__lte=until)
    newest = rows.order_by("on", "staff_id", "code", "-id").distinct("on", "staff_id", "code")
    return list(newest.values_list("staff_id", "code", "on", "passed", "score"))
