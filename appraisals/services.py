"""Writing of grades."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from appraisals.models import QuarterGrade
from people.models import Account, Staff


@transaction.atomic
def grade_record(
    *,
    staff: Staff,
    quarter: date,
    grade: str,
    score: Decimal | None = None,
    reason: str = "",
    by: Account | None,
    at: datetime,
) -> QuarterGrade:
    """Record the grade (A to D) of a person's quarter, named by its first day; the newest holds."""
    return QuarterGrade.objects.create(
        department=staff.department,
        staff=staff,
        quarter=quarter,
        grade=grade,
        score=score,
        reason=reason,
        by=by,
        at=at,
    )
