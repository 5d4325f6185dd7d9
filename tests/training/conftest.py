"""A department with a programme, a newcomer and a mentor."""

from datetime import date

import pytest

from people.models import Account, Department, Staff
from tests import factories
from tests.training_objects import publish_programme

START = date(2026, 10, 5)  # a Monday of rest: the holiday lasts to the 7th


@pytest.fixture
def department() -> Department:
    made = factories.department("T")
    publish_programme(made)
    return made


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def mentor(department: Department) -> Staff:
    row = factories.staff(department, "M1", name="王师傅")
    factories.account("agent", staff=row)
    row.refresh_from_db()
    return row


@pytest.fixture
def newcomer(department: Department) -> Staff:
    row = factories.staff(department, "N1", name="新人甲", hired_on=START)
    factories.account("agent", staff=row)
    row.refresh_from_db()
    return row
