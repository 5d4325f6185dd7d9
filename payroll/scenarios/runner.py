"""Files of scenarios, each played in a transaction that is rolled back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from payroll.errors import PayrollRefused
from payroll.scenarios.document import (
    Malformed,
    NotSupported,
    as_month,
    read_scenarios,
    refuse_later_sections,
)
from payroll.scenarios.player import Play
from payroll.scenarios.verdict import mismatches, refusal_mismatches
from people.services import PeopleError
from rules.library import LIBRARY
from rules.services import RulebookError, rulebooks_load


@dataclass(slots=True)
class Result:
    """What a scenario came to; it passed when nothing differs."""

    file: Path
    scenario: str
    mismatches: list[str] = field(default_factory=list)


class _RollBack(Exception):
    """Ends a transaction whose work must not stay."""


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Files, and the *.yaml files of folders, in order. Malformed for a path that is not there."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.yaml"))
        elif path.is_file():
            found.append(path)
        else:
            raise Malformed(f"没有这个文件或文件夹：{path}")
    return found


def play_files(paths: Iterable[Path]) -> Iterator[Result]:
    """Play every scenario of the files; nothing of it stays in the database."""
    scenarios = [(path, scenario) for path in files_of(paths) for scenario in read_scenarios(path)]
    try:
        with transaction.atomic():
            rulebooks_load(directories=[LIBRARY], at=timezone.now())
            for path, scenario in scenarios:
                yield Result(path, str(scenario["scenario"]), play(scenario))
            raise _RollBack
    except _RollBack:
        return


def play(scenario: Mapping[str, Any]) -> list[str]:
    """What differs from the scenario's expectations; the database is as it was before."""
    found: list[str] = []
    try:
        with transaction.atomic():
            found = list(_play(scenario))
            raise _RollBack
    except _RollBack:
        return found
    except (NotSupported, RulebookError, PeopleError, PayrollRefused) as error:
        return [str(error)]


def _play(scenario: Mapping[str, Any]) -> Iterator[str]:
    refuse_later_sections(scenario)
    game = Play(scenario)
    game.set_up()
    several = "months" in scenario
    by_month = expectations(scenario, game.months)
    for month in game.months:
        try:
            game.settle(month, approve=several)
        except PayrollRefused as error:
            yield f"{month:%Y-%m}: expected to be settled, got refused：{error}"
            return
        prefix = f"{month:%Y-%m}: " if several else ""
        yield from (f"{prefix}{each}" for each in mismatches(game, month, by_month.get(month, {})))
    game.record_until(date.max)
    refusals = [each for expect in by_month.values() for each in expect.get("refused") or []]
    yield from refusal_mismatches(game, refusals)


def expectations(scenario: Mapping[str, Any], months: list[date]) -> dict[date, Mapping[str, Any]]:
    """What each month must come to."""
    if "months" not in scenario:
        return {months[0]: scenario["expect"]}
    return {as_month(month, "expect"): each or {} for month, each in scenario["expect"].items()}
