"""A department, HR's browser, and where uploads lie."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from people.models import Account, Department
from tests import factories


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    """Where uploads lie."""
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return settings.UPLOAD_DIR


@pytest.fixture
def place() -> Department:
    return factories.department("A", name="甲部")


@pytest.fixture
def hr(place: Department) -> Account:
    return factories.account("hr", place, username="hr")


@pytest.fixture
def page(client: Client, hr: Account) -> Client:
    """HR's browser."""
    client.force_login(hr)
    return client
