"""What pages of shifts share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.errors import Refused
from people.models import Account, Department
from people.selectors import departments_where
from people.web import account_of

PAGE = 50


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page that the address asks for, fifty rows."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def led_departments(account: Account) -> "QuerySet[Department]":
    """Where an account leads people: leads, supervisors and managers."""
    return departments_where(account, "plan_rosters")


def place_asked(request: HttpRequest) -> tuple[Department, list[Department]]:
    """The department of the address among those that the account leads, the first where none is named."""
    places = list(led_departments(account_of(request)).order_by("code")[:PAGE])
    if not places:
        raise Http404
    code = request.GET.get("department", "")
    return next((each for each in places if each.code == code), places[0]), places


def do(request: HttpRequest, act: Callable[[], Any], said: str, page: str, *args: Any) -> HttpResponse:
    """Do it and say so, or say why it is refused; then back to the page."""
    try:
        act()
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, f"没有登记：{refused}。")
    return redirect(page, *args)


def typed(request: HttpRequest, name: str) -> str:
    """What a form sent, without what no text column holds."""
    return request.POST.get(name, "").replace("\x00", "")
