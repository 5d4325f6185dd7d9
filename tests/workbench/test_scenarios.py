"""Every scenario file of the project is played as `manage.py scenarios` plays it."""

from pathlib import Path

import pytest

from workbench.scenarios.document import read_scenarios
from workbench.scenarios.runner import play

ROOT = Path(__file__).parents[2]
SCENARIOS = [*ROOT.glob("tests/scenarios/*.yaml"), *ROOT.glob("fixtures/scenarios/*.yaml")]
SHARED = Path(__file__).parents[3] / "shared" / "scenarios"


def _documents(path: Path) -> list:
    return [
        pytest.param(scenario, id=f"{path.stem}: {scenario['scenario']}") for scenario in read_scenarios(path)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("scenario", [each for path in sorted(SCENARIOS) for each in _documents(path)])
def test_scenario_comes_out_as_written(scenario) -> None:
    assert play(scenario) == []


@pytest.mark.django_db
@pytest.mark.skipif(not SHARED.exists(), reason="the shared scenarios are not beside this checkout")
@pytest.mark.parametrize("name", ["main", "attendance"])
def test_the_shared_scenarios_come_out_as_written(name: str) -> None:
    failed = {each["scenario"]: play(each) for each in read_scenarios(SHARED / f"{name}.yaml")}
    assert {name: found for name, found in failed.items() if found} == {}
