"""Keeping what people attach."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from files.models import Attachment
from files.storage import check_file, file_store
from people.models import Account, Staff

NAME_LENGTH = 255


@transaction.atomic
def attachment_add(
    *,
    staff: Staff | None,
    purpose: Attachment.Purpose | str,
    content: UploadedFile,
    by: Account | None,
    at: datetime,
) -> Attachment:
    """Store a picture or PDF of a person, or of a case; FileRefused for anything else, or too much of it.

    A transaction that fails afterwards leaves a file of which no row tells; `files_tidy` removes it.
    """
    found = check_file(content)
    return Attachment.objects.create(
        staff=staff,
        purpose=purpose,
        file_name=(content.name or "附件").replace("\x00", "")[-NAME_LENGTH:],
        stored_name=file_store(content),
        type=found,
        size=content.size or 0,
        by=by,
        at=at,
    )
