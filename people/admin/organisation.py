"""The administration pages of people."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.history import words_of
from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    PERSON_HELP,
    DepartmentFilter,
    ManagedAdmin,
    PayAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    ScopedAdmin,
    may_anywhere,
)
from people.errors import PeopleError
from people.models import AccessLog, Account, Alias, Department, Employer, FactChange, Role, Staff, Team, Term
from people.selectors import (
    departments_visible_to,
    departments_where,
    may,
    pay_visible_to,
    person_lookups,
)
from people.services import (
    TERM_FIELDS,
    access_log,
    employer_departments_set,
    staff_create,
    staff_hired_correct,
    staff_leave,
    staff_rename,
    staff_service_set,
    staff_terms_change,
    staff_transfer,
)
from people.web import account_of


@admin.register(Department)
class DepartmentAdmin(ScopedAdmin):
    department_path = ""
    list_display = [
        "code",
        "name",
        "employer",
        "minimum_wage",
        "caps",
        "four_eyes",
        "objection_days",
        "appeal_days",
    ]
    list_select_related = ["employer"]
    search_fields = ["code", "name"]


class EmployerForm(forms.ModelForm):
    of_departments = forms.ModelMultipleChoiceField(
        label="部门",
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="这个单位发工资的部门：同一个人在它们的社保与个税合并计算。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "of_departments" in self.fields:
            self.initial["of_departments"] = self.instance.departments.all()


@admin.register(Employer)
class EmployerAdmin(ScopedAdmin):
    """The legal persons of the departments that the account sees, and those that have none yet.

    Whoever keeps the declarations of all its departments changes one.
    """

    form = EmployerForm
    list_display = ["name", "tax_number", "city"]
    search_fields = ["name", "tax_number"]
    search_help_text = "按单位全称或纳税人识别号查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Employer]:
        visible = departments_visible_to(account_of(request))
        seen = Q(departments__in=visible.order_by().values("pk")) | Q(departments=None)
        return super().get_queryset(request).filter(seen).distinct().order_by("name")

    def get_form(self, request: HttpRequest, obj: Employer | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if "of_departments" in form.base_fields:
            kept = departments_where(account_of(request), "manage_declarations", whole=True)
            form.base_fields["of_departments"].queryset = kept.filter(
                Q(employer=None) | Q(employer=obj)
            ).order_by("code")
        return form

    @admin.display(description="部门")
    def of_departments(self, employer: Employer) -> str:
        """For whoever looks only."""
        return "、".join(str(each) for each in employer.departments.order_by("code"))

    def save_model(self, request: HttpRequest, obj: Employer, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        employer_departments_set(
            employer=obj,
            departments=form.cleaned_data["of_departments"],
            by=account_of(request),
            at=timezone.now(),
        )

    def has_change_permission(self, request: HttpRequest, obj: Employer | None = None) -> bool:
        if not super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        kept = departments_where(account_of(request), "manage_declarations", whole=True)
        return not obj.departments.exclude(pk__in=kept.order_by().values("pk")).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Employer | None = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(ManagedAdmin):
    department_path = "department"
    list_display = ["name", "department"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department"]
    search_fields = ["name"]


def role_in_words(code: str) -> str:
    """A department may use role codes of its own; those are shown as they are."""
    return dict(Role.choices).get(code, code)


@admin.display(description="有效期", ordering="valid")
def valid_in_words(row: Term | Alias) -> str:
    return words_of(row.valid, None)


@admin.display(description="岗位", ordering="role")
def role_name(term: Term) -> str:
    return role_in_words(term.role)


class TermInline(ReadOnlyInline):
    model = Term
    fields = [valid_in_words, "team", role_name, "post", "tier", "star", *TERM_FIELDS[-3:]]
    readonly_fields = fields
    ordering = ["-valid"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        rows = super().get_queryset(request).select_related("team")
        return rows.filter(staff__in=pay_visible_to(account_of(request)))


class StaffForm(forms.ModelForm):
    """Somebody new with the terms of the first day; later name, hire date, last day and account."""

    class Meta:
        model = Staff
        fields = ["department", "number", "name", "hired_on", "service_since", "left_on", "account"]


class StaffCreationForm(StaffForm):
    """Asks for the first terms as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.joined_on = self.data.get("hired_on") or None

    def _get_validation_exclusions(self) -> set[str]:
        # The first day has no field of its own, but the number must be free on it, where it is known.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"joined_on"} if self.instance.joined_on else excluded

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.joined_on = cleaned.get("hired_on")
        return cleaned


class TransferForm(BaseDialogForm):
    """Where somebody goes from which day on."""

    to = forms.ModelChoiceField(
        label="调到", queryset=Department.objects.none(), widget=UnfoldAdminSelectWidget
    )
    on = forms.DateField(label="从哪天起", widget=UnfoldAdminDateWidget, help_text="例如 2026-10-20。")
    number = forms.CharField(
        label="新工号",
        max_length=32,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="不填则沿用原工号。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = other_managed(account_of(self.request), self.object_id)


def other_managed(account: Account, staff_id: Any) -> QuerySet[Department]:
    """The departments whose staff an account manages, but for the one where that person works."""
    return departments_where(account, "manage_staff").exclude(staff=staff_id).order_by("code")


@admin.register(Staff)
class StaffAdmin(ManagedAdmin):
    staff_path = ""
    form = StaffForm
    list_display = ["number", "name", "department", "team_now", "tier_now", "hired_on", "left_on"]
    list_filter = [("department", DepartmentFilter), ("left_on", admin.EmptyFieldListFilter)]
    list_select_related = ["department"]
    search_fields = [*person_lookups().values()]
    search_help_text = PERSON_HELP
    date_hierarchy = "hired_on"
    inlines = [TermInline]
    actions_detail = ["transfer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        now = Term.objects.filter(staff=OuterRef("pk"), valid__contains=timezone.localdate())
        return (
            super()
            .get_queryset(request)
            .annotate(_team=Subquery(now.values("team__name")[:1]), _tier=Subquery(now.values("tier")[:1]))
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # The terms below the form tell what somebody earns.
        account = account_of(request)
        if object_id.isdecimal():
            shown = pay_visible_to(account).filter(pk=object_id, terms__isnull=False)
            staff = shown.exclude(account=account).select_related("department").first()
            if staff is not None and self.has_view_or_change_permission(request, staff):
                access_log(
                    what=AccessLog.What.TERMS,
                    department=staff.department,
                    month=timezone.localdate(),
                    staff=staff,
                    by=account,
                    at=timezone.now(),
                )
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description="小组", ordering="_team")
    def team_now(self, staff: Any) -> str:
        return staff._team or "—"

    @admin.display(description="职级", ordering="_tier")
    def tier_now(self, staff: Any) -> str:
        return dict(Term._meta.get_field("tier").flatchoices).get(staff._tier, "—")

    def get_form(self, request: HttpRequest, obj: Staff | None = None, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = StaffCreationForm
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Staff | None = None) -> list[str]:
        fixed = ["department", "number"] if obj else []
        # A choice of accounts would name everybody's; accounts for staff are made on their own page.
        return fixed if account_of(request).is_superuser else [*fixed, "account"]

    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: bool) -> None:
        by, at = account_of(request), timezone.now()
        if not change:
            fields = ("department", "number", "name", "hired_on", "service_since", "left_on", "account")
            created = staff_create(**{name: getattr(obj, name) for name in fields}, by=by, at=at)
            obj.pk, obj._state.adding = created.pk, False
            return
        if "hired_on" in form.changed_data:
            corrected = staff_hired_correct(staff=obj, hired_on=obj.hired_on, by=by, at=at)
            obj.joined_on = corrected.joined_on
        if "service_since" in form.changed_data:
            staff_service_set(staff=obj, service_since=obj.service_since)
        if "left_on" in form.changed_data:
            staff_leave(staff=obj, last_day=obj.left_on, by=by, at=at)
        if "name" in form.changed_data:
            staff_rename(staff=obj, name=obj.name)
        if "account" in form.changed_data:
            obj.save(update_fields=["account"])

    def has_transfer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Who manages the staff of both departments moves somebody from one to the other."""
        account = account_of(request)
        if object_id is None or not object_id.isdecimal() or not may_anywhere(request, "manage_staff"):
            return False
        here = departments_where(account, "manage_staff")
        staff = self.get_queryset(request).filter(pk=object_id, department__in=here)
        return staff.exists() and other_managed(account, object_id).exists()

    @action(
        description="调部门",
        permissions=["transfer"],
        dialog={
            "title": "调到别的部门？",
            "description": "前一天是在本部门的最后工作日，两边各结算自己的日子。"
            "入职日期、账号和任职条件（小组除外）带到新部门。",
            "form_class": TransferForm,
            "form_submit_text": "调部门",
        },
    )
    def transfer(self, request: HttpRequest, form: TransferForm, object_id: str) -> HttpResponse:
        staff = get_object_or_404(self.get_queryset(request), pk=object_id)
        given = {name: form.cleaned_data[name] for name in ("to", "on", "number")}
        try:
            moved = staff_transfer(staff=staff, **given, by=account_of(request), at=timezone.now())
        except PeopleError as refused:
            self.message_user(request, f"没有调动：{refused}", messages.ERROR)
            return self.back_to(request, object_id)
        told = f"{moved} 从 {moved.joined_on:%Y-%m-%d} 起在{moved.department}。小组请另在“任职条件”里变更。"
        self.message_user(request, told, messages.SUCCESS)
        return self.back_to(request, moved.pk)


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
class TermAdmin(PayAdmin, ManagedAdmin):
    """Added here, never edited: a change is a new term from a day."""

    looked_at_what = listed_what = AccessLog.What.TERMS

    form = TermForm
    fields = ["staff", "on", *TERM_FIELDS]
    list_display = [
        "staff", valid_in_words, "team", role_name, "post", "tier", "star",
        "base_pay", "performance_bonus", "base_points",
    ]  # fmt: skip
    list_filter = [OF_STAFF, "tier", "post"]
    list_select_related = ["staff__department", "team"]
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP
    autocomplete_fields = ["staff"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return super().get_queryset(request).filter(staff__in=pay_visible_to(account_of(request)))

    def get_form(self, request: HttpRequest, obj: Term | None = None, **kwargs: Any) -> Any:
        if obj is not None:
            kwargs["form"] = forms.ModelForm  # to look at
        return super().get_form(request, obj, **kwargs)

    def department_of(self, row: Term) -> Department:
        return row.staff.department

    def pay_of(self, row: Term) -> tuple[Department, date, Staff | None]:
        return row.staff.department, timezone.localdate().replace(day=1), row.staff

    def get_fields(self, request: HttpRequest, obj: Term | None = None) -> list[Any]:
        if obj is None:
            return ["staff", "on", *TERM_FIELDS]
        shown = {"role": role_name}
        return ["staff", valid_in_words, *(shown.get(name, name) for name in TERM_FIELDS)]

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> list[Any]:
        return [valid_in_words, role_name] if obj else []

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


@admin.register(Alias)
class AliasAdmin(ReadOnlyAdmin):
    """Added and ended on a page of their own, and by imports."""

    department_path = "department"
    fields = ["department", "text", "shop", "staff", valid_in_words, "by", "at"]
    readonly_fields = [valid_in_words]
    list_display = ["text", "shop", "staff", valid_in_words, "department", "by", "at"]
    list_filter = [("department", DepartmentFilter), ("staff", admin.EmptyFieldListFilter)]
    list_select_related = ["department", "staff", "by"]
    search_fields = ["text", "shop", *BY_PERSON]


@admin.register(FactChange)
class FactChangeAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "department", "month", "source", "note", "by"]
    list_filter = [("department", DepartmentFilter), "source"]
    list_select_related = ["department", "by"]
    date_hierarchy = "at"
    search_fields = ["note"]


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["at", "by", "what", "department", "staff", "month", "reason"]
    list_filter = ["what", ("department", DepartmentFilter)]
    list_select_related = ["department", "staff", "by"]
    date_hierarchy = "at"
    search_fields = [*BY_PERSON, "by__username"]
    search_help_text = "按员工的工号、姓名、拼音或查看人的登录名查找"
