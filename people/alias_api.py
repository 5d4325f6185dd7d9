"""Who is called what in files, over the API."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from people.api_base import ScopedViewSet
from people.api_fields import DayField, DayFilter
from people.models import LONGEST_ALIAS, Alias
from people.selectors import departments_where, numbered
from people.services import alias_add, alias_end


class AliasFilter(filters.FilterSet):
    department = filters.CharFilter(field_name="department__code", label="部门代码")
    text = filters.CharFilter(label="别名，照登记的写法")
    number = filters.CharFilter(field_name="staff__number", label="工号")
    on = DayFilter(field_name="valid", lookup_expr="contains", label="这一天有效")

    class Meta:
        model = Alias
        fields: list[str] = []


class AliasSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    number = serializers.CharField(
        source="staff.number", default=None, allow_null=True, help_text="工号；空：不是本部门的人"
    )
    first_day = serializers.DateField(help_text="从哪天起")
    last_day = serializers.DateField(allow_null=True, help_text="最后一天；空为至今")

    class Meta:
        model = Alias
        fields = ["id", "department", "text", "shop", "number", "first_day", "last_day", "at"]


class AliasInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    text = serializers.CharField(max_length=LONGEST_ALIAS, help_text="旺旺、昵称、账号，照文件里的写法")
    number = serializers.CharField(
        max_length=32, allow_null=True, help_text="工号；null：不是本部门的人，文件里的这些行不导入"
    )
    shop = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="只在这个店铺里这样叫的才填"
    )
    from_on = DayField(help_text="从哪天起")


class AliasEndInput(serializers.Serializer):
    last_day = DayField(help_text="最后一天")


@extend_schema_view(list=extend_schema(summary="别名"), retrieve=extend_schema(summary="一个别名"))
class AliasViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """文件里的旺旺、昵称、账号是谁，从哪天到哪天。需要 manage_staff。"""

    queryset = Alias.objects.select_related("department", "staff")
    serializer_class = AliasSerializer
    filterset_class = AliasFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "text"]

    def visible(self) -> QuerySet[Alias]:
        return Alias.objects.filter(department__in=departments_where(self.account, "manage_staff"))

    @extend_schema(summary="登记别名", request=AliasInput, responses={201: AliasSerializer})
    def create(self, request: Request) -> Response:
        """自某日起有效；同一天一个别名只能是一个人。需要 manage_staff。"""
        given = self.input(AliasInput)
        department = self.department_for("manage_staff", given.pop("department"))
        number = given.pop("number")
        staff = numbered(department.staff.all(), department, number) if number else None
        if number and staff is None:
            raise Http404
        alias = alias_add(department=department, staff=staff, **given, by=self.account, at=timezone.now())
        return self.answer(alias, 201)

    @extend_schema(summary="结束别名", request=AliasEndInput, responses=AliasSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """写最后一天；再写一次是更正。需要 manage_staff。"""
        alias: Alias = self.get_object()
        self.check_may("manage_staff", alias.department)
        return self.answer(alias_end(alias=alias, last_day=self.input(AliasEndInput)["last_day"]))
