"""What staff and imports are filtered by over the API."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters

from people.api_fields import DayFilter
from people.models import Staff, Term
from people.selectors import not_left, person_matches


class StaffFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    number = filters.CharFilter(field_name="number", label="工号")
    name = filters.CharFilter(method="filter_name", label="姓名、拼音或拼音首字母的一部分")
    team = filters.CharFilter(method="filter_team", label="现在的小组")
    employed_on = DayFilter(method="filter_employed_on", label="这一天在职")

    class Meta:
        model = Staff
        fields: list[str] = []

    def filter_name(self, rows: QuerySet[Staff], name: str, value: str) -> QuerySet[Staff]:
        return rows.filter(person_matches(value, by=("name", "pinyin", "initials", "further_readings")))

    def filter_team(self, rows: QuerySet[Staff], name: str, value: str) -> QuerySet[Staff]:
        members = Term.objects.filter(valid__contains=timezone.localdate(), team__name=value)
        return rows.filter(pk__in=members.values("staff"))

    def filter_employed_on(self, rows: QuerySet[Staff], name: str, value: date) -> QuerySet[Staff]:
        return rows.filter(not_left(value), joined_on__lte=value)
