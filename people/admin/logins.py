"""The administration pages of signing in: accounts, login groups, tokens, second steps."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminDateWidget

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, KeptAdmin, ReadOnlyAdmin
from people.models import Account, ApiToken, LoginGroup, TwoStep, TwoStepRemoval
from people.permissions import group_label, permission_label
from people.tokens import SCOPES, token_create, token_revoke
from people.web import account_of


@admin.display(description="登录组", ordering="name")
def group_in_words(group: Group) -> str:
    return group_label(group.name)


def permission_in_words(permission: Permission) -> str:
    model = permission.content_type.model_class()
    return permission_label(permission.codename, permission.name, model)


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
    list_filter = [("departments", DepartmentFilter), ("revoked_at", admin.EmptyFieldListFilter)]
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
        obj.secret = secret

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        shown = {**self.admin_site.each_context(request), "title": "接口令牌", "token": obj}
        return TemplateResponse(request, "admin/token_created.html", {**shown, "secret": obj.secret})

    @admin.action(description="吊销", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            token_revoke(token=token, at=timezone.now())
        self.message_user(request, "已吊销，立即失效。")


class GroupFilter(admin.SimpleListFilter):
    """Accounts of a login group."""

    title = "登录组"
    parameter_name = "groups"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(each.pk), group_in_words(each)) for each in Group.objects.order_by("pk")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return rows.filter(groups=value) if value and value.isdecimal() else rows


@admin.register(Account)
class AccountAdmin(BaseUserAdmin, KeptAdmin):
    """Who signs in. An account is switched off, never deleted: what it did keeps its name."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "is_active", "is_superuser", "last_login"]
    list_filter = [GroupFilter, ("departments", DepartmentFilter), "is_active"]
    search_fields = ["username", "first_name", *BY_PERSON]
    search_help_text = "按登录名、称呼，或员工的工号、姓名、拼音查找"
    date_hierarchy = "date_joined"
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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label_from_instance = group_in_words
        return field


admin.site.unregister(Group)


@admin.register(LoginGroup)
class GroupAdmin(BaseGroupAdmin, KeptAdmin):
    """Login groups; those of the table are reset by `sync_groups` and cannot be deleted."""

    list_display = [group_in_words, "name"]
    filter_horizontal = ["permissions"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Deleting asks what hangs on a group: who is in it; those of the table are never deleted.
        return False

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        shown = Q(pk__in=[])
        for model in self.admin_site._registry:
            shown |= Q(
                content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
            )
        kwargs["queryset"] = Permission.objects.select_related("content_type").filter(shown)
        field: Any = super().formfield_for_manytomany(db_field, request=request, **kwargs)
        field.label_from_instance = permission_in_words
        return field


admin.site.unregister(TOTPDevice)


@admin.register(TwoStep)
class TwoStepAdmin(ReadOnlyAdmin):
    """Who has set up the second step of signing in; it is taken away on the page of accounts."""

    list_display = ["account", "is_confirmed", "since", "used"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name"]
    search_help_text = "按登录名或称呼查找"
    fields = list_display

    @admin.display(description="账号", ordering="user__username")
    def account(self, device: TwoStep) -> str:
        return str(device.user)

    @admin.display(description="已启用", ordering="confirmed", boolean=True)
    def is_confirmed(self, device: TwoStep) -> bool:
        return device.confirmed

    @admin.display(description="设置时间", ordering="created_at")
    def since(self, device: TwoStep) -> datetime | None:
        return device.created_at

    @admin.display(description="最近使用", ordering="last_used_at")
    def used(self, device: TwoStep) -> datetime | None:
        return device.last_used_at


@admin.register(TwoStepRemoval)
class TwoStepRemovalAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["at", "staff", "account", "reason", "by"]
    list_select_related = ["staff", "account", "by"]
    list_filter = [OF_STAFF]
    date_hierarchy = "at"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP
