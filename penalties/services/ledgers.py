"""The ledgers follow from the incidents: what is due is compared with what stands, and only inserted.

An incident's place is its rank among the confirmed, unreversed incidents of the same person and code in
its window, by (work_date, id). Counts go on across versions of a code and across transfers to a department
that has the code; each incident is assessed by the parameters of the version it was recorded under.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.money import FEN
from core.periods import window_end, window_start
from core.text import shortened
from penalties.cash_fines import due_on
from penalties.errors import IncidentRefused
from penalties.models import Incident, MoneyEntry, PointsEntry, SourceKind
from penalties.openings import Opening, OpeningCounts, counted_together, opening_counts
from penalties.selectors import released_shares, rules_of
from penalties.services.proposals import DueProposal, proposals_sync
from people.models import Account, Term
from people.one_person import SamePerson
from rules.kinds.base import Assessment, Kind, Occurrence
from rules.kinds.fines_and_awards import IncidentKind
from rules.models import Provision
from rules.provisions import Rule

WINDOWS = ("month", "quarter", "year", "employment")  # each lies within the next
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Ledger:
    """One of the two ledgers: its model (MoneyEntry or PointsEntry), its figure and what that can hold."""

    model: Any
    value: str
    unit: Decimal
    limit: Decimal

    def figure(self, value: Decimal, incident: Incident) -> Decimal:
        """`value` as the ledger holds it, half up; IncidentRefused where it is too large."""
        if abs(value) >= self.limit:
            raise IncidentRefused(
                f"{incident}算得{value:.4g}，超过台账可记的上限",
                "请核对次数、数量与条款",
                field="quantity",
                incident=incident,
            )
        return value.quantize(self.unit, ROUND_HALF_UP)


MONEY = Ledger(MoneyEntry, "amount", FEN, Decimal(10) ** 10)
POINTS = Ledger(PointsEntry, "points", Decimal("0.1"), Decimal(10) ** 5)


@dataclass(frozen=True, slots=True)
class DueEntry:
    """What one incident costs or pays one person."""

    amount: Decimal
    reason: str


NOTHING = DueEntry(Decimal(0), "")


@dataclass(slots=True)
class DuePostings:
    """Everything that follows from some incidents; entries by (incident, staff)."""

    money: dict[tuple[int, int], DueEntry] = field(default_factory=dict)
    points: dict[tuple[int, int], DueEntry] = field(default_factory=dict)
    proposals: list[DueProposal] = field(default_factory=list)


def ledgers_sync(*, changed: Sequence[Incident], by: Account | None, at: datetime) -> set[date]:
    """Bring ledgers and proposals in line after `changed` were confirmed or reversed.

    The caller holds the locks on their staff and the transaction. Returns the work dates whose pay or
    points may differ now. The number of queries does not depend on the number of incidents. Raises
    IncidentRefused where an amount passes what the ledger can hold.
    """
    same = SamePerson({each.staff_id for each in changed})
    sequences = _sequences(changed, same)
    counted = [each for sequence in sequences.values() for each in sequence]
    rules = rules_of({each.provision_id for each in [*changed, *counted]})
    openings = opening_counts(same.rows, {each.code for each in changed}, same.key)
    due = _due(sequences, rules, openings)
    concerned = {each.pk: each for each in [*changed, *counted]}
    dates = {each.work_date for each in changed}
    dates |= _post(MONEY, concerned, due.money, by=by, at=at)
    dates |= _post(POINTS, concerned, due.points, by=by, at=at)
    proposals_sync(incidents=concerned, due=due.proposals, at=at)
    # Kinds that are priced at settlement have no entries: whatever follows may have another rank now.
    first = min(dates)
    dates |= {
        each.work_date
        for each in counted
        if each.work_date >= first and not isinstance(rules[each.provision_id].kind, IncidentKind)
    }
    return dates | _due_in_cash(concerned.values(), rules, first)


def _due_in_cash(incidents: Iterable[Incident], rules: Mapping[int, Rule[Kind]], first: date) -> set[date]:
    """When the fines of incidents from a day on are due, as far as they are collected in cash."""
    return {
        due_on(each, rules[each.provision_id].collection)
        for each in incidents
        if each.work_date >= first and each.decided_at and rules[each.provision_id].collection.is_cash
    }


def _sequences(changed: Sequence[Incident], same: SamePerson) -> dict[tuple[int, str], list[Incident]]:
    """Per person and code of `changed`, the incidents that count, within the widest window of any version."""
    pairs = {(same.key(each.staff_id), each.code) for each in changed}
    codes = {code for _, code in pairs}
    departments = {each.staff.department_id for each in changed} | same.departments
    windows = Provision.objects.filter(code__in=codes, version__department__in=departments).order_by()
    widest = max(windows.values_list("window", flat=True).distinct(), key=WINDOWS.index)
    rows = (
        Incident.objects.filter(
            staff__in=same.rows,
            code__in=codes,
            work_date__gte=window_start(widest, min(each.work_date for each in changed)),
            work_date__lte=window_end(widest, max(each.work_date for each in changed)),
            state=Incident.State.CONFIRMED,
            reversal__isnull=True,
        )
        .select_related("staff__department")
        .order_by("work_date", "id")
    )
    sequences: dict[tuple[int, str], list[Incident]] = defaultdict(list)
    for each in rows:
        place = (same.key(each.staff_id), each.code)
        if place in pairs:
            sequences[place].append(each)
    return sequences


def _due(
    sequences: Mapping[tuple[int, str], Sequence[Incident]],
    rules: Mapping[int, Rule[Kind]],
    openings: OpeningCounts,
) -> DuePostings:
    due = DuePostings()
    joint: list[tuple[Incident, Assessment]] = []
    for sequence in sequences.values():
        for incident, assessment, before, after in _assessed(sequence, rules, openings):
            rule = rules[incident.provision_id]
            opening = openings.of(incident.staff_id, incident.code, rule.window, incident.work_date)
            own = (incident.pk, incident.staff_id)
            due.money[own] = DueEntry(MONEY.figure(assessment.money, incident), assessment.reason)
            due.points[own] = DueEntry(POINTS.figure(assessment.points, incident), assessment.reason)
            if assessment.also:
                joint.append((incident, assessment))
            due.proposals += [
                DueProposal(
                    incident.pk,
                    kind,
                    _evidence(rule, before, assessment, opening),
                    later=frozenset(each.pk for each in after),
                )
                for kind in assessment.proposals
            ]
    due.money.update(_joint(joint))
    return due


def _assessed(
    sequence: Sequence[Incident], rules: Mapping[int, Rule[Kind]], openings: OpeningCounts
) -> Iterable[tuple[Incident, Assessment, Sequence[Incident], Sequence[Incident]]]:
    """Each incident that posts, what it comes to, and its window's incidents up to itself and after it."""
    groups = {
        (each.provision_id, window_start(rules[each.provision_id].window, each.work_date)): each.work_date
        for each in sequence
    }
    for (provision_id, start), day in groups.items():
        rule = rules[provision_id]
        if not isinstance(rule.kind, IncidentKind):
            continue
        end = window_end(rule.window, day)
        counted = [each for each in sequence if start <= each.work_date <= end]
        brought = openings.within(sequence[0].staff_id, sequence[0].code, rule.window, day)
        assessments = assessed_after(brought, rule.kind, [occurrence_of(each) for each in counted])
        for place, (incident, assessment) in enumerate(zip(counted, assessments, strict=True), 1):
            if incident.provision_id == provision_id:
                yield incident, assessment, counted[:place], counted[place:]


def assessed_after(
    openings: Sequence[Opening], kind: IncidentKind, occurrences: Sequence[Occurrence]
) -> list[Assessment]:
    """What the occurrences of a window come to, counted on from what somebody brought along.

    The reason says so where it makes a difference to an occurrence and those recorded before it.
    """
    alone = kind.assess(occurrences)
    if not openings:
        return alone
    found: list[Assessment] = []
    for opening, together in counted_together(openings, occurrences, lambda each: each.on):
        if opening is None:
            found += kind.assess(together)
            continue
        after = kind.assess([opening.occurrence(), *together])[1:]
        by_itself = alone[len(found) :]
        found += [
            each if each == other else replace(each, reason=f"{each.reason}；{opening.counted_in_words}")
            for each, other in zip(after, by_itself, strict=False)
        ]
    return found


def occurrence_of(incident: Incident) -> Occurrence:
    return Occurrence(incident.pk, incident.work_date, incident.quantity, incident.magnitude, incident.amount)


def _evidence(
    rule: Rule[Kind], counted: Sequence[Incident], assessment: Assessment, opening: Opening | None
) -> dict[str, Any]:
    """Why the last of the counted incidents suggests something.

    What the person did in another department is told as a number alone, since its records are not for
    those who read this.
    """
    here = counted[-1].staff.department_id
    before = Counter(each.staff.department.name for each in counted if each.staff.department_id != here)
    return {
        **({"opening": opening.in_trace()} if opening else {}),
        **({"调动前": [f"在{name}{count}次" for name, count in before.items()]} if before else {}),
        "provision": rule.cite(),
        "reason": assessment.reason,
        "incidents": [
            {
                "incident": each.pk,
                "date": each.work_date.isoformat(),
                "quantity": each.quantity,
                "note": each.note,
            }
            for each in counted
            if each.staff.department_id == here and (opening is None or each.work_date > opening.on)
        ],
    }


def _joint(joint: Sequence[tuple[Incident, Assessment]]) -> dict[tuple[int, int], DueEntry]:
    """Joint liability: what the holders of a role in the person's team pay too, by (incident, staff)."""
    if not joint:
        return {}
    terms = Term.objects.filter(
        team__in={incident.team_id for incident, _ in joint},
        role__in={role for _, assessment in joint for role in assessment.also},
    ).select_related("staff")
    holders: dict[tuple[int | None, str], list[Term]] = defaultdict(list)
    for term in terms:
        holders[term.team_id, term.role].append(term)
    due = {}
    for incident, assessment in joint:
        reason = f"对{incident.staff}的连带责任（{assessment.reason}）"
        for role, amount in assessment.also.items():
            for term in holders[incident.team_id, role]:
                holds = incident.work_date in term.valid and term.staff.is_employed_on(incident.work_date)
                if holds and term.staff_id != incident.staff_id:
                    due[incident.pk, term.staff_id] = DueEntry(MONEY.figure(amount, incident), reason)
    for place in due.keys() & released_shares({incident.pk for incident, _ in joint}):
        del due[place]
    return due


def _post(
    ledger: Ledger,
    incidents: Mapping[int, Incident],
    due: Mapping[tuple[int, int], DueEntry],
    *,
    by: Account | None,
    at: datetime,
) -> set[date]:
    """Insert what takes the ledger from what stands to what is due; the work dates of what was inserted."""
    entries = list(ledger.model.objects.of_incidents(incidents))
    reversed_ids = {entry.reverses_id for entry in entries}
    standing = {}
    posted: dict[tuple[int, int], int] = defaultdict(int)
    for entry in entries:
        if entry.reverses_id is None:
            posted[entry.source_id, entry.staff_id] += 1
            if entry.pk not in reversed_ids:
                standing[entry.source_id, entry.staff_id] = entry
    new = []
    for place in dict.fromkeys([*standing, *due]):
        wanted, stands = due.get(place, NOTHING), standing.get(place)
        if stands is not None and getattr(stands, ledger.value) == wanted.amount:
            continue
        if stands is not None:
            new.append(reversing(ledger, stands, by=by, at=at))
        if wanted.amount:
            source = f"incident:{place[0]}:{place[1]}"
            number = posted[place] + 1
            new.append(
                _entry(ledger, incidents[place[0]], place[1], wanted, f"{source}:{number}", by=by, at=at)
            )
    ledger.model.objects.bulk_create(new)
    return {entry.work_date for entry in new}


def _entry(
    ledger: Ledger,
    incident: Incident,
    staff_id: int,
    due: DueEntry,
    source: str,
    *,
    by: Account | None,
    at: datetime,
) -> Any:
    return ledger.model(
        source_kind=SourceKind.INCIDENT,
        source_id=incident.pk,
        staff_id=staff_id,
        provision_id=incident.provision_id,
        work_date=incident.work_date,
        key=f"{source}:provision:{incident.provision_id}",
        reason=shortened(due.reason, REASON_LENGTH),
        by=by,
        at=at,
        **{ledger.value: due.amount},
    )


def reversing(ledger: Ledger, entry: Any, *, by: Account | None, at: datetime) -> Any:
    """The entry, yet to be stored, that takes another back on its own day."""
    return ledger.model(
        source_kind=entry.source_kind,
        source_id=entry.source_id,
        staff_id=entry.staff_id,
        provision_id=entry.provision_id,
        work_date=entry.work_date,
        reverses=entry,
        key=f"reverses:{entry.pk}",
        reason=shortened(f"冲销：{entry.reason}", REASON_LENGTH),
        by=by,
        at=at,
        **{ledger.value: -getattr(entry, ledger.value)},
    )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one more incident would come to, were it confirmed now.

    `nth` is the rank of its last unit in its window; `assessment` is None where it is priced at settlement;
    `later` the yuan by which incidents after it would change.
    """

    rule: Rule[Kind]
    nth: int
    assessment: Assessment | None
    later: Decimal


def ledgers_foresee(new: Sequence[Incident]) -> list[Foreseen]:
    """What unsaved incidents would come to, each without the others; nothing is written, five queries."""
    if not new:
        return []
    same = SamePerson({each.staff_id for each in new})
    sequences = _sequences(new, same)
    counted = [each for sequence in sequences.values() for each in sequence]
    rules = rules_of({each.provision_id for each in [*counted, *new]})
    openings = opening_counts(same.rows, {each.code for each in new}, same.key)
    return [
        _foreseen(each, sequences.get((same.key(each.staff_id), each.code), []), rules, openings)
        for each in new
    ]


def _foreseen(
    new: Incident,
    counted: Sequence[Incident],
    rules: Mapping[int, Rule[Kind]],
    openings: OpeningCounts,
) -> Foreseen:
    rule = rules[new.provision_id]
    before = [each for each in counted if each.work_date <= new.work_date]
    stood = {
        incident.pk: assessment.money for incident, assessment, _, _ in _assessed(counted, rules, openings)
    }
    own, later = None, Decimal(0)
    for incident, assessment, _, _ in _assessed([*before, new, *counted[len(before) :]], rules, openings):
        if incident is new:
            own = assessment
        else:
            later += assessment.money - stood[incident.pk]
    start = window_start(rule.window, new.work_date)
    opening = openings.of(new.staff_id, new.code, rule.window, new.work_date)
    counted_from = max(start, opening.counts_from) if opening else start
    nth = new.quantity + sum(each.quantity for each in before if each.work_date >= counted_from)
    nth += opening.count if opening else 0
    return Foreseen(rule, nth, own, later)
