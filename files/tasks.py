"""Files on Celery."""

from celery import shared_task
from django.utils import timezone

from files.storage import files_tidy


@shared_task(ignore_result=True)
def tidy_attachments() -> int:
    """Daily: remove files of which no row tells."""
    return files_tidy(at=timezone.now())
