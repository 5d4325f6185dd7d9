"""A department with two agents."""

from datetime import date

import pytest

from people.models import Department
from tests import factories


@pytest.fixture
def department(db: None) -> Department:
    made = factories.department("D1")
    factories.staff(made, "1001")
    factories.staff(made, "1002", hired_on=date(2026, 10, 5))
    return made
