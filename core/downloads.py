"""Workbooks as downloads."""

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
