"""Provisions ready to be applied: parameters read, and which version applies on which day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeGuard, TypeVar

from core.periods import last_of
from people.models import Proration
from people.terms import PersonMonth
from rules.kinds import Kind, parse_kind
from rules.kinds.base import BY_DAYS, MonthlyKind
from rules.kinds.collection import PAYROLL, Collection, collection_of
from rules.models import ProvisionFields

K = TypeVar("K", bound=Kind)
K_co = TypeVar("K_co", bound=Kind, covariant=True)
M = TypeVar("M", bound=MonthlyKind)
M_co = TypeVar("M_co", bound=MonthlyKind, covariant=True)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule(Generic[K_co]):
    """One provision of one version with its kind. Inert while a figure is blank."""

    id: int
    code: str
    title: str
    clause: str
    kind: K_co
    blanks: tuple[str, ...]
    roles: tuple[str, ...]
    window: str
    basis: str
    confirm: str
    covers: tuple[str, ...]
    version: str
    collection: Collection = PAYROLL

    def binds(self, role: str) -> bool:
        return not self.roles or role in self.roles

    @property
    def is_inert(self) -> bool:
        return bool(self.blanks)

    def says_the_same(self, other: "Rule[Kind]") -> bool:
        """Whether two versions of a provision come to the same for whom both bind."""
        mine, theirs = ((each.kind, each.window, each.basis) for each in (self, other))
        return self.code == other.code and mine == theirs

    def cite(self) -> dict[str, Any]:
        """What a trace stores of the provision."""
        return {"code": self.code, "title": self.title, "version": self.version, "provision": self.id}


def has_kind(rule: Rule[Kind], kind: type[K]) -> TypeGuard[Rule[K]]:
    """Whether a provision is of a kind (or of one derived from it)."""
    return isinstance(rule.kind, kind)


def rule_from(row: ProvisionFields, *, version: str) -> Rule[Kind]:
    """The rule of a stored provision; ParamError where its parameters do not fit its kind."""
    kind, blanks = parse_kind(row.kind, row.params)
    return Rule(
        id=row.pk,
        code=row.code,
        title=row.title,
        clause=row.clause,
        kind=kind,
        blanks=tuple(blanks),
        roles=tuple(row.roles),
        window=row.window,
        basis=row.basis or kind.basis,
        confirm=row.confirm,
        covers=tuple(row.covers),
        version=version,
        collection=collection_of(row.collection),
    )


class Rules:
    """The provisions in force on a day."""

    def __init__(self, rules: Iterable[Rule[Kind]]) -> None:
        self._by_code = {rule.code: rule for rule in rules}
        # Where several cover one code, whatever can be recorded answers to it first.
        ordered = sorted(self._by_code.values(), key=lambda rule: rule.kind.takes_incidents)
        self._covering = {code: rule for rule in ordered for code in rule.covers}
        self._by_kind: dict[type[Kind], list[Rule[Any]]] = {}  # under each kind those that have it

    def __iter__(self) -> Iterator[Rule[Kind]]:
        return iter(self._by_code.values())

    def get(self, code: str) -> Rule[Kind] | None:
        """The provision of that code, or the one that covers it."""
        return self._by_code.get(code) or self._covering.get(code)

    def of_kind(self, kind: type[K]) -> list[Rule[K]]:
        """The provisions of a kind (and of kinds derived from it) that are not inert, in their order."""
        if kind not in self._by_kind:
            self._by_kind[kind] = [rule for rule in self if has_kind(rule, kind) and not rule.is_inert]
        return self._by_kind[kind]


class Timeline:
    """A department's published versions; `on(day)` gives the rules of a day."""

    def __init__(self, versions: Iterable[tuple[date, int, Rules]]) -> None:
        self._versions = sorted(versions, key=lambda each: each[:2])
        self._none = Rules([])

    def on(self, day: date) -> Rules:
        """The rules of the latest version that is effective on `day`; none before the first."""
        for effective_on, _number, rules in reversed(self._versions):
            if effective_on <= day:
                return rules
        return self._none

    def with_rules(self, first: date, rules: Rules) -> "Timeline":
        """The same until `first`, and from then on `rules` instead of whatever was published."""
        timeline = Timeline(each for each in self._versions if each[0] < first)
        timeline._versions.append((first, 0, rules))
        return timeline

    def with_kind(self, first: date, code: str, kind: Kind, blanks: Iterable[str] = ()) -> "Timeline":
        """The same until `first`, and from then on with other parameters (`blanks`: those still open) of one
        provision, in every version that has it."""

        def changed(rules: Rules) -> Rules:
            return Rules(
                replace(rule, kind=kind, blanks=tuple(blanks))
                if rule.code == code and rule.kind.name == kind.name
                else rule
                for rule in rules
            )

        earlier = [each for each in self._versions if each[0] < first]
        later = [(on, number, changed(rules)) for on, number, rules in self._versions if on >= first]
        at_first = [(first, 0, changed(earlier[-1][2]))] if earlier else []
        return Timeline([*earlier, *at_first, *later])

    def segments(self, first: date, last: date) -> list[tuple[date, date, Rules]]:
        """The days from `first` to `last` cut where another version begins."""
        starts = sorted({first, *(on for on, _, _ in self._versions if first < on <= last)})
        ends = [start - timedelta(days=1) for start in starts[1:]] + [last]
        return [(start, end, self.on(start)) for start, end in zip(starts, ends, strict=True)]

    def latest_of_kind(self, kind: type[K], day: date) -> dict[str, K]:
        """Each code of the kind as it last held up to `day`, be it in force still or not."""
        found: dict[str, K] = {}
        for effective_on, _number, rules in self._versions:
            if effective_on <= day:
                found.update((rule.code, rule.kind) for rule in rules.of_kind(kind))
        return found

    @property
    def collects_cash(self) -> bool:
        """Whether a fine of any version is collected in cash."""
        return any(rule.collection.is_cash for _, _, rules in self._versions for rule in rules)

    def codes_of_kind(self, kind: type[Kind]) -> set[str]:
        """Codes that are of the kind in any version."""
        return {rule.code for _, _, rules in self._versions for rule in rules if has_kind(rule, kind)}


@dataclass(frozen=True, slots=True)
class Stretch(Generic[K_co]):
    """Days of a person's month, one after another, on which a provision binds with the same parameters."""

    first: date
    last: date
    rule: Rule[K_co]

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def in_words(self) -> str:
        return f"{self.first:%m-%d}至{self.last:%m-%d}"


@dataclass(frozen=True, slots=True)
class Due(Generic[M_co]):
    """What is due once a month under one provision: its whole, or by calendar days a part of it."""

    rule: Rule[M_co]
    stretch: Stretch[M_co]

    @property
    def is_part(self) -> bool:
        return self.rule.kind.in_month == BY_DAYS and self.stretch.days < last_of(self.stretch.first).day

    def of(self, amount: Decimal) -> Decimal:
        """What of a month's amount is due, in yuan and unrounded."""
        return amount * self.stretch.days / last_of(self.stretch.first).day if self.is_part else amount

    def in_words(self, amount: Decimal) -> str:
        """`300.00`, or `10-01至10-15 300.00×15/31天`."""
        if not self.is_part:
            return f"{amount}"
        return f"{self.stretch.in_words()} {amount}×{self.stretch.days}/{last_of(self.stretch.first).day}天"


@dataclass(frozen=True, slots=True)
class Month:
    """One department's month to be settled: its people (by number) and the rules of its days."""

    department_id: int
    first: date
    last: date
    people: dict[int, PersonMonth]
    timeline: Timeline
    minimum_wage: Decimal | None = None  # yuan a month
    prorations: tuple[Proration, ...] = ()  # in the order of their days
    # By department, the same month where somebody came from or went to; of its people as a rule only those.
    elsewhere: Mapping[int, "Month"] = field(default_factory=dict)
    _stretches: dict[Any, list[Stretch[Any]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def proration_of(self, person: PersonMonth) -> Proration:
        """How a month is paid in which the person missed days: as on the last employed day."""
        begun = [each for each in self.prorations if each.from_on <= person.last]
        return begun[-1] if begun else Proration()

    @property
    def rows(self) -> dict[int, list[int]]:
        """Rows whose facts count here: everybody's own and those before a transfer, each with the rows here
        for which it counts, the earliest first. Who came back within the month has two."""
        rows: dict[int, list[int]] = {}
        for staff_id, person in sorted(self.people.items(), key=lambda item: item[1].first):
            for row in (*(part.staff_id for part in person.before), staff_id):
                rows.setdefault(row, []).append(staff_id)
        return rows

    @property
    def last_rows(self) -> dict[int, int]:
        """Rows whose facts count here, each with the person's last one here, by which they count together."""
        return {row: own[-1] for row, own in self.rows.items()}

    def parts_of(self, person: PersonMonth) -> list[tuple["Month", PersonMonth]]:
        """The person's month in all departments, in the order of the days."""
        months = {**self.elsewhere, self.department_id: self}
        parts = [
            (month, month.people[part.staff_id])
            for part in person.elsewhere
            if (month := months.get(part.department_id)) is not None and part.staff_id in month.people
        ]
        return sorted([*parts, (self, person)], key=lambda part: part[1].first)

    def timeline_for(self, person: PersonMonth, day: date) -> Timeline:
        """The rules of the department in which the person was on a day."""
        part = person.before_on(day)
        month = self.elsewhere.get(part.department_id) if part is not None else None
        return self.timeline if month is None else month.timeline

    def counts(self, person: PersonMonth, day: date, code: str) -> bool:
        """Whether what happened on a day counts under a code: in another department where it had the code."""
        timeline = self.timeline_for(person, day)
        return timeline is self.timeline or timeline.on(day).get(code) is not None

    def rules_for(self, person: PersonMonth) -> Rules:
        """The rules of the person's last employed day in the month."""
        return self.timeline.on(person.last)

    def stretches(self, person: PersonMonth, kind: type[K]) -> list[Stretch[K]]:
        """The stretches of the person's month under the provisions of a kind, provision by provision.

        Cut where a version or a change of terms changes whether a provision binds or what its parameters
        are, and not otherwise; the rule is the last version's of the stretch.
        """
        # They are the same for all who have the same roles on the same days.
        roles = tuple((span.first, span.last, span.role) for span in person.spans)
        alike = kind, person.first, person.last, roles
        if alike not in self._stretches:
            self._stretches[alike] = self._cut(person, kind)
        return list(self._stretches[alike])

    def _cut(self, person: PersonMonth, kind: type[K]) -> list[Stretch[K]]:
        starts = {first for first, _, _ in self.timeline.segments(person.first, person.last)}
        starts |= {span.first for span in person.spans if person.first < span.first <= person.last}
        ordered = sorted(starts)
        ends = [start - DAY for start in ordered[1:]] + [person.last]
        found: dict[str, list[Stretch[K]]] = {}
        for first, last in zip(ordered, ends, strict=True):
            role = person.on(first).role
            for rule in self.timeline.on(first).of_kind(kind):
                if not rule.binds(role):
                    continue
                held = found.setdefault(rule.code, [])
                if held and held[-1].last + DAY == first and rule.says_the_same(held[-1].rule):
                    held[-1] = Stretch(held[-1].first, last, rule)
                else:
                    held.append(Stretch(first, last, rule))
        return [each for held in found.values() for each in held]

    def due_once(self, person: PersonMonth, kind: type[M]) -> list[list[Due[M]]]:
        """What is due once a month, by provision: the last day's, or each stretch's part by calendar days.

        Who was transferred on within the month has the last day in another department.
        """
        found: dict[str, list[Due[M]]] = {}
        for each in self.stretches(person, kind):
            at_end = person.is_last_part and each.last == person.last
            if each.rule.kind.in_month == BY_DAYS or at_end:
                found.setdefault(each.rule.code, []).append(Due(each.rule, each))
        return list(found.values())
