"""Files of scenarios, each played in a transaction that is rolled back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from core.errors import Refused
from payroll.errors import PeriodRefused
from rules.library import LIBRARY
from rules.services import RulebookError, rulebooks_load
from workbench.scenarios.document import (
    Malformed,
    as_month,
    read_scenarios,
)
from workbench.scenarios.player import Play
from workbench.scenarios.verdict import mismatches, refusal_mismatches


@dataclass(slots=True)
class Result:
    """What a scenario came to; it passed when nothing differs. `malformed` says why it cannot be played."""

    file: Path
    scenario: str
    mismatches: list[str] = field(default_factory=list)
    malformed: str = ""


class _RollBack(Exception):
    """Ends a transaction whose work must not stay."""


def files_of(path: Path) -> list[Path]:
    """The file itself, or the scenario files of a folder in order. Raises Malformed where there is none."""
    if path.is_file():
        return [path]
    found = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")]) if path.is_dir() else []
    if not found:
        raise Malformed(f"没有这个文件，或文件夹里没有场景：{path}")
    return found


def play_files(paths: Iterable[Path]) -> Iterator[Result]:
    """Play every scenario of the files; nothing of it stays in the database.

    A file that cannot be read is one malformed result; the others are played all the same.
    """
    try:
        with transaction.atomic():
            rulebooks_load(directories=[LIBRARY], at=timezone.now())
            for path in paths:
                yield from _play_path(path)
            raise _RollBack
    except _RollBack:
        return


def _play_path(path: Path) -> Iterator[Result]:
    try:
        files = files_of(path)
    except Malformed as error:
        yield Result(path, "", malformed=str(error))
        return
    for file in files:
        try:
            scenarios = read_scenarios(file)
        except Malformed as error:
            yield Result(file, "", malformed=str(error))
            continue
        for scenario in scenarios:
            name = str(scenario["scenario"])
            try:
                yield Result(file, name, play(scenario))
            except Malformed as error:
                yield Result(file, name, malformed=f"{file}：{name}：{error}")


def play(scenario: Mapping[str, Any]) -> list[str]:
    """What differs from the scenario's expectations; the database is as it was before."""
    found: list[str] = []
    try:
        with transaction.atomic():
            found = list(_play(scenario))
            raise _RollBack
    except _RollBack:
        return found
    except (RulebookError, Refused) as error:
        return [str(error)]
    except (DataError, IntegrityError) as error:
        # A figure that no column holds; the other scenarios go on.
        return [f"数据有误，无法保存：{error}"]


def _play(scenario: Mapping[str, Any]) -> Iterator[str]:
    game = Play(scenario)
    game.set_up()
    several = "months" in scenario
    by_month = expectations(scenario, game.months)
    for month in game.months:
        try:
            game.settle(month, approve=several)
        except PeriodRefused as error:
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
