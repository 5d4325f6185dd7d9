"""Orders and metrics over the API."""

from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commissions.filters import MetricFilter, OrderFilter
from commissions.metrics import LARGEST
from commissions.models import Metric, Order, Refund
from commissions.selectors import metrics_visible_to, orders_visible_to
from commissions.services import OrderFact, metric_record, orders_record
from core.money import ZERO
from core.periods import last_of
from people.api_base import ScopedViewSet
from people.api_fields import DayField, MomentField, MonthField
from people.models import Team
from people.selectors import numbered, staff_visible_to

MOST_ORDERS = 1000


class OrderSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    agent = serializers.CharField(
        source="agent.number", default=None, allow_null=True, help_text="落实客服的工号；共享的为份额最大者"
    )
    shares = serializers.SerializerMethodField(help_text="共享的订单：工号 → 份额；一人的为空")
    refunded = serializers.DecimalField(12, 2, help_text="已退金额")

    class Meta:
        model = Order
        fields = [
            "id", "department", "shop", "order_no", "ordered_at", "paid_at", "amount", "refunded", "remark",
            "agent", "shares", "attribution", "reason", "as_of",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_shares(self, order: Order) -> dict[str, str]:
        shares = list(order.split.shares.all()) if order.split is not None else []
        return {each.staff.number: str(each.share) for each in shares} if len(shares) > 1 else {}


class OrderInput(serializers.Serializer):
    order_no = serializers.CharField(max_length=64, help_text="订单号，在店铺内唯一")
    shop = serializers.CharField(max_length=64, allow_blank=True, default="", help_text="店铺")
    paid_at = MomentField(allow_null=True, default=None, help_text="付款时间；没有付款则为空")
    amount = serializers.DecimalField(12, 2, min_value=0, help_text="实付金额，未减退款")
    remark = serializers.CharField(
        max_length=1000, allow_blank=True, default="", help_text="备注；其中的工号即落实客服"
    )


class OrdersInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    orders: serializers.BaseSerializer = serializers.ListSerializer(
        child=OrderInput(), allow_empty=False, max_length=MOST_ORDERS
    )


class RecordedOrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "shop", "order_no", "attribution"]


class OrdersRecordedSerializer(serializers.Serializer):
    recorded = serializers.IntegerField(help_text="新记录的订单数")
    orders = RecordedOrderSerializer(many=True, help_text="与请求的次序相同")


@extend_schema_view(list=extend_schema(summary="订单"), retrieve=extend_schema(summary="一个订单"))
class OrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可见的员工的订单，以及部门里还没有归属的订单。"""

    queryset = (
        Order.objects.select_related("department", "agent", "split")
        .prefetch_related("split__shares__staff")
        .annotate(
            refunded=Coalesce(
                Subquery(
                    Refund.objects.filter(order=OuterRef("pk"))
                    .order_by()
                    .values("order")
                    .annotate(total=Sum("amount"))
                    .values("total")
                ),
                ZERO,
                output_field=DecimalField(max_digits=12, decimal_places=2),
            )
        )
    )
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    lookup_value_regex = r"\d{1,18}"

    def visible(self) -> QuerySet[Order]:
        return orders_visible_to(self.account)

    @extend_schema(summary="记录订单", request=OrdersInput, responses={201: OrdersRecordedSerializer})
    def create(self, request: Request) -> Response:
        """一次记录至多 1000 个新订单：全部记录，或者一个也不记录并逐条说明。需要 import_data。

        已有的订单号不能重复记录；更正与退款请导入订单文件。
        """
        given = self.input(OrdersInput)
        department = self.department_for("import_data", given["department"])
        orders = orders_record(
            department=department,
            facts=[OrderFact(**each) for each in given["orders"]],
            by=self.account,
            at=timezone.now(),
        )
        recorded: Any = {"recorded": len(orders), "orders": orders}
        return Response(OrdersRecordedSerializer(recorded).data, status=201)


class MetricSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    number = serializers.CharField(source="staff.number", default=None, allow_null=True, help_text="工号")
    team = serializers.CharField(source="team.name", default=None, allow_null=True, help_text="小组")
    month = MonthField(help_text="月份")
    since = serializers.DateField(
        source="part.lower", allow_null=True, help_text="只是当月一段的：自这一天起；整月的为空"
    )
    until = serializers.DateField(
        source="part.upper", allow_null=True, help_text="只是当月一段的：到这一天之前；整月的为空"
    )

    class Meta:
        model = Metric
        fields = [
            "id",
            "department",
            "number",
            "team",
            "month",
            "since",
            "until",
            "code",
            "value",
            "as_of",
            "source",
            "at",
        ]


class MetricInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    number = serializers.CharField(max_length=32, required=False, help_text="工号；与小组只写其一")
    team = serializers.CharField(max_length=64, required=False, help_text="小组")
    month = MonthField(help_text="月份")
    code = serializers.CharField(max_length=32, help_text="指标，如 conversion_rate")
    value = serializers.DecimalField(
        18, 6, min_value=-LARGEST + 1, max_value=LARGEST - 1, help_text="数值；比率写小数"
    )
    as_of = DayField(required=False, help_text="数值截至哪一天；不写则为今天")
    source = serializers.CharField(max_length=64, default="接口", help_text="来源")  # type: ignore[assignment]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("number" in attrs) == ("team" in attrs):
            raise serializers.ValidationError("工号与小组须写其一，且只写其一。")
        return attrs


@extend_schema_view(list=extend_schema(summary="指标"), retrieve=extend_schema(summary="一个指标"))
class MetricViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """员工与小组的指标；整月的以截至日期最晚的为准，只是一段的不代替整月的。"""

    queryset = Metric.objects.select_related("department", "staff", "team")
    serializer_class = MetricSerializer
    filterset_class = MetricFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "month", "as_of"]

    def visible(self) -> QuerySet[Metric]:
        return metrics_visible_to(self.account)

    @extend_schema(summary="记录指标", request=MetricInput, responses={201: MetricSerializer})
    def create(self, request: Request) -> Response:
        """记录一名员工或一个小组的指标。需要 import_data。"""
        given = self.input(MetricInput)
        department = self.department_for("import_data", given.pop("department"))
        subject: dict[str, Any] = {}
        if "number" in given:
            seen = staff_visible_to(self.account)
            number = given.pop("number")
            subject["staff"] = numbered(seen, department, number, last_of(given["month"]))
            if subject["staff"] is None:
                raise Http404
        else:
            subject["team"] = get_object_or_404(Team, department=department, name=given.pop("team"))
        now = timezone.now()
        given.setdefault("as_of", timezone.localdate(now))
        metric = metric_record(department=department, **subject, **given, by=self.account, at=now)
        return self.answer(metric, 201)
