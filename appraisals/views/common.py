"""What the pages of appraisals share: whose month is shown, whom one sees, what is refused."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.errors import ManyRefused, Refused
from core.paging import PAGE
from core.periods import first_of, parse_month, window_start
from people.models import Department
from people.selectors import departments_visible_to, may
from people.web import account_of, id_from

ROWS = 40  # people to a page, beside the rows of a chart
QUARTER = re.compile(r"(19|2[0-8])([0-9]{2})Q([1-4])")


def place_of(request: HttpRequest) -> tuple[Department, list[Department]]:
    """The department of the address or form, else the first that the account sees; 404 for who sees none."""
    places = list(departments_visible_to(account_of(request)).order_by("code")[:PAGE])
    if not places:
        raise Http404
    asked = request.POST.get("department") or request.GET.get("department", "")
    return next((each for each in places if each.code == asked), places[0]), places


def place_where(request: HttpRequest, action: str) -> Department:
    """The department of a form; 404 for who may not do the action there."""
    place, _ = place_of(request)
    if not may(account_of(request), action, place):
        raise Http404
    return place


def month_of(request: HttpRequest, today: date) -> date:
    """The month of the form or address, this one where none can be read; not after this one."""
    try:
        asked = parse_month(request.POST.get("month") or request.GET.get("month", ""))
    except ValueError:
        asked = today
    return first_of(min(asked, today))


def quarter_asked(text: str, today: date) -> date:
    """The first day of a quarter written `2026Q3`, not after this one; this one where it is none."""
    present = window_start("quarter", today)
    found = QUARTER.fullmatch(text)
    if found is None:
        return present
    century, years, number = found.groups()
    return min(date(int(century + years), int(number) * 3 - 2, 1), present)


def quarter_code(quarter: date) -> str:
    return f"{quarter.year}Q{(quarter.month + 2) // 3}"


def chosen(request: HttpRequest) -> list[int]:
    """The rows of staff that were ticked, at most a page of them."""
    found = (id_from(each) for each in request.POST.getlist("staff")[:PAGE])
    return [each for each in found if each is not None]


def act(request: HttpRequest, do: Callable[[], Any], said: Callable[[Any], str], url: str) -> HttpResponse:
    """Do it and say so, or say why it is refused, each refusal by itself; then to an address."""
    try:
        messages.success(request, said(do()))
    except ManyRefused as refused:
        for each in refused.refusals.values():
            messages.error(request, f"没有办：{each}。")
    except Refused as refused:
        messages.error(request, f"没有办：{refused}。")
    return redirect(url)


def told_errors(request: HttpRequest, form: forms.Form) -> None:
    """What a form lacks, field by field, as messages of the next page."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"没有办：{label or '表单'}：{''.join(map(str, errors))}")
