"""Deciding a change of grade, taking it back, granting an appeal, with regard to months that are paid."""

from datetime import date, datetime

from django.db import transaction

from payroll.selectors.periods import frozen_months
from payroll.workflow import periods_shared
from people.models import Account
from people.services import months_since
from promotions.errors import GradeRefused
from promotions.models import GradeAppeal, GradeChange
from promotions.selectors.changes import rows_since
from promotions.services import change_decide, change_reverse, grade_appeal_decide

State = GradeAppeal.State


@transaction.atomic
def grade_change_decide(
    *,
    change: GradeChange,
    accept: bool,
    decision: str,
    effective_on: date | None = None,
    into_frozen: bool = False,
    by: Account,
    at: datetime,
) -> GradeChange:
    """Decide as `change_decide`; GradeRefused too from a day in an approved or paid month.

    Unless somebody says that they know (`into_frozen`): the payslips of those months stay, the difference
    comes as an adjustment of the next one.
    """
    if accept and effective_on is not None and not into_frozen:
        _check_open(change, effective_on, "请改为以后的日期，或勾选“已批准的月份作为调整补差”", at)
    return change_decide(
        change=change, accept=accept, decision=decision, effective_on=effective_on, by=by, at=at
    )


@transaction.atomic
def grade_change_reverse(
    *, change: GradeChange, reason: str, into_frozen: bool = False, by: Account, at: datetime
) -> GradeChange:
    """Take a change back as `change_reverse`; GradeRefused too as for deciding, in paid months."""
    if change.effective_on is not None and not into_frozen:
        _check_open(change, change.effective_on, "要撤销请勾选“已批准的月份作为调整补差”", at)
    return change_reverse(change=change, reason=reason, by=by, at=at)


@transaction.atomic
def grade_change_appeal_decide(
    *,
    appeal: GradeAppeal,
    state: str,
    answer: str = "",
    into_frozen: bool = False,
    by: Account,
    at: datetime,
) -> GradeAppeal:
    """Decide as `grade_appeal_decide`; GradeRefused too as for deciding, where one is granted."""
    change = appeal.change
    is_granted = state == State.APPROVED and appeal.state == State.ASKED
    if is_granted and change.effective_on is not None and not into_frozen:
        _check_open(change, change.effective_on, "要批准请勾选“已批准的月份作为调整补差”", at)
    return grade_appeal_decide(appeal=appeal, state=state, answer=answer, by=by, at=at)


def _check_open(change: GradeChange, day: date, remedy: str, at: datetime) -> None:
    """GradeRefused where a month since the day is frozen, in whichever department."""
    for staff in rows_since(change.staff):
        last = staff.left_on or date.max
        if last < day:
            continue
        months = [month for month in months_since(max(day, staff.joined_on), at) if month <= last]
        periods_shared(staff.department, months)
        if told := frozen_months(staff.department, months):
            raise GradeRefused(
                f"生效日期在已批准的月份里：{told[0].removesuffix('。')}", remedy, field="into_frozen"
            )
