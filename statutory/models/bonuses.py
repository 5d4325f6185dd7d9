"""The annual one-off bonus, once a year taxed apart."""

from django.db import models
from django.db.models import Q

from core.history import tracked
from people.models import Department
from people.row_changes import recorded
from statutory.models.declarations import Declaration


@tracked()
class AnnualBonus(Declaration):
    """A bonus of the year on the day of its payment; it is a line of the payslip of that month.

    One a year and person may be taxed apart (service).

    """

    class Method(models.TextChoices):
        APART = "apart", "单独计税"
        MERGED = "merged", "并入综合所得"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="annual_bonuses"
    )
    paid_on = models.DateField("发放日期")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    method = models.CharField("计税方式", max_length=8, choices=Method.choices)

    class Meta:
        verbose_name = verbose_name_plural = "年终奖"
        ordering = ["-paid_on", "staff"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "paid_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="statutory_annualbonus_once_a_day",
                violation_error_message="此人这一天已有年终奖。",
            ),
            models.CheckConstraint(
                name="statutory_annualbonus_above_zero",
                condition=Q(amount__gt=0),
                violation_error_message="年终奖须大于0。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.paid_on:%Y-%m-%d} {self.amount}"
