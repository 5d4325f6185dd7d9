"""Who the members of a responsible party are on a day, their base points; charges that wait for an answer."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from complaints.models import Appeal, ResponsibleParty, Ruling
from complaints.sharing import Bearing, Member
from people.models import Department, Staff, Team, Term
from rules.selectors import employed_in


def team_members(team: Team, day: date) -> QuerySet[Staff]:
    """Who worked in the team on the day, by number."""
    held = Term.objects.filter(team=team, valid__contains=day)
    return employed_in(team.department, day).filter(terms__in=held)


def terms_on(staff_ids: Collection[int], day: date) -> dict[int, Term]:
    """The terms that held on the day, or the last before it for who had left; one query."""
    rows = Term.objects.filter(staff__in=staff_ids, valid__startswith__lte=day).order_by("valid")
    return {term.staff_id: term for term in rows}


def bearings_of(ruling: Ruling, department: Department, day: date) -> list[tuple[ResponsibleParty, Bearing]]:
    """The parties of a ruling in their order, each with its members of the day (persons: as named)."""
    parties = list(ruling.parties.select_related("team__department").prefetch_related("members__staff"))
    members = [(party, staff_of(party, department, day)) for party in parties]
    terms = terms_on({each.pk for _, people in members for each in people}, day)
    return [
        (
            party,
            Bearing(
                name=told_name(party, people),
                percent=party.percent,
                members=tuple(
                    Member(each.pk, each.name, terms[each.pk].base_points if each.pk in terms else None)
                    for each in people
                ),
            ),
        )
        for party, people in members
    ]


def staff_of(party: ResponsibleParty, department: Department, day: date) -> list[Staff]:
    if party.is_department:
        return list(employed_in(department, day))
    if party.team is not None:
        return list(team_members(party.team, day))
    return [each.staff for each in party.members.all()]


def name_of(party: ResponsibleParty, people: Sequence[Staff]) -> str:
    """What a party is called: the unit, or the persons."""
    if party.is_department:
        return "整个部门"
    return f"小组“{party.team.name}”" if party.team else "、".join(each.name for each in people)


def told_name(party: ResponsibleParty, people: Sequence[Staff]) -> str:
    """What a party is called to one of its members, who is not told who else bears how much."""
    is_unit = party.is_department or party.team is not None
    return name_of(party, people) if is_unit or len(people) == 1 else f"{len(people)}人共同"


def charges_waiting(at: datetime) -> "QuerySet[Appeal, int]":
    """The ids of charges that were under an open appeal at a moment: no pay of then has them."""
    undecided = Q(decided_at__isnull=True) | Q(decided_at__gt=at)
    return Appeal.objects.filter(undecided, asked_at__lte=at).values_list("charge", flat=True)
