"""Grades of quarters."""

from datetime import date

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from people.models import Account, Department, Staff
from rules.kinds.appraisal import GRADES


def quarter_words(quarter: date) -> str:
    """A quarter, by its first day, as people say it: `2026年第3季度`."""
    return f"{quarter.year}年第{(quarter.month + 2) // 3}季度"


class QuarterGrade(models.Model):
    """What a person's quarter came to, A to D. Only added: of several of a quarter the newest holds."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="quarter_grades"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="quarter_grades"
    )
    quarter = models.DateField("季度", help_text="季度的第一天。")
    grade = models.CharField("等级", max_length=1, choices=[(each, each) for each in GRADES])
    score = models.DecimalField("得分", max_digits=8, decimal_places=2, null=True, blank=True)
    reason = models.CharField("依据", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="评定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("评定时间")

    class Meta:
        verbose_name = verbose_name_plural = "季度等级"
        ordering = ["-quarter", "staff", "-id"]
        constraints = [
            models.CheckConstraint(
                name="appraisals_quartergrade_first_day",
                condition=Q(quarter__month__in=(1, 4, 7, 10), quarter__day=1),
            )
        ]
        indexes = [models.Index(fields=["staff", "quarter"], name="appraisals_grade_quarter")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.quarter_words} {self.grade}"

    @property
    def quarter_words(self) -> str:
        return quarter_words(self.quarter)
