"""Deciding a change of grade with regard to the months that are paid already."""

from datetime import date, datetime

from payroll.selectors.periods import frozen_months
from people.models import Account
from people.services import months_since
from promotions.errors import GradeRefused
from promotions.models import GradeChange
from promotions.services import change_decide


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
        told = frozen_months(change.staff.department, months_since(effective_on, at))
        if told:
            raise GradeRefused(
                f"生效日期在已批准的月份里：{told[0].removesuffix('。')}",
                "请改为以后的日期，或勾选“已批准的月份作为调整补差”",
                field="into_frozen",
            )
    return change_decide(
        change=change, accept=accept, decision=decision, effective_on=effective_on, by=by, at=at
    )
