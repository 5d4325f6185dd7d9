"""Pages of imports: bring a file, explain it, see what it would do, let it in, look back."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.paging import PAGE, page_of
from core.runs import QueueDown
from imports import files, services
from imports.errors import ImportRefused
from imports.forms import KindForm, MappingForm, QuestionsForm, UploadForm, options_form
from imports.kinds import kinds_open_to, profile_of
from imports.models import Upload
from imports.selectors import batches_visible_to, format_name, places, uploads_visible_to
from people.selectors import may
from people.web import account_of
from sheets.loading import SHEET_KINDS

ERRORS = 30  # errors stand beside the first twenty rows
WAITING = 10
State = Upload.State


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Bring a file; below what waits, ten or (`?waiting=1`) all of it, and what went in."""
    account = account_of(request)
    found = places(account)
    if not found:
        raise Http404
    chosen = [each for each in found if each.code == request.GET.get("department")]
    initial = {"department": chosen[0]} if chosen else None
    form = UploadForm(request.POST or None, request.FILES or None, places=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _bring(request, form)
    waiting = uploads_visible_to(account).exclude(state__in=Upload.CLOSED)
    if request.GET.get("waiting"):
        page = page_of(request, waiting)
        shown = {"page": page, "is_one_place": len(found) == 1, "kinds": SHEET_KINDS}
        return render(request, "imports/waiting.html", shown)
    first = list(waiting[: WAITING + 1])
    shown = {
        "form": form,
        "wanted": SHEET_KINDS.get(request.GET.get("kind", ""), ""),
        "is_one_place": len(found) == 1,
        "waiting": first[:WAITING],
        "is_more_waiting": len(first) > WAITING,
        "page": page_of(request, batches_visible_to(account), size=PAGE - WAITING),
        "kinds": SHEET_KINDS,
    }
    return render(request, "imports/imports.html", shown)


def _bring(request: HttpRequest, form: UploadForm) -> HttpResponse:
    """Store the files; one leads to its page, several wait below each other."""
    given, account = form.cleaned_data, account_of(request)
    at, stored = timezone.now(), []
    for index, content in enumerate(given["file"]):
        # The form sent twice brings the same files once; the first is the form itself.
        key = uuid.uuid5(given["key"], f"{index}") if index else given["key"]
        try:
            row = services.upload_create(
                department=given["department"], content=content, key=key, by=account, at=at
            )
        except ImportRefused as refused:
            messages.error(request, str(refused))
        except QueueDown as refused:
            messages.error(request, f"{refused}。")
        else:
            stored.append(row)
    if stored and len(given["file"]) == 1:
        return redirect("import_upload", stored[0].pk)
    if stored:
        messages.success(request, f"上传了 {len(stored)} 个文件，正在检查；请在下面逐个打开、确认。")
    return redirect("imports")


@require_safe
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """An upload as it stands: progress, what to explain, what was found."""
    row = _visible(request, pk)
    if row.state == State.DONE and row.batch_id:
        return redirect("import_batch", row.batch_id)
    if row.state == State.ASKING:
        return redirect("import_kind", row.pk)
    if row.state == State.MAPPING:
        return redirect("import_headers", row.pk)
    if row.state == State.QUESTIONS:
        return redirect("import_questions", row.pk)
    return render(request, "imports/upload.html", _shown(request, row))


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Part of the page: how far the worker is; leads to the page as soon as it has finished."""
    row = _visible(request, pk)
    if row.state not in Upload.WORKING:
        return HttpResponseClientRedirect(reverse("import_upload", args=[row.pk]))
    return render(request, "imports/progress.html", _shown(request, row))


@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the file is."""
    row, account = _visible(request, pk), account_of(request)
    if row.state in (*Upload.CLOSED, *Upload.WORKING):
        return redirect("import_upload", row.pk)
    form = KindForm(
        request.POST or None,
        kinds=kinds_open_to(account, row.department),
        candidates=row.found.get("candidates", ()),
        initial={"what": f"{row.kind}.{row.profile}"},
    )
    if request.method == "POST" and form.is_valid():
        chosen, _, profile = form.cleaned_data["what"].partition(".")
        return _step(
            request,
            lambda: services.upload_choose(
                upload=row, kind=chosen, profile=profile, by=account, at=timezone.now()
            ),
        )
    return render(request, "imports/kind.html", {"form": form, "upload": row})


@require_http_methods(["GET", "POST"])
def headers(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the file's own headers mean; what is kept half-way stands there again."""
    row, account = _visible(request, pk), account_of(request)
    if row.state in (*Upload.CLOSED, *Upload.WORKING) or not row.found.get("headers"):
        return redirect("import_upload", row.pk)
    form = MappingForm(request.POST or None, upload=row)
    if request.method == "POST" and form.is_valid():
        finish = request.POST.get("then") != "later"
        try:
            row = services.upload_map(
                upload=row, fields=form.mapping(), finish=finish, by=account, at=timezone.now()
            )
        except ImportRefused as refused:
            form.add_error(None, str(refused))
        except QueueDown as refused:
            messages.error(request, f"{refused}。")
            return redirect("import_upload", row.pk)
        else:
            if finish:
                return redirect("import_upload", row.pk)
            messages.success(request, "已存下，随时可以接着做。")
            return redirect("imports")
    shown = {"form": form, "upload": row, "profile": profile_of(row), "label": SHEET_KINDS[row.kind]}
    return render(request, "imports/headers.html", shown)


@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what the file leaves open."""
    row, account = _visible(request, pk), account_of(request)
    if row.state != State.QUESTIONS:
        return redirect("import_upload", row.pk)
    form = QuestionsForm(request.POST or None, upload=row)
    if request.method == "POST" and form.is_valid():
        return _step(
            request,
            lambda: services.upload_answer(
                upload=row,
                answers=form.answers(),
                job=request.POST.get("job", ""),
                by=account,
                at=timezone.now(),
            ),
        )
    shown = {"form": form, "upload": row, "profile": profile_of(row), "label": SHEET_KINDS[row.kind]}
    return render(request, "imports/questions.html", shown)


@require_POST
def options(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the file anew with other dates or another shop."""
    row, account = _visible(request, pk), account_of(request)
    form = _options(request, row, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        return render(request, "imports/upload.html", _shown(request, row, form))
    return _step(
        request,
        lambda: services.upload_set(
            upload=row,
            options=form.cleaned_data,
            job=request.POST.get("job", ""),
            by=account,
            at=timezone.now(),
        ),
    )


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the checked file in."""
    row, job = _visible(request, pk), request.POST.get("job", "")
    by, at = account_of(request), timezone.now()
    return _step(request, lambda: services.upload_confirm(upload=row, job=job, by=by, at=at))


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a file whose worker was lost to a worker again."""
    row, by, at = _visible(request, pk), account_of(request), timezone.now()
    return _step(request, lambda: services.upload_retry(upload=row, by=by, at=at))


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an upload up."""
    row = _visible(request, pk)
    try:
        row = services.upload_discard(upload=row, at=timezone.now())
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect("import_upload", row.pk)
    messages.success(request, f"已放弃 {row.file_name}，没有导入任何数据，文件已删除。")
    return redirect("imports")


def _visible(request: HttpRequest, pk: int) -> Upload:
    return get_object_or_404(uploads_visible_to(account_of(request)), pk=pk)


def _step(request: HttpRequest, take: Callable[[], Upload]) -> HttpResponse:
    """Take a step and show the upload; a refusal is said there."""
    pk = request.resolver_match.kwargs.get("pk") if request.resolver_match else None
    try:
        pk = take().pk
    except ImportRefused as refused:
        messages.error(request, str(refused))
    except QueueDown as refused:
        messages.error(request, f"{refused}。")
    return redirect("import_upload", pk) if pk else redirect("imports")


def _options(request: HttpRequest, row: Upload, data: Any = None) -> Any:
    may_confirm = row.kind == "incidents" and may(account_of(request), "confirm_incidents", row.department)
    return options_form(row, may_confirm=may_confirm, data=data)


def _shown(request: HttpRequest, row: Upload, form: Any = None) -> dict[str, Any]:
    is_working = row.state in Upload.WORKING
    is_checked = row.state in (State.READY, State.INVALID)
    return {
        "upload": row,
        "label": SHEET_KINDS.get(row.kind, "待辨认"),
        "profile": profile_of(row) if row.kind else None,
        "format_name": format_name(row) if row.kind else "",
        "is_working": is_working,
        "is_lost": services.is_lost(row),
        "is_waiting_long": services.is_waiting_long(row, timezone.now()),
        "total": row.found.get("rows", 0),
        "percent": min(100, row.rows_read * 100 // max(row.found.get("rows", 0), 1)),
        "options": (form or _options(request, row)) if is_checked and row.kind else None,
        "has_error_sheet": bool(row.found.get("errors")) and files.errors_path_of(row).exists(),
        "errors": page_of(request, row.found.get("errors", []), size=ERRORS),
    }
