"""Penalties on Celery: every morning people are reminded of fines that they owe in cash."""

from celery import shared_task
from django.utils import timezone

from penalties.fund import funds
from penalties.services import cash_fines_remind


@shared_task(ignore_result=True)
def fines_remind() -> int:
    """Daily: tell of cash fines that are due or overdue; how many notices are new."""
    now = timezone.now()
    return sum(cash_fines_remind(each, at=now) for each in funds())
