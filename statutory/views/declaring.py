"""Declaring something of one person, and new bases of many with a look at what they change."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import ManyRefused, Refused
from core.paging import page_of
from people.models import Department
from people.selectors import departments_where
from people.web import account_of, month_asked, sought_in
from statutory.forms import BaseChangesForm, BaseForm, DeclareForm, DeductionForm, FirstJobForm, HistoryForm
from statutory.selectors.base_changes import BaseChange, base_changes
from statutory.selectors.declared import NOUNS
from statutory.services import (
    base_declare,
    bases_declare,
    deduction_declare,
    first_job_record,
    history_record,
)
from statutory.services.bases import bases_tried
from statutory.views.lists import ACTION, place_of

# By what is declared: the form that asks, the service that writes.
WAYS: Mapping[str, tuple[type[DeclareForm], Callable[..., Any]]] = {
    "base": (BaseForm, base_declare),
    "deduction": (DeductionForm, deduction_declare),
    "history": (HistoryForm, history_record),
    "first-job": (FirstJobForm, first_job_record),
}


@require_http_methods(["GET", "HEAD", "POST"])
def declaration_new(request: HttpRequest, noun: str) -> HttpResponse:
    """Declare something of one person; `who` may be in the address."""
    form, write = form_of(request, WAYS[noun][0]), WAYS[noun][1]
    if request.method == "POST" and form.is_valid() and (made := saved(request, form, write)):
        return made
    return render(request, "statutory/new.html", {"form": form, "noun": NOUNS[noun]})


def form_of(request: HttpRequest, form: type[DeclareForm]) -> Any:
    """The form as it was sent or begins; 404 for whoever keeps nobody's declarations."""
    account = account_of(request)
    if not departments_where(account, ACTION).exists():
        raise Http404
    sent = request.POST if request.method == "POST" else None
    return form(sent, account=account, who=sought_in(request, "who"), today=timezone.localdate())


def saved(request: HttpRequest, form: DeclareForm, write: Callable[..., Any]) -> HttpResponse | None:
    """Write what a good form says and go to the person's page; None where it is refused, on the form."""
    try:
        made = write(**form.values(), by=account_of(request), at=timezone.now())
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        return None
    messages.success(request, f"已登记：{made}。没有批准的月份要重新结算。")
    return redirect("declarations_person", made.staff_id)


@require_http_methods(["GET", "HEAD", "POST"])
def declarations_changes(request: HttpRequest) -> HttpResponse:
    """Whose bases change with a month, before and after; pasted ones are shown before they are saved."""
    place, places = place_of(request)
    month = month_asked(request, timezone.localdate())
    form = BaseChangesForm(request.POST or None, department=place, month=month)
    rows: list[BaseChange] | None = None
    if request.method == "POST" and form.is_valid():
        month = form.cleaned_data["month"]
        try:
            if request.POST.get("save"):
                made = bases_declare(
                    facts=form.cleaned_data["facts"], by=account_of(request), at=timezone.now()
                )
                messages.success(request, f"已登记{len(made)}条缴费基数，从{month:%Y年%m月}起。")
                return redirect(f"{request.path}?department={place.code}&month={month:%Y-%m}")
            rows = _tried(request, place, form, month)
        except ManyRefused as refused:
            for position, error in refused.refusals.items():
                form.add_error("lines", f"第{form.places[position]}行：{error}。")
    is_preview = rows is not None
    rows = base_changes(place, month) if rows is None else rows
    shown = {
        "place": place,
        "places": places,
        "nouns": NOUNS.values(),
        "month": month,
        "form": form,
        "is_preview": is_preview,
        "page": page_of(request, rows),
        "person": sum(row.person for row in rows),
        "employer": sum(row.employer for row in rows),
    }
    return render(request, "statutory/changes.html", shown)


def _tried(request: HttpRequest, place: Department, form: BaseChangesForm, month: date) -> list[BaseChange]:
    """Who would change with the month if the pasted bases were saved; nothing is."""
    with bases_tried(facts=form.cleaned_data["facts"], by=account_of(request), at=timezone.now()):
        return base_changes(place, month)
