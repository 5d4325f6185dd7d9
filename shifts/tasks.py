"""Shifts on Celery: every night the last days are derived, every morning people hear of leave that lapses.

Tasks may be delivered twice: what they write is written once.
"""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from people.models import Department
from shifts.selectors.leave_balances import departments_with_balances
from shifts.services import attendance_derive
from shifts.services.derive import departments_with_rosters
from shifts.services.notifications import leave_expiring_notify
from shifts.services.roster_runs import run_execute

DAYS_BACK = timedelta(days=7)


@shared_task(ignore_result=True)
def derive_last_days() -> int:
    """Queue the last week of every department that is rostered; how many there are."""
    today = timezone.localdate()
    departments = departments_with_rosters(today - DAYS_BACK, today).values_list("pk", flat=True)
    for department_id in departments:
        derive_department.delay(department_id)
    return len(departments)


@shared_task(acks_late=True, ignore_result=True)
def derive_department(department_id: int) -> None:
    """The last week of one department; twice changes nothing more."""
    now = timezone.now()
    today = timezone.localdate(now)
    attendance_derive(
        department=Department.objects.get(pk=department_id),
        first=today - DAYS_BACK,
        last=today,
        now=now,
        by=None,
        at=now,
    )


@shared_task(ignore_result=True)
def leave_expiring_remind() -> int:
    """Daily: tell people of days of leave that lapse soon; how many notices are new."""
    now = timezone.now()
    departments = departments_with_balances()
    return sum(leave_expiring_notify(each, at=now) for each in departments)


@shared_task(acks_late=True, ignore_result=True)
def roster_solve(job: str) -> None:
    """Fill a roster by the solver; a job that another took the place of does nothing."""
    run_execute(job=UUID(job), clock=timezone.now)
