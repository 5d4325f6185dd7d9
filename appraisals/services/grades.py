"""Writing of grades."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from appraisals.errors import GradeRefused
from appraisals.models import QuarterGrade
from appraisals.models.grades import quarter_words
from appraisals.quarters import QuarterRow, quarter_of
from appraisals.services.notifications import grades_confirmed_notify
from core.money import plain
from core.periods import window_end
from core.text import shortened
from people.models import Account, Department, Staff
from people.selectors import staff_where
from rules.kinds.appraisal import GRADES


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


REASON = 500


@transaction.atomic
def grades_confirm(
    *,
    department: Department,
    quarter: date,
    grades: Mapping[int, str],
    reason: str = "",
    by: Account,
    at: datetime,
) -> list[QuarterGrade]:
    """Confirm the grades of rows of staff for a quarter, all or none; what stands already stays.

    GradeRefused before the quarter is over, for one's own, whom one does not decide about or no provision
    binds, for what is no grade, and without a reason where it is not the proposed one.
    """
    if not grades:
        raise GradeRefused("没有选人；先勾选再定")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    if timezone.localdate(at) <= window_end("quarter", quarter):
        raise GradeRefused(f"{quarter_words(quarter)}还没有完；季度结束以后再定等级")
    if len(reason.strip()) > REASON:
        raise GradeRefused(f"依据最多{REASON}字；请写短一些", field="reason")
    rows = {row.person.staff_id: row for row in quarter_of(department, quarter)}
    people = {each.pk: each for each in Staff.objects.filter(pk__in=grades).select_related("department")}
    decided = set(staff_where(by, "close_appraisals").filter(pk__in=grades).values_list("pk", flat=True))
    new = []
    for who, grade in grades.items():
        staff, row = people.get(who), rows.get(who)
        if staff is None or row is None:
            raise GradeRefused("有人没有约束的季度等级条款；刷新页面后再定")
        _check(staff, row, grade, reason, by, may=who in decided)
        if row.held is None or row.held.grade != grade:
            new.append((staff, row, grade))
    recorded = [
        grade_record(
            staff=staff,
            quarter=quarter,
            grade=grade,
            score=row.average,
            reason=_ground(row, grade, reason),
            by=by,
            at=at,
        )
        for staff, row, grade in new
    ]
    grades_confirmed_notify(recorded, at=at)
    return recorded


def _check(staff: Staff, row: QuarterRow, grade: str, reason: str, by: Account, *, may: bool) -> None:
    if staff.account_id == by.pk:
        raise GradeRefused(f"{staff}是您本人；请由别人定")
    if not may:
        raise GradeRefused(f"{staff}的等级不由您定；请由部门经理或总经理定")
    if grade not in GRADES:
        raise GradeRefused(f"没有等级{grade}；应为{'、'.join(GRADES)}", field="grade")
    if grade != row.grade and grade != row.proposed and not reason.strip():
        proposed = f"按分数为{row.proposed}" if row.proposed else f"按分数没有等级（{row.why}）"
        raise GradeRefused(f"{staff}{proposed}，改定为{grade}须写依据；写明为什么", field="reason")


def _ground(row: QuarterRow, grade: str, reason: str) -> str:
    """What the grade rests on: the average and the provision, and what was said of it."""
    told = []
    if row.average is not None and row.rule is not None:
        told.append(f"平均{plain(row.average)}分，{row.rule.code}")
    if reason.strip() and grade != row.proposed:
        told.append(reason.strip())
    return shortened("；".join(told), REASON)
