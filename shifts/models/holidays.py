"""Notices about the public holidays of a year, as HR enters them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.history import tracked
from people.models import Account


@tracked(inserts=True)
class HolidayNotice(models.Model):
    """The published days off of a year and the weekend days that are worked for them; for all departments.

    It wins over the table of the installed library; what it does not name goes by the law and the week.
    """

    year = models.PositiveSmallIntegerField("年份", unique=True)
    off = ArrayField(models.DateField(), verbose_name="放假的日子")
    worked = ArrayField(models.DateField(), verbose_name="调休上班的日子", blank=True, default=list)
    source = models.CharField("依据", max_length=200, help_text="通知的文号或网址。")
    entered_by = models.ForeignKey(
        Account, verbose_name="录入人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "放假通知"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"{self.year}年放假通知"
