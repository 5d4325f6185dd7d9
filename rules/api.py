"""The library of rulebooks and what departments adopted of it, over the API."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from people.api_base import ScopedViewSet
from rules.differences import roles_in_words
from rules.filters import LibraryProvisionFilter, ProvisionFilter, RulebookFilter, VersionFilter
from rules.kinds import parse_kind
from rules.models import Edition, LibraryProvision, Provision, ProvisionFields, Rulebook, Version

PROVISION_FIELDS = [
    "code", "title", "clause", "kind", "params", "words", "blanks", "roles", "roles_words", "window",
    "basis", "confirm", "covers",
]  # fmt: skip


class LibraryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The library is everybody's to read, as it is in the browser."""

    def get_queryset(self) -> QuerySet[Any]:
        return GenericViewSet.get_queryset(self)


class RulebookSerializer(serializers.ModelSerializer):
    edition = serializers.IntegerField(help_text="最新版次", allow_null=True)

    class Meta:
        model = Rulebook
        fields = ["code", "name", "trade", "edition"]


@extend_schema_view(list=extend_schema(summary="制度库"), retrieve=extend_schema(summary="一部制度"))
class RulebookViewSet(LibraryViewSet):
    """制度库里的制度与最新版次。"""

    queryset = Rulebook.objects.annotate(
        edition=Subquery(
            Edition.objects.filter(rulebook=OuterRef("pk")).order_by("-number").values("number")[:1]
        )
    )
    serializer_class = RulebookSerializer
    filterset_class = RulebookFilter
    lookup_field = "code"
    lookup_value_regex = r"[^/]{1,32}"
    ordering = "code"
    ordering_fields = ["code"]


class _ProvisionSerializer(serializers.ModelSerializer):
    params = serializers.SerializerMethodField(help_text="参数，因类型而异；null 为未填")
    words = serializers.SerializerMethodField(help_text="参数的文字说明")
    blanks = serializers.SerializerMethodField(help_text="未填的参数；有未填的条款不起作用")
    roles = serializers.ListField(child=serializers.CharField(), help_text="约束的岗位；空为全体")
    roles_words = serializers.SerializerMethodField(help_text="约束的岗位，文字")
    covers = serializers.ListField(child=serializers.CharField(), help_text="涵盖的条款编号")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_params(self, row: ProvisionFields) -> Any:
        return row.params

    def get_words(self, row: ProvisionFields) -> str:
        return parse_kind(row.kind, row.params)[0].in_words()

    def get_blanks(self, row: ProvisionFields) -> list[str]:
        return list(parse_kind(row.kind, row.params)[1])

    def get_roles_words(self, row: ProvisionFields) -> str:
        return roles_in_words(row.roles)


class LibraryProvisionSerializer(_ProvisionSerializer):
    rulebook = serializers.CharField(source="edition.rulebook.code", help_text="制度编号")
    edition = serializers.IntegerField(source="edition.number", help_text="版次")

    class Meta:
        model = LibraryProvision
        fields = ["id", "rulebook", "edition", *PROVISION_FIELDS]


@extend_schema_view(
    list=extend_schema(summary="制度库的条款"), retrieve=extend_schema(summary="制度库的一条")
)
class LibraryProvisionViewSet(LibraryViewSet):
    """制度库里各版次的条款，连同参数。"""

    queryset = LibraryProvision.objects.select_related("edition__rulebook")
    serializer_class = LibraryProvisionSerializer
    filterset_class = LibraryProvisionFilter
    lookup_value_regex = r"\d{1,18}"
    ordering = "id"
    ordering_fields = ["id", "code"]


class VersionSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    rulebooks = serializers.SerializerMethodField(help_text="采用的制度与版次")

    class Meta:
        model = Version
        fields = ["id", "department", "number", "effective_on", "published_at", "note", "rulebooks"]

    def get_rulebooks(self, version: Version) -> list[str]:
        return [f"{each.rulebook.code}/{each.number}" for each in version.editions.all()]


@extend_schema_view(list=extend_schema(summary="制度版本"), retrieve=extend_schema(summary="一个制度版本"))
class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """部门已发布的制度版本。"""

    queryset = Version.objects.select_related("department").prefetch_related("editions__rulebook")
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "effective_on"]

    def visible(self) -> QuerySet[Version]:
        places = self.access.departments().order_by().values("pk")
        return Version.objects.filter(published_at__isnull=False, department__in=places)


class ProvisionSerializer(_ProvisionSerializer):
    department = serializers.CharField(source="version.department.code", help_text="部门代码")
    version = serializers.IntegerField(source="version.number", help_text="版本号")
    effective_on = serializers.DateField(source="version.effective_on", help_text="版本的生效日期")

    class Meta:
        model = Provision
        fields = ["id", "department", "version", "effective_on", *PROVISION_FIELDS]


@extend_schema_view(list=extend_schema(summary="部门的条款"), retrieve=extend_schema(summary="部门的一条"))
class ProvisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """部门已发布版本里的条款，连同部门自己的参数。"""

    queryset = Provision.objects.select_related("version__department")
    serializer_class = ProvisionSerializer
    filterset_class = ProvisionFilter
    department_path = "version__department"
    lookup_value_regex = r"\d{1,18}"
    ordering = "id"
    ordering_fields = ["id", "code"]

    def visible(self) -> QuerySet[Provision]:
        places = self.access.departments().order_by().values("pk")
        return Provision.objects.filter(version__published_at__isnull=False, version__department__in=places)
