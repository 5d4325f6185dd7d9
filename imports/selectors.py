"""Which uploads and imports an account may see. Files of staff name what people earn."""

from django.db.models import Q, QuerySet

from imports.models import Upload
from people.models import Account, Department, ImportBatch
from people.selectors import departments_where


def places(account: Account) -> list[Department]:
    """The departments into which the account may import."""
    return list(departments_where(account, "import_data").order_by("code"))


def uploads_visible_to(account: Account) -> QuerySet[Upload]:
    """The uploads of the account's departments; those that may hold pay only to who may see pay there."""
    without_pay = ~Q(kind__in=("", "staff"))
    in_pay = Q(department__in=departments_where(account, "view_pay"))
    rows = Upload.objects.filter(department__in=departments_where(account, "import_data"))
    return rows.filter(Q(by=account) | without_pay | in_pay).select_related(
        "department", "by", "batch", "successor"
    )


def batches_visible_to(account: Account) -> QuerySet[ImportBatch]:
    """The imports of the account's departments, the latest first."""
    rows = ImportBatch.objects.filter(department__in=departments_where(account, "import_data"))
    return rows.select_related("department", "by", "undo_by", "upload")
