"""What people enter by hand: lines of a month, and what became of debts."""

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from core.history import tracked
from payroll.models.payslips import TITLE_LENGTH, PayLine, frozen_triggers
from payroll.models.periods import REASON_LENGTH, SettlementPeriod
from people.models import Account, Staff


@tracked()
class ManualLine(models.Model):
    """A line that a person adds to a month by hand, with a reason; part of every draft until withdrawn."""

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="manual_lines"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("项目", max_length=TITLE_LENGTH)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2, help_text="正数为发，负数为扣。")
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Account, verbose_name="撤回人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "手工项目"
        ordering = ["period", "staff", "id"]
        constraints = [
            models.CheckConstraint(name="payroll_manualline_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="payroll_manualline_not_zero", condition=~Q(amount=0)),
        ]
        triggers = frozen_triggers("payroll_manualline", "r.period_id")

    def __str__(self) -> str:
        return f"{self.staff} {self.title} {self.amount}"


class DebtEntry(models.Model):
    """What somebody paid back of a debt by hand, or what was written off of it. Only inserted.

    `line` is the line of a frozen month that could not be taken whole; what payslips take of it later are
    lines with that origin.
    """

    class Kind(models.TextChoices):
        REPAID = "repaid", "还款"
        WRITTEN_OFF = "written_off", "核销"

    line = models.ForeignKey(
        PayLine, verbose_name="欠款明细", on_delete=models.PROTECT, related_name="debt_entries"
    )
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    on = models.DateField("日期")
    reason = models.CharField("凭据或理由", max_length=REASON_LENGTH)
    by = models.ForeignKey(Account, verbose_name="操作人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "欠款登记"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="payroll_debtentry_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="payroll_debtentry_has_reason", condition=~Q(reason="")),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
