"""What incidents, appeals, proposals and the fund are filtered by over the API."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from penalties.models import FundCount, FundTransaction, Incident, IncidentAppeal, Proposal
from people.api_fields import DayFilter, MonthFilter
from rules.proposals import ProposalKind

REVERSED = ("reversed", "已撤销")


class IncidentFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="staff__department__code", label="部门代码")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    code = filters.CharFilter(label="条款编号")
    state = filters.ChoiceFilter(
        choices=[*Incident.State.choices, REVERSED],
        method="filter_state",
        label="状态；confirmed 不含已撤销的",
    )
    since = DayFilter(field_name="work_date", lookup_expr="gte", label="这一天及以后")
    until = DayFilter(field_name="work_date", lookup_expr="lte", label="这一天及以前")

    class Meta:
        model = Incident
        fields: list[str] = []

    def filter_state(self, rows: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        if value == REVERSED[0]:
            return rows.filter(reversal__isnull=False)
        return rows.filter(state=value, reversal__isnull=True)


class IncidentAppealFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="staff__department__code", label="部门代码")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    state = filters.ChoiceFilter(choices=IncidentAppeal.State.choices, label="状态")

    class Meta:
        model = IncidentAppeal
        fields: list[str] = []


class FundTransactionFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    kind = filters.ChoiceFilter(choices=FundTransaction.Kind.choices, label="种类")
    since = DayFilter(field_name="on", lookup_expr="gte", label="这一天及以后")
    until = DayFilter(field_name="on", lookup_expr="lte", label="这一天及以前")

    class Meta:
        model = FundTransaction
        fields: list[str] = []


class FundCountFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    state = filters.ChoiceFilter(choices=FundCount.State.choices, label="状态")

    class Meta:
        model = FundCount
        fields: list[str] = []


class ProposalFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    state = filters.ChoiceFilter(choices=Proposal.State.choices, label="状态")
    kind = filters.ChoiceFilter(choices=ProposalKind.choices, label="建议")
    month = MonthFilter(label="月份，如 2026-10")

    class Meta:
        model = Proposal
        fields: list[str] = []
