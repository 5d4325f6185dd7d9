"""Where uploads lie: a folder outside everything that is served, under random names.

What is in them may be buyers' data, so nothing outlives `UPLOAD_DAYS` and no row of them enters the database.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q

from imports.models import Upload


def path_of(upload: Upload) -> Path:
    return Path(settings.UPLOAD_DIR) / upload.stored_name


def errors_path_of(upload: Upload) -> Path:
    """The sheet of faults: the file again, its bad cells marked."""
    return path_of(upload).with_suffix(".errors.xlsx")


def file_store(upload: Upload, content: UploadedFile) -> None:
    """Write the content; only this process's user can read it. FileExistsError when the name is taken."""
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(upload)
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in content.chunks():
            file.write(chunk)


def file_remove(upload: Upload) -> None:
    """Remove what lies on the disk of an upload."""
    path_of(upload).unlink(missing_ok=True)
    errors_path_of(upload).unlink(missing_ok=True)


def uploads_tidy(*, before: datetime, at: datetime) -> int:
    """Remove the files of uploads from before that moment; those never finished are given up. How many."""
    old = list(
        Upload.objects.filter(at__lt=before, file_removed_at__isnull=True).exclude(
            state=Upload.State.IMPORTING
        )
    )
    for upload in old:
        file_remove(upload)
    rows = Upload.objects.filter(pk__in=[upload.pk for upload in old])
    rows.filter(~Q(state=Upload.State.DONE)).update(state=Upload.State.DISCARDED, found={})
    return rows.update(file_removed_at=at)
