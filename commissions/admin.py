"""Orders, refunds and metrics to look at; imports and services write them."""

from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from commissions.models import Metric, Order, Refund
from commissions.selectors import metrics_visible_to, orders_visible_to
from people.admin import ReadOnlyAdmin, ReadOnlyInline, account_of

ATTRIBUTION_COLORS = {"无人": "warning", "备注": "success", "归属表": "success", "冲突": "danger"}


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ["amount", "refunded_at", "as_of"]
    show_change_link = False


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    inlines = [RefundInline]
    list_display = ["order_no", "shop", "paid_at", "amount", "refunded", "agent", "basis", "remark"]
    list_filter = [
        "attribution",
        ("paid_at", RangeDateTimeFilter),
        ("department", admin.RelatedOnlyFieldListFilter),
    ]
    list_filter_submit = True
    list_select_related = ["agent"]
    date_hierarchy = "paid_at"
    search_fields = ["order_no__exact", "agent__number__exact", "agent__name"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        refunded = Refund.objects.filter(order=OuterRef("pk")).order_by().values("order")
        total = refunded.annotate(total=Sum("amount")).values("total")
        money = DecimalField(max_digits=12, decimal_places=2)
        visible = orders_visible_to(account_of(request)).order_by().values("pk")
        rows = super().get_queryset(request).filter(pk__in=visible)
        return rows.annotate(total_refunded=Coalesce(Subquery(total), 0, output_field=money))

    @display(description="已退")
    def refunded(self, order: Any) -> Any:
        return order.total_refunded

    @display(description="归属依据", ordering="attribution", label=ATTRIBUTION_COLORS)
    def basis(self, order: Order) -> str:
        return order.get_attribution_display()


@admin.register(Metric)
class MetricAdmin(ReadOnlyAdmin):
    list_display = ["month", "staff", "team", "code", "value", "as_of", "source", "at"]
    list_filter = ["code", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["staff", "team"]
    date_hierarchy = "month"
    search_fields = ["staff__number__exact", "staff__name", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = metrics_visible_to(account_of(request)).order_by().values("pk")
        return super().get_queryset(request).filter(pk__in=visible)
