"""The administration pages of rules: what is published is read-only, a change is a new version."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    PERSON_HELP,
    DepartmentFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    ScopedAdmin,
    may_anywhere,
)
from people.selectors import departments_where
from people.web import account_of
from rules.differences import in_words, kind_label, roles_in_words
from rules.kinds import KINDS
from rules.library import RulebookError, blanks_of
from rules.models import (
    Edition,
    LibraryProvision,
    Provision,
    ProvisionFields,
    Rulebook,
    Signature,
    Version,
)
from rules.services import rulebook_adopt


@admin.display(description="内容")
def shown_words(provision: ProvisionFields) -> str:
    return in_words(provision)


@admin.display(description="待填")
def shown_blanks(provision: ProvisionFields) -> str:
    blanks = len(blanks_of(provision))
    return f"{blanks}处" if blanks else "—"


@admin.display(description="类型", ordering="kind")
def kind_name(provision: ProvisionFields) -> str:
    return kind_label(provision)


@admin.display(description="约束岗位")
def bound_roles(provision: ProvisionFields) -> str:
    return roles_in_words(provision.roles)


READ = [
    "code", "title", "clause", kind_name, shown_words, shown_blanks, bound_roles,
    "window", "basis", "confirm",
]  # fmt: skip


class KindFilter(admin.SimpleListFilter):
    """What a provision computes."""

    title = "类型"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, kind.label) for code, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(kind=self.value()) if self.value() else rows


class EditionInline(ReadOnlyInline):
    model = Edition
    fields = readonly_fields = ["number", "loaded_at", "digest"]


class LibraryProvisionInline(ReadOnlyInline):
    model = LibraryProvision
    fields = readonly_fields = ["code", "title", "clause", kind_name, shown_words]
    ordering = ["position"]


class ProvisionInline(ReadOnlyInline):
    model = Provision
    fields = readonly_fields = ["code", "title", kind_name, shown_words, shown_blanks]
    ordering = ["position"]


@admin.register(Rulebook)
class RulebookAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "trade"]
    list_filter = ["trade"]
    search_fields = ["code", "name"]
    inlines = [EditionInline]


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["rulebook", "number", "loaded_at"]
    list_filter = ["rulebook__trade"]
    date_hierarchy = "loaded_at"
    list_select_related = ["rulebook"]
    search_fields = ["rulebook__code", "rulebook__name"]
    inlines = [LibraryProvisionInline]


@admin.register(LibraryProvision)
class LibraryProvisionAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", kind_name, "basis", shown_words, shown_blanks, "edition"]
    list_filter = ["edition__rulebook", KindFilter, "basis"]
    list_select_related = ["edition__rulebook"]
    search_fields = ["code", "title", "clause"]
    fields = ["edition", *READ]
    readonly_fields = [kind_name, shown_words, shown_blanks, bound_roles]


class AdoptionForm(forms.ModelForm):
    """Adding a version is adopting a rulebook from a date."""

    rulebook = forms.ModelChoiceField(
        label="制度", queryset=Rulebook.objects.all(), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Version
        fields = ["department", "effective_on"]

    def _post_clean(self) -> None:
        """The service makes the version; there is no unfinished one to check."""


@admin.register(Version)
class VersionAdmin(ScopedAdmin):
    department_path = "department"
    refusals = (*ScopedAdmin.refusals, RulebookError)
    form = AdoptionForm
    list_display = ["department", "number", "effective_on", "note", "published_at", "published_by"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "published_by"]
    date_hierarchy = "effective_on"
    search_fields = ["note"]
    inlines = [ProvisionInline]

    def get_fields(self, request: HttpRequest, obj: Version | None = None) -> list[str]:
        if obj is None:
            return ["department", "rulebook", "effective_on"]
        return ["department", "number", "effective_on", "note", "editions", "published_at", "published_by"]

    def get_inlines(self, request: HttpRequest, obj: Version | None) -> Any:
        return self.inlines if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments_where(account_of(request), "publish_rules")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_anywhere(request, "publish_rules")

    def has_change_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Version, form: Any, change: bool) -> None:
        adoption = rulebook_adopt(
            department=form.cleaned_data["department"],
            rulebook=form.cleaned_data["rulebook"].code,
            effective_on=form.cleaned_data["effective_on"],
            by=account_of(request),
            at=timezone.now(),
        )
        for name in ("pk", "department", "number", "effective_on"):
            setattr(obj, name, getattr(adoption.version, name))
        obj._state.adding = False
        if adoption.blanks:
            codes = "、".join(blank.code for blank in adoption.blanks)
            self.message_user(request, f"还有数字未填，填好以前不起作用：{codes}", messages.WARNING)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has saved the editions."""


@admin.register(Provision)
class ProvisionAdmin(ReadOnlyAdmin):
    """A department's provisions to look up; they are changed in a draft on the pages of rules."""

    department_path = "version__department"
    list_display = ["code", "title", kind_name, "basis", shown_words, "version"]
    list_filter = [("version__department", DepartmentFilter), KindFilter, "basis"]
    list_select_related = ["version__department"]
    search_fields = ["code", "title", "clause"]
    date_hierarchy = "version__effective_on"
    fields = ["version", "source", *READ]
    readonly_fields = [kind_name, shown_words, shown_blanks, bound_roles]


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["at", "staff", "version"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "version__department"]
    date_hierarchy = "at"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP
