"""Incidents, what is said against them, and proposals over the API."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from penalties import services
from penalties.filters import REVERSED, IncidentAppealFilter, IncidentFilter, ProposalFilter
from penalties.models import Incident, IncidentAppeal, Proposal
from penalties.selectors import entries_of, incidents_visible_to, proposals_visible_to
from people.api_base import ScopedViewSet
from people.api_fields import DayField, MonthField


class ReversalSerializer(serializers.Serializer):
    on = serializers.DateField(help_text="撤销日期")
    reason = serializers.CharField(help_text="理由")
    at = serializers.DateTimeField(help_text="时间")


class EntrySerializer(serializers.Serializer):
    """台账的一笔：money 为元（负为扣），points 为扣分。"""

    number = serializers.CharField(source="staff.number", help_text="工号")
    money = serializers.DecimalField(12, 2, source="amount", default=None, allow_null=True)
    points = serializers.DecimalField(6, 1, default=None, allow_null=True)
    work_date = serializers.DateField(help_text="归属日期")
    reason = serializers.CharField(help_text="理由")


class IncidentSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="staff.department.code", help_text="部门代码")
    number = serializers.CharField(source="staff.number", help_text="工号")
    name = serializers.CharField(source="staff.name", help_text="姓名")
    title = serializers.CharField(source="provision.title", help_text="条款标题")
    version = serializers.IntegerField(source="provision.version.number", help_text="所据制度版本号")
    state = serializers.SerializerMethodField(help_text="状态")
    reversal = serializers.SerializerMethodField(help_text="撤销；没有撤销则为空")
    entries = serializers.SerializerMethodField(help_text="记入台账的各笔")

    class Meta:
        model = Incident
        fields = [
            "id", "department", "number", "name", "code", "title", "version", "work_date", "quantity",
            "magnitude", "amount", "note", "state", "recorded_at", "decided_at", "rejection", "reversal",
            "entries",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField([*Incident.State.choices, REVERSED]))
    def get_state(self, incident: Incident) -> str:
        return REVERSED[0] if hasattr(incident, "reversal") else incident.state

    @extend_schema_field(ReversalSerializer(allow_null=True))
    def get_reversal(self, incident: Incident) -> Any:
        return ReversalSerializer(incident.reversal).data if hasattr(incident, "reversal") else None

    @extend_schema_field(EntrySerializer(many=True))
    def get_entries(self, incident: Incident) -> Any:
        return EntrySerializer(self.context["entries"][incident.pk], many=True).data


class IncidentInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    number = serializers.CharField(max_length=32, help_text="工号")
    code = serializers.CharField(max_length=200, help_text="条款编号、所涵盖的编号，或条款标题")
    work_date = DayField(help_text="日期：班次开始的那一天")
    quantity = serializers.IntegerField(min_value=1, max_value=10_000, default=1, help_text="次数")
    magnitude = serializers.DecimalField(
        12, 2, min_value=0, allow_null=True, default=None, help_text="秒、分钟、件、天，按条款"
    )
    amount = serializers.DecimalField(
        12, 2, min_value=0, allow_null=True, default=None, help_text="条款只给范围的，由记录人定：元或分"
    )
    note = serializers.CharField(max_length=2000, allow_blank=True, default="", help_text="经过与依据")

    def validate_work_date(self, day: Any) -> Any:
        if day > timezone.localdate():
            raise serializers.ValidationError("日期还没有到，请核对日期。")
        return day


class RejectInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, help_text="理由")


class ReverseInput(RejectInput):
    on = DayField(required=False, help_text="撤销日期；不写则为今天")


@extend_schema_view(list=extend_schema(summary="奖惩记录"), retrieve=extend_schema(summary="一条奖惩记录"))
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可见的员工的奖惩记录，连同记入台账的各笔。"""

    queryset = Incident.objects.select_related("staff__department", "provision__version", "reversal")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter
    department_path = "staff__department"
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "work_date", "recorded_at"]

    def visible(self) -> QuerySet[Incident]:
        return incidents_visible_to(self.account)

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer:
        """With what all the given incidents put into the ledgers, read at once."""
        if args:
            incidents = args[0] if kwargs.get("many") else [args[0]]
            entries = entries_of([each.pk for each in incidents], seen_by=self.account)
            kwargs["context"] = {**self.get_serializer_context(), "entries": entries}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(summary="记录一条", request=IncidentInput, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        """按当日生效的制度记录一条奖惩；条款写明自动生效的即时计入台账。需要 record_incidents。"""
        given = self.input(IncidentInput)
        place = given.pop("department"), given.pop("number")
        staff = self.staff_for("record_incidents", *place, given["work_date"])
        incident = services.incident_record(staff=staff, **given, by=self.account, at=timezone.now())
        return self.answer(self._again(incident), 201)

    @extend_schema(summary="确认", request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """让一条待确认的记录生效，计入台账。需要 confirm_incidents。"""
        incident = self._decidable("confirm_incidents")
        services.incident_confirm(incident=incident, by=self.account, at=timezone.now())
        return self.answer(self._again(incident))

    @extend_schema(summary="驳回", request=RejectInput, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """把一条待确认的记录定为不成立，写明理由。需要 confirm_incidents。"""
        incident = self._decidable("confirm_incidents")
        reason = self.input(RejectInput)["reason"]
        services.incident_reject(incident=incident, reason=reason, by=self.account, at=timezone.now())
        return self.answer(self._again(incident))

    @extend_schema(summary="撤销", request=ReverseInput, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """撤销一条已确认的记录并冲销台账，只能一次。需要 reverse_incidents。"""
        incident = self._decidable("reverse_incidents")
        given = self.input(ReverseInput)
        now = timezone.now()
        on = given.get("on") or timezone.localdate(now)
        services.incident_reverse(incident=incident, on=on, reason=given["reason"], by=self.account, at=now)
        return self.answer(self._again(incident))

    def _decidable(self, action: str) -> Incident:
        incident: Incident = self.get_object()
        self.check_may(action, incident.staff.department)
        return incident

    def _again(self, incident: Incident) -> Incident:
        return self.get_queryset().get(pk=incident.pk)


class IncidentAppealSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="staff.department.code", help_text="部门代码")
    number = serializers.CharField(source="staff.number", help_text="工号")
    name = serializers.CharField(source="staff.name", help_text="姓名")
    code = serializers.CharField(source="incident.code", help_text="条款编号")
    work_date = serializers.DateField(source="incident.work_date", help_text="奖惩记录的日期")

    class Meta:
        model = IncidentAppeal
        fields = [
            "id", "department", "number", "name", "incident", "code", "work_date", "reason", "state",
            "asked_at", "decided_at", "answer",
        ]  # fmt: skip


@extend_schema_view(list=extend_schema(summary="奖惩申诉"), retrieve=extend_schema(summary="一条奖惩申诉"))
class IncidentAppealViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可见的员工对奖惩记录的申诉与答复；批准的，记录已撤销。"""

    queryset = IncidentAppeal.objects.select_related("staff__department", "incident")
    serializer_class = IncidentAppealSerializer
    filterset_class = IncidentAppealFilter
    department_path = "staff__department"
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "asked_at"]

    def visible(self) -> QuerySet[IncidentAppeal]:
        return IncidentAppeal.objects.filter(incident__in=incidents_visible_to(self.account))


class ProposalSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    number = serializers.CharField(source="staff.number", help_text="工号")
    name = serializers.CharField(source="staff.name", help_text="姓名")
    month = MonthField(allow_null=True, help_text="月度得分或考勤引起的")
    evidence = serializers.SerializerMethodField(help_text="依据")

    class Meta:
        model = Proposal
        fields = [
            "id", "department", "number", "name", "code", "kind", "month", "incident", "evidence", "state",
            "opened_at", "decided_at", "decision",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_evidence(self, proposal: Proposal) -> Any:
        return proposal.evidence


@extend_schema_view(list=extend_schema(summary="处理建议"), retrieve=extend_schema(summary="一条处理建议"))
class ProposalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """次数或得分引起、由人决定的处理建议；与工资同样保密，需要 view_pay。"""

    queryset = Proposal.objects.select_related("department", "staff")
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilter
    lookup_value_regex = r"\d{1,18}"

    def visible(self) -> QuerySet[Proposal]:
        places = self.access.where("view_pay").order_by().values("pk")
        return proposals_visible_to(self.account).filter(department__in=places)
