"""Whose turn it is, which exchanges wait, and who may have a rota's turn on a day."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q, QuerySet

from duties.models import DutySwap, DutyTurn
from duties.obligations import DutyHolder
from duties.selectors.duties import duty_timeline, people_owing
from people.models import Department, Staff
from rules.kinds.base import Kind
from rules.kinds.work import Duty
from rules.provisions import Rule, has_kind


def turn_rule(rule: Rule[Kind] | None) -> Rule[Duty] | None:
    """The provision where it is a rota's duty."""
    if rule is not None and has_kind(rule, Duty) and rule.kind.proof == "turn":
        return rule
    return None


def turns_between(department: Department, first: date, last: date) -> QuerySet[DutyTurn]:
    """Whose turn it is on which day."""
    rows = DutyTurn.objects.filter(department=department, on__range=(first, last))
    return rows.select_related("staff").order_by("on", "code")


def swaps_open(staff: Staff) -> QuerySet[DutySwap]:
    """Exchanges of turns that wait for an answer: asked by the person or asked of them."""
    rows = DutySwap.objects.filter(Q(asker=staff) | Q(partner=staff), state=DutySwap.State.ASKED)
    return rows.select_related("asked_turn", "offered_turn", "asker", "partner")


def turn_takers(turn: DutyTurn) -> list[Staff]:
    """Whom a turn may be given to, by number; two queries."""
    rule = turn_rule(duty_timeline(turn.department).on(turn.on).get(turn.code))
    if rule is None:
        return []
    people, rows, rostered = people_owing(turn.department, turn.on, turn.on)
    return [rows[pk] for pk in fitting(rule, turn.on, people, rostered)]


def fitting(
    rule: Rule[Duty], day: date, people: Iterable[DutyHolder], rostered: Collection[str]
) -> list[int]:
    """Of these people the ids of those whom a rota's provision binds and who work its shift on a day.

    `rostered`: empty where the department has no roster; then whoever is not away can be given the turn.
    """
    shifts = rule.kind.shifts
    return [
        person.staff_id
        for person in people
        if rule.binds(person.role_on(day))
        and person.is_employed_on(day)
        and day not in person.away
        and (not rostered or (day in person.works and (not shifts or person.works[day].shift in shifts)))
    ]
