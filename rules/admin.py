"""The administration pages of rules: what is published is read-only, a change is a new version."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from people.admin import ReadOnlyAdmin, ReadOnlyInline, ScopedAdmin, account_of
from people.selectors import departments_where, may
from rules.library import RulebookError, blanks_of
from rules.models import Edition, LibraryProvision, Provision, ProvisionFields, Rulebook, Version
from rules.services import rulebook_adopt, version_change


@admin.display(description="参数")
def shown_params(provision: ProvisionFields) -> str:
    return json.dumps(provision.params, ensure_ascii=False)


@admin.display(description="待填")
def shown_blanks(provision: ProvisionFields) -> str:
    return "、".join(blanks_of(provision)) or "—"


class EditionInline(ReadOnlyInline):
    model = Edition
    fields = readonly_fields = ["number", "loaded_at", "digest"]


class LibraryProvisionInline(ReadOnlyInline):
    model = LibraryProvision
    fields = readonly_fields = ["code", "title", "clause", "kind", shown_params]
    ordering = ["position"]


class ProvisionInline(ReadOnlyInline):
    model = Provision
    fields = readonly_fields = ["code", "title", "kind", shown_params, shown_blanks]
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
    list_select_related = ["rulebook"]
    search_fields = ["rulebook__code", "rulebook__name"]
    inlines = [LibraryProvisionInline]


@admin.register(LibraryProvision)
class LibraryProvisionAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "kind", shown_params, shown_blanks, "edition"]
    list_filter = ["kind", "edition__rulebook"]
    list_select_related = ["edition__rulebook"]
    search_fields = ["code", "title", "clause"]


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
    list_filter = ["department"]
    list_select_related = ["department", "published_by"]
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
        return departments_where(account_of(request), "publish_rules").exists()

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


class ParamsForm(forms.ModelForm):
    """Other parameter values for a provision, from a date; published as a new version."""

    new_params = forms.JSONField(
        label="参数",
        widget=UnfoldAdminTextareaWidget,
        help_text="JSON；写出的参数改为新值，没写的不变。",
    )
    effective_on = forms.DateField(label="生效日期", widget=UnfoldAdminDateWidget)

    class Meta:
        model = Provision
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_params"].initial = self.instance.params

    def clean_new_params(self) -> dict[str, Any]:
        params = self.cleaned_data["new_params"]
        if not isinstance(params, dict):
            raise forms.ValidationError('应为键值表，如 {"amount": "10.00"}。')
        return params

    def _post_clean(self) -> None:
        """The stored provision stays as it is."""


@admin.register(Provision)
class ProvisionAdmin(ScopedAdmin):
    department_path = "version__department"
    refusals = (*ScopedAdmin.refusals, RulebookError)
    form = ParamsForm
    list_display = ["code", "title", "kind", shown_params, shown_blanks, "version"]
    list_filter = ["version__department", "kind", "version"]
    list_select_related = ["version__department"]
    search_fields = ["code", "title", "clause"]
    readonly_fields = ["version", "code", "title", "clause", "kind", shown_params, shown_blanks]

    def get_fields(self, request: HttpRequest, obj: Provision | None = None) -> list[Any]:
        editable = ["new_params", "effective_on"] if self.has_change_permission(request, obj) else []
        return [*self.readonly_fields, *editable]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Provision | None = None) -> bool:
        if obj is None:
            return departments_where(account_of(request), "publish_rules").exists()
        return may(account_of(request), "publish_rules", obj.version.department)

    def has_delete_permission(self, request: HttpRequest, obj: Provision | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Provision, form: Any, change: bool) -> None:
        version = version_change(
            department=obj.version.department,
            effective_on=form.cleaned_data["effective_on"],
            changes={obj.code: form.cleaned_data["new_params"]},
            by=account_of(request),
            at=timezone.now(),
            note=f"变更 {obj.code} 的参数",
        )
        self.message_user(request, f"已发布{version}。")
