"""Documents and bank accounts for the walks through every page."""

from datetime import datetime

from people.models import Staff
from people.services import account_record, document_record


def identity_known_of(staff: Staff, *, at: datetime) -> dict[str, int]:
    """One document and one account of somebody, as the addresses name them."""
    document = document_record(
        staff=staff, kind="hk_mo_permit", number="H12345678", since=staff.joined_on, by=None, at=at
    )
    account = account_record(
        staff=staff, bank="中国工商银行", number="6222020200112233446", since=staff.joined_on, by=None, at=at
    )
    return {"identity_document": document.pk, "bank_account": account.pk}
