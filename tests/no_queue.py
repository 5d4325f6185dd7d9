"""A queue that cannot be reached, as the services find it."""

from typing import Any, NoReturn

import pytest
from celery import Task
from kombu.exceptions import OperationalError


def queue_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no task can be handed over; a broker that is really not there: tests/core/test_runs.py."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(Task, "apply_async", refuse)
