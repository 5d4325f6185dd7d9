"""What pages ask of a request: who stands behind it, what was typed; doing something and saying so."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.errors import Refused
from core.periods import first_of, parse_month
from people.models import Account, Staff
from people.selectors import employment_of


def account_of(request: HttpRequest) -> Account:
    """The account behind a request that is signed in, as every page but the sign-in is."""
    account = request.user
    assert isinstance(account, Account)
    return account


def own_staff(request: HttpRequest, *, unless_left: bool = False) -> Staff:
    """The account's own employment (`employment_of` today); 404 for who has none."""
    staff = employment_of(account_of(request), on=timezone.localdate(), unless_left=unless_left)
    if staff is None:
        raise Http404
    return staff


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address: of the connection, or of the header that the own reverse proxy sets."""
    return request.META.get(settings.CLIENT_ADDRESS_META) or None


def sought_in(request: HttpRequest, name: str) -> str:
    """What somebody typed into a search field of the address: trimmed, without what no text column holds."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]


def typed(request: HttpRequest, name: str) -> str:
    """What a form sent, without what no text column holds."""
    return request.POST.get(name, "").replace("\x00", "")


def id_from(text: str) -> int | None:
    """A row's id as an address or a form names it; None for what is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def day_from(text: str) -> date | None:
    """A day as an address or a form names it, `2026-10-15`; None for what is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def month_asked(request: HttpRequest, today: date) -> date:
    """The month of the address, this one where none is given or none can be read."""
    try:
        return parse_month(request.GET.get("month", ""))
    except ValueError:
        return first_of(today)


def do(
    request: HttpRequest,
    act: Callable[[], Any],
    said: str,
    page: str,
    *args: Any,
    refused_as: str = "没有登记：",
) -> HttpResponse:
    """Do it and say so, or say why it is refused; then to the page (its name with `args`, or its address)."""
    try:
        act()
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, f"{refused_as}{refused}。")
    return redirect(page, *args)
