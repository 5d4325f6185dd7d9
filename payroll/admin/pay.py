"""The administration pages of what people are paid: payslips, lines, lines by hand, objections."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Exists, ExpressionWrapper, ForeignKey, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from payroll.errors import ManualLineRefused
from payroll.models import (
    DebtEntry,
    EmployerCost,
    ManualLine,
    Objection,
    PayLine,
    Payslip,
    PayslipConfirmation,
    SettlementPeriod,
    Withholding,
)
from payroll.selectors.objections import objections_of, objections_visible_to
from payroll.selectors.periods import payslips_visible_to, periods_visible_to, settled_orders_of
from payroll.services.manual_lines import manual_line_add, manual_line_withdraw
from payroll.traces import trace_html
from people.admin.bases import (
    BY_PERSON,
    PERSON_HELP,
    PayAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    may_anywhere,
)
from people.models import Department, Role, Staff, Tier
from people.selectors import departments_where, staff_visible_to
from people.web import account_of
from rules.models import ProvisionFields

ORDERS_SHOWN = 200
FAILED_FIRST = ExpressionWrapper(Q(failure=""), BooleanField()).asc()


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


class WithholdingInline(ReadOnlyInline):
    model = Withholding
    fields = [
        "kind", "paid_on", "income", "social", "fund", "tax", "year_income", "year_allowance",
        "year_contributions", "year_withheld",
    ]  # fmt: skip
    readonly_fields = fields


class EmployerCostInline(ReadOnlyInline):
    model = EmployerCost
    fields = ["title", "code", "for_month", "amount"]
    readonly_fields = fields


@admin.register(Payslip)
class PayslipAdmin(PayAdmin, ReadOnlyAdmin):
    """Payslips as settled; who could not be settled comes first."""

    list_display = ["number", "name", "team", "period", "gross", "deductions", "net", "outcome"]
    list_display_links = ["number", "name"]
    list_filter = [PeriodFilter, ("failure", admin.EmptyFieldListFilter)]
    list_select_related = ["period__department", "staff"]
    search_fields = ["number", "name", *BY_PERSON]
    search_help_text = PERSON_HELP
    date_hierarchy = "period__month"
    inlines = [LineInline, WithholdingInline, EmployerCostInline]
    fields = [
        "outcome", "remedy", "period", "number", "name", "team", "role_name", "tier_name",
        "days_due", "days_worked", "gross", "deductions", "net", "points", "points_why",
    ]  # fmt: skip
    ordering = ["-period__month", "period__department", FAILED_FIRST, "number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payslip]:
        return super().get_queryset(request).filter(pk__in=payslips_visible_to(account_of(request)))

    def pay_of(self, row: Payslip) -> tuple[Department, date, Staff | None]:
        return row.period.department, row.period.month, row.staff

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
class PayLineAdmin(PayAdmin, ReadOnlyAdmin):
    """One line with its reason, its trace and, for a commission, the orders it was settled on."""

    list_display = ["payslip", "period", "title", "amount", "nature", "reason"]
    list_display_links = ["title"]
    list_filter = ["nature", "column"]
    list_select_related = ["payslip__period__department", "payslip__staff"]
    search_fields = [*(f"payslip__{name}" for name in BY_PERSON), "title", "code"]
    search_help_text = "按工号、姓名、拼音、项目或条款编号查找"
    date_hierarchy = "payslip__period__month"
    fields = [
        "payslip", "title", "code", "version", "column", "nature", "basis_name", "for_month", "on", "amount",
        "full_amount", "state_carried", "reason", "why", "origin", "orders",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayLine]:
        visible = payslips_visible_to(account_of(request))
        return super().get_queryset(request).filter(payslip__in=visible)

    def pay_of(self, row: PayLine) -> tuple[Department, date, Staff | None]:
        return row.payslip.period.department, row.payslip.period.month, row.payslip.staff

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
class ManualLineAdmin(PayAdmin, ReadOnlyAdmin):
    """Lines by hand: added with a reason, withdrawn, never edited."""

    list_display = ["staff", "period", "title", "amount", "reason", "by", "at", "withdrawn_at"]
    list_display_links = ["title"]
    list_filter = [PeriodFilter, ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["staff", "period__department", "by"]
    search_fields = [*BY_PERSON, "title", "reason"]
    search_help_text = "按工号、姓名、拼音、项目或理由查找"
    date_hierarchy = "period__month"
    autocomplete_fields = ["staff"]
    actions = ["withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManualLine]:
        return super().get_queryset(request).filter(period__in=periods_visible_to(account_of(request)))

    def pay_of(self, row: ManualLine) -> tuple[Department, date, Staff | None]:
        return row.period.department, row.period.month, row.staff

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        entered = ["period", "staff", "title", "amount", "reason"]
        return [*entered, "by", "at", "withdrawn_at", "withdrawn_by"] if obj else entered

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_anywhere(request, "add_manual_lines")

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
            except ManualLineRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{line}：已撤回，下次结算时不再计入。", messages.SUCCESS)


@admin.register(Objection)
class ObjectionAdmin(PayAdmin, ReadOnlyAdmin):
    """Objections to read; they are answered on their pages."""

    list_display = ["at", "staff", "period", "title", "amount", "reason", "state", "answered_by", "answer"]
    list_filter = ["state", PeriodFilter]
    list_select_related = ["staff", "period__department", "answered_by"]
    search_fields = [*BY_PERSON, "title", "reason"]
    search_help_text = "按工号、姓名、拼音、项目或理由查找"
    date_hierarchy = "at"
    fields = [
        "period", "staff", "title", "code", "amount", "line_reason", "reason", "at", "state",
        "answer", "answered_by", "answered_at", "manual_line",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        account = account_of(request)
        visible = objections_visible_to(account) | objections_of(account)
        return super().get_queryset(request).filter(pk__in=visible.order_by().values("pk"))

    def pay_of(self, row: Objection) -> tuple[Department, date, Staff | None]:
        return row.period.department, row.period.month, row.staff


@admin.register(PayslipConfirmation)
class PayslipConfirmationAdmin(PayAdmin, ReadOnlyAdmin):
    """Who confirmed the own payslip, when, with which net pay."""

    list_display = ["at", "staff", "period", "net", "by"]
    list_filter = [PeriodFilter]
    list_select_related = ["staff", "period__department", "by"]
    search_fields = [*BY_PERSON]
    search_help_text = PERSON_HELP
    date_hierarchy = "at"
    fields = ["period", "staff", "net", "by", "at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayslipConfirmation]:
        slips = payslips_visible_to(account_of(request)).filter(
            period=OuterRef("period"), staff=OuterRef("staff")
        )
        return super().get_queryset(request).filter(Exists(slips))

    def pay_of(self, row: PayslipConfirmation) -> tuple[Department, date, Staff | None]:
        return row.period.department, row.period.month, row.staff


@admin.register(DebtEntry)
class DebtEntryAdmin(PayAdmin, ReadOnlyAdmin):
    """What was paid back of debts by hand and what was written off."""

    list_display = ["at", "line", "kind", "amount", "on", "reason", "by"]
    list_filter = ["kind"]
    list_select_related = ["line__payslip__period__department", "line__payslip__staff", "by"]
    search_fields = [*(f"line__payslip__{name}" for name in BY_PERSON), "reason"]
    search_help_text = "按工号、姓名、拼音或理由查找"
    date_hierarchy = "at"
    fields = ["line", "kind", "amount", "on", "reason", "by", "at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DebtEntry]:
        visible = payslips_visible_to(account_of(request))
        return super().get_queryset(request).filter(line__payslip__in=visible)

    def pay_of(self, row: DebtEntry) -> tuple[Department, date, Staff | None]:
        slip = row.line.payslip
        return slip.period.department, slip.period.month, slip.staff
