"""What people bear of losses themselves, and what they say against it."""

from django.db.models import QuerySet

from complaints.models import Appeal, Charge
from people.models import Account


def charges_of(account: Account) -> QuerySet[Charge]:
    """An account's own shares, the latest first, with their cases and appeals."""
    rows = Charge.objects.filter(staff__account=account)
    rows = rows.select_related("staff", "ruling__case__department", "ruling__provision")
    return rows.prefetch_related("appeals__decided_by").order_by("-id")


def appeals_of(account: Account) -> QuerySet[Appeal]:
    """An account's own appeals."""
    return Appeal.objects.filter(staff__account=account).select_related("charge__ruling")
