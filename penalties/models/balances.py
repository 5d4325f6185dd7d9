"""What people bring along from before the department began here: counts, points, losses, streaks, tiers."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Floor

from core.history import tracked
from people.models import Account, Staff
from people.row_changes import recorded


@tracked()
class OpeningBalance(models.Model):
    """What a person had on a day by books kept elsewhere; what is recorded here of later days comes on top.

    `value` by kind: occurrences under a provision in the window that holds the day; the points of the day's
    month; yuan of a loss that no pay has borne yet; months in a row in first place up to the day's month;
    1 for a tier (`code`) that the person has held since the day; days left of a type of leave (`code`).
    """

    class Kind(models.TextChoices):
        COUNT = "count", "次数"
        POINTS = "points", "得分"
        LOSS = "loss", "未扣损失"
        STREAK = "streak", "连续第一月数"
        TIER = "tier", "任现职级起"
        LEAVE = "leave", "假期余额"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="opening_balances"
    )
    kind = models.CharField("项目", max_length=16, choices=Kind.choices)
    code = models.CharField(
        "条款编号", max_length=64, blank=True, help_text="得分不写条款，任现职级起写职级，假期余额写假别。"
    )
    on = models.DateField("截至日期")
    value = models.DecimalField("数值", max_digits=12, decimal_places=2)
    note = models.CharField("说明", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="录入人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "期初余额"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "kind", "code", "on"], name="penalties_openingbalance_once"
            ),
            models.CheckConstraint(
                name="penalties_openingbalance_points_without_code", condition=Q(kind="points") ^ ~Q(code="")
            ),
            models.CheckConstraint(name="penalties_openingbalance_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(
                name="penalties_openingbalance_counts_are_whole",
                condition=~Q(kind__in=["count", "streak"]) | Q(value=Floor(F("value"))),
            ),
        ]
        triggers = [*recorded()]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_kind_display()} {self.code} {self.on:%Y-%m-%d}"
