"""What came in from files, to look at: uploads, imports, what headers mean."""

from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from imports.models import Answer, FormatName, HeaderMapping, Upload
from people.admin.bases import (
    DepartmentFilter,
    ReadOnlyAdmin,
)
from people.models import ImportBatch
from sheets.loading import SHEET_KINDS
from sheets.profiles import all_profiles


@admin.display(description="类别", ordering="kind")
def kind_name(row: Any) -> str:
    return SHEET_KINDS.get(row.kind, row.kind)


@admin.display(description="格式", ordering="profile")
def profile_title(row: Any) -> str:
    return _titles().get((row.kind, row.profile), row.profile)


@cache
def _titles() -> dict[tuple[str, str], str]:
    return {(each.kind, each.name): each.title for each in all_profiles()}


class KindFilter(admin.SimpleListFilter):
    """What a file holds."""

    title = "类别"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(SHEET_KINDS.items())

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(kind=self.value()) if self.value() else rows


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "department", kind_name, "file_name", profile_title, "rows", "by", "undone_at"]
    list_filter = [("department", DepartmentFilter), KindFilter, ("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["department", "by"]
    date_hierarchy = "at"
    search_fields = ["file_name", "digest"]
    fields = [
        "department", kind_name, profile_title, "file_name", "digest", "rows", "by", "at",
        "undo_by", "undo_asked_at", "undo_refusal", "undone_at",
    ]  # fmt: skip
    readonly_fields = [kind_name, profile_title]


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "department", "file_name", kind_name, "state", "by", "batch"]
    list_filter = [("department", DepartmentFilter), "state", KindFilter]
    list_select_related = ["department", "by", "batch"]
    date_hierarchy = "at"
    search_fields = ["file_name"]
    fields = [
        "department", "file_name", "size", kind_name, profile_title, "state", "message", "by", "at",
        "queued_at", "started_at", "file_removed_at", "batch", "successor",
    ]  # fmt: skip
    readonly_fields = [kind_name, profile_title]


@admin.register(HeaderMapping)
class HeaderMappingAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["department", kind_name, profile_title, "header", "field", "by", "at"]
    list_filter = [("department", DepartmentFilter), KindFilter]
    list_select_related = ["department", "by"]
    date_hierarchy = "at"
    search_fields = ["header", "field"]
    fields = ["department", kind_name, profile_title, "header", "field", "by", "at", "forgotten_at"]
    readonly_fields = [kind_name, profile_title]


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["department", kind_name, "text", "value", "by", "at"]
    list_filter = [("department", DepartmentFilter), KindFilter]
    list_select_related = ["department", "by"]
    date_hierarchy = "at"
    search_fields = ["text", "value"]
    fields = ["department", kind_name, "text", "value", "by", "at", "forgotten_at"]
    readonly_fields = [kind_name]


@admin.register(FormatName)
class FormatNameAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["department", kind_name, profile_title, "name", "by", "at"]
    list_filter = [("department", DepartmentFilter), KindFilter]
    list_select_related = ["department", "by"]
    date_hierarchy = "at"
    search_fields = ["name"]
    fields = ["department", kind_name, profile_title, "name", "by", "at"]
    readonly_fields = [kind_name, profile_title]
