"""What orders and metrics are filtered by over the API."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from commissions.models import Metric, Order, OrderShare
from people.api_fields import DayFilter, MonthFilter, midnight


class OrderFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    shop = filters.CharFilter(label="店铺")
    order_no = filters.CharFilter(label="订单号")
    agent = filters.CharFilter(method="filter_agent", label="落实客服的工号，共享的订单含每一位")
    attribution = filters.ChoiceFilter(choices=Order.Attribution.choices, label="归属依据")
    paid_since = DayFilter(method="filter_since", label="这一天及以后付款")
    paid_until = DayFilter(method="filter_until", label="这一天及以前付款")

    class Meta:
        model = Order
        fields: list[str] = []

    def filter_agent(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        parts = OrderShare.objects.filter(staff__number=value).order_by().values("split")
        return rows.filter(Q(agent__number=value) | Q(split__in=parts))

    def filter_since(self, rows: QuerySet[Order], name: str, value: date) -> QuerySet[Order]:
        return rows.filter(paid_at__gte=midnight(value))

    def filter_until(self, rows: QuerySet[Order], name: str, value: date) -> QuerySet[Order]:
        return rows.filter(paid_at__lt=midnight(value + timedelta(days=1)))


class MetricFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    team = filters.CharFilter(field_name="team__name", label="小组")
    month = MonthFilter(label="月份，如 2026-10")
    code = filters.CharFilter(label="指标")

    class Meta:
        model = Metric
        fields: list[str] = []
