"""Loading a department's month for settlement."""

from collections.abc import Collection
from datetime import date, datetime

from commissions.after_leaving import agents_after_leaving
from complaints.contributions import charged_staff
from core.periods import last_of
from penalties.contributions import fined_outside
from people.models import Department
from people.terms import people_of_month
from rules.provisions import Month
from rules.selectors import timeline_of


def load_month(
    department: Department,
    first: date,
    *,
    also: Collection[int] = (),
    published_by: datetime | None = None,
) -> Month:
    """The people of the month and the rules of its days; eight queries.

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
    return Month(
        department_id=department.pk,
        first=first,
        last=last,
        people={person.staff_id: person for person in people},
        timeline=timeline_of(department, published_by=published_by),
        minimum_wage=department.minimum_wage,
        prorations=tuple(department.prorations.filter(from_on__lte=last).order_by("from_on")),
    )
