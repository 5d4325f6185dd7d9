"""Who is meant by another name: a 旺旺, a nickname, an account of a tool, a number that lost its zeros."""

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat

from core.history import tracked
from people.models.organisation import Account, Department, Staff
from people.row_changes import recorded

LONGEST_ALIAS = 128


def _alias_in_department() -> Func:
    """The alias of a shop of a department as a range of one number, to be compared by an exclusion."""
    named = Concat(F("key"), Value("\n"), F("shop"), output_field=models.TextField())
    point = Func(named, F("department"), function="hashtextextended", output_field=models.BigIntegerField())
    return Func(point, point, Value("[]"), function="int8range")


@tracked()
class Alias(models.Model):
    """What files call somebody instead of by number, over a range of days; of nobody here without `staff`.

    On one day an alias means one person in a department, or one in each shop. It holds for every employment
    under the person's number, so who comes back keeps it.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="aliases"
    )
    text = models.CharField("别名", max_length=LONGEST_ALIAS, help_text="旺旺、昵称、账号，照文件里的写法。")
    key = models.CharField(max_length=LONGEST_ALIAS, editable=False)
    shop = models.CharField(
        "店铺", max_length=64, blank=True, help_text="只在这个店铺里这样称呼；空则各店铺相同。"
    )
    staff = models.ForeignKey(
        Staff,
        verbose_name="员工",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="aliases",
        help_text="空：不是本部门的人，文件里的这些行不导入。",
    )
    valid: Any = DateRangeField("有效期", help_text="含首日，不含末日之次日。")
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "别名"
        ordering = ["department", "key", "shop", "valid"]
        constraints = [
            ExclusionConstraint(
                name="people_alias_one_person",
                expressions=[
                    (_alias_in_department(), RangeOperators.OVERLAPS),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这个别名在这些日子里已经登记；请先结束原来的，再从次日起登记。",
            ),
            models.CheckConstraint(
                name="people_alias_valid_not_empty",
                condition=Q(valid__isempty=False),
                violation_error_message="最后一天不能早于第一天。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return self.text

    @property
    def first_day(self) -> date:
        first: date = self.valid.lower
        return first

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None while it goes on."""
        return self.valid.upper - timedelta(days=1) if self.valid.upper else None

    def holds_between(self, first: date, last: date) -> bool:
        """Whether it holds on any of these days."""
        return self.first_day <= last and (self.last_day is None or first <= self.last_day)
