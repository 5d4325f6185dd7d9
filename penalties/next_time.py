"""What the next incident under each provision would come to for a person, given what counts already."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.periods import window_end, window_start
from penalties.models import Incident
from penalties.openings import Opening, opening_counts
from penalties.services.ledgers import occurrence_of
from people.models import Role, Staff, Term
from people.one_person import SamePerson
from rules.kinds.base import Assessment, FactRefused, Kind, Occurrence
from rules.kinds.fines_and_awards import Fine, IncidentKind
from rules.models import ProvisionFields
from rules.provisions import Rule
from rules.selectors import timeline_of


@dataclass(frozen=True, slots=True)
class NextTime:
    """A provision, what counts of it in the window, and the next one.

    `assessment` is None where the next one depends on what the recorder decides, on pay or on attendance:
    then only the provision's words tell.
    """

    rule: Rule[Kind]
    counted: int
    assessment: Assessment | None

    @property
    def window(self) -> str:
        return ProvisionFields.Window(self.rule.window).label

    @property
    def words(self) -> str:
        return self.rule.kind.in_words()


def next_times(staff: Staff, *, on: date) -> list[NextTime]:
    """Every provision in force on the day that binds the person and that incidents fall under.

    What counts already comes first, then in the order of the codes; six queries.
    """
    term = Term.objects.filter(staff=staff, valid__contains=on).first()
    role = term.role if term else Role.AGENT
    in_force = timeline_of(staff.department).on(on)
    rules = [
        rule for rule in in_force if rule.kind.takes_incidents and not rule.is_inert and rule.binds(role)
    ]
    same = SamePerson([staff.pk])
    counted: dict[str, list[Incident]] = defaultdict(list)
    for incident in Incident.objects.filter(
        staff__in=same.rows,
        code__in=[rule.code for rule in rules],
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
    ).order_by("work_date", "id"):
        counted[incident.code].append(incident)
    openings = opening_counts(same.rows, [rule.code for rule in rules], same.key)
    found = [
        _next(rule, counted[rule.code], openings.of(staff.pk, rule.code, rule.window, on), on)
        for rule in rules
    ]
    return sorted(found, key=lambda each: (not each.counted, each.rule.code))


def _next(rule: Rule[Kind], incidents: list[Incident], opening: Opening | None, on: date) -> NextTime:
    first, last = window_start(rule.window, on), window_end(rule.window, on)
    if opening is not None:
        first = opening.counts_from
    before = [occurrence_of(each) for each in incidents if first <= each.work_date <= last]
    if opening is not None:
        before.insert(0, opening.occurrence())
    return NextTime(rule, sum(each.quantity for each in before), _assessed(rule.kind, before, on))


def _assessed(kind: Kind, before: list[Occurrence], on: date) -> Assessment | None:
    if not isinstance(kind, IncidentKind):
        return None
    one = Occurrence(0, on, magnitude=_one_unit(kind))
    try:
        kind.check(one)
    except FactRefused:
        return None
    return kind.assess([*before, one])[-1]


def _one_unit(kind: Kind) -> Decimal | None:
    """Of a fine by seconds, items or days the next unit; once for the others."""
    return kind.unit_size if isinstance(kind, Fine) and kind.unit != "occurrence" else None
