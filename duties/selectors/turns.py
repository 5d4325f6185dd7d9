"""Who may have a rota's turn on a day."""

from collections.abc import Collection, Iterable
from datetime import date

from duties.models import DutyTurn
from duties.obligations import DutyHolder
from duties.selectors.duties import duty_timeline, people_owing
from people.models import Staff
from rules.kinds.base import Kind
from rules.kinds.work import Duty
from rules.provisions import Rule, has_kind


def turn_rule(rule: Rule[Kind] | None) -> Rule[Duty] | None:
    """The provision where it is a rota's duty."""
    if rule is not None and has_kind(rule, Duty) and rule.kind.proof == "turn":
        return rule
    return None


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
