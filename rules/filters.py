"""What rulebooks, versions and provisions are filtered by over the API."""

from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django_filters import rest_framework as filters

from people.api_fields import DayFilter
from rules.models import LibraryProvision, Provision, Rulebook, Version
from rules.selectors import said


class RulebookFilter(filters.FilterSet):
    trade = filters.CharFilter(label="行业")
    q = filters.CharFilter(method="filter_q", label="编号或名称的一部分")

    class Meta:
        model = Rulebook
        fields: list[str] = []

    def filter_q(self, rows: QuerySet[Rulebook], name: str, value: str) -> QuerySet[Rulebook]:
        return rows.filter(Q(code__icontains=value) | Q(name__icontains=value))


class LibraryProvisionFilter(filters.FilterSet):
    rulebook = filters.CharFilter(field_name="edition__rulebook__code", label="制度编号")
    edition = filters.NumberFilter(
        field_name="edition__number", min_value=1, max_value=2**31 - 1, label="版次"
    )
    q = filters.CharFilter(method="filter_q", label="编号、标题或条文的一部分")

    class Meta:
        model = LibraryProvision
        fields: list[str] = []

    def filter_q(self, rows: QuerySet[LibraryProvision], name: str, value: str) -> QuerySet[LibraryProvision]:
        return rows.filter(said(value))


class VersionFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    on = DayFilter(method="filter_on", label="这一天生效的版本")

    class Meta:
        model = Version
        fields: list[str] = []

    def filter_on(self, rows: QuerySet[Version], name: str, value: date) -> QuerySet[Version]:
        return rows.filter(pk=in_force(OuterRef("department"), value))


class ProvisionFilter(filters.FilterSet):
    version = filters.NumberFilter(field_name="version", min_value=1, max_value=2**62, label="版本的 id")
    department = filters.CharFilter(field_name="version__department__code", label="部门代码")
    on = DayFilter(method="filter_on", label="这一天生效的条款")
    code = filters.CharFilter(label="条款编号")
    kind = filters.CharFilter(label="类型")
    q = filters.CharFilter(method="filter_q", label="编号、标题或条文的一部分")

    class Meta:
        model = Provision
        fields: list[str] = []

    def filter_on(self, rows: QuerySet[Provision], name: str, value: date) -> QuerySet[Provision]:
        return rows.filter(version=in_force(OuterRef("version__department"), value))

    def filter_q(self, rows: QuerySet[Provision], name: str, value: str) -> QuerySet[Provision]:
        return rows.filter(said(value))


def in_force(department: OuterRef, day: date) -> Subquery:
    """The id of the version by which a department lives on a day."""
    published = Version.objects.filter(
        department=department, published_at__isnull=False, effective_on__lte=day
    )
    return Subquery(published.order_by("-effective_on", "-number").values("pk")[:1])
