"""What a department has decided about deductions: whether a provision may take money from wages, and why."""

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
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
