"""Orders, refunds and metrics to look at; imports and services write them."""

from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from commissions.models import (
    DepartmentFigure,
    Metric,
    MetricDefinition,
    Order,
    OrderClaim,
    OrderReading,
    OrderShare,
    OrderSplit,
    Refund,
)
from commissions.selectors import metrics_visible_to, orders_visible_to
from core.history import words_of
from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    PERSON_HELP,
    DepartmentFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from people.selectors import person_lookups
from people.web import account_of
from rules.kinds.labels import METRIC_LABELS

ATTRIBUTION_COLORS = {
    "无人": "warning",
    "备注": "success",
    "归属表": "success",
    "指定": "success",
    "冲突": "danger",
}


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ["amount", "refunded_at", "as_of"]
    show_change_link = False


class SplitInline(ReadOnlyInline):
    model = OrderSplit
    fields = ["shares_in_words", "by", "at"]
    readonly_fields = ["shares_in_words"]
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("shares__staff")

    @display(description="各人份额")
    def shares_in_words(self, split: OrderSplit) -> str:
        return "、".join(map(str, split.shares.all()))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    inlines = [RefundInline, SplitInline]
    exclude = ["split"]
    list_display = ["order_no", "shop", "paid_at", "amount", "refunded", "whose", "basis", "remark"]
    list_filter = [
        "attribution",
        ("paid_at", RangeDateTimeFilter),
        ("department", DepartmentFilter),
    ]
    list_filter_submit = True
    list_select_related = ["agent"]
    date_hierarchy = "paid_at"
    search_fields = ["order_no__exact", *person_lookups("agent").values()]
    search_help_text = "按订单号（完整），或客服的工号、姓名、拼音查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        refunded = Refund.objects.filter(order=OuterRef("pk")).order_by().values("order")
        total = refunded.annotate(total=Sum("amount")).values("total")
        money = DecimalField(max_digits=12, decimal_places=2)
        visible = orders_visible_to(account_of(request)).order_by().values("pk")
        rows = super().get_queryset(request).filter(pk__in=visible).prefetch_related("split__shares__staff")
        return rows.annotate(total_refunded=Coalesce(Subquery(total), 0, output_field=money))

    @display(description="已退")
    def refunded(self, order: Any) -> Any:
        return order.total_refunded

    @display(description="落实客服", ordering="agent")
    def whose(self, order: Order) -> str:
        return order.in_shares or str(order.agent or "—")

    @display(description="归属依据", ordering="attribution", label=ATTRIBUTION_COLORS)
    def basis(self, order: Order) -> str:
        return order.get_reason_display() or order.get_attribution_display()


@admin.display(description="指标", ordering="code")
def metric_name(metric: Metric) -> str:
    return METRIC_LABELS.get(metric.code, metric.code)


@admin.display(description="时段", ordering="part")
def part_in_words(metric: Metric) -> str:
    return words_of(metric.part, None) if metric.part else "整月"


class MetricFilter(admin.SimpleListFilter):
    """Which figure."""

    title = "指标"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(METRIC_LABELS.items())

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(code=self.value()) if self.value() else rows


@admin.register(Metric)
class MetricAdmin(ReadOnlyAdmin):
    fields = [
        "department",
        "staff",
        "team",
        "month",
        part_in_words,
        metric_name,
        "value",
        "as_of",
        "source",
        "by",
        "at",
    ]
    readonly_fields = [part_in_words, metric_name]
    list_display = ["month", part_in_words, "staff", "team", metric_name, "value", "as_of", "source", "at"]
    list_filter = [MetricFilter, ("department", DepartmentFilter)]
    list_select_related = ["staff", "team"]
    date_hierarchy = "month"
    search_fields = [*BY_PERSON, "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = metrics_visible_to(account_of(request)).order_by().values("pk")
        return super().get_queryset(request).filter(pk__in=visible)


class OfOrderAdmin(ReadOnlyAdmin):
    """What hangs on the orders that the account may see."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = orders_visible_to(account_of(request)).order_by().values("pk")
        return super().get_queryset(request).filter(order__in=visible)


@admin.register(Refund)
class RefundAdmin(OfOrderAdmin):
    list_display = ["refunded_at", "order", "amount", "as_of"]
    list_filter = [("refunded_at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_select_related = ["order"]
    date_hierarchy = "refunded_at"
    search_fields = ["order__order_no__exact"]
    search_help_text = "按订单号（完整）查找"


@admin.register(OrderShare)
class OrderShareAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["split", "staff", "share", "said_at"]
    list_filter = [OF_STAFF]
    list_select_related = ["split__order", "staff"]
    date_hierarchy = "split__at"
    search_fields = [*BY_PERSON, "split__order__order_no__exact"]
    search_help_text = PERSON_HELP

    @display(description="时间", ordering="split__at")
    def said_at(self, share: OrderShare) -> Any:
        return share.split.at


@admin.register(OrderClaim)
class OrderClaimAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = [
        "at",
        "staff",
        "order",
        "partner",
        "share",
        "reason",
        "state",
        "decided_by",
        "decided_at",
        "answer",
    ]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "order", "partner", "decided_by"]
    date_hierarchy = "at"
    search_fields = [*BY_PERSON, "order__order_no__exact"]
    search_help_text = PERSON_HELP


@admin.register(OrderReading)
class OrderReadingAdmin(ReadOnlyAdmin):
    """How imports read orders out of the ordinary; people set it on the page of the department's rules."""

    department_path = "department"
    list_display = [
        "from_on", "department", "sham", "sham_words", "cash_on_delivery", "gifts", "hidden", "deposits",
        "by", "at",
    ]  # fmt: skip
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    search_fields = ["sham_words"]
    search_help_text = "按认补单的词查找"


@admin.display(description="名称", ordering="code")
def figure_name(row: DepartmentFigure | MetricDefinition) -> str:
    return row.label


@admin.register(DepartmentFigure)
class DepartmentFigureAdmin(ReadOnlyAdmin):
    """People enter them on the department's page, or with the metrics' files."""

    department_path = "department"
    list_display = ["month", "department", figure_name, "value", "as_of", "source", "by", "at"]
    exclude = ["code"]
    readonly_fields = [figure_name]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    date_hierarchy = "month"
    search_fields = ["code"]
    search_help_text = "按数字的名称或代码查找"


@admin.register(MetricDefinition)
class MetricDefinitionAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["from_month", "department", figure_name, "text", "by", "at"]
    exclude = ["code"]
    readonly_fields = [figure_name]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    search_fields = ["code", "text"]
    search_help_text = "按指标代码或口径查找"
