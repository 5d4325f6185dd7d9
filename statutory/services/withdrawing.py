"""Taking back what was wrong from the start."""

from datetime import date, datetime

from django.db import transaction

from core.periods import first_of, shift_months
from people.models import Account, FactChange
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)
from statutory.models.declarations import Declaration
from statutory.services import common


@transaction.atomic
def declaration_withdraw(*, declaration: Declaration, by: Account | None, at: datetime) -> Declaration:
    """Take a declaration back that was wrong from the start; it stays readable and counts no more.

    A base that had taken over from another gives the months back to it. DeclarationRefused for what is
    withdrawn already.
    """
    rows = common.persons_locked([declaration.staff]).rows
    row = type(declaration)._default_manager.select_for_update(of=("self",)).get(pk=declaration.pk)
    common.standing_checked(row)
    row.withdrawn_at, row.withdrawn_by = at, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    if isinstance(row, ContributionBase):
        former = ContributionBase.objects.filter(
            staff__in=rows, item=row.item, until=shift_months(row.since, -1), withdrawn_at=None
        )
        former.update(until=row.until)
    source = (
        FactChange.Source.CONTRIBUTION_BASE if isinstance(row, ContributionBase) else FactChange.Source.TAX
    )
    first, last = _months(row)
    touched = common.months_touched(first, last, at)
    common.months_told(row.staff, touched, source, by=by, at=at, note=f"{row.staff} 撤回")
    return row


def _months(row: Declaration) -> tuple[date, date | None]:
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
