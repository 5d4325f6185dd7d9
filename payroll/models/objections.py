"""What people object to in their payslips."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.history import tracked
from payroll.models.entries import ManualLine
from payroll.models.payslips import TITLE_LENGTH
from payroll.models.periods import REASON_LENGTH, SettlementPeriod
from people.models import Account, Staff


@tracked()
class Objection(models.Model):
    """Somebody objects to a line of the own approved payslip, and what was answered.

    Payslips are replaced whole when a month is sent back, so an objection names its line by `line` (the
    same words for the same line of every draft) and keeps what the line said.
    """

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "成立"
        REJECTED = "rejected", "不成立"

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="objections"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="objections")
    line = models.CharField("明细", max_length=128, help_text="来历/条款编号/归属月份/奖惩记录。")
    code = models.CharField("条款编号", max_length=64)
    title = models.CharField("项目", max_length=TITLE_LENGTH)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    line_reason = models.CharField("明细说明", max_length=1000)
    incidents = ArrayField(models.BigIntegerField(), verbose_name="奖惩记录", default=list, blank=True)
    reason = models.CharField("异议理由", max_length=REASON_LENGTH)
    at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField("答复", max_length=REASON_LENGTH, blank=True)
    answered_by = models.ForeignKey(
        Account, verbose_name="答复人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    manual_line = models.ForeignKey(
        ManualLine, verbose_name="补正项目", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "工资异议"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "staff", "line"],
                name="payroll_objection_one_open",
                condition=Q(state="open"),
            ),
            models.CheckConstraint(name="payroll_objection_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="payroll_objection_answered_by_person",
                condition=Q(state="open", answered_by__isnull=True, answered_at__isnull=True, answer="")
                | (
                    ~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.period} {self.title}"
