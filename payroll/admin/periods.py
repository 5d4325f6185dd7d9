"""The administration pages of payroll: months, their steps and runs; admin_pay has what people are paid."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import (
    Count,
    ForeignKey,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from core.downloads import workbook_download
from core.money import ZERO
from core.periods import parse_month
from payroll.admin.panel import page_of, panel_of, waiting_page
from payroll.errors import PeriodRefused
from payroll.exports import payroll_export
from payroll.models import (
    PeriodEvent,
    PeriodWaiver,
    SettlementPeriod,
    SettlementRun,
)
from payroll.selectors.periods import periods_visible_to
from payroll.services.steps import SETTLE, STEPS, Step, step_take
from payroll.settlement.runner import runs_check
from payroll.workflow import period_open
from people.admin.bases import (
    DepartmentFilter,
    PayAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    may_anywhere,
)
from people.models import AccessLog, Department, Staff
from people.selectors import departments_where
from people.services import access_log
from people.web import account_of

State = SettlementPeriod.State


class RunInline(ReadOnlyInline):
    model = SettlementRun
    fields = ["started_at", "state", "step", "done", "total", "failed", "by", "finished_at", "message"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementRun]:
        return super().get_queryset(request).select_related("by")


class EventInline(ReadOnlyInline):
    model = PeriodEvent
    fields = ["at", "before", "after", "by", "reason"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeriodEvent]:
        return super().get_queryset(request).select_related("by")


class PeriodForm(forms.ModelForm):
    """Begins a department's month."""

    month = forms.CharField(label="月份", help_text="如 2026-10")

    class Meta:
        model = SettlementPeriod
        fields = ["department", "month"]

    def clean_month(self) -> Any:
        try:
            return parse_month(self.cleaned_data["month"].strip())
        except ValueError:
            raise forms.ValidationError("月份请写成 2026-10 的形式。") from None

    def _post_clean(self) -> None:
        """A month that was begun already is simply opened, so that nothing here must be unique."""
        if not self.errors:
            self.instance.department = self.cleaned_data["department"]
            self.instance.month = self.cleaned_data["month"]


@admin.register(SettlementPeriod)
class PeriodAdmin(PayAdmin, ReadOnlyAdmin):
    """Months: begun here, moved on by the buttons of their page, never edited."""

    looked_at_what = AccessLog.What.PERIOD
    listed_what = None  # a department's totals are nobody's pay
    form = PeriodForm
    list_display = [
        "month_name", "department", "state_now", "people", "failed", "gross", "net",
        "prepared_by", "approved_by", "paid_at", "export",
    ]  # fmt: skip
    list_display_links = ["month_name"]
    list_filter = ["state", ("department", DepartmentFilter)]
    list_select_related = ["department", "prepared_by", "approved_by"]
    date_hierarchy = "month"
    actions = ["settle_selected"]
    inlines = [RunInline, EventInline]
    change_form_outer_before_template = "payroll/admin/period_panel.html"
    fields = [
        "department", "month", "state", "facts_read_at", "prepared_by", "approved_by", "approved_at",
        "paid_by", "paid_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementPeriod]:
        last_run = SettlementRun.objects.filter(period=OuterRef("pk")).order_by("-id")
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=periods_visible_to(account_of(request)))
            .annotate(
                _people=Count("payslips"),
                _failed=Count("payslips", filter=~Q(payslips__failure="")),
                _gross=Coalesce(Sum("payslips__gross"), ZERO),
                _net=Coalesce(Sum("payslips__net"), ZERO),
                _last_run=Subquery(last_run.values("state")[:1]),
            )
        )

    def pay_of(self, row: SettlementPeriod) -> tuple[Department, date, Staff | None]:
        return row.department, row.month, None

    def looked_at(self, request: HttpRequest, row: SettlementPeriod) -> None:
        if row.facts_read_at is not None:
            super().looked_at(request, row)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.fields if obj else ["department", "month"]

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        return self.inlines if obj else []

    @admin.display(description="月份", ordering="month")
    def month_name(self, period: SettlementPeriod) -> str:
        return f"{period.month:%Y年%m月}"

    @admin.display(description="状态", ordering="state")
    def state_now(self, period: Any) -> str:
        words = period.get_state_display()
        return f"{words}（上次结算中断）" if period._last_run == SettlementRun.State.DIED else words

    @admin.display(description="人数")
    def people(self, period: Any) -> int:
        return period._people

    @admin.display(description="未能结算")
    def failed(self, period: Any) -> int:
        return period._failed

    @admin.display(description="应发", ordering="_gross")
    def gross(self, period: Any) -> str:
        return f"{period._gross:,.2f}"

    @admin.display(description="实发", ordering="_net")
    def net(self, period: Any) -> str:
        return f"{period._net:,.2f}"

    @admin.display(description="工资表")
    def export(self, period: Any) -> str:
        if period.facts_read_at is None or period.state == State.COMPUTING:
            return "—"
        url = reverse("admin:payroll_settlementperiod_export", args=[period.pk])
        return format_html('<a class="text-primary-600" href="{}">导出</a>', url)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_anywhere(request, "settle_pay")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Department:
            kwargs["queryset"] = departments_where(account_of(request), "settle_pay")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: SettlementPeriod, form: Any, change: bool) -> None:
        period = period_open(department=obj.department, month=obj.month)
        obj.pk, obj._state.adding = period.pk, False

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        return HttpResponseRedirect(page_of(obj))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        # A list that says "computing" of what nobody computes would mislead.
        for period in periods_visible_to(account_of(request)).filter(state=State.COMPUTING):
            runs_check(period, at=timezone.now())
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id.isdecimal():
            visible = periods_visible_to(account_of(request)).select_related("department")
            period = visible.filter(pk=object_id).first()
            if period is not None:
                context["panel"] = panel_of(period, account_of(request), request.GET, at=timezone.now())
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        name = "payroll_settlementperiod_"
        own = [
            path("<int:pk>/export/", self.admin_site.admin_view(self.export_view), name=f"{name}export"),
            path("<int:pk>/step/<slug:key>/", self.admin_site.admin_view(self.step_view), name=f"{name}step"),
        ]
        return own + super().get_urls()

    def step_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """One step with the period, by the button that was pressed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        period = self._visible(request, pk)
        step = STEPS.get(key)
        if step is None:
            raise PermissionDenied
        seen = period.runs.first()
        done = self._take(request, period, step)
        is_queued = done and step is SETTLE
        return HttpResponseRedirect(waiting_page(period, seen) if is_queued else page_of(period))

    def _take(self, request: HttpRequest, period: SettlementPeriod, step: Step) -> bool:
        try:
            step_take(
                step=step,
                period=period,
                seen=request.POST.get("seen", ""),
                reason=request.POST.get("reason", ""),
                by=account_of(request),
                at=timezone.now(),
            )
        except PeriodRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return False
        self.message_user(request, f"{period}：{step.done}。", messages.SUCCESS)
        return True

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The workbook as a download."""
        period = self._visible(request, pk)
        runs_check(period, at=timezone.now())
        name = f"工资表-{period.department.name}-{period.month:%Y-%m}.xlsx"
        try:
            response = workbook_download(name, partial(payroll_export, period=period))
        except PeriodRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(page_of(period))
        by, what = account_of(request), AccessLog.What.EXPORT
        access_log(what=what, department=period.department, month=period.month, by=by, at=timezone.now())
        return response

    def _visible(self, request: HttpRequest, pk: int) -> SettlementPeriod:
        visible = periods_visible_to(account_of(request)).select_related("department")
        return get_object_or_404(visible, pk=pk)

    @admin.action(description="结算所选月份", permissions=["settle"])
    def settle_selected(self, request: HttpRequest, periods: QuerySet[SettlementPeriod]) -> None:
        by, now = account_of(request), timezone.now()
        for period in periods.select_related("department"):
            try:
                step_take(step=SETTLE, period=period, seen=None, by=by, at=now)
            except PermissionDenied:
                self.message_user(request, f"{period}：您不能编制此部门的工资", messages.ERROR)
            except PeriodRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{period}：已交给结算进程。", messages.SUCCESS)


class OfPeriodAdmin(ReadOnlyAdmin):
    """What happened to the months that the account may see."""

    list_select_related = ["period__department", "by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(period__in=periods_visible_to(account_of(request)))


@admin.register(SettlementRun)
class RunAdmin(OfPeriodAdmin):
    list_display = ["period", "state", "step", "done", "total", "failed", "by", "started_at", "finished_at"]
    list_filter = ["state"]
    date_hierarchy = "started_at"


@admin.register(PeriodEvent)
class EventAdmin(OfPeriodAdmin):
    list_display = ["period", "before", "after", "by", "at", "reason"]
    list_filter = ["after"]
    date_hierarchy = "at"


@admin.register(PeriodWaiver)
class WaiverAdmin(OfPeriodAdmin):
    """What months were approved in spite of."""

    list_display = ["period", "words", "reason", "by", "at"]
    fields = ["period", "words", "reason", "by", "at"]
    date_hierarchy = "at"
