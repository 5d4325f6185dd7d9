"""Reading of exam results."""

from collections.abc import Collection
from datetime import date

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
