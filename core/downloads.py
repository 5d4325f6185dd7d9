"""Workbooks, papers and archives as downloads."""

import tempfile
from collections.abc import Callable

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header


def workbook_download(name: str, write: Callable[..., object]) -> FileResponse:
    """What `write(target=…)` writes into a file of its own, under `name`; nothing is left where it fails."""
    target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response reads it to its end and closes it
    try:
        write(target=target)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name)


def pdf_shown(name: str, content: bytes) -> HttpResponse:
    """A paper that the browser shows, to be printed or kept under `name`."""
    return _private(name, content, "application/pdf", is_kept=False)


def zip_download(name: str, content: bytes) -> HttpResponse:
    """An archive under `name`."""
    return _private(name, content, "application/zip", is_kept=True)


def _private(name: str, content: bytes, type: str, *, is_kept: bool) -> HttpResponse:
    """It tells of people: no cache between here and the browser keeps it."""
    response = HttpResponse(content, content_type=type)
    response["Content-Disposition"] = content_disposition_header(is_kept, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
