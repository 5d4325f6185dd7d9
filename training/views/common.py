"""Whose bank and papers a page shows: the departments of the account, and the one asked for."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from core.paging import PAGE
from people.models import Department


def place_of(
    request: HttpRequest, departments: "QuerySet[Department]"
) -> tuple[Department, list[Department]]:
    """The department of the address among some, the first where none is named; 404 where there are none."""
    places = list(departments.order_by("code")[:PAGE])
    if not places:
        raise Http404
    code = request.GET.get("department", "")
    return next((each for each in places if each.code == code), places[0]), places
