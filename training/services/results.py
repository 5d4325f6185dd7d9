"""Writing of exam results."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from people.models import Account, Staff
from training.models import ExamResult
from training.services.consequences import result_follow


@transaction.atomic
def exam_result_record(
    *,
    staff: Staff,
    code: str,
    on: date,
    passed: bool,
    score: Decimal | None = None,
    note: str = "",
    by: Account | None,
    at: datetime,
) -> ExamResult:
    """Record what a person reached in the exam `code` on a day; the newest of a day holds.

    What an exam of the person's programme means is proposed at once.
    """
    result = ExamResult.objects.create(
        department=staff.department,
        staff=staff,
        code=code,
        on=on,
        passed=passed,
        score=score,
        note=note,
        by=by,
        at=at,
    )
    result_follow(staff=staff, at=at)
    return result
