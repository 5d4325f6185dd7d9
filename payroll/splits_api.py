"""Whose orders are and in what shares, over the API."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commissions.models import Order, OrderShare, OrderSplit
from commissions.selectors import agent_numbered, orders_assignable_by, orders_visible_to
from payroll.services.claims import order_give
from people.api_base import ScopedViewSet
from people.models import Staff
from people.selectors import staff_visible_to

MOST_SHARES = 20


class ShareSerializer(serializers.ModelSerializer):
    number = serializers.CharField(source="staff.number", help_text="客服的工号")

    class Meta:
        model = OrderShare
        fields = ["number", "share"]


class SplitSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="order.department.code", help_text="部门代码")
    shop = serializers.CharField(source="order.shop", help_text="店铺")
    order_no = serializers.CharField(source="order.order_no", help_text="订单号")
    shares = ShareSerializer(many=True, help_text="各人的份额，合计为 1")
    is_current = serializers.BooleanField(help_text="订单现在是否按它归属")

    class Meta:
        model = OrderSplit
        fields = ["id", "department", "shop", "order_no", "shares", "at", "is_current"]


class ShareInput(serializers.Serializer):
    number = serializers.CharField(max_length=32, help_text="客服的工号，付款当日在职")
    share = serializers.DecimalField(5, 4, help_text="份额，0.25 即四分之一")


class SplitInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    shop = serializers.CharField(max_length=64, allow_blank=True, default="", help_text="店铺")
    order_no = serializers.CharField(max_length=64, help_text="订单号")
    shares: serializers.BaseSerializer = serializers.ListSerializer(
        child=ShareInput(), allow_empty=False, max_length=MOST_SHARES
    )


class SplitFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="order__department__code", label="部门代码")
    order_no = filters.CharFilter(field_name="order__order_no", label="订单号")
    number = filters.CharFilter(field_name="shares__staff__number", label="其中一名客服的工号")

    class Meta:
        model = OrderSplit
        fields: list[str] = []


@extend_schema_view(list=extend_schema(summary="订单的分配"), retrieve=extend_schema(summary="一次分配"))
class OrderSplitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """由人指定、认领或归属表按份额分配的订单；一笔订单以最后一次为准，退款按同样的份额分。"""

    queryset = (
        OrderSplit.objects.select_related("order__department")
        .prefetch_related("shares__staff")
        .annotate(is_current=Q(order__split=F("pk")))
    )
    serializer_class = SplitSerializer
    filterset_class = SplitFilter
    department_path = "order__department"
    lookup_value_regex = r"\d{1,18}"

    def visible(self) -> QuerySet[OrderSplit]:
        return OrderSplit.objects.filter(order__in=orders_visible_to(self.account).order_by().values("pk"))

    @extend_schema(summary="分配一笔订单", request=SplitInput, responses={201: SplitSerializer})
    def create(self, request: Request) -> Response:
        """指定一笔已付款的订单归谁，或者由几人按份额共享，份额合计为 1。需要 decide_claims。

        已批准的月份由以后月份调整；以后导入的订单与归属表不再改动它。
        """
        given = self.input(SplitInput)
        department = self.department_for("decide_claims", given["department"])
        orders = orders_assignable_by(self.account).filter(department=department, shop=given["shop"])
        order = orders.filter(order_no=given["order_no"]).first()
        if order is None:
            raise Http404
        shares = [(self._agent(order, each["number"]), each["share"]) for each in given["shares"]]
        made = order_give(order=order, shares=shares, by=self.account, at=timezone.now())
        row: Any = OrderSplitViewSet.queryset.get(pk=made.pk)
        return self.answer(row, 201)

    def _agent(self, order: Order, number: str) -> Staff:
        staff = agent_numbered(order, number)
        if staff is None or not staff_visible_to(self.account).filter(pk=staff.pk).exists():
            raise Http404
        return staff
