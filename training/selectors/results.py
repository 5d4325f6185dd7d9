"""Reading of exam results."""

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from people.models import Account, Staff
from people.selectors import staff_where
from training.models import ExamResult, Sitting

Row = TypeVar("Row")


def exam_results(staff_ids: Collection[int], *, until: date) -> dict[int, dict[str, list[ExamResult]]]:
    """Of each person and exam the tries up to a day, oldest first: one query."""
    results: dict[int, dict[str, list[ExamResult]]] = {}
    rows = _results(staff_ids, until)
    for each in _tries(rows, lambda row: (row.staff_id, row.code, row.on), lambda row: row.is_sitting):
        results.setdefault(each.staff_id, {}).setdefault(each.code, []).append(each)
    return results


def exam_outcomes(
    staff_ids: Collection[int] | QuerySet[Any, Any], *, until: date
) -> list[tuple[int, str, date, bool, Decimal | None]]:
    """Every try up to a day as staff id, exam, day, whether passed, score, oldest first.

    One query, no objects.
    """
    rows = _results(staff_ids, until).values_list("staff_id", "code", "on", "passed", "score", "is_sitting")
    return [each[:5] for each in _tries(rows, lambda row: row[:3], lambda row: row[5])]


def _results(staff_ids: Collection[int] | QuerySet[Any, Any], until: date) -> QuerySet[Any]:
    """The results up to a day in order, with whether each is that of a sitting."""
    rows = ExamResult.objects.filter(staff__in=staff_ids, on__lte=until).order_by("on", "id")
    return rows.annotate(is_sitting=Exists(Sitting.objects.filter(result=OuterRef("pk"))))


def _tries(
    rows: Iterable[Row], place: Callable[[Row], Hashable], is_sitting: Callable[[Row], bool]
) -> list[Row]:
    """Of results in order those that hold: each sitting is a try, any other result replaces the last of its
    day (`place`: whose, of which exam and day).
    """
    found: list[Row] = []
    last: dict[Hashable, int] = {}
    for each in rows:
        key = place(each)
        if key in last and not is_sitting(each):
            found[last[key]] = each
        else:
            last[key] = len(found)
            found.append(each)
    return found


def results_enterable_by(account: Account, *, on: date | None = None) -> QuerySet[Staff]:
    """Whose results an account may enter on a day (left out: today); never its own."""
    return staff_where(account, "set_exams", on=on).exclude(account=account)


def results_entered(staff: QuerySet[Staff], codes: Collection[str]) -> QuerySet[ExamResult]:
    """Every result of these people in some exams, the newest entry first, those that were corrected too."""
    rows = ExamResult.objects.filter(staff__in=staff.order_by().values("pk"), code__in=codes)
    return rows.select_related("staff", "by").order_by("-id")
