"""Which uploads and imports an account may see. Files of staff name what people earn."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from imports.kinds import kinds_open_to
from imports.models import FormatName, HeaderMapping, Upload
from people.models import Account, Department, ImportBatch
from people.selectors import departments_where
from sheets.profiles import all_profiles


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


def remembered_visible_to(account: Account, model: type[Any], pk: int) -> Any:
    """One thing that a department remembers of its files, of a kind that the account may import there, or
    None."""
    rows = model.objects.filter(department__in=departments_where(account, "import_data"))
    row = rows.select_related("department", "by").filter(pk=pk).first()
    return row if row and row.kind in kinds_open_to(account, row.department) else None


def format_name(upload: Upload) -> str:
    """What the department calls the format of an upload, blank where it has no name for it."""
    rows = FormatName.objects.filter(
        department=upload.department, kind=upload.kind, profile=upload.profile
    ).values_list("name", flat=True)
    return rows.first() or ""


def remembered_in(account: Account, department: Department, model: type[Any]) -> QuerySet[Any]:
    """What one department remembers, without what it forgot."""
    return model.objects.filter(_of_kinds(account, department), forgotten_at=None).select_related("by")


@dataclass(frozen=True)
class Format:
    """A profile with the headers of a department's own."""

    code: str
    title: str
    name: str


def formats_of(account: Account, department: Department) -> list[Format]:
    """The profiles for which a department remembers headers or has a name; two queries and the kinds'."""
    names = {(each.kind, each.profile): each.name for each in remembered_in(account, department, FormatName)}
    own = remembered_in(account, department, HeaderMapping).order_by().values_list("kind", "profile")
    known = {*own.distinct(), *names}
    return [
        Format(f"{each.kind}.{each.name}", each.title, names.get((each.kind, each.name), ""))
        for each in all_profiles()
        if (each.kind, each.name) in known
    ]


def _of_kinds(account: Account, department: Department) -> Q:
    return Q(department=department, kind__in=kinds_open_to(account, department))
