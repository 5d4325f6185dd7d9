"""What an account may do with a case; the services ask the same, state by state."""

from dataclasses import dataclass
from datetime import date

from complaints.models import Case
from complaints.selectors.cases import is_against, part_barring, takes_step, works_on
from people.models import Account, Staff
from people.selectors import actions_in, not_left


@dataclass(frozen=True, slots=True)
class Powers:
    """`takes_as`: the employment as which the account may take a case that nobody holds.

    `barred_as`: the part that the account has in the case, where it keeps the account from the present step.

    Whom the case is about may at most read it.
    """

    works: bool
    takes_step: bool
    steers: bool
    decides: bool
    decides_appeals: bool
    sees_whole: bool
    sees_pay: bool
    takes_as: Staff | None = None
    barred_as: str = ""


def powers_of(account: Account, case: Case, on: date) -> Powers:
    """Reads by a fixed number of queries."""
    seen = actions_in(account, case.department)
    actions = set() if is_against(account, case) else seen
    own = None
    if case.holder_id is None and "record_cases" in actions:
        rows = Staff.objects.filter(not_left(on), account=account, department=case.department_id)
        own = rows.first()
    takes = takes_step(account, case)
    barring = part_barring(account, case) if takes else None
    return Powers(
        works=works_on(account, case),
        takes_step=takes and barring is None,
        steers="steer_cases" in actions,
        decides="decide_cases" in actions,
        decides_appeals="decide_appeals" in actions,
        sees_whole="view_cases" in seen,
        sees_pay="view_pay" in seen,
        takes_as=own,
        barred_as=barring.get_part_display() if barring else "",
    )
