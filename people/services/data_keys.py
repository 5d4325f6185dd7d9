"""Sealing everything anew under the newest key."""

from django.db import transaction

from people.errors import SealRefused
from people.models import BankAccount, IdentityDocument, SealedNumber
from people.sealing import seal, unseal
from people.services.identity import digests_of

CHUNK = 500


@transaction.atomic
def data_keys_rotate() -> int:
    """Seal every number anew under the newest key, all or none; how many there were.

    An import of staff from before cannot be undone after it: its rows changed. SealRefused names the first
    row that none of the keys opens.
    """
    models: tuple[type[SealedNumber], ...] = (IdentityDocument, BankAccount)
    return sum(_rotate(model) for model in models)


def _rotate(model: type[SealedNumber]) -> int:
    rows = model._default_manager.order_by("pk").select_for_update()
    total, last = 0, 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for row in chunk:
            _seal_anew(row)
        model._default_manager.bulk_update(chunk, ["sealed", "digest"])
        total, last = total + len(chunk), chunk[-1].pk
    return total


def _seal_anew(row: SealedNumber) -> None:
    try:
        newest = digests_of(row)[0]
    except SealRefused as refused:
        name = f"{row._meta.verbose_name} {row.pk}"
        raise SealRefused(f"{name}：{refused.reason}", refused.remedy) from refused
    row.digest, row.sealed = newest, seal(unseal(row.sealed))
