"""Settlements and payslips over the API."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.money import ZERO
from core.periods import first_of
from payroll.filters import PayslipFilter, SettlementFilter
from payroll.models import (
    REASON_LENGTH,
    EmployerCost,
    PayLine,
    Payslip,
    SettlementPeriod,
    SettlementRun,
    Withholding,
)
from payroll.selectors.periods import payslips_visible_to, periods_visible_to, settled_orders_of
from payroll.selectors.readiness import readiness
from payroll.services.pay_day import ACTION as PAY_DAY_ACTION
from payroll.services.pay_day import pay_day_set
from payroll.services.steps import APPROVE, PAY, SEND_BACK, SETTLE, SUBMIT, Step, stamp, step_take
from payroll.settlement.status import period_status
from payroll.slip_order import Part, is_statutory, part_sums, statutory_of
from payroll.workflow import period_open
from people.api_base import ScopedViewSet
from people.api_fields import MonthField
from people.models import AccessLog
from people.services import access_log, access_log_months

ORDERS_SHOWN = 1000


class StartedSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    month = MonthField(help_text="月份")

    class Meta:
        model = SettlementPeriod
        fields = ["id", "department", "month", "state"]


class SettlementSerializer(StartedSerializer):
    prepared_by = serializers.CharField(default=None, allow_null=True, help_text="编制人")
    approved_by = serializers.CharField(default=None, allow_null=True, help_text="批准人")
    paid_by = serializers.CharField(default=None, allow_null=True, help_text="发放人")
    pays_on = serializers.DateField(help_text="发薪日；没有另定的为当月最后一天，个税按它所在的月份计算")
    people = serializers.IntegerField(help_text="人数")
    failed = serializers.IntegerField(help_text="未能结算的人数")
    gross = serializers.DecimalField(14, 2, help_text="应发合计，元；不含未能结算的人")
    deductions = serializers.DecimalField(14, 2, help_text="应扣合计，元；不含未能结算的人")
    net = serializers.DecimalField(14, 2, help_text="实发合计，元；不含未能结算的人")

    class Meta(StartedSerializer.Meta):
        fields = [
            *StartedSerializer.Meta.fields, "facts_read_at", "prepared_by", "approved_by", "approved_at",
            "pays_on", "paid_by", "paid_at", "paid_on", "people", "failed", "gross", "deductions", "net",
        ]  # fmt: skip


class RunSerializer(serializers.ModelSerializer):
    percent = serializers.SerializerMethodField(help_text="已完成的百分比")

    class Meta:
        model = SettlementRun
        fields = [
            "state", "step", "done", "total", "failed", "percent", "message", "started_at", "finished_at",
        ]  # fmt: skip

    def get_percent(self, run: SettlementRun) -> int:
        return run.done * 100 // run.total if run.total else 0


class SettlementDetailSerializer(SettlementSerializer):
    run = serializers.SerializerMethodField(help_text="最近一次结算的进度；没有结算过则为空")

    class Meta(SettlementSerializer.Meta):
        fields = [*SettlementSerializer.Meta.fields, "run"]

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, period: SettlementPeriod) -> Any:
        run = period.runs.first()
        return RunSerializer(run).data if run else None


class StartInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    month = MonthField(help_text="月份")

    def validate_month(self, month: Any) -> Any:
        if month > first_of(timezone.localdate()):
            raise serializers.ValidationError("这个月还没有到，请核对月份。")
        return month


class SeenInput(serializers.Serializer):
    facts_read_at = serializers.DateTimeField(
        required=False, help_text="所核对草稿的 facts_read_at，原样送回；草稿在此期间变过则不办理"
    )


class PaidInput(SeenInput):
    on = serializers.DateField(
        required=False, help_text="实际发放的日期；不写为发薪日，发薪日还没有到的为今天"
    )


class ApproveInput(serializers.Serializer):
    facts_read_at = serializers.DateTimeField(
        help_text="所核对草稿的 facts_read_at，原样送回；草稿在此期间重算过则不批准"
    )
    reason = serializers.CharField(
        max_length=REASON_LENGTH,
        required=False,
        help_text="放行的理由；readiness 里还有待处理的（is_open）才须写",
    )


class ItemSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="事项")
    title = serializers.CharField(help_text="名称")
    words = serializers.CharField(help_text="现在的情况")
    is_open = serializers.BooleanField(help_text="待处理：处理后重新结算，或批准时写明理由放行")


class PayDayInput(serializers.Serializer):
    on = serializers.DateField(help_text="发薪日")


class SendBackInput(SeenInput):
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text="理由")


@extend_schema_view(list=extend_schema(summary="工资月份"))
class SettlementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """一个部门一个月的结算，从未结算到已发放。需要 view_pay。"""

    queryset = SettlementPeriod.objects.select_related(
        "department", "prepared_by", "approved_by", "paid_by"
    ).annotate(
        people=Count("payslips"),
        failed=Count("payslips", filter=~Q(payslips__failure="")),
        gross=Coalesce(Sum("payslips__gross"), ZERO),
        deductions=Coalesce(Sum("payslips__deductions"), ZERO),
        net=Coalesce(Sum("payslips__net"), ZERO),
    )
    serializer_class = SettlementSerializer
    filterset_class = SettlementFilter
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "month"]

    def visible(self) -> QuerySet[SettlementPeriod]:
        places = self.access.where("view_pay").order_by().values("pk")
        return periods_visible_to(self.account).filter(department__in=places)

    @extend_schema(summary="一个工资月份与结算进度", responses=SettlementDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """状态、合计与最近一次结算的进度；结算进行中可反复读取。"""
        period: SettlementPeriod = self.get_object()
        now = timezone.now()
        period_status(period, at=now)  # notices that a worker has died
        if period.facts_read_at is not None:
            access_log(
                what=AccessLog.What.PERIOD,
                department=period.department,
                month=period.month,
                by=self.account,
                at=now,
            )
        return Response(SettlementDetailSerializer(period).data)

    @extend_schema(summary="开始结算", request=StartInput, responses={202: StartedSerializer})
    def create(self, request: Request) -> Response:
        """把一个部门的一个月交给结算进程，立即返回；进度见 Location 所指。需要 settle_pay。"""
        given = self.input(StartInput)
        department = self.department_for(SETTLE.action, given["department"])
        period = period_open(department=department, month=given["month"])
        step_take(step=SETTLE, period=period, seen=None, by=self.account, at=timezone.now())
        place = reverse("api:settlement-detail", args=[period.pk], request=request)
        return Response(StartedSerializer(period).data, status=202, headers={"Location": place})

    @extend_schema(summary="依据的数据", responses=ItemSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def readiness(self, request: Request, pk: str) -> Response:
        """本月工资依据的数据：有什么、缺什么、草稿以后变了什么。需要 view_pay。"""
        items = readiness(self.get_object(), at=timezone.now())
        return Response(ItemSerializer(items, many=True).data)

    @extend_schema(summary="复核并提交", request=SeenInput, responses=SettlementSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """对系统自动计算的草稿负责，由另一人批准。需要 settle_pay。"""
        return self._take(SUBMIT, SeenInput)

    @extend_schema(summary="批准", request=ApproveInput, responses=SettlementSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """批准所核对的草稿，本月工资不再变动；编制人不能批准自己的。需要 approve_pay。"""
        return self._take(APPROVE, ApproveInput)

    @extend_schema(summary="退回", request=SendBackInput, responses=SettlementSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """撤回批准，说明理由；已发放或以后的月份已批准则不能。需要 approve_pay。"""
        return self._take(SEND_BACK, SendBackInput)

    @extend_schema(summary="标为已发放", request=PaidInput, responses=SettlementSerializer)
    @action(detail=True, methods=["post"], url_path="mark-paid")
    def mark_paid(self, request: Request, pk: str) -> Response:
        """工资已发出；此后只在以后的月份调整。需要 mark_paid。"""
        return self._take(PAY, PaidInput)

    @extend_schema(summary="定发薪日", request=PayDayInput, responses=SettlementSerializer)
    @action(detail=True, methods=["post"], url_path="pay-day")
    def pay_day(self, request: Request, pk: str) -> Response:
        """个税按发薪日所在的月份计算；草稿是按别的发薪日算的，须重新结算才能批准。需要 settle_pay。"""
        period: SettlementPeriod = self.get_object()
        self.check_may(PAY_DAY_ACTION, period.department)
        given = self.input(PayDayInput)
        pay_day_set(period=period, on=given["on"], by=self.account, at=timezone.now())
        return self.answer(self.get_object())

    def _take(self, step: Step, serializer: type[serializers.Serializer]) -> Response:
        """Take a step with what the client says that it saw; the month as it then stands."""
        period: SettlementPeriod = self.get_object()
        self.check_may(step.action, period.department)  # the token may allow less than the account
        given = self.input(serializer)
        read_at = given.get("facts_read_at")
        step_take(
            step=step,
            period=period,
            seen=None if read_at is None else stamp(step.states[0], read_at),
            reason=given.get("reason", ""),
            on=given.get("on"),
            by=self.account,
            at=timezone.now(),
        )
        return self.answer(self.get_object())


class PayslipSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="period.department.code", help_text="部门代码")
    month = MonthField(source="period.month", help_text="月份")
    state = serializers.ChoiceField(
        SettlementPeriod.State.choices, source="period.state", help_text="工资月份的状态"
    )

    class Meta:
        model = Payslip
        fields = [
            "id", "department", "month", "state", "number", "name", "team", "role", "tier", "days_due",
            "days_worked", "gross", "deductions", "net", "points", "failure", "remedy",
        ]  # fmt: skip


class LineSerializer(serializers.ModelSerializer):
    for_month = MonthField(help_text="归属月份")
    trace = serializers.SerializerMethodField(help_text="计算依据：事实、条款与版本、算式、封顶")

    class Meta:
        model = PayLine
        fields = [
            "id", "position", "nature", "column", "code", "title", "for_month", "on", "amount", "full_amount",
            "reason", "trace",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_trace(self, line: PayLine) -> Any:
        return line.trace


class PartSerializer(serializers.Serializer):
    part = serializers.ChoiceField(Part.choices, help_text="部分，依工资条的次序")
    amount = serializers.DecimalField(12, 2, help_text="合计，元；扣的为负")


class EmployerCostSerializer(serializers.ModelSerializer):
    for_month = MonthField(help_text="归属月份")
    trace = serializers.SerializerMethodField(help_text="计算依据")

    class Meta:
        model = EmployerCost
        fields = ["item", "code", "title", "for_month", "amount", "trace"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_trace(self, cost: EmployerCost) -> Any:
        return cost.trace


class WithholdingSerializer(serializers.ModelSerializer):
    year_deductions = serializers.SerializerMethodField(help_text="累计附加与其他扣除，按扣除项目，元")
    trace = serializers.SerializerMethodField(help_text="计算依据")

    class Meta:
        model = Withholding
        fields = [
            "kind", "paid_on", "months", "income", "shortfall", "social", "fund", "tax", "year_income",
            "year_allowance", "year_contributions", "year_deductions", "year_withheld", "trace",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_year_deductions(self, row: Withholding) -> Any:
        return row.year_deductions

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_trace(self, row: Withholding) -> Any:
        return row.trace


class PayslipDetailSerializer(PayslipSerializer):
    points_trace = serializers.SerializerMethodField(help_text="得分依据")
    lines = LineSerializer(many=True, help_text="明细，各附计算依据")
    parts = serializers.SerializerMethodField(help_text="从应发到税后扣款的各部分；没有社保个税的为空")
    withholdings = WithholdingSerializer(many=True, help_text="个税预扣：本期、本年累计与计算依据")
    employer_costs = EmployerCostSerializer(many=True, help_text="单位承担，不在工资条内")

    class Meta(PayslipSerializer.Meta):
        fields = [
            *PayslipSerializer.Meta.fields, "points_trace", "lines", "parts", "withholdings",
            "employer_costs",
        ]  # fmt: skip

    @extend_schema_field(PartSerializer(many=True))
    def get_parts(self, payslip: Payslip) -> Any:
        lines, beside = list(payslip.lines.all()), statutory_of(payslip)
        if not is_statutory(lines, beside):
            return []
        sums = [{"part": part, "amount": amount} for part, amount in part_sums(lines, beside).items()]
        return PartSerializer(sums, many=True).data

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_points_trace(self, payslip: Payslip) -> Any:
        return payslip.points_trace


class SettledOrderSerializer(serializers.Serializer):
    order_no = serializers.CharField(help_text="订单号")
    amount = serializers.DecimalField(12, 2, help_text="计入的金额，元；退款为负")


class SettledOrdersSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="一共多少笔")
    orders = SettledOrderSerializer(many=True, help_text=f"前 {ORDERS_SHOWN} 笔")


@extend_schema_view(list=extend_schema(summary="工资条"))
class PayslipViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """令牌可看的工资条：有 view_pay 的部门全部；本人的自批准以后。查看他人的工资会留下记录。"""

    queryset = Payslip.objects.select_related("period__department", "staff")
    serializer_class = PayslipSerializer
    filterset_class = PayslipFilter
    department_path = "period__department"
    lookup_value_regex = r"\d{1,18}"
    ordering_fields = ["id", "number"]

    def visible(self) -> QuerySet[Payslip]:
        own = Q(staff__account=self.account, period__state__in=SettlementPeriod.FROZEN)
        others = Q(period__department__in=self.access.where("view_pay").order_by().values("pk"))
        return payslips_visible_to(self.account).filter(own | others)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset) or []
        others = [each for each in page if each.staff.account_id != self.account.pk]
        months = [(each.period.department_id, each.period.month) for each in others]
        access_log_months(months=months, by=self.account, at=timezone.now())
        return page

    @extend_schema(summary="一张工资条及其明细", responses=PayslipDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """每一行都附说明与计算依据：事实、条款与版本、算式、封顶。"""
        payslip = self._opened()
        prefetch_related_objects([payslip], "lines", "withholdings", "employer_costs")
        return Response(PayslipDetailSerializer(payslip).data)

    @extend_schema(summary="工资条所据的订单", responses=SettledOrdersSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def orders(self, request: Request, pk: str) -> Response:
        """结算时计入的订单与金额。"""
        payslip = self._opened()
        orders, total = settled_orders_of(PayLine(payslip=payslip), limit=ORDERS_SHOWN)
        rows = [{"order_no": number, "amount": amount} for number, amount in orders]
        shown: Any = {"total": total, "orders": rows}
        return Response(SettledOrdersSerializer(shown).data)

    def _opened(self) -> Payslip:
        """The payslip; that somebody else's was opened is noted first."""
        payslip: Payslip = self.get_object()
        if payslip.staff.account_id != self.account.pk:
            access_log(
                what=AccessLog.What.PAYSLIP,
                department=payslip.period.department,
                month=payslip.period.month,
                staff=payslip.staff,
                payslip=payslip.pk,
                by=self.account,
                at=timezone.now(),
            )
        return payslip
