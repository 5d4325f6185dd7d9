"""What the facts of a scenario come to before they are recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from workbench.scenarios.document import as_moment


class UnknownNumber(Exception):
    """A fact names a staff number, or the id of another fact, that the scenario does not have."""


@dataclass(frozen=True, slots=True)
class ScenarioFact:
    """One fact of the file: its place, its day, and the call that records it."""

    place: str
    on: date
    record: Callable[[], Any]


def in_shanghai(value: Any, place: str) -> datetime:
    """A moment of the file; without a zone of its own it is local time."""
    moment = as_moment(value, place)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
