"""A department's people and how far each is on the ladder: who is ready, close, at risk."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.collecting import new_objects_alone
from people.models import Account, Department, Staff
from people.selectors import not_left, person_matches, staff_visible_to
from promotions.criteria import level_words
from promotions.evidence import Facts
from promotions.facts import facts_of
from promotions.ladder import Rung, rungs_of

READY, CLOSE, RISK = "ready", "close", "risk"
STATES = {READY: "可以晋升", CLOSE: "只差一项", RISK: "可能降级"}
NEVER = date.max


@dataclass(frozen=True, slots=True)
class Standing:
    """One person on a department's board."""

    facts: Facts
    rungs: tuple[Rung, ...]

    @property
    def level(self) -> str:
        return level_words(self.facts)

    @property
    def ups(self) -> list[Rung]:
        return [each for each in self.rungs if each.upwards]

    @property
    def nearest(self) -> Rung | None:
        """The step up that lacks least."""
        return min(self.ups, key=lambda rung: (not rung.is_met, rung.lacking), default=None)

    @property
    def risks(self) -> list[Rung]:
        """Steps down that are met, or one more of something away."""
        return [each for each in self.rungs if not each.upwards and (each.is_met or each.is_close)]

    @property
    def states(self) -> set[str]:
        nearest = self.nearest
        found = {RISK} if self.risks else set()
        if nearest is not None and (nearest.is_met or nearest.is_close):
            found.add(READY if nearest.is_met else CLOSE)
        return found


def _lacking(row: Standing) -> tuple[int, date]:
    nearest = row.nearest
    return (NEVER.year, NEVER) if nearest is None else (_missing(nearest), nearest.earliest or date.min)


def _earliest(row: Standing) -> tuple[bool, date, int]:
    nearest = row.nearest
    day = date.min if nearest is None else nearest.earliest or date.min
    return nearest is None, day, 0 if nearest is None else _missing(nearest)


def _missing(rung: Rung) -> int:
    return 0 if rung.is_met else rung.lacking


Key = Callable[[Standing], Any]
SORTS: dict[str, tuple[str, Key | None]] = {
    "number": ("工号", None),
    "lacking": ("差得少的在前", _lacking),
    "earliest": ("最早日期", _earliest),
    "level": ("职级", lambda row: row.level),
    "risk": ("可能降级的在前", lambda row: (not any(each.is_met for each in row.risks), not row.risks)),
}


def standings_of(department: Department, on: date, *, only: Collection[int] | None = None) -> list[Standing]:
    """How everybody of a department (`only`: of these) stands at the end of a day, by number."""
    with new_objects_alone():
        rules, facts = facts_of(department, on, only=only)
        return [Standing(each, tuple(rungs_of(each, rules))) for each in facts.values()]


def board_of(
    account: Account, department: Department, on: date, *, sought: str = "", state: str = "", sort: str = ""
) -> list[Standing]:
    """The people of a department whom an account sees, as they stood at the end of a day.

    `sought`: of whom the number or name has it; `state` one of STATES; `sort` one of SORTS, else by number.
    """
    seen = staff_visible_to(account).filter(not_left(on), department=department, joined_on__lte=on)
    if sought:
        seen = seen.filter(person_matches(sought))
    rows = standings_of(department, on, only=set(seen.values_list("pk", flat=True)))
    if state in STATES:
        rows = [row for row in rows if state in row.states]
    key = SORTS.get(sort, SORTS["number"])[1]
    return rows if key is None else sorted(rows, key=key)


def named(rows: Iterable[Standing]) -> list[tuple[Staff, Standing]]:
    """The rows with who they are about; one query."""
    rows = list(rows)
    staff = Staff.objects.in_bulk([row.facts.who for row in rows])
    return [(staff[row.facts.who], row) for row in rows]
