"""The pictures and PDFs that show what an incident was."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from files.models import Attachment
from files.services import attachment_add
from penalties.errors import IncidentRefused
from penalties.models import Incident
from people.models import Account

MOST_FILES = 20  # of one incident


@transaction.atomic
def evidence_add(
    incident: Incident, files: Sequence[UploadedFile], *, by: Account | None, at: datetime
) -> list[Attachment]:
    """Keep what shows an incident, beside what there is; it belongs to the person, who may open it.

    The same file again (its name and size, from the same account) is kept once.
    FileRefused for what is no picture or PDF, or too large; IncidentRefused for more than `MOST_FILES`, and
    for an incident that was rejected or taken back.
    """
    if not files:
        return []
    if incident.state == Incident.State.REJECTED or hasattr(incident, "reversal"):
        raise IncidentRefused(f"{incident}不成立或已撤销", "不用再加证据", field="incident")
    there = set(incident.attachments.filter(by=by).values_list("file_name", "size"))
    new = [each for each in files if (each.name, each.size) not in there]
    if incident.attachments.count() + len(new) > MOST_FILES:
        raise IncidentRefused(f"证据超过{MOST_FILES}个", "请合成一份 PDF，或只留要紧的", field="attached")
    rows = [
        attachment_add(staff=incident.staff, purpose=Attachment.Purpose.INCIDENT, content=each, by=by, at=at)
        for each in new
    ]
    incident.attachments.add(*rows)
    return rows
