"""Shift patterns, the rosters of a team's month, and what was changed in them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from core.append_only import APPEND_ONLY
from core.history import tracked
from people.models import Account, Department, Staff, Team
from people.row_changes import recorded


@tracked(inserts=True)
class ShiftPattern(models.Model):
    """A shift that a roster may hold: its name and its hours (s000-01-01, s002-20-02.2).

    A roster's day keeps the hours that it was given, so other hours here leave the past as it was.
    """

    COLOURS = 8  # that the pages know

    class Punches(models.IntegerChoices):
        """How often somebody clocks on a shift with a break: at the day's ends, or at those of each part."""

        DAY = 2, "全天两次"
        PARTS = 4, "两段各两次"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="shift_patterns"
    )
    code = models.CharField("代码", max_length=16, help_text="排班表格里的简写，如 白、晚、D1。")
    name = models.CharField("名称", max_length=32)
    colour = models.PositiveSmallIntegerField(
        "颜色", default=1, validators=[MinValueValidator(1), MaxValueValidator(COLOURS)]
    )
    extends = models.BooleanField(
        "接待未完自动顺延", default=False, help_text="到点仍有客户咨询的接着做完；只登记，不算加班。"
    )
    punches = models.PositiveSmallIntegerField(
        "打卡次数",
        choices=Punches.choices,
        default=Punches.DAY,
        help_text="两段各两次的，每一段分别算迟到、早退、缺卡；一段没有打卡算旷工半天。须填写中断时间。",
    )
    day_part = models.DecimalField(
        "算几天",
        max_digits=3,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(1)],
        help_text="只上半天的班（如周六上午）填 0.5；考勤、请假和折算都按此计。",
    )
    minimum_staff = models.PositiveSmallIntegerField("至少人数", default=0)
    maximum_staff = models.PositiveSmallIntegerField("至多人数", null=True, blank=True)
    is_evening = models.BooleanField("晚班", default=False, help_text="平均分配晚班时按此计数。")
    provision_code = models.CharField("依据的条款", max_length=64, blank=True)
    is_retired = models.BooleanField("停用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "班次"
        ordering = ["department", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "code"],
                name="shifts_shiftpattern_unique_code",
                violation_error_message="本部门已有此代码的班次。",
            ),
            models.UniqueConstraint(
                fields=["department", "name"],
                name="shifts_shiftpattern_unique_name",
                violation_error_message="本部门已有同名班次。",
            ),
            models.CheckConstraint(
                name="shifts_shiftpattern_staff_in_order",
                condition=Q(maximum_staff__isnull=True) | Q(maximum_staff__gte=F("minimum_staff")),
                violation_error_message="至多人数不能小于至少人数。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PatternHours(models.Model):
    """A shift's hours from a day of every year on, until the next ones; one row where seasons do not matter.

    An end at or before the start is on the next day.
    """

    pattern = models.ForeignKey(
        ShiftPattern, verbose_name="班次", on_delete=models.CASCADE, related_name="hours"
    )
    from_month = models.PositiveSmallIntegerField(
        "每年自（月）", default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    from_day = models.PositiveSmallIntegerField(
        "每年自（日）", default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    starts_at = models.TimeField("上班")
    ends_at = models.TimeField("下班")
    break_starts_at = models.TimeField("中断自", null=True, blank=True)
    break_ends_at = models.TimeField("中断至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "班次时间"
        ordering = ["pattern", "from_month", "from_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["pattern", "from_month", "from_day"],
                name="shifts_patternhours_one_from_a_day",
                violation_error_message="此班次已有自同一天起的时间。",
            ),
            models.CheckConstraint(
                name="shifts_patternhours_break_whole",
                condition=Q(break_starts_at__isnull=True, break_ends_at__isnull=True)
                | Q(break_starts_at__isnull=False, break_ends_at__isnull=False),
                violation_error_message="中断的起止时间须同时填写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def on(self, day: date) -> "ShiftTimes":
        """The hours of one work_date as moments."""
        start = _moment(day, self.starts_at)
        end = _moment(day, self.ends_at)
        if end <= start:
            end += timedelta(days=1)
        pause: list[datetime | None] = [None, None]
        if self.break_starts_at is not None and self.break_ends_at is not None:
            for i, at in enumerate((self.break_starts_at, self.break_ends_at)):
                moment = _moment(day, at)
                pause[i] = moment if moment >= start else moment + timedelta(days=1)
        return ShiftTimes(start, end, pause[0], pause[1])


class ShiftTimes:
    """When a shift begins and ends, with the break between its two parts if it has them."""

    __slots__ = ("break_ends_at", "break_starts_at", "ends_at", "starts_at")

    def __init__(
        self,
        starts_at: datetime,
        ends_at: datetime,
        break_starts_at: datetime | None = None,
        break_ends_at: datetime | None = None,
    ) -> None:
        self.starts_at, self.ends_at = starts_at, ends_at
        self.break_starts_at, self.break_ends_at = break_starts_at, break_ends_at


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


@tracked(exclude=["version"])
class Roster(models.Model):
    """The roster of one team's month (or, without a team, of who has none): a draft until it is published.

    `version` rises with every change, so that a page opened earlier cannot publish what it did not show.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已公布"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="rosters"
    )
    team = models.ForeignKey(
        Team, verbose_name="小组", on_delete=models.PROTECT, null=True, blank=True, related_name="rosters"
    )
    month = models.DateField("月份", help_text="当月1日")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    published_by = models.ForeignKey(
        Account, verbose_name="公布人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField("公布时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "排班表"
        ordering = ["-month", "department", "team"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "team", "month"],
                name="shifts_roster_one_a_month",
                nulls_distinct=False,
                violation_error_message="此组当月已有排班表。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.team or '未分组'} {self.month:%Y-%m}"


class RosterRun(models.Model):
    """The latest run that fills a roster by the solver: where it stands and what it could not meet."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "求解中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    OPEN = (State.QUEUED, State.RUNNING)

    roster = models.OneToOneField(Roster, verbose_name="排班表", on_delete=models.CASCADE, related_name="run")
    job = models.UUIDField("任务", help_text="较早排队的任务不再起作用。")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.QUEUED)
    message = models.CharField("说明", max_length=500, blank=True)
    result: Any = models.JSONField("结果", default=dict)
    asked_by = models.ForeignKey(
        Account, verbose_name="发起人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "自动排班"

    def __str__(self) -> str:
        return f"{self.roster} {self.get_state_display()}"


class RosterDay(models.Model):
    """What one person does on one work_date: a shift with its hours, or rest where there is no pattern."""

    roster = models.ForeignKey(Roster, verbose_name="排班表", on_delete=models.PROTECT, related_name="days")
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="roster_days"
    )
    work_date = models.DateField("日期")
    pattern = models.ForeignKey(
        ShiftPattern,
        verbose_name="班次",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="空则为休息。",
    )
    starts_at = models.DateTimeField("上班", null=True, blank=True)
    ends_at = models.DateTimeField("下班", null=True, blank=True)
    break_starts_at = models.DateTimeField("中断自", null=True, blank=True)
    break_ends_at = models.DateTimeField("中断至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "排班"
        ordering = ["work_date", "staff"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "work_date"],
                name="shifts_rosterday_one_a_day",
                violation_error_message="此人当天已有排班。",
            ),
            models.CheckConstraint(
                name="shifts_rosterday_shift_has_hours",
                condition=Q(pattern__isnull=True, starts_at__isnull=True, ends_at__isnull=True)
                | Q(pattern__isnull=False, starts_at__lt=F("ends_at")),
                violation_error_message="班次须有起止时间。",
            ),
            ExclusionConstraint(
                name="shifts_rosterday_one_shift_at_once",
                expressions=[
                    # The bundled PostgreSQL has no btree_gist, hence a range on both sides.
                    (
                        Func(F("staff"), F("staff"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(pattern__isnull=False),
                violation_error_message="此人同一时间已有别的班。",
            ),
        ]
        indexes = [models.Index(fields=["work_date"], name="shifts_rosterday_date")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d} {self.pattern or '休'}"

    @property
    def times(self) -> "ShiftTimes | None":
        """When the shift is; None for a day of rest."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return ShiftTimes(self.starts_at, self.ends_at, self.break_starts_at, self.break_ends_at)


class Swap(models.Model):
    """Two people exchange what the roster gives them on one or two days: both agree, the lead approves."""

    class State(models.TextChoices):
        ASKED = "asked", "待对方同意"
        AGREED = "agreed", "待组长批准"
        APPROVED = "approved", "已换班"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (State.ASKED, State.AGREED)

    asker = models.ForeignKey(
        Staff, verbose_name="申请人", on_delete=models.PROTECT, related_name="swaps_asked"
    )
    partner = models.ForeignKey(
        Staff, verbose_name="对方", on_delete=models.PROTECT, related_name="swaps_offered"
    )
    asker_date = models.DateField("申请人让出的日期")
    partner_date = models.DateField("对方让出的日期")
    reason = models.CharField("理由", max_length=200, blank=True)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("申请时间")
    agreed_at = models.DateTimeField("同意时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "换班"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_swap_of_two",
                condition=~Q(asker=F("partner")),
                violation_error_message="不能和自己换班。",
            ),
            models.UniqueConstraint(
                fields=["asker", "asker_date", "partner", "partner_date"],
                condition=Q(state__in=["asked", "agreed"]),
                name="shifts_swap_asked_once",
                violation_error_message="已有同样的换班申请。",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="shifts_swap_state")]

    def __str__(self) -> str:
        return f"{self.asker} {self.asker_date:%m-%d} ⇄ {self.partner} {self.partner_date:%m-%d}"


class RosterChange(models.Model):
    """What was changed in a published roster: from which shift to which, why and by whom; only inserted."""

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="roster_changes"
    )
    work_date = models.DateField("日期")
    before: Any = models.ForeignKey(
        ShiftPattern, verbose_name="原班次", on_delete=models.PROTECT, null=True, related_name="+"
    )
    after: Any = models.ForeignKey(
        ShiftPattern, verbose_name="新班次", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField("理由", max_length=200)
    swap = models.ForeignKey(
        Swap, verbose_name="换班", on_delete=models.PROTECT, null=True, related_name="changes"
    )
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "排班变更"
        ordering = ["-id"]
        indexes = [models.Index(fields=["staff", "work_date"], name="shifts_rosterchange_day")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d} {self.before or '休'} → {self.after or '休'}"
