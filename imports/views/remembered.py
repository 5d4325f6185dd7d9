"""Pages of what a department said once of its files: seen, changed, forgotten, with what it was before."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.history import changes_of
from core.paging import page_of
from imports import remembering
from imports.errors import ImportRefused
from imports.forms import IGNORE, AnswerForm, FormatNameForm, RememberedHeaderForm
from imports.models import Answer, HeaderMapping
from imports.selectors import formats_of, places, remembered_in, remembered_visible_to
from people.models import Department
from people.web import account_of
from sheets.loading import SHEET_KINDS
from sheets.profiles import Profile, all_profiles


@require_safe
def remembered(request: HttpRequest) -> HttpResponse:
    """The headers (or, `?what=answers`, the answers) that a department's files are read by, and the names."""
    account, place = account_of(request), _place(request)
    is_answers = request.GET.get("what") == "answers"
    model = Answer if is_answers else HeaderMapping
    page = page_of(request, remembered_in(account, place, model))
    titles = _profiles()
    for row in page:
        profile = None if is_answers else titles.get((row.kind, row.profile))
        row.shown = row.words if is_answers else _field_title(profile, row.field)
        row.title = "" if profile is None else profile.title
    shown = {
        "department": place,
        "places": places(account),
        "page": page,
        "is_answers": is_answers,
        "kinds": SHEET_KINDS,
        "formats": [] if is_answers else formats_of(account, place),
    }
    return render(request, "imports/remembered.html", shown)


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Call a format after its shop or tool."""
    account, place = account_of(request), _place(request)
    form = FormatNameForm(request.POST)
    kind, _, profile = request.POST.get("format", "").partition(".")
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
    elif _is_done(
        request,
        lambda: remembering.format_rename(
            department=place,
            kind=kind,
            profile=profile,
            name=form.cleaned_data["name"],
            by=account,
            at=timezone.now(),
        ),
    ):
        messages.success(request, f"已改名为“{form.cleaned_data['name']}”。")
    return redirect(f"{reverse('remembered')}?department={place.code}")


@require_http_methods(["GET", "POST"])
def header(request: HttpRequest, pk: int) -> HttpResponse:
    """What one header means; changed here."""
    row = _visible(request, HeaderMapping, pk)
    profile = _profiles().get((row.kind, row.profile))
    form = RememberedHeaderForm(request.POST or None, mapping=row, profile=profile)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["field"]
        field = "" if given == IGNORE else given
        at, by = timezone.now(), account_of(request)
        if _is_done(request, lambda: remembering.header_change(mapping=row, field=field, by=by, at=at)):
            messages.success(request, "已改好，以后的文件照此读取；导入过的不变。")
        return redirect("remembered_header", row.pk)
    title = f"表头“{row.header}”"
    return _one(request, row, form, title, _field_title(profile, row.field), "remembered_header_forget")


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer; changed here."""
    row = _visible(request, Answer, pk)
    form = AnswerForm(request.POST or None, answer=row)
    if request.method == "POST" and form.is_valid():
        value, at, by = form.cleaned_data["value"] or "", timezone.now(), account_of(request)
        if _is_done(request, lambda: remembering.answer_change(answer=row, value=value, by=by, at=at)):
            messages.success(request, "已改好，以后的文件照此读取；导入过的不变。")
        return redirect("remembered_answer", row.pk)
    return _one(request, row, form, row.text, row.words, "remembered_answer_forget")


@require_POST
def header_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about a header again."""
    return _forget(request, _visible(request, HeaderMapping, pk), "")


@require_POST
def answer_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a question again."""
    return _forget(request, _visible(request, Answer, pk), "&what=answers")


def _forget(request: HttpRequest, row: Any, tab: str) -> HttpResponse:
    at, by = timezone.now(), account_of(request)
    if _is_done(request, lambda: remembering.forget(row=row, by=by, at=at)):
        messages.success(request, "已忘记，下一个文件会重新问。")
    return redirect(f"{reverse('remembered')}?department={row.department.code}{tab}")


def _one(request: HttpRequest, row: Any, form: Any, title: str, words: str, forget: str) -> HttpResponse:
    shown = {
        "row": row,
        "form": form,
        "title": title,
        "words": words,
        "label": SHEET_KINDS.get(row.kind, row.kind),
        "forget_url": reverse(forget, args=[row.pk]),
        "changes": changes_of(row),
    }
    return render(request, "imports/remembered_one.html", shown)


def _is_done(request: HttpRequest, change: Callable[[], object]) -> bool:
    try:
        change()
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return False
    return True


def _place(request: HttpRequest) -> Department:
    """The department that the address names, else the first into which the account may import."""
    found = places(account_of(request))
    code = request.GET.get("department") or request.POST.get("department")
    chosen = [each for each in found if each.code == code] if code else found
    if not chosen:
        raise Http404
    return chosen[0]


def _visible(request: HttpRequest, model: Any, pk: int) -> Any:
    row = remembered_visible_to(account_of(request), model, pk)
    if row is None:
        raise Http404
    return row


def _profiles() -> dict[tuple[str, str], Profile]:
    return {(each.kind, each.name): each for each in all_profiles()}


def _field_title(profile: Profile | None, field: str) -> str:
    if not field:
        return "不需要"
    columns = profile.columns if profile else ()
    return next((column.title for column in columns if column.field == field), field)
