"""Staff sign the version that they have read."""

from datetime import datetime

from django.db import transaction

from people.models import Account, Staff
from rules.library import RulebookError
from rules.models import Signature, Version


@transaction.atomic
def version_sign(*, version: Version, staff: Staff, by: Account, at: datetime) -> Signature:
    """A person's own signature under a published version of the own department; once, a second is the first.

    RulebookError for somebody else's row, another department's version, or a draft.
    """
    if staff.account_id != by.pk:
        raise RulebookError("只能由本人签署")
    if version.department_id != staff.department_id or version.published_at is None:
        raise RulebookError("只能签署本部门已发布的制度版本")
    if staff.left_on is not None and staff.left_on < at.date():
        raise RulebookError(f"{staff}已离职，不必签署")
    return Signature.objects.get_or_create(version=version, staff=staff, defaults={"at": at})[0]
