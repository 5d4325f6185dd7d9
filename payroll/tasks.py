"""Settlement on Celery: idempotent tasks that take primary keys; progress and results are in the database."""

from datetime import date

import pghistory
from celery import shared_task
from django.utils import timezone

from core.periods import first_of, parse_month, shift_months
from payroll.errors import PeriodRefused
from payroll.models import SettlementPeriod
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from people.models import Account, Department


@shared_task(acks_late=True, ignore_result=True)
def settle(department_id: int, month: str, account_id: int | None = None) -> str:
    """Compute the draft of a department's month (`2026-10`); a frozen month is left alone.

    Safe to deliver twice: a second delivery finds the lock taken, or writes the same rows again. What is
    refused (the month is frozen meanwhile, too) is told, and no failure of the task.
    """
    department = Department.objects.get(pk=department_id)
    by = Account.objects.get(pk=account_id) if account_id else None
    period = period_open(department=department, month=parse_month(month))
    try:
        with pghistory.context(user=account_id):
            summary = period_settle(period=period, by=by, at=timezone.now())
    except PeriodRefused as refused:
        return str(refused)
    return f"{period}：{summary.people}人，{summary.failed}人未能结算"


@shared_task(ignore_result=True)
def settle_all_departments(month: str | None = None) -> int:
    """Month end: queue a draft of the month before for every department. Nobody approves here."""
    first = parse_month(month) if month else month_before(timezone.localdate())
    frozen = SettlementPeriod.objects.filter(month=first, state__in=SettlementPeriod.FROZEN)
    departments = Department.objects.exclude(pk__in=frozen.values("department")).values_list("pk", flat=True)
    for department_id in departments:
        settle.delay(department_id, f"{first:%Y-%m}")
    return len(departments)


def month_before(day: date) -> date:
    """The first day of the month before that of `day`."""
    return shift_months(first_of(day), -1)
