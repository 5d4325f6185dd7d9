"""Provisions of different origin that regulate the same thing for the same people, of which one should hold.

Two rulebooks adopted together each bring their lateness, their days of rest, their shifts, their
commission on the same sales, their ladder from the same level. What one rulebook says of a thing in several
provisions is one regulation; so are several own shift patterns, and own steps to the same level.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.kinds import Kind, parse_kind
from rules.kinds.appraisal import Evaluation, Grade
from rules.kinds.attendance import Absence, Early, FullAttendance, Late
from rules.kinds.labels import CATEGORY_LABELS, level_label
from rules.kinds.ladder import Step
from rules.kinds.leave import LeaveKind, split_types
from rules.kinds.leave_balance import LeaveBalance
from rules.kinds.overtime import OvertimeKind
from rules.kinds.pay import BasePay
from rules.kinds.sales import Commission, metric_label
from rules.kinds.work import Rest, ShiftPatternKind
from rules.leave_types import LEAVE_LABELS
from rules.models import Provision

# What a rest provision says of days off; who stays on post meanwhile is another thing.
DAYS_OFF = ("days_per_week", "days_per_month", "work_days_in_row", "weekdays")


@dataclass(frozen=True, slots=True)
class Regulation:
    """What one origin (a rulebook, or one own provision) says of a thing."""

    origin: str  # a rulebook's code, or an own provision's
    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collision:
    """A thing that several regulations rule for the same roles."""

    subject: str
    regulations: tuple[Regulation, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for each in self.regulations for code in each.codes)

    def others(self, origin: str) -> tuple[str, ...]:
        """The codes that fall away where the regulation of one origin holds."""
        return tuple(code for each in self.regulations if each.origin != origin for code in each.codes)

    def in_words(self) -> str:
        return f"{self.subject}有{len(self.regulations)}种规定：" + "；".join(
            f"{each.name}（{'、'.join(each.codes)}）" for each in self.regulations
        )


def collisions_of(rows: Sequence[Provision]) -> list[Collision]:
    """What the provisions of a version or draft rule twice; `source` with its rulebook is read already.

    Provisions whose figures are blank or do not fit are left out: they charge nobody yet.
    """
    found: dict[str, dict[str, list[Provision]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        kind = _kind_of(row)
        for subject in subjects_of(kind) if kind else ():
            found[subject][_origin(row, kind)].append(row)
    collisions = []
    for subject, by_origin in found.items():
        regulations = tuple(
            Regulation(origin, _name(members[0]), tuple(each.code for each in members))
            for origin, members in by_origin.items()
            if any(_meet(members, others) for other, others in by_origin.items() if other != origin)
        )
        if regulations:
            collisions.append(Collision(subject, regulations))
    return collisions


def new_collisions(rows: Sequence[Provision], before: Sequence[Provision]) -> list[Collision]:
    """Those that the version before does not have already."""
    known = {(each.subject, frozenset(each.codes)) for each in collisions_of(before)}
    return [each for each in collisions_of(rows) if (each.subject, frozenset(each.codes)) not in known]


def subjects_of(kind: Kind) -> list[str]:
    """What a provision of the kind regulates that one regulation alone should."""
    match kind:
        case Late():
            return ["迟到", "早退"] if kind.with_early else ["迟到"]
        case Early():
            return ["早退"]
        case Absence():
            return [CATEGORY_LABELS[kind.category]]
        case LeaveKind():
            types = (name for key in kind.types for name in split_types(key))
            return [LEAVE_LABELS.get(name, name) for name in types]
        case LeaveBalance():
            return [f"{LEAVE_LABELS[kind.type]}余额"]
        case Rest():
            return [kind.label] if any(getattr(kind, name) for name in DAYS_OFF) else []
        case FullAttendance() | BasePay() | OvertimeKind() | Evaluation() | Grade():
            return [kind.label]
        case ShiftPatternKind():
            return ["班次"] if kind.shifts else []
        case Commission():
            return [f"按{metric_label(kind.measure)}的提成"]
        case Step():
            return [f"{level_label(kind.from_)}的{kind.label}"]
    return []


def _kind_of(row: Provision) -> Kind | None:
    try:
        kind, blanks = parse_kind(row.kind, row.params)
    except ValueError:
        return None
    return None if blanks else kind


def _origin(row: Provision, kind: Kind | None) -> str:
    if row.source is not None:
        return row.source.edition.rulebook.code
    if isinstance(kind, Step):
        return f"own-{kind.to}"
    return "own" if isinstance(kind, ShiftPatternKind) else row.code


def _name(row: Provision) -> str:
    return f"《{row.source.edition.rulebook.name}》" if row.source else f"自定“{row.title}”"


def _meet(one: Iterable[Provision], other: Iterable[Provision]) -> bool:
    """Whether somebody may be bound by both; no roles are all roles."""
    return any(
        not mine.roles or not theirs.roles or set(mine.roles) & set(theirs.roles)
        for mine in one
        for theirs in other
    )
