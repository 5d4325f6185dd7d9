"""Asking for leave; what is approved becomes a row of Leave."""

from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from core.append_only import APPEND_ONLY
from core.history import tracked
from files.models import Attachment
from people.models import Account, Staff
from people.models.approvals import Requested
from rules.leave_types import LeaveType
from shifts.models.attendance import Leave


@tracked()
class LeaveRequest(Requested):
    """Leave that somebody asks for: days owed from a day on.

    Asking is the notice; how much the rulebook wanted of it is kept as it was then (`notice_days`), and
    whoever approves in spite of too little says what the emergency was. Where the rulebook wants two levels
    a lead's consent comes first (`first_by`). An approved one has its `leave`, until it is taken back.
    """

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"
        CANCELLED = "cancelled", "已撤销"

    ACTION = "decide_requests"
    MOVES = {**Requested.MOVES, State.APPROVED: (State.CANCELLED,)}
    OPEN = (State.ASKED, State.APPROVED)

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="leave_requests"
    )
    type = models.CharField("类型", max_length=32, choices=LeaveType.choices)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", help_text="最后一天；不用上班的日子不算。")
    days = models.DecimalField("天数", max_digits=5, decimal_places=2)
    half = models.CharField("哪半天", max_length=6, choices=Leave.Half.choices, blank=True)
    natural = models.BooleanField("按自然日", default=False)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.ASKED)
    notice_days = models.DecimalField("须提前天数", max_digits=5, decimal_places=2, default=0)
    needs_two_levels = models.BooleanField("两级审批", default=False)
    emergency = models.CharField("紧急情况", max_length=200, blank=True)
    first_by = models.ForeignKey(
        Account, verbose_name="组长", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_at = models.DateTimeField("组长同意时间", null=True, blank=True)
    certificate = models.ForeignKey(
        Attachment, verbose_name="证明", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate_checked_by = models.ForeignKey(
        Account, verbose_name="证明核对人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate_checked_at = models.DateTimeField("证明核对时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)
    cancel_reason = models.CharField("撤销理由", max_length=200, blank=True)
    leave = models.OneToOneField(
        Leave,
        verbose_name="请假",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="request",
    )

    class Meta:
        verbose_name = verbose_name_plural = "请假申请"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_leaverequest_days_positive",
                condition=Q(days__gt=0) & Q(days__lte=366),
                violation_error_message="天数应大于0，不超过366。",
            ),
            models.UniqueConstraint(
                fields=["staff", "starts_on", "type", "half"],
                condition=Q(state__in=["asked", "approved"]),
                name="shifts_leaverequest_open_once",
                violation_error_message="当天已有同类请假的申请。",
            ),
        ]
        indexes = [models.Index(fields=["starts_on"], name="shifts_leaverequest_start")]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_on:%Y-%m-%d} {self.get_type_display()}{shown(self.days)}天"

    @property
    def work_date(self) -> date:
        return self.starts_on

    @property
    def details(self) -> str:
        """What is asked for, in words."""
        span = date_format(self.starts_on, "n月j日")
        if self.ends_on != self.starts_on:
            span += f"至{date_format(self.ends_on, 'n月j日')}"
        half = f"（{self.get_half_display()}）" if self.half else ""
        return f"{self.get_type_display()} {shown(self.days)} 天{half}，{span}"

    @property
    def is_late(self) -> bool:
        """Whether it came later than the rulebook wants."""
        return comes_late(self.notice_days, self.starts_on, self.asked_at)

    @property
    def waits_for_second(self) -> bool:
        """Whether the lead has consented and the second level is to decide."""
        return self.state == self.State.ASKED and self.first_by_id is not None

    @property
    def takes_certificate(self) -> bool:
        """Whether one may still be handed in, for a type that anybody certifies."""
        uncertified = (LeaveType.COMPENSATORY, LeaveType.ANNUAL)
        is_due = self.type not in uncertified and self.certificate_checked_at is None
        return is_due and self.state in self.OPEN

    @property
    def certificate_waits(self) -> bool:
        """Whether a certificate was handed in that nobody has looked at since."""
        return (
            self.certificate_id is not None
            and self.certificate_checked_at is None
            and self.state in self.OPEN
        )


class LeaveCorrection(models.Model):
    """Days that HR adds to somebody's balance of a type of leave from a day on, or takes off it, and why."""

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="leave_corrections"
    )
    type = models.CharField("假别", max_length=32, choices=LeaveType.choices)
    on = models.DateField("自哪天起")
    days = models.DecimalField("天数", max_digits=6, decimal_places=2, help_text="负数为减。")
    until = models.DateField("用到哪天", null=True, blank=True, help_text="空则按制度。")
    reason = models.CharField("理由", max_length=200)
    by = models.ForeignKey(
        Account, verbose_name="更正人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = verbose_name_plural = "假期余额更正"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="shifts_leavecorrection_says_something",
                condition=~Q(days=0) & Q(days__gte=-366, days__lte=366) & ~Q(reason=""),
                violation_error_message="天数不能是0，须写理由。",
            ),
            models.CheckConstraint(
                name="shifts_leavecorrection_ends_later",
                condition=Q(until__isnull=True) | Q(until__gte=F("on")) & Q(days__gt=0),
                violation_error_message="只有增加的天数写用到哪天，不早于起始日。",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_type_display()}更正{shown(self.days)}天"


def comes_late(notice_days: Decimal, starts_on: date, asked_at: datetime) -> bool:
    """Whether fewer days than wanted lie between asking and the leave; where none are wanted it never is."""
    return notice_days > 0 and (starts_on - timezone.localdate(asked_at)).days < notice_days


def shown(days: Decimal) -> str:
    """Days as people write them: 2, 0.5."""
    return f"{days.normalize():f}"
