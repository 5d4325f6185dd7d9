"""Duties on Celery: every hour missed duties are recorded, people are reminded of what is due."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.utils import timezone

from duties.services.missed_duties import missed_duties_record
from duties.services.reminders import duties_notify, memos_notify
from people.models import Department

log = get_task_logger(__name__)


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
    found = missed_duties_record(department=department, at=timezone.now())
    for refused in found.refused:
        log.warning("%s: not recorded: %s", department.code, refused)
    return found.new


@shared_task(ignore_result=True)
def remind() -> int:
    """Remind people of memos, of duties due soon, and of handovers that nobody signed; how many are new."""
    now = timezone.now()
    departments = Department.objects.all()
    return memos_notify(at=now) + sum(duties_notify(department, at=now) for department in departments)
