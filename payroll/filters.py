"""What settlements and payslips are filtered by over the API."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from payroll.models import Payslip, SettlementPeriod
from people.api_fields import MonthFilter


class SettlementFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    month = MonthFilter(label="月份，如 2026-10")
    state = filters.ChoiceFilter(choices=SettlementPeriod.State.choices, label="状态")

    class Meta:
        model = SettlementPeriod
        fields: list[str] = []


class PayslipFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="period__department__code", label="部门代码")
    month = MonthFilter(field_name="period__month", label="月份，如 2026-10")
    number = filters.CharFilter(label="工号")
    settlement = filters.NumberFilter(
        field_name="period", min_value=1, max_value=2**62, label="工资月份的 id"
    )
    failed = filters.BooleanFilter(method="filter_failed", label="未能结算的")

    class Meta:
        model = Payslip
        fields: list[str] = []

    def filter_failed(self, rows: QuerySet[Payslip], name: str, value: bool) -> QuerySet[Payslip]:
        return rows.exclude(failure="") if value else rows.filter(failure="")
