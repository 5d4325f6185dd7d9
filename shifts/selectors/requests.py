"""The kinds of requests about somebody's days, and what of them waits for an account's decision."""

from typing import Any

from django.db.models import QuerySet

from people.approvals import requests_decidable_by
from people.models import Account
from shifts.models import Correction, LeaveRequest, Outing, Overtime

# By the name that stands in addresses, in the order of the pages.
REQUESTS: dict[str, Any] = {
    "correction": Correction,
    "outing": Outing,
    "overtime": Overtime,
    "leave": LeaveRequest,
}


def requests_waiting(account: Account, kind: str) -> "QuerySet[Any]":
    """Of one kind those that wait for the account's decision."""
    model = REQUESTS[kind]
    return requests_decidable_by(account, model).filter(state=model.State.ASKED)


def all_waiting(account: Account) -> "QuerySet[Any]":
    """The keys of everything that waits for the account's decision, to be counted."""
    first, *others = (requests_waiting(account, kind).order_by().values("pk") for kind in REQUESTS)
    return first.union(*others, all=True)
