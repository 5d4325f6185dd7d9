"""Shifts on Celery: every night the last days are derived, every hour missed duties are recorded.

Tasks may be delivered twice: what they write is written once.
"""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from people.models import Department
from shifts.files import files_tidy
from shifts.services import attendance_derive
from shifts.services.derive import departments_with_rosters
from shifts.services.misses import misses_record
from shifts.services.roster_runs import run_execute
from shifts.services.telling import department_tell, memos_tell

log = get_task_logger(__name__)
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
def duties_check() -> int:
    """Hourly: queue every department, to record what was missed; how many there are.

    Turns that were given out are owed without a roster too.
    """
    departments = Department.objects.values_list("pk", flat=True)
    for department_id in departments:
        duties_check_department.delay(department_id)
    return len(departments)


@shared_task(acks_late=True, ignore_result=True)
def duties_check_department(department_id: int) -> int:
    """What one department's people missed or left undone becomes incidents, each once; how many are new."""
    department = Department.objects.get(pk=department_id)
    found = misses_record(department=department, at=timezone.now())
    for refused in found.refused:
        log.warning("%s: not recorded: %s", department.code, refused)
    return found.new


@shared_task(ignore_result=True)
def remind() -> int:
    """Remind people of memos, of duties due soon, and of handovers that nobody signed; how many are new."""
    now = timezone.now()
    departments = Department.objects.all()
    return memos_tell(at=now) + sum(department_tell(department, at=now) for department in departments)


@shared_task(ignore_result=True)
def tidy_attachments() -> int:
    """Daily: remove files of which no row tells."""
    return files_tidy(at=timezone.now())


@shared_task(acks_late=True, ignore_result=True)
def roster_solve(job: str) -> None:
    """Fill a roster by the solver; a job that another took the place of does nothing."""
    run_execute(job=UUID(job), clock=timezone.now)
