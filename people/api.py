"""Departments and staff over the API."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from people.api_base import ScopedViewSet
from people.api_fields import DayField
from people.filters import StaffFilter
from people.models import Department, Post, Role, Staff, Term, Tier
from people.selectors import departments_visible_to, staff_visible_to
from people.services import (
    staff_create,
    staff_hired_correct,
    staff_leave,
    staff_terms_change,
    team_get_or_create,
)

PAY_FIELDS = ("base_pay", "performance_bonus", "base_points")


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ["code", "name", "objection_days", "appeal_days"]


@extend_schema_view(list=extend_schema(summary="部门"), retrieve=extend_schema(summary="一个部门"))
class DepartmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可见的部门。其他资源都以部门代码指明部门。"""

    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    department_path = "pk"
    lookup_field = "code"
    lookup_value_regex = r"[^/]{1,32}"
    ordering = "code"
    ordering_fields = ["code"]

    def visible(self) -> QuerySet[Department]:
        return departments_visible_to(self.account)


class TermSerializer(serializers.ModelSerializer):
    """任职条件；工资各项只在令牌可看此人工资时给出，否则为空。"""

    since = serializers.DateField(source="valid.lower", help_text="自这一天起")
    until = serializers.DateField(source="valid.upper", allow_null=True, help_text="到这一天之前；空为至今")
    team = serializers.CharField(source="team.name", default=None, allow_null=True, help_text="小组")

    class Meta:
        model = Term
        fields = ["since", "until", "team", "role", "post", "tier", "star", *PAY_FIELDS]

    def to_representation(self, instance: Term) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        staff: Staff = self.context["staff"]
        is_own = staff.account_id == self.context["account"].pk
        if not (is_own or staff.department_id in self.context["pay_in"]):
            shown |= dict.fromkeys(PAY_FIELDS)
        return shown


class StaffSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    term = serializers.SerializerMethodField(help_text="今天的任职条件；今天不在职则为空")

    class Meta:
        model = Staff
        fields = [
            "id", "department", "number", "name", "hired_on", "joined_on", "left_on", "service_since", "term",
        ]  # fmt: skip

    @extend_schema_field(TermSerializer(allow_null=True))
    def get_term(self, staff: Staff) -> Any:
        terms: list[Term] = staff.terms_now  # type: ignore[attr-defined]
        context = {**self.context, "staff": staff}
        return TermSerializer(terms[0], context=context).data if terms else None


class TermsInput(serializers.Serializer):
    """任职条件；没有写的照旧。"""

    team = serializers.CharField(
        max_length=64, allow_null=True, required=False, help_text="没有这个小组就新建"
    )
    role = serializers.CharField(
        max_length=32, required=False, help_text=f"岗位：{'、'.join(Role.values)} 等"
    )
    post = serializers.ChoiceField(Post.choices, allow_blank=True, required=False, help_text="环节")
    tier = serializers.ChoiceField(Tier.choices, allow_blank=True, required=False, help_text="职级")
    star = serializers.IntegerField(min_value=0, max_value=32767, allow_null=True, required=False)
    base_pay = serializers.DecimalField(
        12, 2, min_value=0, allow_null=True, required=False, help_text="约定基本工资，元/月"
    )
    performance_bonus = serializers.DecimalField(12, 2, min_value=0, allow_null=True, required=False)
    base_points = serializers.DecimalField(8, 2, min_value=0, allow_null=True, required=False)


class StaffInput(TermsInput):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    number = serializers.CharField(max_length=32, help_text="工号")
    name = serializers.CharField(max_length=64, help_text="姓名")
    hired_on = DayField(help_text="入职日期")
    joined_on = DayField(required=False, help_text="到本部门日期；不写则为入职日期")
    left_on = DayField(required=False, allow_null=True, help_text="最后工作日")
    service_since = DayField(
        required=False, allow_null=True, help_text="累计工龄起算日，年假按它算；不写则为入职日期"
    )


class TermsChangeInput(TermsInput):
    on = DayField(help_text="生效日期")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) <= {"on"}:
            raise serializers.ValidationError("没有填写任何变更。")
        return attrs


class HiredInput(serializers.Serializer):
    hired_on = DayField(help_text="入职日期")


class LeaveInput(serializers.Serializer):
    last_day = DayField(allow_null=True, help_text="最后工作日；null 为取消离职")


@extend_schema_view(list=extend_schema(summary="员工"), retrieve=extend_schema(summary="一名员工"))
class StaffViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可见的员工与今天的任职条件。"""

    queryset = Staff.objects.select_related("department")
    serializer_class = StaffSerializer
    filterset_class = StaffFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "number", "name", "hired_on"]

    def visible(self) -> QuerySet[Staff]:
        return staff_visible_to(self.account)

    def get_queryset(self) -> QuerySet[Staff]:
        now = Term.objects.filter(valid__contains=timezone.localdate()).select_related("team")
        return super().get_queryset().prefetch_related(Prefetch("terms", now, to_attr="terms_now"))

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["account"] = self.account
            context["pay_in"] = set(self.access.where("view_pay").values_list("pk", flat=True))
        return context

    @extend_schema(summary="新员工", request=StaffInput, responses={201: StaffSerializer})
    def create(self, request: Request) -> Response:
        """以入职之日的任职条件登记一名新员工。需要 manage_staff。"""
        given = self.input(StaffInput)
        department = self.department_for("manage_staff", given.pop("department"))
        staff = staff_create(
            department=department, **_with_team(department, given), by=self.account, at=timezone.now()
        )
        return self.answer(self._again(staff), 201)

    @extend_schema(summary="变更任职条件", request=TermsChangeInput, responses=StaffSerializer)
    @action(detail=True, methods=["post"])
    def terms(self, request: Request, pk: str) -> Response:
        """自某日起变更小组、岗位、职级或工资；没有写的照旧。需要 manage_staff。"""
        staff = self._managed()
        given = self.input(TermsChangeInput)
        changes = _with_team(staff.department, given)
        staff_terms_change(staff=staff, **changes, by=self.account, at=timezone.now())
        return self.answer(self._again(staff))

    @extend_schema(summary="离职", request=LeaveInput, responses=StaffSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """登记最后工作日，或以 null 取消离职。需要 manage_staff。"""
        staff = self._managed()
        given = self.input(LeaveInput)
        staff_leave(staff=staff, last_day=given["last_day"], by=self.account, at=timezone.now())
        return self.answer(self._again(staff))

    @extend_schema(summary="更正入职日期", request=HiredInput, responses=StaffSerializer)
    @action(detail=True, methods=["post"])
    def hired(self, request: Request, pk: str) -> Response:
        """更正入职日期，有关月份重新计算。需要 manage_staff。"""
        staff = self._managed()
        given = self.input(HiredInput)
        staff_hired_correct(staff=staff, hired_on=given["hired_on"], by=self.account, at=timezone.now())
        return self.answer(self._again(staff))

    def _managed(self) -> Staff:
        staff: Staff = self.get_object()
        self.check_may("manage_staff", staff.department)
        return staff

    def _again(self, staff: Staff) -> Staff:
        return self.get_queryset().get(pk=staff.pk)


def _with_team(department: Department, given: dict[str, Any]) -> dict[str, Any]:
    """The input with the team's name turned into the department's team."""
    if name := given.get("team"):
        return {**given, "team": team_get_or_create(department=department, name=name)}
    return given
