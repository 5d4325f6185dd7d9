"""Who stands behind a request."""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone

from people.models import Account, Staff
from people.selectors import employments_of


def account_of(request: HttpRequest) -> Account:
    """The account behind a request that is signed in, as every page but the sign-in is."""
    account = request.user
    assert isinstance(account, Account)
    return account


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address: of the connection, or of the header that the own reverse proxy sets."""
    return request.META.get(settings.CLIENT_ADDRESS_META) or None


def sought_in(request: HttpRequest, name: str) -> str:
    """What somebody typed into a search field of the address: trimmed, without what no text column holds."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]


def own_staff(request: HttpRequest) -> Staff:
    """The employment that the account has today, else the last one; 404 for who never had any."""
    staff = employments_of(account_of(request), on=timezone.localdate()).first()
    if staff is None:
        raise Http404
    return staff
