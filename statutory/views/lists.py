"""A department's declarations by kind, their exports and empty sheets; all that is declared of a person."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from people.models import Department, Staff
from people.selectors import departments_where, staff_where
from people.web import account_of, do, own_staff, sought_in
from rules.selectors import employed_in
from statutory.exports import SHEETS, declared_export, template_export
from statutory.forms import EndForm
from statutory.models.declarations import Declaration
from statutory.selectors.declared import NOUNS, STATES, Noun, listed, of_rows, told
from statutory.selectors.kept import ACTION, kept_of
from statutory.services import base_end, deduction_end

ENDS: dict[str, Callable[..., Any]] = {"base": base_end, "deduction": deduction_end}


def place_of(request: HttpRequest) -> tuple[Department, list[Department]]:
    """The department of the address, the first where it names none, and all there are; 404 for nobody's."""
    places = list(departments_where(account_of(request), ACTION).order_by("code"))
    if not places:
        raise Http404
    code = request.GET.get("department", "")
    return next((each for each in places if each.code == code), places[0]), places


def _asked(request: HttpRequest, noun: Noun) -> dict[str, str]:
    """What the list is filtered and ordered by."""
    state, kind, sort = (request.GET.get(name, "") for name in ("state", "kind", "sort"))
    return {
        "state": state if state in STATES else "now",
        "kind": kind,
        "sort": sort if sort in noun.sorts else "number",
        "sought": sought_in(request, "q"),
    }


@require_safe
def declarations(request: HttpRequest, noun: str) -> HttpResponse:
    """A list of one kind, 50 to a page; seven queries."""
    kind = NOUNS[noun]
    place, places = place_of(request)
    asked = _asked(request, kind)
    page = page_of(request, listed(kind, place, today=timezone.localdate(), **asked))
    shown = {
        "noun": kind,
        "nouns": NOUNS.values(),
        "place": place,
        "places": places,
        "page": page,
        "rows": [told(row) for row in page],
        "states": STATES,
        "has_sheet": noun in SHEETS,
        "sheet_kind": SHEETS.get(noun, ""),
        **asked,
    }
    return render(request, "statutory/declarations.html", shown)


@require_safe
def declarations_export(request: HttpRequest) -> FileResponse:
    """The list that the address asks for (`noun`), as a workbook."""
    noun = _noun(request.GET.get("noun", "base"))
    place, _ = place_of(request)
    rows = listed(noun, place, today=timezone.localdate(), **_asked(request, noun))
    return workbook_download(
        f"{place.name}{noun.label}.xlsx", partial(declared_export, noun, place, rows.iterator())
    )


@require_safe
def declarations_template(request: HttpRequest) -> FileResponse:
    """An empty sheet of a kind (`noun`) with everybody who works there."""
    noun = _noun(request.GET.get("noun", "base"))
    if noun.key not in SHEETS:
        raise Http404
    place, _ = place_of(request)
    staff = list(employed_in(place, timezone.localdate()))
    return workbook_download(f"{noun.label}模板.xlsx", partial(template_export, noun, staff))


@require_safe
def declarations_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a person that the account keeps, what was withdrawn as well; ten queries."""
    staff = _person(request, pk)
    kept = kept_of(account_of(request), staff.pk, today=timezone.localdate())
    page = page_of(request, of_rows(kept.rows, withdrawn=True, kept=kept))
    shown = {"staff": staff, "page": page, "nouns": NOUNS.values(), "end": EndForm()}
    return render(request, "statutory/person.html", shown)


@require_POST
def declaration_end(request: HttpRequest, noun: str, pk: int) -> HttpResponse:
    """Let a base or a deduction end with a month."""
    row = declaration_asked(request, noun, pk)
    if noun not in ENDS:
        raise Http404
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有停止：月份请写成 2026-10 这样。")
        return redirect("declarations_person", person_shown(request, row))
    until = form.cleaned_data["until"]
    return do(
        request,
        lambda: ENDS[noun](declaration=row, until=until, by=account_of(request), at=timezone.now()),
        f"{row.staff}：到{until:%Y年%m月}为止。",
        "declarations_person",
        person_shown(request, row),
        refused_as="没有停止：",
    )


@require_safe
def me_declarations(request: HttpRequest) -> HttpResponse:
    """The own declarations that stand, to read; eight queries."""
    account = account_of(request)
    own_staff(request)
    rows = of_rows(account.staff.values_list("pk", flat=True), withdrawn=False)
    return render(request, "statutory/me.html", {"page": page_of(request, rows)})


def person_shown(request: HttpRequest, row: Declaration) -> int:
    """Under which of the person's rows of staff the account sees a declaration: its own or the latest."""
    kept = kept_of(account_of(request), row.staff_id, today=timezone.localdate())
    return row.staff_id if row.staff_id in kept.own else max(kept.own)


def _noun(key: str) -> Noun:
    if key not in NOUNS:
        raise Http404
    return NOUNS[key]


def _person(request: HttpRequest, pk: int) -> Staff:
    people = staff_where(account_of(request), ACTION).select_related("department")
    return get_object_or_404(people, pk=pk)


def declaration_asked(request: HttpRequest, noun: str, pk: int) -> Declaration:
    """The declaration of an address, where the account keeps it; else 404."""
    rows: Any = _noun(noun).model._default_manager.select_related("staff__department")
    row: Declaration = get_object_or_404(rows, pk=pk)
    if not kept_of(account_of(request), row.staff_id, today=timezone.localdate()).holds(row):
        raise Http404
    return row
