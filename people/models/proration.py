"""How a department pays a month in which somebody missed days by coming, going or long leave."""

from django.db import models

from core.history import tracked
from people.models.organisation import Department


@tracked(inserts=True)
class Proration(models.Model):
    """A department's way from a date on; before the first one 21.75 and earn hold."""

    class Divisor(models.TextChoices):
        AVERAGE = "21.75", "21.75（月计薪天数）"
        DUE = "due", "当月应出勤天数"
        CALENDAR = "calendar", "当月日历天数"

    class Method(models.TextChoices):
        EARN = "earn", "正算（出勤几天付几天）"
        DEDUCT = "deduct", "反算（缺几天扣几天）"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="prorations"
    )
    from_on = models.DateField("从哪天起", help_text="以员工当月最后在职的一天为准。")
    divisor = models.CharField("除数", max_length=8, choices=Divisor.choices, default=Divisor.AVERAGE)
    method = models.CharField("算法", max_length=8, choices=Method.choices, default=Method.EARN)

    class Meta:
        verbose_name = verbose_name_plural = "工资折算方法"
        ordering = ["department", "-from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "from_on"],
                name="people_proration_unique",
                violation_error_message="本部门从这一天起已有折算方法。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.from_on:%Y-%m-%d}起 {self.get_divisor_display()}"
