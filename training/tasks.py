"""Training on Celery: in the afternoon people learn what tomorrow brings, proposals are looked at."""

from celery import shared_task
from django.utils import timezone

from people.models import Department
from training.models import Enrolment
from training.services.consequences import failures_propose
from training.services.programme_notices import steps_remind


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
