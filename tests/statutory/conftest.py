"""A department whose provisions of contributions have limits, and one of its agents."""

from datetime import date

import pytest

from people.models import Department, Staff
from rules.models import Provision, Version
from tests import factories

PENSION = {"item": "pension", "rate": "0.08", "base_min": "4492", "base_max": "24042"}
FUND = {"item": "fund", "rate": "0.07", "base_min": "2690"}


@pytest.fixture
def cs1(db: None) -> Department:
    department = factories.department("cs1")
    version = Version.objects.create(department=department, number=1, effective_on=date(2026, 1, 1))
    for position, params in enumerate((PENSION, FUND)):
        Provision.objects.create(
            version=version,
            position=position,
            code=params["item"],
            title=params["item"],
            kind="contribution",
            params=params,
        )
    version.published_at = factories.WHEN
    version.save()
    return department


@pytest.fixture
def lin(cs1: Department) -> Staff:
    return factories.staff(cs1, "1001", name="林晓")
