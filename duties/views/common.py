"""Whose duties and handovers a page shows: the departments that an account leads, and the one asked for."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from core.paging import PAGE
from people.models import Account, Department
from people.selectors import departments_where
from people.web import account_of


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
