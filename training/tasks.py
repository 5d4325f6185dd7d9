"""Exams on Celery: every minute what is over is closed, and what has opened is told."""

from celery import shared_task
from django.utils import timezone

from training.services.papers import papers_announce
from training.services.sittings import sittings_close_due


@shared_task(ignore_result=True)
def exams_tick() -> int:
    """Close the sittings whose time is over, then tell candidates of papers that have opened."""
    now = timezone.now()
    return sittings_close_due(at=now) + papers_announce(at=now)
