"""What imports are filtered by over the API."""

from django_filters import rest_framework as filters

from people.api_fields import DayFilter
from people.models import ImportBatch
from sheets.loading import SHEET_KINDS

KINDS = list(SHEET_KINDS.items())


class ImportFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    kind = filters.ChoiceFilter(choices=KINDS, label="类别")
    since = DayFilter(field_name="at", lookup_expr="date__gte", label="这一天及以后导入")

    class Meta:
        model = ImportBatch
        fields: list[str] = []
