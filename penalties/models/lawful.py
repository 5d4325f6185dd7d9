"""What a department has decided about deductions: which provisions take from wages, how much losses may."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from core.money import plain
from people.models import Account, Department


class WageRule(models.Model):
    """From a month on a provision may or may not take money from wages, for a reason; only inserted.

    Of several for one provision the latest month holds, of one month what was said last. A provision of which
    nothing was said takes what it provides for.
    """

    class Ground(models.TextChoices):
        LOSS = "loss", "赔偿经济损失"
        UNPAID = "unpaid", "没有提供劳动，不付这部分工资"
        VARIABLE = "variable", "绩效浮动工资"
        AGREED = "agreed", "劳动合同或民主程序通过的规章另有约定"
        NONE = "none", "没有找到依据"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="wage_rules"
    )
    code = models.CharField("条款编号", max_length=64)
    month = models.DateField("自哪个月起", help_text="当月1日")
    from_wages = models.BooleanField("从工资扣")
    ground = models.CharField("依据", max_length=16, choices=Ground.choices)
    reason = models.CharField("理由与出处", max_length=500)
    by = models.ForeignKey(
        Account, verbose_name="设定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "工资扣款设定"
        ordering = ["-month", "-id"]
        constraints = [
            models.CheckConstraint(name="penalties_wagerule_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="penalties_wagerule_takes_on_a_ground",
                condition=Q(from_wages=False) | ~Q(ground="none"),
                violation_error_message="没有依据的不能设为从工资扣。",
            ),
        ]
        indexes = [models.Index(fields=["department", "code", "month"], name="penalties_wagerule_place")]
        triggers: list[pgtrigger.Trigger] = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.code} {'从工资扣' if self.from_wages else '不从工资扣'}"


class LossLimit(models.Model):
    """From a month on compensation of loss takes at most so many percent of a month's wages; only inserted.

    Of several the latest month holds, of one month what was said last. Where nothing was said it is that of
    the national rule, and nothing above that holds without the local rule that allows it.
    """

    NATIONAL = Decimal(20)

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="loss_limits"
    )
    month = models.DateField("自哪个月起", help_text="当月1日")
    percent = models.DecimalField("每月至多扣（%）", max_digits=5, decimal_places=2)
    reason = models.CharField("理由与出处", max_length=500)
    by = models.ForeignKey(
        Account, verbose_name="设定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "赔偿扣款限额"
        ordering = ["-month", "-id"]
        constraints = [
            models.CheckConstraint(
                name="penalties_losslimit_is_a_share", condition=Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(name="penalties_losslimit_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="penalties_losslimit_names_its_rule",
                condition=Q(percent__lte=20) | Q(reason__contains="《"),
                violation_error_message="高于20%的要写明允许它的地方规定。",
            ),
        ]
        indexes = [models.Index(fields=["department", "month"], name="penalties_losslimit_place")]
        triggers: list[pgtrigger.Trigger] = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"赔偿每月至多{plain(self.percent)}%"
