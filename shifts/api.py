"""Balances of leave over the API: one's own, and those of the people whose leave one is shown."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.serializers import BaseSerializer

from people.api_base import ScopedViewSet
from people.filters import StaffFilter
from people.models import Staff
from rules.kinds.leave_balance import PLACES
from shifts.selectors.leave_balances import LeaveAccounts, balances_shown_to


class DaysField(serializers.DecimalField):
    """Days, to two places: overtime may earn thirds of a day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(8, 2, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value.quantize(PLACES))


class BalancePartSerializer(serializers.Serializer):
    """剩余的天数中用到同一天的一部分。"""

    until = serializers.DateField(allow_null=True, help_text="用到哪天；空则一直有效")
    days = DaysField(help_text="天数")


class BalanceEntrySerializer(serializers.Serializer):
    """余额的一笔；用去的、作废的为负。"""

    on = serializers.DateField(help_text="日期")
    days = DaysField(help_text="天数")
    what = serializers.CharField(help_text="事由")
    until = serializers.DateField(allow_null=True, help_text="取得的用到哪天")


class BalanceSerializer(serializers.Serializer):
    """一类假的余额，天：上年结转＋今年取得－已用－作废＝剩余。"""

    type = serializers.CharField(help_text="假别")
    name = serializers.CharField(source="label", help_text="假别名称")
    on = serializers.DateField(help_text="截至哪天：今天，离职的为最后工作日")
    carried = DaysField(help_text="上年结转")
    granted = DaysField(help_text="今年取得")
    used = DaysField(help_text="已用，含已批准还没有到日子的")
    expired = DaysField(help_text="今年作废")
    left = DaysField(help_text="剩余；预支的为负")
    waiting = DaysField(help_text="待审批，还没有减去")
    parts = BalancePartSerializer(many=True, help_text="剩余的用到哪天")
    entries = BalanceEntrySerializer(many=True, help_text="今年的每一笔")


class LeaveBalanceSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    balances = serializers.SerializerMethodField(help_text="各类假的余额；制度没有写的没有")

    class Meta:
        model = Staff
        fields = ["id", "department", "number", "name", "left_on", "balances"]

    @extend_schema_field(BalanceSerializer(many=True))
    def get_balances(self, staff: Staff) -> Any:
        accounts: LeaveAccounts = self.context["accounts"]
        return BalanceSerializer(accounts.balances(staff.pk, timezone.localdate()), many=True).data


@extend_schema_view(
    list=extend_schema(summary="假期余额"), retrieve=extend_schema(summary="一名员工的假期余额")
)
class LeaveBalanceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """本人的，以及令牌可看请假的员工的假期余额，今天为准。"""

    queryset = Staff.objects.select_related("department")
    serializer_class = LeaveBalanceSerializer
    filterset_class = StaffFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "number", "name"]

    def visible(self) -> QuerySet[Staff]:
        shown = balances_shown_to(self.account, timezone.localdate())
        return Staff.objects.filter(Q(pk__in=shown.order_by().values("pk")) | Q(account=self.account))

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer:
        """With the accounts of all the given people, read at once."""
        if args:
            people = args[0] if kwargs.get("many") else [args[0]]
            accounts = LeaveAccounts([each.pk for each in people], timezone.localdate())
            kwargs["context"] = {**self.get_serializer_context(), "accounts": accounts}
        return super().get_serializer(*args, **kwargs)
