"""Notices on Celery: whatever is due goes out; run by whoever tells something, and by beat."""

from celery import shared_task
from django.utils import timezone

from notices.delivery import deliveries_send


@shared_task(acks_late=True, ignore_result=True)
def send_notices() -> int:
    """Send every notice that is due; as often and as many at once as one likes."""
    return deliveries_send(now=timezone.now())
