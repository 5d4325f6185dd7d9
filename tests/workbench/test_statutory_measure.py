"""The measure of contributions and tax: what they add depends on people, their number of queries does not."""

import pytest

from payroll.models import Withholding
from workbench.benchmarks import statutory

pytestmark = pytest.mark.django_db


def test_contributions_and_tax_ask_as_often_for_many_people_as_for_few() -> None:
    few, more = statutory.run(staff=4, orders=40), statutory.run(staff=9, orders=40)
    assert (few["withholdings"], more["withholdings"]) == (4, 9)
    assert few["queries"] == more["queries"] <= few["floor_queries"] + 12
    assert not Withholding.objects.exists()
