"""A department under a small rulebook in force since 2020."""

import pytest

from people.models import Department
from tests import factories
from tests.published import publish


@pytest.fixture
def department() -> Department:
    created = factories.department("A")
    publish(created)
    return created
