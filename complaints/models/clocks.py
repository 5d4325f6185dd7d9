"""The clocks of a case: what each was told, when it rings, and the hours in which working time runs."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from complaints.models.cases import Case
from core.append_only import APPEND_ONLY
from people.models import Account, Department
from rules.models import Provision

PLATFORM = "platform"  # the code of the clock that a shop's platform runs


class Clock(models.Model):
    """One clock of a case, with its policy as it was when the case began; only inserted.

    `round` counts from 1; a case that is reopened has a second round. The platform's clock has no policy: its
    due time is told.
    """

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="clocks")
    code = models.CharField("条款编号", max_length=64)
    title = models.CharField("时限", max_length=200)
    provision = models.ForeignKey(
        Provision, verbose_name="条款", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy: Any = models.JSONField("时限规则", default=dict)
    round = models.PositiveSmallIntegerField("第几次", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "code", "round"], name="complaints_clock_once_a_round")
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.title


class ClockEvent(models.Model):
    """What a clock was told; what is due, met or missed is derived from these rows (complaints/clocks.py).

    `due_at` is the deadline from this row on, where it sets one. A level rings once for each deadline; that
    it rang stands here as well.
    """

    class Kind(models.TextChoices):
        STARTED = "started", "起算"
        PAUSED = "paused", "暂停"
        RESUMED = "resumed", "恢复"
        MOVED = "moved", "改期"
        RANG = "rang", "提醒"
        STOPPED = "stopped", "办到"
        ENDED = "ended", "不再计时"

    clock = models.ForeignKey(Clock, verbose_name="时限", on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事件", max_length=8, choices=Kind.choices)
    at = models.DateTimeField("发生时间")
    due_at = models.DateTimeField("到期", null=True, blank=True)
    level = models.CharField("级别", max_length=16, blank=True)
    reason = models.CharField("原因", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "计时经过"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "level", "due_at"],
                condition=Q(kind="rang"),
                name="complaints_clockevent_rings_once",
            ),
            models.UniqueConstraint(
                fields=["clock"],
                condition=Q(kind__in=["stopped", "ended"]),
                name="complaints_clockevent_stops_once",
            ),
            models.UniqueConstraint(
                fields=["clock"], condition=Q(kind="started"), name="complaints_clockevent_starts_once"
            ),
            models.CheckConstraint(
                name="complaints_clockevent_due_where_set",
                condition=Q(kind__in=["started", "resumed", "moved", "rang"], due_at__isnull=False)
                | Q(kind__in=["paused", "stopped", "ended"], due_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["clock", "id"], name="complaints_clockevent_clock")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """A clock rings at a moment unless it is stopped, paused or moved before; it goes when it has rung.

    The sweep reads nothing but these rows. Level `before-N`: N hours before the end; `due`: the end;
    `after-N`: the N-th login group is told.
    """

    clock = models.ForeignKey(Clock, verbose_name="时限", on_delete=models.PROTECT, related_name="alarms")
    level = models.CharField("级别", max_length=16)
    at = models.DateTimeField("何时")
    due_at = models.DateTimeField("到期")

    class Meta:
        verbose_name = verbose_name_plural = "待响提醒"
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "level", "due_at"], name="complaints_alarm_once")
        ]
        indexes = [models.Index(fields=["at"], name="complaints_alarm_at")]
        triggers = [pgtrigger.Protect(name="unchanged", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.level} {self.at:%Y-%m-%d %H:%M}"


class OpeningHours(models.Model):
    """A department's hours of work from a day on: several intervals a day, also across midnight.

    `hours` lists {weekdays: [1..7], start: "08:30", end: "17:30"}; an end at or before the start is on the
    next day. With `holidays` public holidays are off and make-up workdays are worked as Mondays are.
    Only inserted; the latest of a day holds.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="opening_hours"
    )
    from_on = models.DateField("自")
    hours: Any = models.JSONField("时段")
    holidays = models.BooleanField("法定节假日休息", default=True, help_text="调休上班日按周一的时段。")
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "工作时间"
        ordering = ["department", "-from_on", "-id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.department} {self.from_on:%Y-%m-%d}起"
