"""What incidents contribute to a month's pay, read set-wise: at most eight queries for any number of people,
four more where fines are collected in cash.

Ledger kinds bring what stands in the ledgers; rate_deduction, day_pay and discipline are priced here on the
person's own pay; incidents under absence are handed on, to be priced with the attendance.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from core.periods import window_start
from core.text import shortened
from penalties.cash_fines import CashFine, fines_by_staff, fines_due
from penalties.models import Incident, MoneyEntry, PointsEntry, SourceKind
from penalties.openings import Opening, OpeningCounts, opening_counts
from penalties.selectors import rules_of
from people.models import Account, Department
from people.terms import PersonMonth
from rules.kinds.attendance import Absence
from rules.kinds.base import Charge, Kind, Occurrence, PayBasis
from rules.kinds.discipline import Discipline, discipline_charges
from rules.kinds.fines_and_awards import DayPay, RateDeduction
from rules.lines import Line, PointsDeducted
from rules.provisions import Month, Rule, has_kind

LONGEST_REASON = 500


class ConfirmedIncident(NamedTuple):
    """A confirmed incident, as stored; `reversal_id` is set where it was taken back."""

    id: int
    staff_id: int
    provision_id: int
    code: str
    work_date: date
    quantity: int
    magnitude: Decimal | None
    amount: Decimal | None
    note: str
    recorded_by_id: int | None
    decided_by_id: int | None
    number: str
    name: str
    reversal_id: int | None

    @property
    def occurrence(self) -> Occurrence:
        return Occurrence(self.id, self.work_date, self.quantity, self.magnitude, self.amount)


class Entry(NamedTuple):
    """A ledger entry; `value` in yuan or points."""

    id: int
    staff_id: int
    incident_id: int
    value: Decimal
    reason: str
    reverses_id: int | None


Postings = dict[int, dict[int, list[Entry]]]  # by staff, by incident


@dataclass(frozen=True)
class PenaltyFacts:
    """One department's month of incidents and ledger entries, by staff; made by `load`."""

    rules: dict[int, Rule[Kind]]
    incidents: dict[int, ConfirmedIncident]
    counted: dict[int, list[ConfirmedIncident]]  # by staff: unreversed incidents of the month, in order
    ranks: dict[int, int]  # by incident under rate_deduction: the rank of its first unit in its window
    openings: OpeningCounts  # of the codes under rate_deduction
    money: Postings
    deducted: Postings
    accounts: dict[int, str]
    cash: dict[int, list[CashFine]] = field(default_factory=dict)  # by staff: due in cash this month
    earlier_absences: dict[int, list[ConfirmedIncident]] = field(default_factory=dict)  # still counted

    def ledger_lines(self, person: PersonMonth) -> list[Line]:
        """One line for each incident of the month that costs or pays the person something, in order."""
        lines = []
        for incident, entries in self._standing(self.money, person):
            rule = self.rules[incident.provision_id]
            if rule.collection.is_cash:
                continue
            reason = _last_reason(entries)
            lines.append(
                Line(
                    code=rule.code,
                    title=rule.title,
                    amount=sum((entry.value for entry in entries), Decimal("0.00")),
                    column=rule.kind.column,
                    basis=rule.basis,
                    on=incident.work_date,
                    reason=shortened(f"{incident.work_date} {rule.title}：{reason}", LONGEST_REASON),
                    trace={
                        "provision": rule.cite(),
                        "facts": self._in_trace(incident),
                        "entries": [_entry_in_trace(entry) for entry in entries],
                        "arithmetic": [reason],
                    },
                    provision_id=rule.id,
                )
            )
        return lines + self._unpaid_lines(person)

    def _unpaid_lines(self, person: PersonMonth) -> list[Line]:
        """One line for each fine that was due in cash within the month and is not paid: `then: payroll`."""
        lines = []
        for fine in self.cash.get(person.staff_id, ()):
            if not fine.to_withhold:
                continue
            incident, rule = self.incidents[fine.incident.pk], self.rules[fine.incident.provision_id]
            reason = fine.in_words()
            lines.append(
                Line(
                    code=rule.code,
                    title=rule.title,
                    amount=-fine.to_withhold,
                    column=rule.kind.column,
                    basis=rule.basis,
                    on=fine.due_on,
                    reason=shortened(f"{incident.work_date} {rule.title}：{reason}", LONGEST_REASON),
                    trace={
                        "provision": rule.cite(),
                        "facts": self._in_trace(incident),
                        "cash": fine.in_trace(),
                        "arithmetic": [reason],
                    },
                    provision_id=rule.id,
                )
            )
        return lines

    def priced_lines(self, person: PersonMonth, pay: PayBasis) -> list[Line]:
        """One line a provision for what takes a share of pay; SettlementFailure where pay is unknown.

        Disciplinary decisions are looked at together: of what they take in one month the later is cut.
        """
        lines = []
        decided = discipline_charges(self._decisions(person), pay)
        for rule, facts in self._by_rule(person):
            match rule.kind:
                case RateDeduction() as kind:
                    charge = kind.charge([(self.ranks[each.id], each.occurrence) for each in facts], pay)
                case DayPay() as kind:
                    charge = kind.charge([each.occurrence for each in facts], pay)
                case Discipline():
                    charge = decided[rule.id]
                case _:
                    continue
            # A decision of which nothing could be taken any more still says why.
            if charge.amount or has_kind(rule, Discipline):
                lines.append(self._priced(rule, facts, charge, self._openings(rule, facts)))
        return lines

    def _openings(self, rule: Rule[Kind], facts: list[ConfirmedIncident]) -> list[Opening]:
        """What the ranks of the incidents counted of before this department began here."""
        found = (self.openings.of(each.staff_id, each.code, rule.window, each.work_date) for each in facts)
        return list(dict.fromkeys(each for each in found if each is not None))

    def _decisions(self, person: PersonMonth) -> list[tuple[int, Discipline, Occurrence]]:
        """The month's disciplinary decisions by their provision, in the order in which they were taken."""
        rules = ((self.rules[each.provision_id], each) for each in self.counted.get(person.staff_id, ()))
        return [(rule.id, rule.kind, each.occurrence) for rule, each in rules if has_kind(rule, Discipline)]

    def absences(self, person: PersonMonth) -> list[tuple[Rule[Absence], Occurrence]]:
        """Incidents recorded under absence, with their provision; attendance prices them with its own."""
        return [
            (rule, each.occurrence)
            for rule, facts in self._by_rule(person)
            if has_kind(rule, Absence)
            for each in facts
        ]

    def absences_before(self, person: PersonMonth) -> list[tuple[Rule[Absence], Occurrence]]:
        """Incidents of earlier months under absence that the window of their provision still counts."""
        earlier = (
            (self.rules[each.provision_id], each) for each in self.earlier_absences.get(person.staff_id, ())
        )
        return [(rule, each.occurrence) for rule, each in earlier if has_kind(rule, Absence)]

    def points(self, person: PersonMonth) -> list[PointsDeducted]:
        """What each incident of the month deducts from the person's points, by (date, id)."""
        lines = []
        for incident, entries in self._standing(self.deducted, person):
            rule = self.rules[incident.provision_id]
            points = sum((entry.value for entry in entries), Decimal("0.0"))
            reason = shortened(f"{incident.work_date} {rule.title}：{_last_reason(entries)}", LONGEST_REASON)
            lines.append(PointsDeducted(rule.code, rule.title, points, reason))
        return lines

    def _standing(
        self, postings: Postings, person: PersonMonth
    ) -> list[tuple[ConfirmedIncident, list[Entry]]]:
        """The person's incidents whose entries do not cancel out, by (date, id)."""
        standing = [
            (self.incidents[incident_id], entries)
            for incident_id, entries in postings.get(person.staff_id, {}).items()
            if sum(entry.value for entry in entries)
        ]
        return sorted(standing, key=lambda pair: (pair[0].work_date, pair[0].id))

    def _by_rule(self, person: PersonMonth) -> list[tuple[Rule[Kind], list[ConfirmedIncident]]]:
        facts: dict[int, list[ConfirmedIncident]] = defaultdict(list)
        for each in self.counted.get(person.staff_id, ()):
            facts[each.provision_id].append(each)
        return [(self.rules[provision_id], found) for provision_id, found in facts.items()]

    def _priced(
        self,
        rule: Rule[Kind],
        facts: list[ConfirmedIncident],
        charge: Charge,
        openings: Sequence[Opening],
    ) -> Line:
        steps = [*charge.steps, *(each.counted_in_words for each in openings)]
        return Line(
            code=rule.code,
            title=rule.title,
            amount=charge.amount,
            column=rule.kind.column,
            basis=rule.basis,
            on=charge.last_on or facts[-1].work_date,
            reason=shortened(f"{rule.title}：{'；'.join(steps)}", LONGEST_REASON),
            trace={
                "provision": rule.cite(),
                "facts": [self._in_trace(each) for each in facts],
                "arithmetic": steps,
            },
            provision_id=rule.id,
        )

    def _in_trace(self, incident: ConfirmedIncident) -> dict[str, Any]:
        return {
            "incident": incident.id,
            "staff": f"{incident.number} {incident.name}",
            "date": incident.work_date.isoformat(),
            "quantity": incident.quantity,
            "magnitude": None if incident.magnitude is None else str(incident.magnitude),
            "amount": None if incident.amount is None else str(incident.amount),
            "note": incident.note,
            "recorded_by": self.accounts.get(incident.recorded_by_id or 0, "系统"),
            "confirmed_by": self.accounts.get(incident.decided_by_id or 0, "系统"),
        }


def load(month: Month) -> PenaltyFacts:
    """The month's incidents and ledger entries of the department."""
    days = (month.first, month.last)
    # What somebody did in another department is not charged here, but looked at.
    parts = {staff_id for other in month.elsewhere.values() for staff_id in other.people}
    here = Q(staff__department=month.department_id)
    looked_at = here | Q(staff__in=parts) if parts else here
    incidents = incidents_of(looked_at, work_date__range=days)
    counted = [each for each in incidents if each.reversal_id is None]
    due = fines_due(month.department_id, month.first, month.last) if month.timeline.collects_cash else []
    known = {each.id for each in incidents}
    incidents += incidents_of(pk__in={each.incident.pk for each in due} - known) if due else []
    earlier = earlier_absences(month)
    rules = rules_of({each.provision_id for each in (*incidents, *earlier)})
    absences: dict[int, list[ConfirmedIncident]] = defaultdict(list)
    rows = month.rows
    for each in earlier:
        for own in rows.get(each.staff_id, [each.staff_id]):
            absences[own].append(each)
    by_staff: dict[int, list[ConfirmedIncident]] = defaultdict(list)
    for each in counted:
        by_staff[each.staff_id].append(each)
    names = {each.recorded_by_id for each in incidents} | {each.decided_by_id for each in incidents}
    accounts = Account.objects.in_bulk([pk for pk in names if pk is not None])
    openings = rated_openings(month, counted, rules)
    return PenaltyFacts(
        rules=rules,
        incidents={each.id: each for each in incidents},
        counted=by_staff,
        ranks=ranks_of(month, counted, rules, openings),
        openings=openings,
        money=_postings(MoneyEntry, "amount", here, days),
        deducted=_postings(PointsEntry, "points", looked_at, days),
        accounts={pk: str(account) for pk, account in accounts.items()},
        cash=fines_by_staff(due),
        earlier_absences=absences,
    )


def earlier_absences(month: Month) -> list[ConfirmedIncident]:
    """Incidents under absence before the month that a longer window counts; at most one query."""
    in_force = [rules for _, _, rules in month.timeline.segments(month.first, month.last)]
    longer = [rule for rules in in_force for rule in rules.of_kind(Absence) if rule.window != "month"]
    if not longer:
        return []
    first = min(window_start(rule.window, month.first) for rule in longer)
    return earlier_incidents(month, {rule.code for rule in longer}, first)


def fined_outside(department: Department, first: date, last: date) -> set[int]:
    """Who was not employed in a month and has ledger entries of it: dates were corrected; one query."""
    entries = MoneyEntry.objects.filter(
        Q(staff__left_on__lt=first) | Q(staff__joined_on__gt=last),
        staff__department=department,
        work_date__range=(first, last),
        source_kind=SourceKind.INCIDENT,
    )
    return set(entries.order_by().values_list("staff", flat=True))


def incidents_of(*conditions: Q, **filters: Any) -> list[ConfirmedIncident]:
    """Confirmed incidents, by (date, id); one query."""
    found = Incident.objects.filter(*conditions, state=Incident.State.CONFIRMED, **filters)
    rows = found.order_by("work_date", "id")
    fields = [*ConfirmedIncident._fields[:-3], "staff__number", "staff__name", "reversal__id"]
    return [ConfirmedIncident._make(row) for row in rows.values_list(*fields)]


def _postings(
    model: type[MoneyEntry] | type[PointsEntry], value: str, whose: Q, days: tuple[date, date]
) -> Postings:
    postings: Postings = {}
    fields = ("id", "staff_id", "source_id", value, "reason", "reverses_id")
    entries = model.objects.filter(whose, work_date__range=days, source_kind=SourceKind.INCIDENT)
    for row in entries.order_by("id").values_list(*fields):
        entry = Entry._make(row)
        postings.setdefault(entry.staff_id, {}).setdefault(entry.incident_id, []).append(entry)
    return postings


def rated_openings(
    month: Month, counted: list[ConfirmedIncident], rules: dict[int, Rule[Kind]]
) -> OpeningCounts:
    """What people bring along under the codes whose ranks settlement needs; at most one query."""
    rated = [each for each in counted if has_kind(rules[each.provision_id], RateDeduction)]
    return month_openings(month, {each.staff_id for each in rated}, {each.code for each in rated})


def month_openings(month: Month, staff: Collection[int], codes: Collection[str]) -> OpeningCounts:
    """What people of the month bring along under some codes, also to the departments that they came from."""
    person_of = month.last_rows
    people = {person_of.get(each, each) for each in staff}
    return opening_counts(
        {row for row, own in person_of.items() if own in people}, codes, lambda row: person_of.get(row, row)
    )


def ranks_of(
    month: Month,
    counted: list[ConfirmedIncident],
    rules: dict[int, Rule[Kind]],
    openings: OpeningCounts,
) -> dict[int, int]:
    """The rank of the first unit of each incident under rate_deduction, its window's earlier ones counted."""
    rated = [each for each in counted if has_kind(rules[each.provision_id], RateDeduction)]
    if not rated:
        return {}

    def begins(each: ConfirmedIncident) -> date:
        return window_start(rules[each.provision_id].window, each.work_date)

    codes = {each.code for each in rated}
    person_of = month.last_rows
    sequences: dict[tuple[int, str], list[ConfirmedIncident]] = defaultdict(list)
    for each in [*earlier_incidents(month, codes, min(map(begins, rated))), *counted]:
        sequences[person_of.get(each.staff_id, each.staff_id), each.code].append(each)
    ranks = {}
    for each in rated:
        person = person_of.get(each.staff_id, each.staff_id)
        window = rules[each.provision_id].window
        opening = openings.of(each.staff_id, each.code, window, each.work_date)
        counted_from = max(begins(each), opening.counts_from) if opening else begins(each)
        before = _before(each, sequences[person, each.code], counted_from)
        ranks[each.id] = 1 + sum(earlier.quantity for earlier in before) + (opening.count if opening else 0)
    return ranks


def _before(
    each: ConfirmedIncident, sequence: list[ConfirmedIncident], first: date
) -> Iterable[ConfirmedIncident]:
    place = (each.work_date, each.id)
    return (other for other in sequence if first <= other.work_date and (other.work_date, other.id) < place)


def earlier_incidents(month: Month, codes: set[str], first: date) -> list[ConfirmedIncident]:
    """The incidents that count from `first` to the day before the month; those before a transfer too."""
    if first >= month.first:
        return []
    return incidents_of(
        Q(staff__department=month.department_id) | Q(staff__in=list(month.rows)),
        code__in=codes,
        work_date__gte=first,
        work_date__lt=month.first,
        reversal__isnull=True,
    )


def _last_reason(entries: list[Entry]) -> str:
    """The reason of the entry that stands: the last that reverses nothing."""
    return next(entry.reason for entry in reversed(entries) if entry.reverses_id is None)


def _entry_in_trace(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.id,
        "amount": str(entry.value),
        "reason": entry.reason,
        "reverses": entry.reverses_id,
    }
