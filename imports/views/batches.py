"""Pages of what went in: one import, its file, taking it back."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from core.runs import QueueDown, task_send
from imports import files, tasks
from imports.errors import ImportRefused
from imports.kinds import also_needed, kinds_open_to
from imports.mending import MARK
from imports.models import Upload
from imports.selectors import batches_visible_to, uploads_visible_to
from imports.undo import is_undo_lost, undo_ask, undo_drop, undo_refusal
from people.models import ImportBatch
from people.web import account_of
from sheets.loading import SHEET_KINDS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: who, when, what it did, its file, whether it can be undone."""
    row = _visible(request, pk)
    upload = uploads_visible_to(account_of(request)).filter(batch=row, file_removed_at__isnull=True).first()
    now = timezone.now()
    is_under_way = bool(row.undo_asked_at) and not row.undone_at
    shown = {
        "batch": row,
        "label": SHEET_KINDS.get(row.kind, row.kind),
        "upload": upload,
        "forerunners": uploads_visible_to(account_of(request)).filter(successor__batch=row),
        "is_undoing": is_under_way and not is_undo_lost(row, now),
        "is_undo_lost": is_undo_lost(row, now),
        "refusal": "" if row.undone_at or is_under_way else undo_refusal(row, at=now),
    }
    return render(request, "imports/batch.html", shown)


@require_safe
def undoing(request: HttpRequest, pk: int) -> HttpResponse:
    """Part of the page: whether an undo is still under way."""
    row = _visible(request, pk)
    if row.undone_at or not row.undo_asked_at or is_undo_lost(row, timezone.now()):
        return HttpResponseClientRefresh()
    return render(request, "imports/undoing.html", {"batch": row})


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, if nothing depends on it; a second click does nothing."""
    row, account = _visible(request, pk), account_of(request)
    try:
        if row.kind not in kinds_open_to(account, row.department):
            raise ImportRefused(f"{also_needed(row.kind)}，撤销也一样。")
        if undo_ask(batch=row, by=account, at=timezone.now()):
            task_send(tasks.take_back, row.pk, account.pk)
    except ImportRefused as refused:
        messages.error(request, f"没有撤销。{refused}")
    except QueueDown as refused:
        undo_drop(batch=row)
        messages.error(request, f"没有撤销。{refused}。")
    return redirect("import_batch", row.pk)


@require_safe
def original(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was uploaded."""
    row = _upload(request, pk)
    return _download(files.path_of(row), row.file_name, "application/octet-stream")


@require_safe
def error_sheet(request: HttpRequest, pk: int) -> FileResponse:
    """The whole file again, its faulty cells marked, what is wrong with them in a column of its own."""
    row = _upload(request, pk)
    name = row.file_name.rsplit(".", 1)[0].removesuffix(MARK)
    return _download(files.errors_path_of(row), f"{name}{MARK}.xlsx", XLSX)


def _visible(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(batches_visible_to(account_of(request)), pk=pk)


def _upload(request: HttpRequest, pk: int) -> Upload:
    rows = uploads_visible_to(account_of(request)).filter(file_removed_at__isnull=True)
    return get_object_or_404(rows, pk=pk)


def _download(path: "files.Path", name: str, content_type: str) -> FileResponse:
    try:
        content = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=name, content_type=content_type)
