"""When the demonstration's story happens: all of it in 2026, whatever day it is told."""

from datetime import date, datetime, time

from django.utils import timezone

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def moment(month: int, day: int, hour: int = 10) -> datetime:
    """A moment of the story."""
    return timezone.make_aware(datetime.combine(date(2026, month, day), time(hour)))
