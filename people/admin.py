"""The administration pages of people; also the bases on which every app builds its own."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import ForeignKey, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminDateWidget

from people.models import AccessLog, Account, ApiToken, Department, FactChange, ImportBatch, Staff, Team, Term
from people.requests import account_of
from people.selectors import (
    departments_visible_to,
    departments_where,
    may,
    pay_visible_to,
    staff_visible_to,
)
from people.services import (
    TERM_FIELDS,
    PeopleError,
    staff_create,
    staff_leave,
    staff_rename,
    staff_terms_change,
)
from people.tokens import SCOPES, token_create, token_revoke

REFUSALS: tuple[type[Exception], ...] = (PeopleError,)


class ScopedAdmin(ModelAdmin):
    """Lists only what the account may see, and turns a service's refusal into a message.

    A subclass names the path to the staff or to the department of its rows (`""`: the row itself).
    """

    staff_path: str | None = None
    department_path: str | None = None
    list_per_page = 50
    refusals = REFUSALS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.staff_path is not None:
            rows = rows.filter(**_within(self.staff_path, staff_visible_to(account_of(request))))
        if self.department_path is not None:
            visible = departments_visible_to(account_of(request))
            rows = rows.filter(**_within(self.department_path, visible))
        return rows

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        related = db_field.related_model
        if related is Department:
            kwargs.setdefault("queryset", departments_visible_to(account_of(request)))
        elif related is Team:
            visible = departments_visible_to(account_of(request))
            kwargs.setdefault("queryset", Team.objects.filter(department__in=visible))
        elif related is Staff:
            kwargs.setdefault("queryset", staff_visible_to(account_of(request)))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Django rolls the request's transaction back when the service's error passes through.
        try:
            return super().changeform_view(request, *args, **kwargs)
        except self.refusals as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(ScopedAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows below their parent that only services write."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _within(path: str, rows: QuerySet[Any]) -> dict[str, QuerySet[Any]]:
    return {f"{path or 'pk'}__in": rows.order_by().values("pk")}


class ManagedAdmin(ScopedAdmin):
    """Rows that whoever may `manage_staff` in their department changes; nobody deletes them."""

    def department_of(self, row: Any) -> Department:
        return row.department

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may(account_of(request), "manage_staff", self.department_of(obj)))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        managed = departments_where(account_of(request), "manage_staff")
        if db_field.related_model is Department:
            kwargs["queryset"] = managed
        elif db_field.related_model is Team:
            kwargs["queryset"] = Team.objects.filter(department__in=managed).select_related("department")
        elif db_field.related_model is Staff:
            kwargs["queryset"] = staff_visible_to(account_of(request)).filter(department__in=managed)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Department)
class DepartmentAdmin(ScopedAdmin):
    department_path = ""
    list_display = ["code", "name", "minimum_wage", "caps", "four_eyes"]
    search_fields = ["code", "name"]


@admin.register(Team)
class TeamAdmin(ManagedAdmin):
    department_path = "department"
    list_display = ["name", "department"]
    list_filter = ["department"]
    list_select_related = ["department"]
    search_fields = ["name"]


class TermInline(ReadOnlyInline):
    model = Term
    fields = ["valid", "team", "role", "post", "tier", "star", *TERM_FIELDS[-3:]]
    readonly_fields = fields
    ordering = ["-valid"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        rows = super().get_queryset(request).select_related("team")
        return rows.filter(staff__in=pay_visible_to(account_of(request)))


class StaffForm(forms.ModelForm):
    """Somebody new with the terms of the first day; later only name, last day and account."""

    class Meta:
        model = Staff
        fields = ["department", "number", "name", "hired_on", "left_on", "account"]


class StaffCreationForm(StaffForm):
    """Asks for the first terms as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.joined_on = self.data.get("hired_on") or None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.joined_on = cleaned.get("hired_on")
        return cleaned


@admin.register(Staff)
class StaffAdmin(ManagedAdmin):
    staff_path = ""
    form = StaffForm
    list_display = ["number", "name", "department", "team_now", "tier_now", "hired_on", "left_on"]
    list_filter = ["department", ("left_on", admin.EmptyFieldListFilter)]
    list_select_related = ["department"]
    search_fields = ["number", "name", "pinyin", "initials"]
    search_help_text = "工号、姓名、拼音或拼音首字母"
    inlines = [TermInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        now = Term.objects.filter(staff=OuterRef("pk"), valid__contains=timezone.localdate())
        return (
            super()
            .get_queryset(request)
            .annotate(_team=Subquery(now.values("team__name")[:1]), _tier=Subquery(now.values("tier")[:1]))
        )

    @admin.display(description="小组")
    def team_now(self, staff: Any) -> str:
        return staff._team or "—"

    @admin.display(description="职级")
    def tier_now(self, staff: Any) -> str:
        return dict(Term._meta.get_field("tier").flatchoices).get(staff._tier, "—")

    def get_form(self, request: HttpRequest, obj: Staff | None = None, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = StaffCreationForm
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Staff | None = None) -> list[str]:
        return ["department", "number", "hired_on"] if obj else []

    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: bool) -> None:
        by, at = account_of(request), timezone.now()
        if not change:
            fields = ("department", "number", "name", "hired_on", "left_on", "account")
            created = staff_create(**{name: getattr(obj, name) for name in fields}, by=by, at=at)
            obj.pk, obj._state.adding = created.pk, False
            return
        if "left_on" in form.changed_data:
            staff_leave(staff=obj, last_day=obj.left_on, by=by, at=at)
        if "name" in form.changed_data:
            staff_rename(staff=obj, name=obj.name)
        if "account" in form.changed_data:
            obj.save(update_fields=["account"])


class TermForm(forms.ModelForm):
    """New terms from a day; what is left blank goes on as it was."""

    on = forms.DateField(label="生效日期", widget=UnfoldAdminDateWidget)

    class Meta:
        model = Term
        fields = ["staff", *TERM_FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].required = False
        self.fields["role"].initial = ""

    def changes(self) -> dict[str, Any]:
        """The facts that were filled in."""
        return {name: value for name in TERM_FIELDS if (value := self.cleaned_data[name]) not in (None, "")}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.changes():
            raise forms.ValidationError("没有填写任何变更。")
        return cleaned

    def _post_clean(self) -> None:
        """The service checks the term as a whole; this form holds only what changes."""


@admin.register(Term)
class TermAdmin(ManagedAdmin):
    """Added here, never edited: a change is a new term from a day."""

    form = TermForm
    fields = ["staff", "on", *TERM_FIELDS]
    list_display = ["staff", "valid", "team", "role", "post", "tier", "base_pay", "performance_bonus"]
    list_filter = ["staff__department", "tier", "role"]
    list_select_related = ["staff", "team"]
    search_fields = ["staff__number", "staff__name", "staff__pinyin", "staff__initials"]
    autocomplete_fields = ["staff"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return super().get_queryset(request).filter(staff__in=pay_visible_to(account_of(request)))

    def department_of(self, row: Term) -> Department:
        return row.staff.department

    def get_fields(self, request: HttpRequest, obj: Term | None = None) -> list[str]:
        return ["staff", "valid", *TERM_FIELDS] if obj else ["staff", "on", *TERM_FIELDS]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        staff = form.cleaned_data["staff"]
        if not may(account_of(request), "manage_staff", staff.department):
            raise PeopleError(f"您不能维护{staff.department}的员工。")
        term = staff_terms_change(
            staff=staff,
            on=form.cleaned_data["on"],
            by=account_of(request),
            at=timezone.now(),
            **form.changes(),
        )
        obj.pk, obj.staff, obj._state.adding = term.pk, staff, False
        obj.valid = term.valid


@admin.register(FactChange)
class FactChangeAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "department", "month", "source", "note", "by"]
    list_filter = ["department", "source", "month"]
    list_select_related = ["department", "by"]
    search_fields = ["note"]


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "department", "kind", "file_name", "profile", "rows", "by"]
    list_filter = ["department", "kind"]
    list_select_related = ["department", "by"]
    search_fields = ["file_name", "digest"]


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "by", "what", "department", "staff", "month"]
    list_filter = ["what", "department", "month"]
    list_select_related = ["department", "staff", "by"]
    search_fields = ["staff__number", "staff__name", "staff__pinyin", "staff__initials", "by__username"]
    search_help_text = "按员工的工号、姓名、拼音或查看人的登录名查找"


class TokenForm(forms.ModelForm):
    """A new token, until the end of a day."""

    actions = forms.MultipleChoiceField(
        label="许可的操作",
        choices=SCOPES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="看他人的工资，除“读取”外还要“查看工资”。",
    )
    expires_on = forms.DateField(label="有效到", widget=UnfoldAdminDateWidget)

    class Meta:
        model = ApiToken
        fields = ["name", "account", "departments"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        end = datetime.combine(cleaned["expires_on"] + timedelta(days=1), time.min)
        cleaned["expires_at"] = timezone.make_aware(end)
        return cleaned


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Issued here by administrators, shown once, revoked by the action; never edited."""

    department_path = "departments"
    form = TokenForm
    list_display = ["name", "account", "created_by", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["departments", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["account", "created_by"]
    search_fields = ["name", "account__username"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).distinct()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        if obj is None:
            return ["name", "account", "departments", "actions", "expires_on"]
        return ["name", "account", "departments", "actions", *self.list_display[2:]]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return account_of(request).is_superuser

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return account_of(request).is_superuser

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        response = super().add_view(request, form_url, extra_context)
        add_never_cache_headers(response)
        return response

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in ("name", "account", "departments", "actions")}
        made, secret = token_create(
            **given, expires_at=form.cleaned_data["expires_at"], by=account_of(request), at=timezone.now()
        )
        obj.__dict__.update(made.__dict__)
        obj._secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        shown = {**self.admin_site.each_context(request), "title": "接口令牌", "token": obj}
        return TemplateResponse(request, "admin/token_created.html", {**shown, "secret": obj._secret})

    @admin.action(description="吊销", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            token_revoke(token=token, at=timezone.now())
        self.message_user(request, "已吊销，立即失效。")


@admin.register(Account)
class AccountAdmin(BaseUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "is_active", "is_superuser", "last_login"]
    list_filter = ["groups", "departments", "is_active"]
    filter_horizontal = ["groups", "departments", "user_permissions"]
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name"]}),
        (
            "权限",
            {
                "fields": [
                    "is_active",
                    "must_change_password",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "departments",
                ]
            },
        ),
        ("时间", {"fields": ["last_login", "date_joined"]}),
    ]


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    """Login groups; those of the table are reset by `sync_groups`."""
