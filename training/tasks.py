"""What training does by the clock."""

from celery import shared_task
from django.utils import timezone

from people.models import Department
from training.models import Enrolment
from training.services.consequences import failures_propose
from training.services.papers import papers_announce
from training.services.programme_notices import steps_remind
from training.services.sittings import sittings_close_due


@shared_task(ignore_result=True)
def exams_tick() -> int:
    """Close the sittings whose time is over, then tell candidates of papers that have opened."""
    now = timezone.now()
    return sittings_close_due(at=now) + papers_announce(at=now)


@shared_task(ignore_result=True)
def steps_check() -> int:
    """Daily: remind newcomers and teachers of tomorrow's steps; how many notices are new.

    Proposals follow each recorded result at once; here follows what became of it since (an end, a transfer).
    """
    now = timezone.now()
    told = 0
    running = Enrolment.objects.filter(ended_on__isnull=True).order_by().values("department")
    for department in Department.objects.filter(pk__in=running):
        failures_propose(department=department, at=now)
        told += steps_remind(department, at=now)
    return told
