"""Which declarations of a person an account keeps: whoever keeps the present row keeps all of them.

Of who went on, a former department keeps what was declared there and what counts in its days: what is
declared since is no more of its business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.periods import first_of
from people.models import Account
from people.selectors import staff_where
from statutory.models import AnnualBonus, ContributionBase, FirstJob, TaxDeduction, TaxHistory, TaxOpening
from statutory.models.declarations import Declaration
from statutory.persons import Persons

ACTION = "manage_declarations"


@dataclass(frozen=True, slots=True)
class Kept:
    """What an account keeps of one person; `rows` are the person's rows of staff."""

    rows: tuple[int, ...]
    own: frozenset[int]
    spells: tuple[tuple[date, date | None], ...]  # of the own rows, without an end where one goes on

    def holds(self, row: Declaration) -> bool:
        """Whether the account may see and change a declaration of the person; no query."""
        if row.staff_id in self.own:
            return True
        first, last = months_of(row)
        return any(
            left is None or (first <= left and (last is None or last >= first_of(joined)))
            for joined, left in self.spells
        )

    def among(self, rows: Iterable[Declaration]) -> list[Declaration]:
        return [row for row in rows if self.holds(row)]


def kept_of(account: Account, staff: int, *, today: date) -> Kept:
    """What an account keeps of the person of a row of staff, on a day; two queries."""
    rows = Persons([staff]).rows
    own = list(staff_where(account, ACTION).filter(pk__in=rows).values_list("pk", "joined_on", "left_on"))
    spells = [(joined, left if left is not None and left < today else None) for _, joined, left in own]
    return Kept(tuple(rows), frozenset(pk for pk, _, _ in own), tuple(spells))


def months_of(row: Declaration) -> tuple[date, date | None]:
    """The months that a declaration counts in, the last one None where it has no end."""
    match row:
        case ContributionBase() | TaxDeduction():
            return row.since, row.until
        case AnnualBonus():
            return first_of(row.paid_on), first_of(row.paid_on)
        case TaxOpening():
            return row.through, date(row.year, 12, 1)
        case TaxHistory():
            return date(row.year + 1, 1, 1), date(row.year + 1, 12, 1)
        case FirstJob():
            return date(row.year, 1, 1), date(row.year, 12, 1)
    raise TypeError(row)
