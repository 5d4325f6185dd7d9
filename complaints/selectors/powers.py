"""What an account may do with a case; the services ask the same, state by state."""

from dataclasses import dataclass
from datetime import date

from complaints.models import Case
from complaints.selectors.cases import takes_step, works_on
from people.models import Account, Staff
from people.selectors import actions_in, not_left


@dataclass(frozen=True, slots=True)
class Powers:
    """`takes_as`: the employment as which the account may take a case that nobody holds."""

    works: bool
    takes_step: bool
    steers: bool
    decides: bool
    decides_appeals: bool
    sees_whole: bool
    sees_pay: bool
    takes_as: Staff | None = None


def powers_of(account: Account, case: Case, on: date) -> Powers:
    """Reads by a fixed number of queries."""
    actions = actions_in(account, case.department)
    is_against = case.about is not None and case.about.account_id == account.pk
    own = None
    if case.holder_id is None and "record_cases" in actions and not is_against:
        rows = Staff.objects.filter(not_left(on), account=account, department=case.department_id)
        own = rows.first()
    return Powers(
        works=works_on(account, case),
        takes_step=takes_step(account, case),
        steers="steer_cases" in actions,
        decides="decide_cases" in actions,
        decides_appeals="decide_appeals" in actions,
        sees_whole="view_cases" in actions,
        sees_pay="view_pay" in actions,
        takes_as=own,
    )
