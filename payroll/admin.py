"""The administration pages of payroll: months and their steps, payslips and lines, manual lines."""

import tempfile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
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
from django.utils.html import format_html, format_html_join

from payroll.errors import PayrollRefused
from payroll.exports import payroll_export
from payroll.models import (
    ManualLine,
    PayLine,
    Payslip,
    PeriodEvent,
    SettlementPeriod,
    SettlementRun,
)
from payroll.period_panel import page_of, panel_of, waiting_page
from payroll.period_steps import STEPS, Step, queue_settlement
from payroll.runner import period_open, runs_check
from payroll.selectors import (
    payslips_visible_to,
    periods_visible_to,
    settled_orders_of,
)
from payroll.services import manual_line_add, manual_line_withdraw
from payroll.traces import trace_html
from people.admin import ReadOnlyAdmin, ReadOnlyInline, ScopedAdmin, account_of
from people.models import Department, Role, Staff, Tier
from people.selectors import departments_where, may, staff_visible_to
from rules.models import ProvisionFields
from rules.money import ZERO
from rules.periods import parse_month

State = SettlementPeriod.State
ORDERS_SHOWN = 200
FAILED_FIRST = ExpressionWrapper(Q(failure=""), BooleanField()).asc()


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
class PeriodAdmin(ReadOnlyAdmin):
    """Months: begun here, moved on by the buttons of their page, never edited."""

    form = PeriodForm
    refusals = (*ScopedAdmin.refusals, PayrollRefused)
    list_display = [
        "month_name", "department", "state_now", "people", "failed", "gross", "net",
        "prepared_by", "approved_by", "paid_at", "export",
    ]  # fmt: skip
    list_display_links = ["month_name"]
    list_filter = ["state", "month"]
    list_select_related = ["department", "prepared_by", "approved_by"]
    date_hierarchy = "month"
    actions = ["settle_selected"]
    inlines = [RunInline, EventInline]
    change_form_outer_before_template = "payroll/period_panel.html"
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

    @admin.display(description="应发")
    def gross(self, period: Any) -> str:
        return f"{period._gross:,.2f}"

    @admin.display(description="实发")
    def net(self, period: Any) -> str:
        return f"{period._net:,.2f}"

    @admin.display(description="工资表")
    def export(self, period: Any) -> str:
        if period.facts_read_at is None or period.state == State.COMPUTING:
            return "—"
        url = reverse("admin:payroll_settlementperiod_export", args=[period.pk])
        return format_html('<a class="text-primary-600" href="{}">导出</a>', url)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return departments_where(account_of(request), "settle_pay").exists()

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
        if step is None or not may(account_of(request), step.action, period.department):
            raise PermissionDenied
        seen = period.runs.first()
        done = self._take(request, period, step)
        is_queued = done and step.key == "settle"
        return HttpResponseRedirect(waiting_page(period, seen) if is_queued else page_of(period))

    def _take(self, request: HttpRequest, period: SettlementPeriod, step: Step) -> bool:
        now = timezone.now()
        runs_check(period, at=now)
        try:
            step.take(period, request.POST.get("reason", ""), account_of(request), now)
        except PayrollRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return False
        self.message_user(request, f"{period}：{step.done}。", messages.SUCCESS)
        return True

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The workbook as a download."""
        period = self._visible(request, pk)
        runs_check(period, at=timezone.now())
        # The response reads the file to its end and closes it.
        target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115
        try:
            payroll_export(period=period, target=target)
        except PayrollRefused as refused:
            target.close()
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(page_of(period))
        target.seek(0)
        name = f"工资表-{period.department.name}-{period.month:%Y-%m}.xlsx"
        return FileResponse(target, as_attachment=True, filename=name)

    def _visible(self, request: HttpRequest, pk: int) -> SettlementPeriod:
        visible = periods_visible_to(account_of(request)).select_related("department")
        return get_object_or_404(visible, pk=pk)

    @admin.action(description="结算所选月份", permissions=["settle"])
    def settle_selected(self, request: HttpRequest, periods: QuerySet[SettlementPeriod]) -> None:
        account = account_of(request)
        allowed = set(departments_where(account, "settle_pay").values_list("pk", flat=True))
        for period in periods.select_related("department"):
            if period.department_id not in allowed:
                self.message_user(request, f"{period}：您不能编制此部门的工资", messages.ERROR)
                continue
            try:
                queue_settlement(period, "", account, timezone.now())
            except PayrollRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{period}：已交给结算进程。", messages.SUCCESS)


class PeriodFilter(admin.SimpleListFilter):
    """The months whose rows the account may see."""

    title = "工资月份"
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        slips = payslips_visible_to(account_of(request))
        manual = Q(pk__in=periods_visible_to(account_of(request)))
        periods = SettlementPeriod.objects.filter(Q(pk__in=slips.values("period")) | manual)
        return [(str(each.pk), str(each)) for each in periods.select_related("department")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return rows.filter(period=value) if value and value.isdecimal() else rows


class LineInline(ReadOnlyInline):
    model = PayLine
    fields = ["title", "code", "column", "nature", "for_month", "on", "amount", "full_amount", "reason"]
    readonly_fields = fields


@admin.register(Payslip)
class PayslipAdmin(ReadOnlyAdmin):
    """Payslips as settled; who could not be settled comes first."""

    list_display = ["number", "name", "team", "period", "gross", "deductions", "net", "outcome"]
    list_display_links = ["number", "name"]
    list_filter = [PeriodFilter, ("failure", admin.EmptyFieldListFilter)]
    list_select_related = ["period__department"]
    search_fields = ["number", "name"]
    inlines = [LineInline]
    fields = [
        "outcome", "remedy", "period", "number", "name", "team", "role_name", "tier_name",
        "days_due", "days_worked", "gross", "deductions", "net", "points", "points_why",
    ]  # fmt: skip
    ordering = ["-period__month", "period__department", FAILED_FIRST, "number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payslip]:
        return super().get_queryset(request).filter(pk__in=payslips_visible_to(account_of(request)))

    @admin.display(description="结果")
    def outcome(self, slip: Payslip) -> str:
        return f"未能结算：{slip.failure}" if slip.failure else "已结算"

    @admin.display(description="岗位")
    def role_name(self, slip: Payslip) -> str:
        return dict(Role.choices).get(slip.role, slip.role)

    @admin.display(description="职级")
    def tier_name(self, slip: Payslip) -> str:
        return dict(Tier.choices).get(slip.tier, slip.tier or "—")

    @admin.display(description="得分依据")
    def points_why(self, slip: Payslip) -> str:
        return trace_html(slip.points_trace) if slip.points_trace else "—"


@admin.register(PayLine)
class PayLineAdmin(ReadOnlyAdmin):
    """One line with its reason, its trace and, for a commission, the orders it was settled on."""

    list_display = ["payslip", "period", "title", "amount", "nature", "reason"]
    list_display_links = ["title"]
    list_filter = ["nature", "column"]
    list_select_related = ["payslip__period__department"]
    search_fields = ["payslip__number", "payslip__name", "title", "code"]
    show_full_result_count = False
    fields = [
        "payslip", "title", "code", "version", "column", "nature", "basis_name", "for_month", "on", "amount",
        "full_amount", "state_carried", "reason", "why", "origin", "orders",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayLine]:
        visible = payslips_visible_to(account_of(request))
        return super().get_queryset(request).filter(payslip__in=visible)

    @admin.display(description="工资月份")
    def period(self, line: PayLine) -> str:
        return str(line.payslip.period)

    @admin.display(description="性质")
    def basis_name(self, line: PayLine) -> str:
        return dict(ProvisionFields.Basis.choices).get(line.basis, line.basis or "—")

    @admin.display(description="制度版本")
    def version(self, line: PayLine) -> str:
        return str(line.provision.version) if line.provision else "—"

    @admin.display(description="计算依据")
    def why(self, line: PayLine) -> str:
        return trace_html(line.trace)

    @admin.display(description="结算订单")
    def orders(self, line: PayLine) -> str:
        if line.column != PayLine.Column.COMMISSION:
            return "—"
        shown, count = settled_orders_of(line, limit=ORDERS_SHOWN)
        rows = format_html_join("", "<li>{}：{}</li>", shown)
        more = f"共{count}笔" + (f"，此处列前{ORDERS_SHOWN}笔" if count > ORDERS_SHOWN else "")
        return format_html('<p>{}</p><ul class="list-disc ml-5">{}</ul>', more, rows)


@admin.register(ManualLine)
class ManualLineAdmin(ReadOnlyAdmin):
    """Lines by hand: added with a reason, withdrawn, never edited."""

    refusals = (*ScopedAdmin.refusals, PayrollRefused)
    list_display = ["staff", "period", "title", "amount", "reason", "by", "at", "withdrawn_at"]
    list_display_links = ["title"]
    list_filter = [PeriodFilter, ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["staff", "period__department", "by"]
    search_fields = ["staff__number", "staff__name", "title", "reason"]
    autocomplete_fields = ["staff"]
    actions = ["withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManualLine]:
        return super().get_queryset(request).filter(period__in=periods_visible_to(account_of(request)))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        entered = ["period", "staff", "title", "amount", "reason"]
        return [*entered, "by", "at", "withdrawn_at", "withdrawn_by"] if obj else entered

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return departments_where(account_of(request), "add_manual_lines").exists()

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        account = account_of(request)
        allowed = departments_where(account, "add_manual_lines")
        if db_field.related_model is SettlementPeriod:
            kwargs["queryset"] = (
                periods_visible_to(account)
                .filter(department__in=allowed)
                .exclude(state__in=SettlementPeriod.FROZEN)
                .select_related("department")
            )
        elif db_field.related_model is Staff:
            kwargs["queryset"] = staff_visible_to(account).filter(department__in=allowed)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ManualLine, form: Any, change: bool) -> None:
        entered = {name: form.cleaned_data[name] for name in ("period", "staff", "title", "amount", "reason")}
        line = manual_line_add(**entered, by=account_of(request), at=timezone.now())
        obj.pk, obj._state.adding = line.pk, False
        self.message_user(request, "下次结算时计入。", messages.INFO)

    @admin.action(description="撤回所选手工项目", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, lines: QuerySet[ManualLine]) -> None:
        account, now = account_of(request), timezone.now()
        allowed = set(departments_where(account, "add_manual_lines").values_list("pk", flat=True))
        for line in lines.filter(withdrawn_at__isnull=True).select_related("period__department", "staff"):
            if line.period.department_id not in allowed:
                self.message_user(request, f"{line}：您不能登记此部门的手工项目", messages.ERROR)
                continue
            try:
                manual_line_withdraw(line=line, by=account, at=now)
            except PayrollRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{line}：已撤回，下次结算时不再计入。", messages.SUCCESS)


class OfPeriodAdmin(ReadOnlyAdmin):
    """What happened to the months that the account may see."""

    list_select_related = ["period__department", "by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(period__in=periods_visible_to(account_of(request)))


@admin.register(SettlementRun)
class RunAdmin(OfPeriodAdmin):
    list_display = ["period", "state", "step", "done", "total", "failed", "by", "started_at", "finished_at"]
    list_filter = ["state"]


@admin.register(PeriodEvent)
class EventAdmin(OfPeriodAdmin):
    list_display = ["period", "before", "after", "by", "at", "reason"]
    list_filter = ["after"]
