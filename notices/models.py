"""What somebody is told, where else than in the page, and what became of telling it there."""

from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

_OWN: dict[str, Any] = {"verbose_name": "账号", "on_delete": models.PROTECT}


class NoticeKind(models.TextChoices):
    """What notices are about. Outside of the page only these words are told, never the notice's own."""

    OBJECTION = "objection", "异议答复"
    PAYSLIP = "payslip", "工资条已批准"
    INCIDENT_WAITING = "incident_waiting", "奖惩待确认"
    INCIDENT = "incident", "奖惩已确认"
    INCIDENT_APPEAL = "incident_appeal", "奖惩申诉与撤销"
    CLAIM = "claim", "订单认领结果"
    REQUEST_WAITING = "request_waiting", "申请待审批"
    REQUEST = "request", "申请审批结果"
    LEAVE = "leave", "假期将到期"
    SWAP = "swap", "换班"
    HANDOVER = "handover", "交接未签"
    DUTY_DUE = "duty_due", "职责将到期"
    DUTY_MISSED = "duty_missed", "职责未完成"
    MEMO = "memo", "备忘提醒"
    ROSTER = "roster", "排班公布"
    CASE = "case", "投诉案件"
    CASE_DUE = "case_due", "投诉时限"
    CHARGE = "charge", "投诉损失承担"
    DISCIPLINE = "discipline", "处分"
    GRADE = "grade", "评审与职级"
    FUND = "fund", "现金罚款与基金箱"
    EXAM = "exam", "考试"
    TRAINING = "training", "培训"
    AWARD = "award", "评奖"
    APPRAISAL = "appraisal", "考评"
    TRIAL = "trial", "试发"


# What people choose among; a trial goes wherever it can.
CHOSEN_KINDS = tuple(kind for kind in NoticeKind if kind != NoticeKind.TRIAL)


class Channel(models.TextChoices):
    EMAIL = "email", "邮件"
    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"


def every_kind() -> list[str]:
    """What a channel tells unless its owner says otherwise."""
    return [kind.value for kind in CHOSEN_KINDS]


class Notice(models.Model):
    """Somebody is told something, once for each `source`; nothing of it changes but that it was read."""

    account: Any = models.ForeignKey(settings.AUTH_USER_MODEL, related_name="notices", **_OWN)
    kind = models.CharField("类别", max_length=24, choices=NoticeKind.choices)
    text = models.CharField("内容", max_length=200)
    url = models.CharField("页面", max_length=300)
    source = models.CharField("来源", max_length=100)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source"], name="notices_notice_unique_source"),
            models.CheckConstraint(
                name="notices_notice_url_on_this_site",
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="notices_notice_of_account"),
            models.Index(fields=["account"], name="notices_notice_unread", condition=Q(read_at__isnull=True)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="read_only", exclude=["read_at"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class NoticeChoice(models.Model):
    """Where an account is told besides the page, of what, and when; without a row only in the page.

    The addresses of bots are secrets: whoever knows one can write to its group.
    """

    account: Any = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, related_name="notice_choice", **_OWN
    )
    email = models.EmailField("邮箱", blank=True)
    wecom_url = models.CharField("企业微信机器人网址", max_length=300, blank=True)
    dingtalk_url = models.CharField("钉钉机器人网址", max_length=300, blank=True)
    dingtalk_secret = models.CharField("钉钉加签密钥", max_length=100, blank=True)
    email_kinds = ArrayField(models.CharField(max_length=24), verbose_name="邮件通知", default=every_kind)
    wecom_kinds = ArrayField(models.CharField(max_length=24), verbose_name="企业微信通知", default=every_kind)
    dingtalk_kinds = ArrayField(models.CharField(max_length=24), verbose_name="钉钉通知", default=every_kind)
    digest_hour = models.PositiveSmallIntegerField(
        "每天几点汇总", null=True, blank=True, validators=[MaxValueValidator(23)], help_text="空：立即发送。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "通知设置"
        constraints = [
            models.CheckConstraint(
                name="notices_noticechoice_hour",
                condition=Q(digest_hour__isnull=True) | Q(digest_hour__lte=23),
            )
        ]

    def __str__(self) -> str:
        return str(self.account)

    def address(self, channel: str) -> str:
        """Where the channel leads; empty where its owner has not set it up."""
        return {
            Channel.EMAIL.value: self.email,
            Channel.WECOM.value: self.wecom_url,
            Channel.DINGTALK.value: self.dingtalk_url,
        }[channel]

    def channels_for(self, kind: str) -> list[str]:
        """Where a notice of the kind is told."""
        kinds = {
            Channel.EMAIL.value: self.email_kinds,
            Channel.WECOM.value: self.wecom_kinds,
            Channel.DINGTALK.value: self.dingtalk_kinds,
        }
        return [
            channel
            for channel, chosen in kinds.items()
            if self.address(channel) and (kind == NoticeKind.TRIAL or kind in chosen)
        ]

    def due_at(self, kind: str, at: datetime) -> datetime:
        """When a notice that came up `at` is told: at once, or at the next hour of the digest."""
        if self.digest_hour is None or kind == NoticeKind.TRIAL:
            return at
        hour = timezone.localtime(at).replace(hour=self.digest_hour, minute=0, second=0, microsecond=0)
        return hour if hour >= at else hour + timedelta(days=1)


class NoticeDelivery(models.Model):
    """A notice on its way out through one channel; what waits and is due is sent together, as one message."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        DROPPED = "dropped", "不再发送"

    notice = models.ForeignKey(
        Notice, verbose_name="通知", on_delete=models.PROTECT, related_name="deliveries"
    )
    channel = models.CharField("途径", max_length=16, choices=Channel.choices)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField("发送时间", help_text="失败后推迟到下一次尝试的时间。")
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    error = models.CharField("失败原因", max_length=200, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知发送"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_noticedelivery_unique")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="notices_noticedelivery_waiting", condition=Q(state="waiting")
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_state_display()}"
