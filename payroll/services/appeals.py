"""Appealing against a share of a loss, until it has reached pay."""

from datetime import datetime

from complaints.errors import AppealRefused
from complaints.models import Appeal, Charge
from complaints.services.appeals import appeal_raise
from payroll.selectors.charges import charges_in_pay
from people.models import Account


def charge_appeal(*, charge: Charge, reason: str, by: Account | None, at: datetime) -> Appeal:
    """Appeal as `appeal_raise`; AppealRefused too where an approved or paid month has the charge already."""
    if charges_in_pay([charge]):
        raise AppealRefused(
            "这一笔已在批准的工资里",
            "请对工资条提异议，或请部门经理撤销裁定，在以后月份退回",
            field="charge",
        )
    return appeal_raise(charge=charge, reason=reason, by=by, at=at)
