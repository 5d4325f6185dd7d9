"""Pages of the ladder: a department's board, a person's steps, certifying a criterion."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import page_of
from core.periods import first_of, last_of, parse_month
from people.models import Department, Staff
from people.selectors import departments_visible_to, employment_of, staff_visible_to, staff_where
from people.web import account_of, sought_in
from promotions.board import SORTS, STATES, board_of, named
from promotions.exports import board_export
from promotions.facts import facts_of
from promotions.forms import AttestationForm
from promotions.ladder import level_pay, rungs_of
from promotions.services import attestation_record


@require_safe
def ladder(request: HttpRequest) -> HttpResponse:
    """A department's people by how far they are, 50 to a page."""
    asked = _asked(request)
    page = page_of(request, board_of(account_of(request), **asked))
    shown = {
        **asked,
        "page": page,
        "rows": named(page.object_list),
        "departments": departments_visible_to(account_of(request)).order_by("code"),
        "states": STATES,
        "sorts": {key: label for key, (label, _) in SORTS.items()},
    }
    return render(request, "promotions/ladder.html", shown)


@require_safe
def ladder_export(request: HttpRequest) -> FileResponse:
    """The whole board under the filters of the address."""
    asked = _asked(request)
    department, on = asked["department"], asked["on"]
    rows = named(board_of(account_of(request), **asked))
    write = partial(board_export, department=department, on=on, rows=rows)
    return workbook_download(f"晋升-{department.name}-{on:%Y-%m-%d}.xlsx", write)


@require_safe
def ladder_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's steps, for who may see the person."""
    return _person_page(request, _staff(request, pk))


@require_safe
def me_ladder(request: HttpRequest) -> HttpResponse:
    """The own steps."""
    staff = employment_of(account_of(request), on=timezone.localdate())
    if staff is None:
        return render(request, "home/me/nobody.html")
    return render(request, "promotions/me_ladder.html", _person(request, staff))


@require_POST
def ladder_attest(request: HttpRequest, pk: int) -> HttpResponse:
    """Certify one of the criteria that the page shows; then the month in which the word is."""
    staff, account, now = _staff(request, pk), account_of(request), timezone.now()
    if not staff_where(account, "attest_criteria").filter(pk=pk).exclude(account=account).exists():
        raise Http404
    rungs = [rung for rung, _ in _person(request, staff)["steps"]]
    form = AttestationForm(request.POST, rungs=rungs, today=timezone.localdate(now))
    if not form.is_valid():
        return _person_page(request, staff, form)
    try:
        attestation_record(staff=staff, **form.values(), by=account, at=now)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        return _person_page(request, staff, form)
    messages.success(request, "认定已登记。")
    return redirect(f"{reverse('ladder_person', args=[pk])}?month={form.cleaned_data['on']:%Y-%m}")


def _person_page(request: HttpRequest, staff: Staff, form: AttestationForm | None = None) -> HttpResponse:
    account, today = account_of(request), timezone.localdate()
    shown = _person(request, staff)
    may_attest = staff_where(account, "attest_criteria").filter(pk=staff.pk).exclude(account=account)
    if form is None and may_attest.exists():
        form = AttestationForm(rungs=[rung for rung, _ in shown["steps"]], today=today)
    shown["form"] = form if form is not None and form.fields["what"].choices else None  # type: ignore[attr-defined]
    return render(request, "promotions/person.html", shown)


def _person(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    """What a person's page shows: the steps with what the next level pays, as of the day asked for."""
    today = timezone.localdate()
    on = min(max(_day_asked(request), staff.joined_on), staff.left_on or today, today)
    rules, found = facts_of(staff.department, on, only=[staff.pk])
    facts = found.get(staff.pk)
    rungs = rungs_of(facts, rules) if facts else []
    steps = [(rung, level_pay(facts, rules, rung)) for rung in rungs] if facts else []
    return {"staff": staff, "on": on, "month": first_of(on), "facts": facts, "steps": steps}


def _staff(request: HttpRequest, pk: int) -> Staff:
    rows = staff_visible_to(account_of(request)).select_related("department")
    return get_object_or_404(rows, pk=pk)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The department, day and filters of the address; 404 for who has no department to look at."""
    departments = list(departments_visible_to(account_of(request)).order_by("code"))
    if not departments:
        raise Http404
    code = request.GET.get("department", "")
    department: Department = next((each for each in departments if each.code == code), departments[0])
    return {
        "department": department,
        "on": _day_asked(request),
        "sought": sought_in(request, "q"),
        "state": sought_in(request, "state"),
        "sort": sought_in(request, "sort"),
    }


def _day_asked(request: HttpRequest) -> date:
    """The last day of the month asked for, of this month today; without one the last that is over."""
    today = timezone.localdate()
    try:
        return min(last_of(parse_month(request.GET.get("month", ""))), today)
    except ValueError:
        return today if today == last_of(today) else first_of(today) - timedelta(days=1)
