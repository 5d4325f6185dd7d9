"""People on Celery."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from people.services.access import sign_ins_tidy as tidy


@shared_task(ignore_result=True)
def sign_ins_tidy() -> int:
    """Daily: forget sign-ins that are older than they may be."""
    return tidy(before=timezone.now() - timedelta(days=settings.SIGN_IN_DAYS))
