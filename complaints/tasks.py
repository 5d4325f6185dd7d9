"""Cases on Celery: clocks ring every ten minutes; at night calendars are looked at and phones forgotten."""

from celery import shared_task
from django.utils import timezone

from complaints.services.clocks import calendar_changed
from complaints.services.lifecycle import complainants_erase
from complaints.services.sweep import sweep
from people.models import Department


@shared_task(ignore_result=True)
def clocks_sweep() -> int:
    """Ring every clock that is due; how much rang. Two at once ring nothing twice."""
    return sweep(at=timezone.now())


@shared_task(ignore_result=True)
def calendars_check() -> int:
    """Nightly: deadlines in working time move where hours, holidays or rosters were published since.

    Returns how many moved.
    """
    now = timezone.now()
    departments = Department.objects.all()
    return sum(calendar_changed(department=each, by=None, at=now) for each in departments)


@shared_task(ignore_result=True)
def complainants_forget() -> int:
    """Nightly: remove who complained where the department's retention rule says so; how many."""
    now = timezone.now()
    return sum(complainants_erase(department=each, at=now) for each in Department.objects.all())
