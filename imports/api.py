"""Imports over the API: the history, and one more file."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from imports.batches import run_import
from imports.filters import KINDS, ImportFilter
from imports.kinds import ALSO_NEEDED, default_options, loader_of
from imports.models import Upload
from people.api_base import ScopedViewSet
from people.api_fields import DayField
from people.models import Account, Department, ImportBatch
from sheets.loading import Load


class PairField(serializers.ListField):
    """What something is called, and what it comes to."""

    child = serializers.CharField()


class SummarySerializer(serializers.Serializer):
    created = serializers.IntegerField(help_text="新增")
    changed = serializers.IntegerField(help_text="变更")
    unchanged = serializers.IntegerField(help_text="未变")
    months = serializers.ListField(child=serializers.CharField(), help_text="涉及月份")
    notes = serializers.ListField(child=serializers.CharField(), help_text="请留意的事")
    totals = serializers.ListField(
        child=PairField(), default=list, help_text="合计的金额、天数等，每项是名称和数值"
    )


class ImportSerializer(serializers.ModelSerializer):
    department = serializers.CharField(source="department.code", help_text="部门代码")
    kind = serializers.ChoiceField(KINDS, help_text="类别")
    summary = SummarySerializer(help_text="结果")
    by = serializers.CharField(default=None, allow_null=True, help_text="操作人")

    class Meta:
        model = ImportBatch
        fields = [
            "id",
            "department",
            "kind",
            "profile",
            "file_name",
            "digest",
            "rows",
            "summary",
            "by",
            "at",
            "undone_at",
        ]


class ImportInput(serializers.Serializer):
    department = serializers.CharField(max_length=32, help_text="部门代码")
    kind = serializers.ChoiceField(KINDS, help_text="类别")
    file = serializers.FileField(max_length=255, help_text="XLSX，或 UTF-8、GB18030 的 CSV；至多 20 MB")
    profile = serializers.CharField(max_length=32, required=False, help_text="格式；不写则按表头辨认")
    dry_run = serializers.BooleanField(default=False, help_text="只检查和报告，不保存")
    as_of = DayField(required=False, help_text="订单：导出文件的日期，不写为今天；指标：数值截至哪一天")
    effective_on = DayField(required=False, help_text="员工：变更的生效日期，不写为今天")
    shop = serializers.CharField(
        max_length=64, allow_blank=True, default="", help_text="订单：文件没有店铺名称时所属的店铺"
    )
    answers = serializers.JSONField(
        default=dict,
        help_text='对问题的回答，JSON 对象：问题的 key 对回答，如 {"column:paid_amount": "实付金额"}；会记住',
    )

    def validate_answers(self, given: Any) -> dict[str, str]:
        is_pairs = isinstance(given, dict) and all(isinstance(each, str) for each in given.values())
        if not is_pairs or any(len(each) > 255 for pair in given.items() for each in pair):
            raise serializers.ValidationError("不是问题对回答的 JSON 对象，或有一项超过 255 个字。")
        return given


class ImportReportSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="类别")
    profile = serializers.CharField(help_text="格式")
    rows = serializers.IntegerField(source="summary.rows", help_text="行数")
    created = serializers.IntegerField(source="summary.created", help_text="新增")
    changed = serializers.IntegerField(source="summary.changed", help_text="变更")
    unchanged = serializers.IntegerField(source="summary.unchanged", help_text="未变")
    totals = serializers.ListField(
        source="summary.totals", child=PairField(), help_text="合计的金额、天数等：名称和数值"
    )
    recognised = serializers.ListField(
        child=PairField(), help_text="认成什么：格式、工作表、表头、时段、各列"
    )
    skipped = serializers.ListField(child=serializers.CharField(), help_text="没有导入的行和列，及其原因")
    is_dry_run = serializers.BooleanField(help_text="只试运行，没有保存")
    is_repetition = serializers.SerializerMethodField(help_text="与上一次导入的文件相同，没有改动任何数据")
    report = serializers.ListField(child=serializers.CharField(), source="lines", help_text="文字报告")

    def get_is_repetition(self, report: Any) -> bool:
        return report.repeats is not None


@extend_schema_view(list=extend_schema(summary="导入记录"), retrieve=extend_schema(summary="一次导入"))
class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """何人何时导入了哪个文件、结果如何。需要 import_data。"""

    queryset = ImportBatch.objects.select_related("department", "by")
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    lookup_value_regex = r"\d{1,18}"
    parser_classes = [MultiPartParser]

    def visible(self) -> QuerySet[ImportBatch]:
        places = self.access.where("import_data").order_by().values("pk")
        return ImportBatch.objects.filter(department__in=places)

    @extend_schema(
        summary="导入文件",
        request={"multipart/form-data": ImportInput},
        responses={200: ImportReportSerializer, 201: ImportReportSerializer},
    )
    def create(self, request: Request) -> Response:
        """导入一个文件，全部或全不：有错误时逐行说明，不保存任何数据。

        需要 import_data；员工另需 manage_staff，奖惩记录另需 record_incidents，期初余额另需
        settle_pay。试运行或重复的文件答复 200。文件里没有说明的事答复 422（questions-open），
        questions 列出问题和可选的回答；连同 answers 再发送即可，回答会记住。
        """
        given = self.input(ImportInput)
        department = self.department_for("import_data", given["department"])
        if also := ALSO_NEEDED.get(given["kind"]):
            self.check_may(also, department)
        now = timezone.now()
        report = run_import(
            department=department,
            kind=given["kind"],
            path=given["file"].file,
            profile=given.get("profile"),
            by=self.account,
            at=now,
            dry_run=given["dry_run"],
            load=_load(department, given, by=self.account, at=now),
            file_name=given["file"].name,
            answers=given["answers"],
        )
        is_stored = report.repeats is None and not report.is_dry_run
        return Response(ImportReportSerializer(report).data, status=201 if is_stored else 200)


def _load(department: Department, given: dict[str, Any], *, by: Account, at: datetime) -> Load:
    """The loader of the kind, with the options that were sent or hold otherwise."""
    options = default_options(given["kind"], timezone.localdate(at))
    options |= {name: str(given[name]) for name in ("as_of", "effective_on", "shop") if given.get(name)}
    return loader_of(Upload(department=department, kind=given["kind"], options=options), by=by, at=at)
