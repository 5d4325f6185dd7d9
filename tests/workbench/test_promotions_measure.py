"""The measure of promotions fills tables by itself: their columns must not leave it behind."""

import pytest

from promotions.models import Attestation
from workbench.benchmarks import promotions

pytestmark = pytest.mark.django_db


def test_the_measure_of_promotions_answers_for_everybody_and_takes_its_data_back() -> None:
    few, more = promotions.run(60), promotions.run(80)
    assert (few["people"], more["people"]) == (60, 80)
    assert few["queries"] == more["queries"] <= 12
    assert not Attestation.objects.exists()
