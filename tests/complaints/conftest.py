"""What tests of the pages of cases share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.utils import timezone

from tests.complaints.opened import at


@pytest.fixture
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> Callable[..., datetime]:
    """`clock(4, "10:00")`: what the time is; at first the third of October at ten."""
    settings.ATTACHMENT_DIR = tmp_path

    def put(day: int, hour: str = "09:00") -> datetime:
        monkeypatch.setattr(timezone, "now", Mock(return_value=at(day, hour)))
        return at(day, hour)

    put(3, "10:00")
    return put
