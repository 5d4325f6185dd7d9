"""Loading a department's month for settlement."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from commissions.after_leaving import agents_after_leaving
from commissions.targets import BASE_PAY_SUM
from complaints.contributions import charged_staff
from core.periods import last_of
from penalties.contributions import fined_outside
from people.models import Department
from people.terms import PersonMonth, people_of_month
from rules.kinds.sales import Commission
from rules.kinds.target import Target
from rules.provisions import Month
from rules.selectors import timeline_of


def load_month(
    department: Department,
    first: date,
    *,
    also: Collection[int] = (),
    published_by: datetime | None = None,
) -> Month:
    """The people of the month and the rules of its days; eight queries, and six more for each department
    that somebody came from or went to.

    `also`: staff to list although they were not employed in it, as those are whom an order, a fine or a
    shared loss of the month reaches after they left. `published_by`: only the versions that were published
    at that moment.
    """
    last = last_of(first)
    also = {
        *also,
        *agents_after_leaving(department, first),
        *fined_outside(department, first, last),
        *charged_staff(department, first, last),
    }
    people = people_of_month(department, first, last, also=also)
    others = {part.department_id for person in people for part in person.others if part.first <= last}
    here = _month(department, first, people, published_by)
    elsewhere = {}
    others.discard(department.pk)  # who came back within the month has both rows among its people
    for other in Department.objects.filter(pk__in=others) if others else ():
        parts = {
            part.staff_id for person in people for part in person.elsewhere if part.department_id == other.pk
        }
        theirs = people_of_month(other, first, last, only=parts) if parts else []
        month = _month(other, first, theirs, published_by)
        if _needs_everybody(month):
            month = replace(month, people=_by_number(people_of_month(other, first, last)))
        elsewhere[other.pk] = month
    rules = {month.department_id: replace(month, people={}) for month in (here, *elsewhere.values())}
    for pk, month in elsewhere.items():  # what counts on from a third department counts by its rules too
        elsewhere[pk] = replace(month, elsewhere={other: rules[other] for other in rules if other != pk})
    return replace(here, elsewhere=elsewhere)


def _needs_everybody(month: Month) -> bool:
    """Whether somebody is paid by the team's sales, which are those of all its people, or once all their
    base pay is earned."""
    in_force = (rules for _, _, rules in month.timeline.segments(month.first, month.last))
    targets = (rule.kind for rules in in_force for rule in rules.of_kind(Target))
    if any(BASE_PAY_SUM in (kind.measure, *kind.figures) for kind in targets):
        return True
    people = month.people.values()
    return any(each.rule.kind.is_common for person in people for each in month.stretches(person, Commission))


def _month(
    department: Department, first: date, people: Iterable[PersonMonth], published_by: datetime | None
) -> Month:
    return Month(
        department_id=department.pk,
        first=first,
        last=last_of(first),
        people=_by_number(people),
        timeline=timeline_of(department, published_by=published_by),
        minimum_wage=department.minimum_wage,
        prorations=tuple(department.prorations.filter(from_on__lte=last_of(first)).order_by("from_on")),
    )


def _by_number(people: Iterable[PersonMonth]) -> dict[int, PersonMonth]:
    return {person.staff_id: person for person in people}
