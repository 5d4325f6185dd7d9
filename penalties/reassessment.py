"""A month's confirmed incidents under other rules, in memory: what a draft would have made of them.

The ledgers hold what the rules of their day came to. Here every incident falls under the provision of the
same code in the month's timeline and is priced anew; nothing is stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from core.money import to_fen
from core.periods import window_end, window_start
from penalties.cash_fines import CashFine
from penalties.contributions import (
    ConfirmedIncident,
    Entry,
    PenaltyFacts,
    Postings,
    earlier_incidents,
    month_openings,
    ranks_of,
    rated_openings,
)
from penalties.openings import OpeningCounts
from penalties.selectors import released_shares
from penalties.services.ledgers import assessed_after
from people.terms import PersonMonth
from rules.kinds.base import Assessment, Kind
from rules.kinds.fines_and_awards import IncidentKind, Points, PointsRange, RangeFine
from rules.provisions import Month, Rule, has_kind


def reassessed(month: Month, facts: PenaltyFacts) -> PenaltyFacts:
    """The month's incidents priced by the rules of `month`; at most five queries for any number of them.

    An incident whose code has no provision there, or one that is inert or does not bind the person, costs
    nothing. Where the new provision leaves the amount to the recorder, it is the amount so far, brought
    within the range.
    """
    rules: dict[int, Rule[Kind]] = {}
    counted: dict[int, list[ConfirmedIncident]] = defaultdict(list)
    heirs: dict[str, str] = {}  # code as recorded → code of the provision that it falls under
    for staff_id, own in facts.counted.items():
        for fact in own:
            rule = _rule_for(month, month.people.get(staff_id), fact)
            if rule is not None:
                rules[rule.id] = rule
                heirs[fact.code] = rule.code
                amount = _amount(rule, fact, facts)
                counted[staff_id].append(fact._replace(provision_id=rule.id, amount=amount))
    in_order = sorted((fact for own in counted.values() for fact in own), key=_place)
    money: Postings = {}
    points: Postings = {}
    assessed = list(_assessed(month, in_order, rules, heirs))
    joint = {fact.id for fact, assessment in assessed if assessment.also}
    released = released_shares(joint) if joint else set()
    for fact, assessment in assessed:
        for staff_id, value, reason in _due(month, fact, assessment):
            if (fact.id, staff_id) not in released:
                _post(money, staff_id, fact, value, reason)
        _post(points, fact.staff_id, fact, assessment.points, assessment.reason)
    priced = {fact.id: fact for fact in in_order}
    return replace(
        facts,
        # Fines in cash that fall due in the month are owed by the version that they were recorded under.
        rules=facts.rules | rules,
        incidents=facts.incidents | priced,
        cash={
            staff_id: [fine for fine in own if _is_still_cash(fine, facts.counted[staff_id], priced, rules)]
            for staff_id, own in facts.cash.items()
        },
        counted=counted,
        ranks=ranks_of(month, in_order, rules, rated_openings(month, in_order, rules)),
        money=money,
        deducted=points,
    )


def _is_still_cash(
    fine: CashFine,
    counted: Iterable[ConfirmedIncident],
    priced: Mapping[int, ConfirmedIncident],
    rules: Mapping[int, Rule[Kind]],
) -> bool:
    """Whether pay still takes a fine because it was not paid in cash.

    One of an earlier month stays as it was; one of this month falls under the rules of `month`, which may
    have no such provision, or take it from pay at once.
    """
    if all(fact.id != fine.incident.pk for fact in counted):
        return True
    fact = priced.get(fine.incident.pk)
    return fact is not None and rules[fact.provision_id].collection.is_cash


def _rule_for(month: Month, person: PersonMonth | None, fact: ConfirmedIncident) -> Rule[Kind] | None:
    rule = month.timeline.on(fact.work_date).get(fact.code)
    if rule is None or rule.is_inert or not rule.kind.takes_incidents or person is None:
        return None
    return rule if rule.binds(person.on(fact.work_date).role) else None


def _amount(rule: Rule[Kind], fact: ConfirmedIncident, facts: PenaltyFacts) -> Decimal | None:
    """What the recorder decided, or what the incident has cost so far, within the provision's range."""
    kind = rule.kind
    if isinstance(kind, RangeFine):
        low, high, postings = kind.min, kind.max, facts.money
    elif isinstance(kind, Points) and isinstance(kind.deduct, PointsRange):
        low, high, postings = kind.deduct.min, kind.deduct.max, facts.deducted
    else:
        return fact.amount
    amount = fact.amount
    if amount is None:
        entries = postings.get(fact.staff_id, {}).get(fact.id, [])
        amount = to_fen(abs(sum((each.value for each in entries), Decimal(0))) / fact.quantity)
    assert low is not None and high is not None
    return min(max(amount, low), high)


def _assessed(
    month: Month,
    facts: Iterable[ConfirmedIncident],
    rules: Mapping[int, Rule[Kind]],
    heirs: Mapping[str, str],
) -> Iterable[tuple[ConfirmedIncident, Assessment]]:
    """Each incident of the month under a ledger kind, at its place among those of its window."""
    ledger_rules = {rule.id: rule for rule in rules.values() if has_kind(rule, IncidentKind)}
    posting = [fact for fact in facts if fact.provision_id in ledger_rules]
    if not posting:
        return
    begins = min(window_start(rules[fact.provision_id].window, fact.work_date) for fact in posting)
    codes = {code for code, heir in heirs.items()} | set(heirs.values())
    person_of = month.last_rows
    sequences: dict[tuple[int, str], list[ConfirmedIncident]] = defaultdict(list)
    for fact in [*earlier_incidents(month, codes, begins), *posting]:
        person = person_of.get(fact.staff_id, fact.staff_id)
        sequences[person, heirs.get(fact.code, fact.code)].append(fact)
    openings = month_openings(month, {person for person, _ in sequences}, codes)
    for sequence in sequences.values():
        groups: dict[tuple[int, object], list[ConfirmedIncident]] = defaultdict(list)
        for fact in sequence:
            if fact.work_date >= month.first:
                start = window_start(rules[fact.provision_id].window, fact.work_date)
                groups[fact.provision_id, start].append(fact)
        for (provision_id, _), members in groups.items():
            yield from _in_window(ledger_rules[provision_id], members, sequence, openings)


def _in_window(
    rule: Rule[IncidentKind],
    members: list[ConfirmedIncident],
    sequence: list[ConfirmedIncident],
    openings: OpeningCounts,
) -> Iterable[tuple[ConfirmedIncident, Assessment]]:
    first = window_start(rule.window, members[0].work_date)
    last = window_end(rule.window, members[0].work_date)
    window = [fact for fact in sequence if first <= fact.work_date <= last]
    own = {fact.id for fact in members}
    brought = openings.within(members[0].staff_id, members[0].code, rule.window, members[0].work_date)
    results = assessed_after(brought, rule.kind, [fact.occurrence for fact in window])
    yield from ((fact, result) for fact, result in zip(window, results, strict=True) if fact.id in own)


def _due(month: Month, fact: ConfirmedIncident, assessment: Assessment) -> Iterable[tuple[int, Decimal, str]]:
    """Who pays or is paid how many yuan for an incident: the person, and the team's holders of a role."""
    yield fact.staff_id, assessment.money, assessment.reason
    if not assessment.also:
        return
    team = month.people[fact.staff_id].on(fact.work_date).team_id
    for person in month.people.values():
        if person.staff_id == fact.staff_id or not person.first <= fact.work_date <= person.last:
            continue
        span = person.on(fact.work_date)
        if team is not None and span.team_id == team and span.role in assessment.also:
            reason = f"对{fact.number} {fact.name}的连带责任（{assessment.reason}）"
            yield person.staff_id, assessment.also[span.role], reason


def _post(postings: Postings, staff_id: int, fact: ConfirmedIncident, value: Decimal, reason: str) -> None:
    if value:
        entry = Entry(0, staff_id, fact.id, value, reason, None)
        postings.setdefault(staff_id, {}).setdefault(fact.id, []).append(entry)


def _place(fact: ConfirmedIncident) -> tuple[object, int]:
    return fact.work_date, fact.id
