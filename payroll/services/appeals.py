"""Appealing against a share of a loss, until it has reached pay."""

from datetime import datetime

from complaints.errors import AppealRefused
from complaints.models import Appeal, Charge
from complaints.services.appeals import appeal_raise
from core.periods import first_of
from payroll.models import SettlementPeriod
from people.models import Account


def charge_appeal(*, charge: Charge, reason: str, by: Account | None, at: datetime) -> Appeal:
    """Appeal as `appeal_raise`; AppealRefused too where an approved or paid month has the charge already."""
    if is_in_pay(charge):
        raise AppealRefused(
            "这一笔已在批准的工资里",
            "请对工资条提异议，或请部门经理撤销裁定，在以后月份退回",
            field="charge",
        )
    return appeal_raise(charge=charge, reason=reason, by=by, at=at)


def is_in_pay(charge: Charge) -> bool:
    """Whether a frozen month was computed since: its own, or a later one that has it as an adjustment."""
    ruling = charge.ruling
    return (
        ruling.charged_on is not None
        and SettlementPeriod.objects.filter(
            department=ruling.case.department_id,
            month__gte=first_of(ruling.charged_on),
            state__in=SettlementPeriod.FROZEN,
            facts_read_at__gte=charge.at,
        ).exists()
    )
