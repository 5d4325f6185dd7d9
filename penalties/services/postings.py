"""Money that follows from something else than an incident: what an app above puts into the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.text import shortened
from penalties.models import MoneyEntry, SourceKind
from penalties.services.ledgers import MONEY, REASON_LENGTH, reversing
from people.models import Account, Staff
from rules.models import Provision


@dataclass(frozen=True, slots=True)
class Posting:
    """What one source (the id of the app's own row) costs (negative) or pays one person, in yuan."""

    source_id: int
    staff: Staff
    amount: Decimal
    reason: str


def money_post(
    *,
    source_kind: SourceKind,
    postings: Sequence[Posting],
    provision: Provision,
    work_date: date,
    by: Account | None,
    at: datetime,
) -> list[MoneyEntry]:
    """Enter what sources cost or pay, once each; what comes to nothing has no entry.

    The caller holds the transaction and the lock on what the sources belong to, and names the months that
    changed. A source that is posted again is an IntegrityError of its key.
    """
    return MoneyEntry.objects.bulk_create(
        MoneyEntry(
            source_kind=source_kind,
            source_id=each.source_id,
            staff=each.staff,
            provision=provision,
            work_date=work_date,
            key=f"{source_kind}:{each.source_id}:{each.staff.pk}:provision:{provision.pk}",
            amount=each.amount,
            reason=shortened(each.reason, REASON_LENGTH),
            by=by,
            at=at,
        )
        for each in postings
        if each.amount
    )


def money_reverse(
    *, source_kind: SourceKind, source_ids: Collection[int], by: Account | None, at: datetime
) -> list[MoneyEntry]:
    """Take back what stands of some sources, by entries of the same day; nothing where nothing stands."""
    standing = MoneyEntry.objects.filter(
        source_kind=source_kind,
        source_id__in=source_ids,
        reverses__isnull=True,
        reversed_by__isnull=True,
    ).order_by("id")
    return MoneyEntry.objects.bulk_create(reversing(MONEY, each, by=by, at=at) for each in standing)
