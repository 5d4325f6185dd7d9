"""What the clock said, and what people asked for beside it: corrections, outings, overtime."""

import ipaddress
from datetime import datetime

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.append_only import UNCHANGED
from people.models import Department, Staff
from people.models.approvals import Requested
from people.row_changes import recorded


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"


class Punch(models.Model):
    """One clock-in or clock-out; never changed, only taken back with the import that brought it.

    `work_date` and `is_in` are given by sources that know them (a file, a correction); a punch of the
    page has neither, and derivation finds the shift that it belongs to.
    """

    class Source(models.TextChoices):
        PAGE = "page", "网页打卡"
        FILE = "file", "导入"
        CORRECTION = "correction", "补卡"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="punches")
    at = models.DateTimeField("时间")
    source = models.CharField("来源", max_length=16, choices=Source.choices, default=Source.PAGE)
    work_date = models.DateField("归属日期", null=True, blank=True)
    is_in = models.BooleanField("上班卡", null=True, blank=True)
    part = models.PositiveSmallIntegerField("第几段", null=True, blank=True)
    ip = models.GenericIPAddressField("IP 地址", null=True, blank=True)
    in_office = models.BooleanField(
        "在办公网络", null=True, blank=True, help_text="空则部门没有登记办公网络。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "打卡"
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                # One press may end a part, or a shift, and begin the next.
                fields=["staff", "at", "source", "work_date", "is_in"],
                name="shifts_punch_once",
                nulls_distinct=False,
                violation_error_message="此人此刻已有打卡。",
            )
        ]
        triggers = [*recorded(), UNCHANGED]

    def __str__(self) -> str:
        return f"{self.staff} {self.at:%Y-%m-%d %H:%M}"


class OfficeNetwork(models.Model):
    """A network from which punches count as made in the office; without any, nothing is said of them."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.CASCADE, related_name="office_networks"
    )
    network = models.CharField("网段", max_length=64, help_text="如 203.0.113.0/24；单个地址也可。")
    name = models.CharField("名称", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办公网络"
        constraints = [
            models.UniqueConstraint(
                fields=["department", "network"],
                name="shifts_officenetwork_unique",
                violation_error_message="本部门已有此网段。",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.network

    def clean(self) -> None:
        try:
            self.network = str(ipaddress.ip_network(self.network.strip(), strict=False))
        except ValueError:
            message = f"“{self.network}”不是网段；请写成 203.0.113.0/24 或单个地址。"
            raise ValidationError({"network": message}) from None


class Correction(Requested):
    """A punch that was forgotten or wrong, as it should read; counts once it is approved.

    A given time takes the place of what the clock said of that end of the day, or of that part of a shift
    in two parts.
    """

    class Part(models.IntegerChoices):
        FIRST = 1, "第一段"
        SECOND = 2, "第二段"

    ACTION = "decide_requests"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="corrections"
    )
    work_date = models.DateField("日期")
    clock_in = models.DateTimeField("上班时间", null=True, blank=True)
    clock_out = models.DateTimeField("下班时间", null=True, blank=True)
    part = models.PositiveSmallIntegerField(
        "哪一段", choices=Part.choices, null=True, blank=True, help_text="空则为全天的上班与下班。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "补卡"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_correction_says_something",
                condition=Q(clock_in__isnull=False) | Q(clock_out__isnull=False),
                violation_error_message="上班、下班时间至少填一个。",
            ),
            models.CheckConstraint(
                name="shifts_correction_in_order",
                condition=Q(clock_in__isnull=True)
                | Q(clock_out__isnull=True)
                | Q(clock_in__lt=F("clock_out")),
                violation_error_message="上班时间应早于下班时间。",
            ),
            models.UniqueConstraint(
                fields=["staff", "work_date", "part"],
                condition=Q(state="asked"),
                name="shifts_correction_asked_once",
                nulls_distinct=False,
                violation_error_message="当天已有待审批的补卡申请。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d} 补卡"

    @property
    @admin.display(description="内容")
    def details(self) -> str:
        ends = (("上班", self.clock_in), ("下班", self.clock_out))
        part = self.get_part_display() if self.part else ""
        return "，".join(f"{part}{label} {_clock(at)}" for label, at in ends if at)


class Outing(Requested):
    """Leaving the place of work during a shift (s000-11-50): when, until when, and when one was back."""

    ACTION = "decide_requests"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="outings")
    work_date = models.DateField("日期")
    leaves_at = models.DateTimeField("外出时间")
    due_at = models.DateTimeField("预计返回")
    returned_at = models.DateTimeField("返回时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "外出"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_outing_in_order",
                condition=Q(leaves_at__lt=F("due_at"))
                & (Q(returned_at__isnull=True) | Q(returned_at__gte=F("leaves_at"))),
                violation_error_message="返回时间应晚于外出时间。",
            )
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {_clock(self.leaves_at)} 外出"

    @property
    @admin.display(description="内容")
    def details(self) -> str:
        back = f"，{_clock(self.returned_at)} 返回" if self.returned_at else ""
        return f"{_clock(self.leaves_at)} 至 {_clock(self.due_at)}{back}"


class Overtime(Requested):
    """Hours beyond the shift that were approved; only these count as overtime.

    They are paid by the calendar day on which they fall: from `starts_at`, else from the shift's end.
    """

    ACTION = "decide_requests"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="overtime")
    work_date = models.DateField("日期")
    hours = models.DecimalField(
        "小时",
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(24)],
    )
    starts_at = models.DateTimeField("开始时间", null=True, blank=True, help_text="空则接在当天的班之后。")

    class Meta:
        verbose_name = verbose_name_plural = "加班"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_overtime_within_a_day",
                condition=Q(hours__gt=0) & Q(hours__lte=24),
                violation_error_message="加班小时应大于0、不超过24。",
            ),
            models.UniqueConstraint(
                fields=["staff", "work_date"],
                condition=Q(state__in=["asked", "approved"]),
                name="shifts_overtime_one_a_day",
                violation_error_message="当天已有加班申请。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d} 加班{self.hours}小时"

    @property
    @admin.display(description="内容")
    def details(self) -> str:
        since = f"，{_clock(self.starts_at)} 起" if self.starts_at else ""
        return f"{self.hours.normalize():f} 小时{since}"
