"""Months on their way from open to paid, their steps and their runs."""

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from core.periods import last_of
from people.models import Account, Department

REASON_LENGTH = 500
PAY_ON = "pay_on"  # in a period's control: the day of payment that the draft was computed for
# From which state a month goes to which, for the database as for workflow.py: what was paid stays paid.
PERIOD_MOVES = {
    "open": ("computing", "computed"),
    "computing": ("computed", "open"),
    "computed": ("computing", "approved"),
    "approved": ("computed", "paid"),
}


@tracked(inserts=True, exclude=["control"])
class SettlementPeriod(models.Model):
    """One month of one department on its way from open to paid."""

    class State(models.TextChoices):
        OPEN = "open", "未结算"
        COMPUTING = "computing", "计算中"
        COMPUTED = "computed", "待批准"
        APPROVED = "approved", "已批准"
        PAID = "paid", "已发放"

    FROZEN = (State.APPROVED, State.PAID)
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="periods"
    )
    month = models.DateField("月份", help_text="当月1日")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.OPEN)
    facts_read_at = models.DateTimeField(
        "取数时间", null=True, blank=True, help_text="草稿所据事实截至此刻。"
    )
    facts_seen = ArrayField(
        models.BigIntegerField(),
        verbose_name="已计入的变更",
        default=list,
        blank=True,
        help_text="取数前后一天内已经读到的事实变更。",
    )
    control: Any = models.JSONField(
        "核对数", default=dict, blank=True, help_text="结算当时订单、退款、台账的合计。"
    )
    prepared_by = models.ForeignKey(
        Account, verbose_name="编制人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        Account, verbose_name="批准人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    pay_on = models.DateField(
        "发薪日", null=True, blank=True, help_text="个税按发薪日所在的月份计算；空则为当月最后一天。"
    )
    paid_by = models.ForeignKey(
        Account, verbose_name="发放人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    paid_at = models.DateTimeField("发放登记时间", null=True, blank=True)
    paid_on = models.DateField("发放日期", null=True, blank=True, help_text="钱实际发出的那天。")

    class Meta:
        verbose_name = verbose_name_plural = "工资月份"
        ordering = ["-month", "department"]
        constraints = [
            models.UniqueConstraint(fields=["department", "month"], name="payroll_settlementperiod_unique"),
            models.CheckConstraint(name="payroll_settlementperiod_first_of_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="payroll_settlementperiod_approved_by_person",
                condition=~Q(state__in=["approved", "paid"])
                | (Q(approved_by__isnull=False) & Q(approved_at__isnull=False)),
            ),
        ]
        triggers = [moves_only("state", PERIOD_MOVES)]

    def __str__(self) -> str:
        return f"{self.department} {self.month:%Y年%m月}"

    @property
    def is_frozen(self) -> bool:
        return self.state in self.FROZEN

    @property
    def pays_on(self) -> date:
        """The day of payment, whose month is the tax month."""
        return self.pay_on or last_of(self.month)


class PeriodEvent(models.Model):
    """A step of a period: who moved it from which state to which, when and why. Only inserted."""

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="events"
    )
    before = models.CharField("原状态", max_length=16, choices=SettlementPeriod.State.choices)
    after = models.CharField("新状态", max_length=16, choices=SettlementPeriod.State.choices)
    reason = models.CharField("理由", max_length=REASON_LENGTH, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "结算经过"
        ordering = ["-id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.period} {self.get_before_display()}→{self.get_after_display()}"


class PeriodWaiver(models.Model):
    """Something open that somebody approved a month in spite of, by name and with a reason. Only inserted."""

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="waivers"
    )
    key = models.CharField("事项", max_length=32)
    words = models.TextField("当时的情况")
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    by = models.ForeignKey(Account, verbose_name="放行人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "放行"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="payroll_periodwaiver_has_reason", condition=~Q(reason=""))
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.period} 放行"


class SettlementRun(models.Model):
    """One attempt at computing a period: its progress and how it ended.

    A `running` row whose period's lock nobody holds belongs to a worker that died.
    """

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        SUCCEEDED = "succeeded", "完成"
        FAILED = "failed", "失败"
        DIED = "died", "中断"

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="runs"
    )
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.RUNNING)
    step = models.CharField("步骤", max_length=64, blank=True)
    done = models.PositiveIntegerField("已完成人数", default=0)
    total = models.PositiveIntegerField("总人数", default=0)
    failed = models.PositiveIntegerField("未能结算人数", default=0)
    message = models.TextField("说明", blank=True)
    by = models.ForeignKey(
        Account, verbose_name="发起人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "结算运行"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.period} {self.started_at:%Y-%m-%d %H:%M}"
