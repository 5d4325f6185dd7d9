"""An agent who asks for leave, and who decides, on 2026-10-15."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from people.models import Account, Department, Staff
from rules.services import version_publish
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import moment
from tests.shifts.leave.asking import PROVISIONS


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """Who works where today is asked of the clock."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: WHEN)
    settings.ATTACHMENT_DIR = tmp_path / "attachments"


@pytest.fixture
def department(db: None) -> Department:
    made = factories.department("D1")
    version_publish(
        department=made,
        effective_on=date(2026, 1, 1),
        rulebooks=[],
        provisions=PROVISIONS,
        by=None,
        at=moment(date(2026, 1, 1), "00:00"),
    )
    return made


@pytest.fixture
def agent(department: Department) -> Staff:
    person = factories.staff(department, "71", team=factories.team(department), base_pay=Decimal("2175"))
    person.account = factories.account("agent", staff=person, username="ann")
    return person


@pytest.fixture
def lead(department: Department) -> Account:
    person = factories.staff(department, "70", team=factories.team(department), role="lead")
    return factories.account("lead", staff=person, username="lea")


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department, username="max")
