"""Putting up what is taught with, and taking it out of use."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from files.models import Attachment
from files.services import attachment_add
from people.models import Account, Department
from people.services.saving import row_save
from training.errors import MaterialRefused
from training.models import Material
from training.selectors.programmes import programmes_on


@transaction.atomic
def material_add(
    *,
    department: Department,
    code: str,
    step: str,
    title: str,
    url: str = "",
    content: UploadedFile | None = None,
    by: Account,
    at: datetime,
) -> Material:
    """Put up a file or a link for a step of a programme in force (`step` empty: for the whole of it).

    MaterialRefused for a programme or step that does not hold today and for neither or both of file and link;
    FileRefused for a file that is no picture and no PDF.
    """
    rules = {each.code: each for each in programmes_on(department, timezone.localdate(at))}
    if code not in rules or (step and rules[code].kind.step(step) is None):
        raise MaterialRefused(f"现行制度没有培训步骤 {code} {step}；请刷新页面")
    if bool(url) == bool(content):
        raise MaterialRefused("文件和链接须且只须给一样；上传一个文件，或者填一个链接")
    attachment = None
    if content is not None:
        purpose = Attachment.Purpose.TRAINING
        attachment = attachment_add(staff=None, purpose=purpose, content=content, by=by, at=at)
    row = Material(
        department=department,
        code=code,
        step=step,
        title=title.strip() or (attachment.file_name[:100] if attachment else url[:100]),
        url=url,
        attachment=attachment,
        by=by,
        at=at,
    )
    row_save(row)
    return row


@transaction.atomic
def material_retire(*, material: Material, by: Account, at: datetime) -> Material:
    """Take material out of use; again changes nothing."""
    row = Material.objects.select_for_update().get(pk=material.pk)
    if row.retired_on is None:
        row.retired_on = timezone.localdate(at)
        row.save(update_fields=["retired_on"])
    return row
