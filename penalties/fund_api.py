"""The fund over the API: its book and its counts, to be read by everybody who reads them on the page."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from penalties.filters import FundCountFilter, FundTransactionFilter
from penalties.fund import funds_visible_to
from penalties.models import FundCount, FundPosting, FundTransaction
from people.api_base import ScopedViewSet


class FundPostingSerializer(serializers.ModelSerializer):
    """一笔账的一条分录：正数为借，负数为贷，一笔账合计为零。"""

    class Meta:
        model = FundPosting
        fields = ["account", "amount"]


class FundTransactionSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    number = serializers.CharField(source="staff.number", default=None, help_text="员工的工号；没有则为空")
    name = serializers.CharField(source="staff.name", default=None, help_text="员工的姓名；没有则为空")
    change = serializers.DecimalField(12, 2, help_text="基金因此多了（负为少了）多少元")
    postings = FundPostingSerializer(many=True, help_text="分录")

    class Meta:
        model = FundTransaction
        fields = ["id", "department", "kind", "on", "text", "number", "name", "change", "postings", "at"]


@extend_schema_view(list=extend_schema(summary="基金账"), retrieve=extend_schema(summary="基金的一笔账"))
class FundTransactionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """基金的账目：对本部门的人公开，事由与经过另看奖惩记录。"""

    queryset = FundTransaction.objects.select_related("department", "staff").prefetch_related("postings")
    serializer_class = FundTransactionSerializer
    filterset_class = FundTransactionFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "on"]

    def visible(self) -> QuerySet[FundTransaction]:
        return FundTransaction.objects.filter(department__in=funds_visible_to(self.account))


class FundCountSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    difference = serializers.DecimalField(12, 2, help_text="实有比账面多了（负为少了）多少元")
    counted_by = serializers.CharField(help_text="盘点人")
    witness = serializers.CharField(help_text="见证人")

    class Meta:
        model = FundCount
        fields = [
            "id", "department", "counted_at", "counted", "booked", "difference", "explanation", "counted_by",
            "witness", "state", "witnessed_at", "word",
        ]  # fmt: skip


@extend_schema_view(list=extend_schema(summary="基金盘点"), retrieve=extend_schema(summary="一次盘点"))
class FundCountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """基金现金的盘点与见证：对本部门的人公开。"""

    queryset = FundCount.objects.select_related("department", "counted_by", "witness")
    serializer_class = FundCountSerializer
    filterset_class = FundCountFilter
    lookup_value_regex = r"\d{1,18}"

    def visible(self) -> QuerySet[FundCount]:
        return FundCount.objects.filter(department__in=funds_visible_to(self.account))
