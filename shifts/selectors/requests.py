"""What people asked for: their own requests, and those that an account decides."""

from typing import Any

from django.db.models import QuerySet

from people.models import Account
from people.selectors import staff_where
from shifts.models import Correction, LeaveRequest, Outing, Overtime

# By the name that stands in addresses, in the order of the pages.
REQUESTS: dict[str, Any] = {
    "correction": Correction,
    "outing": Outing,
    "overtime": Overtime,
    "leave": LeaveRequest,
}


def requests_decidable_by(account: Account, model: Any) -> "QuerySet[Any]":
    """The requests of one kind about which an account decides, never its own."""
    rows = model._default_manager.filter(staff__in=staff_where(account, "decide_requests"))
    return rows.exclude(staff__account=account)


def requests_waiting(account: Account, kind: str) -> "QuerySet[Any]":
    """Of one kind those that wait for the account's decision."""
    model = REQUESTS[kind]
    return requests_decidable_by(account, model).filter(state=model.State.ASKED)


def all_waiting(account: Account) -> "QuerySet[Any]":
    """The keys of everything that waits for the account's decision, to be counted."""
    first, *others = (requests_waiting(account, kind).order_by().values("pk") for kind in REQUESTS)
    return first.union(*others, all=True)


def requests_of(account: Account, model: Any) -> "QuerySet[Any]":
    """An account's own requests of one kind."""
    return model._default_manager.filter(staff__account=account)
