"""Workbooks, papers and archives as downloads."""

import io
import tempfile
from collections.abc import Callable

from django.http import FileResponse


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


def pdf_shown(name: str, content: bytes) -> FileResponse:
    """A paper that the browser shows, to be printed or kept under `name`."""
    return _private(FileResponse(io.BytesIO(content), filename=name, content_type="application/pdf"))


def zip_download(name: str, content: bytes) -> FileResponse:
    """An archive under `name`."""
    return _private(
        FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type="application/zip")
    )


def _private(response: FileResponse) -> FileResponse:
    """It tells of people: no cache between here and the browser keeps it."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
