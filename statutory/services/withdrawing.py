"""Taking back what was wrong from the start."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core.periods import shift_months
from people.models import Account, FactChange
from statutory.models import ContributionBase
from statutory.models.declarations import Declaration
from statutory.selectors.kept import months_of
from statutory.services import common


@transaction.atomic
def declaration_withdraw(*, declaration: Declaration, by: Account | None, at: datetime) -> Declaration:
    """Take a declaration back that was wrong from the start; it stays readable and counts no more.

    A base that had taken over from another gives the months back to it, as far as no later one begins in
    them. DeclarationRefused for what is withdrawn already.
    """
    rows = common.persons_locked([declaration.staff]).rows
    row = type(declaration)._default_manager.select_for_update(of=("self",)).get(pk=declaration.pk)
    common.standing_checked(row)
    row.withdrawn_at, row.withdrawn_by = at, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    first, last = months_of(row)
    if isinstance(row, ContributionBase):
        for former in ContributionBase.objects.filter(ended_by=row, withdrawn_at=None):
            _given_back(former, rows)
            last = None if last is None or former.until is None else max(last, former.until)
    source = (
        FactChange.Source.CONTRIBUTION_BASE if isinstance(row, ContributionBase) else FactChange.Source.TAX
    )
    touched = common.months_touched(first, last, at)
    common.months_told(row.staff, touched, source, by=by, at=at, note=f"{row.staff} 撤回")
    return row


def _given_back(former: ContributionBase, rows: Sequence[int]) -> None:
    """Let a base hold again as long as it had before one took over that is withdrawn now.

    Where another of the item begins within these months, that one has taken over instead.
    """
    later = ContributionBase.objects.filter(
        staff__in=rows, item=former.item, withdrawn_at=None, since__gt=former.since
    ).order_by("since")
    following = later.first()
    former.until, former.ended_by = former.until_before, None
    if following is not None and (former.until is None or following.since <= former.until):
        former.until, former.ended_by = shift_months(following.since, -1), following
    else:
        former.until_before = None
    former.save(update_fields=["until", "ended_by", "until_before"])
