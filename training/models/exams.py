"""Results of exams."""

from django.db import models

from core.append_only import APPEND_ONLY
from people.models import Account, Department, Staff


class ExamResult(models.Model):
    """What somebody reached in an exam on a day. Only added: of several of a day the newest holds."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="exam_results"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="exam_results"
    )
    code = models.CharField("考试", max_length=32)
    on = models.DateField("考试日期")
    score = models.DecimalField("成绩", max_digits=6, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField("合格")
    note = models.CharField("说明", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "考试成绩"
        ordering = ["-on", "staff", "-id"]
        indexes = [models.Index(fields=["staff", "code", "on"], name="training_examresult_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.code} {'合格' if self.passed else '不合格'}"
