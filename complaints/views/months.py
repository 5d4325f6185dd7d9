"""Whose cases and which month a report asks for."""

from datetime import date, datetime

from django.http import Http404, HttpRequest
from django.utils import timezone

from core.paging import PAGE
from core.periods import first_of, shift_months
from people.models import Department
from people.selectors import departments_where
from people.web import account_of, month_asked


def place_and_month(request: HttpRequest, now: datetime) -> tuple[Department, list[Department], date]:
    """The department and month of the address, the first one and the last whole month where none is named.

    404 for who sees the cases of no department.
    """
    places = list(departments_where(account_of(request), "view_cases").order_by("code")[:PAGE])
    if not places:
        raise Http404
    code = request.GET.get("department", "")
    place = next((each for each in places if each.code == code), places[0])
    last = shift_months(first_of(timezone.localdate(now)), -1)
    return place, places, month_asked(request, last)
