"""What the administration pages of every app build on: who sees which rows, their history, their export."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from core.errors import Refused
from core.history import PER_PAGE, changes_count, changes_of, creation_of, past_of
from core.paging import page_of
from people.admin.export import CHUNK, EXPORT_ROWS, exported
from people.models import AccessLog, Department, ImportBatch, Staff, Team
from people.permissions import name_of
from people.row_changes import batch_that_created
from people.selectors import departments_visible_to, departments_where, may, person_lookups, staff_visible_to
from people.services import access_log, access_log_months
from people.web import account_of

BY_PERSON = [*person_lookups("staff").values()]
PERSON_HELP = "按工号、姓名、拼音或拼音首字母查找"


def may_anywhere(request: HttpRequest, action: str) -> bool:
    """Whether an account's groups may do an action of permissions.py at all; where is asked when done."""
    return account_of(request).has_perm(f"people.{action}")


class DepartmentFilter(RelatedFieldListFilter):
    """By department, of which an account is shown its own alone."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        visible = departments_visible_to(account_of(request)).order_by("code")
        return [(each.pk, str(each)) for each in visible]


OF_STAFF = ("staff__department", DepartmentFilter)


class KeptAdmin(ModelAdmin):
    """Every list can be exported as it is filtered; every object has its history."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    object_history_template: Any = "admin/changes.html"

    def get_urls(self) -> list[URLPattern]:
        export = path("xlsx/", self.admin_site.admin_view(self.xlsx_view), name=f"{self._name}_xlsx")
        return [export, *super().get_urls()]

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def xlsx_view(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """The whole list under the filters of the address, as far as the account sees it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        listed = reverse(f"admin:{self._name}_changelist")
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(listed)
        rows = changelist.queryset
        if rows.order_by()[: EXPORT_ROWS + 1].count() > EXPORT_ROWS:
            text = f"超过{EXPORT_ROWS}行，没有导出：请用日期、筛选或搜索缩小范围再导出。"
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(f"{listed}?{request.GET.urlencode()}")
        columns = [name for name in changelist.list_display if name != "action_checkbox"]
        return exported(self, columns, self.going_out(request, rows.iterator(chunk_size=CHUNK)))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Who changed which field of an object when, from what to what."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        self.looked_at(request, row)
        page = page_of(request, range(changes_count(row)), size=PER_PAGE)
        last = not page.has_next()
        created_by = (batch_that_created(row._meta.db_table, row.pk) if last else None) or 0
        shown = {
            **self.admin_site.each_context(request),
            "title": f"{row}：历史",
            "object": row,
            "opts": self.opts,
            "page": page,
            "changes": changes_of(row, page=page.number, name_of=name_of),
            "creation": creation_of(row) if last else None,
            "batch": ImportBatch.objects.filter(pk=created_by).select_related("by").first(),
            "is_tracked": past_of(type(row)) is not None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, shown)

    def looked_at(self, request: HttpRequest, row: Any) -> None:
        """An object was opened; who tells people's pay notes it."""

    def going_out(self, request: HttpRequest, rows: Iterator[Any]) -> Iterator[Any]:
        """The rows of an export on their way; who tells people's pay notes them."""
        return rows


class ScopedAdmin(KeptAdmin):
    """Lists only what the account may see, and turns a service's refusal into a message.

    A subclass names the path to the staff or to the department of its rows (`""`: the row itself).
    """

    staff_path: str | None = None
    department_path: str | None = None
    refusals: tuple[type[Exception], ...] = (Refused,)

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

    def back_to(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Show the row again after a dialog (which htmx sends) or a plain form."""
        page = reverse(f"admin:{self._name}_change", args=[object_id])
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)


class ReadOnlyAdmin(ScopedAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PayAdmin(ScopedAdmin):
    """Rows that tell somebody's pay: that they were looked at is noted, except one's own."""

    looked_at_what = AccessLog.What.PAYSLIP
    listed_what: AccessLog.What | None = AccessLog.What.PERIOD

    def pay_of(self, row: Any) -> tuple[Department, date, Staff | None]:
        """The department, the month and the person whose pay a row tells."""
        raise NotImplementedError

    def looked_at(self, request: HttpRequest, row: Any) -> None:
        department, month, staff = self.pay_of(row)
        account = account_of(request)
        if staff is None or staff.account_id != account.pk:
            what = self.looked_at_what
            access_log(
                what=what, department=department, month=month, staff=staff, by=account, at=timezone.now()
            )

    def going_out(self, request: HttpRequest, rows: Iterator[Any]) -> Iterator[Any]:
        told = set()
        for row in rows:
            told.add(self.pay_of(row))
            yield row
        self._note(request, told, AccessLog.What.EXPORT)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_view_or_change_permission(request, row):
            self.looked_at(request, row)
        return super().change_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown and self.listed_what is not None:
            told = {self.pay_of(row) for row in shown["cl"].result_list}
            self._note(request, told, self.listed_what)
        return response

    def _note(
        self, request: HttpRequest, told: set[tuple[Department, date, Staff | None]], what: AccessLog.What
    ) -> None:
        account = account_of(request)
        months = {
            (department.pk, month)
            for department, month, staff in told
            if staff is None or staff.account_id != account.pk
        }
        access_log_months(months=months, by=account, at=timezone.now(), what=what)


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
