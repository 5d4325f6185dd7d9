"""What came in from where: files, their rows, the months that they touched."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from core.history import tracked
from people.models.organisation import Account, Department
from people.row_changes import MultirangeField
from sheets.loading import SHEET_KINDS


class FactChange(models.Model):
    """Which month of a department was touched by what and by whom; only inserted.

    Settlement reads it to see that a frozen month must be recomputed; people read it as history.
    """

    class Source(models.TextChoices):
        STAFF = "staff", SHEET_KINDS["staff"]
        INCIDENT = "incident", "奖惩"
        ATTENDANCE = "attendance", SHEET_KINDS["attendance"]
        LEAVE = "leave", SHEET_KINDS["leave"]
        ORDERS = "orders", SHEET_KINDS["orders"]
        ATTRIBUTION = "attribution", SHEET_KINDS["attribution"]
        METRICS = "metrics", SHEET_KINDS["metrics"]
        CASE = "case", "投诉损失"
        OPENING = "opening", SHEET_KINDS["opening"]
        WAGE_RULE = "wage_rule", "工资扣款设定"
        PRORATION = "proration", "工资折算方法"
        HOLIDAYS = "holidays", "放假通知"
        CONTRIBUTION_BASE = "base", "缴费基数"
        TAX = "tax", "个税申报"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="fact_changes"
    )
    month = models.DateField("月份", help_text="当月1日")
    source = models.CharField("来源", max_length=16, choices=Source.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "事实变更"
        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "month", "at"], name="people_factchange_month")]

    def __str__(self) -> str:
        return f"{self.department} {self.month:%Y-%m} {self.get_source_display()}"


@tracked(exclude=["summary", "digest"])
class ImportBatch(models.Model):
    """One file that went in: who, when, which file, what it did. Only successful imports have a row."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="import_batches"
    )
    kind = models.CharField("类别", max_length=16)
    profile = models.CharField("格式", max_length=32)
    file_name = models.CharField("文件名", max_length=255)
    digest = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField("行数")
    summary: Any = models.JSONField("结果", default=dict)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")
    undo_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_asked_at = models.DateTimeField("要求撤销的时间", null=True, blank=True)
    undo_refusal = models.CharField("不能撤销的原因", max_length=500, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class RowChange(models.Model):
    """Rows of one table that one statement wrote, in a batch or otherwise; see people/row_changes.py."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, null=True, related_name="changes")
    table_name = models.CharField(max_length=63)
    created = MultirangeField(null=True)
    changed = MultirangeField(null=True)
    before: Any = models.JSONField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "行的变更"

    def __str__(self) -> str:
        return f"{self.table_name} {self.pk}"
