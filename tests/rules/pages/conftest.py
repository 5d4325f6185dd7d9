"""A department under five provisions, its manager and a draft."""

import pytest
from django.core.management import call_command

from rules.services import draft_start
from tests import factories
from tests.factories import WHEN
from tests.rules.pages.forms import COMMISSION, FINE, OPEN, POINTS, TEAM, client_of, publish


@pytest.fixture
def department():
    made = factories.department("D1")
    publish(made, FINE, OPEN, TEAM, COMMISSION, POINTS)
    return made


@pytest.fixture
def manager(department):
    return factories.account("manager", department)


@pytest.fixture
def browser(manager):
    return client_of(manager)


@pytest.fixture
def draft(department, manager):
    return draft_start(department=department, by=manager, at=WHEN)


@pytest.fixture
def library(capsys):
    call_command("load_rulebooks")
