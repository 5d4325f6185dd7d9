"""Opening an attachment: whoever may, and never as a page of this site."""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from files.models import Attachment
from files.selectors import attachments_visible_to
from files.storage import path_of
from people.web import account_of


@require_safe
def attachment(request: HttpRequest, name: str) -> FileResponse:
    """Pictures are shown, a PDF is downloaded; 404 for whoever may not see it."""
    return served(get_object_or_404(attachments_visible_to(account_of(request)), stored_name=name))


def served(row: Attachment) -> FileResponse:
    """The file of an attachment that may be opened; 404 where it is gone from the disk."""
    try:
        file = path_of(row).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=not row.is_picture, filename=row.file_name, content_type=row.type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
