"""A roster as its page shows it: rows of cells, counts, coverage, what is broken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pypinyin import Style, lazy_pinyin

from rules.kinds.labels import WEEKDAYS
from shifts.planning.checks import Finding, by_cell, findings
from shifts.planning.fairness import Counts, counts_of
from shifts.planning.plan import REST, Plan, PlannedPerson, PlannedShift
from shifts.planning.presence import coverage

FINDINGS_SHOWN = 50
REST_CODE, REST_KEY = "休", "x"
REST_WORDS = ("r", REST_KEY)


@dataclass(frozen=True, slots=True)
class Brush:
    """What can be put into a cell: its slot as text, the shift's code and name, the key that picks it."""

    slot: str
    code: str
    name: str
    key: str
    look: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's day: `slot` as the page sends it (empty: open), what it shows, what is wrong with it."""

    day: date
    slot: str
    code: str
    look: str
    away: str = ""
    wrong: str = ""
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class GridRow:
    person: PlannedPerson
    cells: list[Cell]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Head:
    """A day's heading; `wrong`: what is broken of the day as a whole."""

    day: date
    weekday: str
    words: str
    is_off: bool
    wrong: str

    @property
    def look(self) -> str:
        return " ".join([*(["off"] if self.is_off else []), *(["wrong"] if self.wrong else [])])

    @property
    def title(self) -> str:
        return "；".join(filter(None, (self.words, self.wrong)))


@dataclass(frozen=True, slots=True)
class Cover:
    """How many people have a shift on each day, and what is wrong with it."""

    shift: PlannedShift
    days: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Grid:
    heads: list[Head]
    rows: list[GridRow]
    covers: list[Cover]
    brushes: list[Brush]
    findings: list[str]
    findings_count: int
    notes: list[str]
    open_count: int


def slot_text(slot: int | None) -> str:
    """A slot as pages send it: nothing for an open day, 0 for rest, else the pattern's id."""
    return "" if slot is None else str(slot)


def slot_read(text: str) -> int | None:
    """The other way round; ValueError for what no page sends."""
    if len(text) > 18:
        raise ValueError(text)
    return int(text) if text else None


def grid_of(plan: Plan, people: Sequence[PlannedPerson], extra: Sequence[Finding] = ()) -> Grid:
    """The page of some of the plan's people; what is broken is of all of them."""
    broken = [*extra, *findings(plan)]
    wrong, of_days = by_cell(broken), _of_days(broken)
    return Grid(
        heads=[_head(plan, day, of_days.get((None, day), "")) for day in plan.days],
        rows=[
            GridRow(each, [_cell(plan, each, day, wrong) for day in plan.days], counts_of(plan, each))
            for each in people
        ],
        covers=_covers(plan, of_days),
        brushes=brushes_of(plan.shifts.values()),
        findings=[each.in_words for each in broken[:FINDINGS_SHOWN]],
        findings_count=len(broken),
        notes=plan.calendar.notes,
        open_count=sum(
            plan.slot(each, day) is None and each.is_there(day) for each in plan.people for day in plan.days
        ),
    )


def brushes_of(shifts: Iterable[PlannedShift]) -> list[Brush]:
    """The shifts in use and rest, each with a letter that picks it: of its code, else of its pinyin."""
    taken = set(REST_WORDS)
    brushes = []
    for place, shift in enumerate((each for each in shifts if not each.is_retired), 1):
        letters = shift.code.lower() + "".join(lazy_pinyin(shift.code, style=Style.FIRST_LETTER))
        key = next((each for each in letters if each.isascii() and each.isalpha() and each not in taken), "")
        key = key or str(place)
        taken.add(key)
        brushes.append(Brush(str(shift.id), shift.code, shift.name, key, f"s{shift.colour}"))
    return [*brushes, Brush(str(REST), REST_CODE, "休息", REST_KEY, "rest")]


def _of_days(broken: Sequence[Finding]) -> dict[tuple[int | None, date], str]:
    """What is wrong with days, not with persons, in words: by the shift's id, None for the day as a whole."""
    said: dict[tuple[int | None, date], list[str]] = {}
    for each in broken:
        for day in each.days if each.person is None else ():
            said.setdefault((each.shift.id if each.shift else None, day), []).append(each.words)
    return {place: "；".join(words) for place, words in said.items()}


def _head(plan: Plan, day: date, wrong: str) -> Head:
    known = plan.calendar[day]
    return Head(day, WEEKDAYS[day.isoweekday()].removeprefix("周"), known.words, known.is_off, wrong)


def _cell(
    plan: Plan, person: PlannedPerson, day: date, wrong: Mapping[tuple[int, date], list[Finding]]
) -> Cell:
    slot = plan.slot(person, day)
    away = "、".join(each.words for each in person.away.get(day, ()))
    found = "；".join(each.words for each in wrong.get((person.id, day), ()))
    code, look = "", "open"
    if slot == REST:
        code, look = REST_CODE, "rest"
    elif slot is not None:
        shift = plan.shifts[slot]
        code, look = shift.code, f"s{shift.colour}"
    return Cell(day, slot_text(slot), code, look, away, found, day in person.days)


def _covers(plan: Plan, wrong: Mapping[tuple[int | None, date], str]) -> list[Cover]:
    counts = coverage(plan)
    used = [
        shift for shift in plan.shifts.values()
        if not shift.is_retired or any(counts[day][shift.id] for day in plan.days)
    ]  # fmt: skip
    return [
        Cover(shift, [(counts[day][shift.id], wrong.get((shift.id, day), "")) for day in plan.days])
        for shift in used
    ]
