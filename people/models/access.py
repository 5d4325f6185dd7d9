"""What is noted of those who come in: whose pay and numbers they saw, their tokens, writes to be repeated."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from core.history import tracked
from people.models.organisation import Account, Department, Staff


class AccessLog(models.Model):
    """Who looked at whose pay or full numbers, and when; only inserted. Without `staff`: at the whole
    department's month.
    """

    class What(models.TextChoices):
        PAYSLIP = "payslip", "工资条"
        PERIOD = "period", "全部门工资"
        EXPORT = "export", "导出工资表"
        TERMS = "terms", "任职条件"
        IDENTITY = "identity", "证件号码"
        ACCOUNT = "account", "银行账号"

    by = models.ForeignKey(Account, verbose_name="查看人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    what = models.CharField("内容", max_length=16, choices=What.choices)
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    month = models.DateField("月份", help_text="当月1日")
    payslip = models.BigIntegerField(
        "工资条编号", null=True, blank=True, help_text="草稿重算后工资条换新编号，旧编号留在此处。"
    )
    reason = models.CharField("理由", max_length=200, blank=True, help_text="查看证件号码、银行账号须写。")

    class Meta:
        verbose_name = verbose_name_plural = "工资与证件查看记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["staff", "month"], name="people_accesslog_staff")]
        constraints = [
            models.CheckConstraint(
                name="people_accesslog_numbers_have_reason",
                condition=~Q(what__in=["identity", "account"], reason=""),
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.by} {self.at:%Y-%m-%d %H:%M} {self.get_what_display()}"


@tracked(exclude=["digest", "last_used_at"])
class ApiToken(models.Model):
    """By which another system acts for an account: in some of its departments, with some of its actions.

    Only the SHA-256 of the token is kept; the token itself is shown once, to whoever makes it.
    """

    name = models.CharField("名称", max_length=64, help_text="哪个系统用，如 店铺ERP。")
    account = models.ForeignKey(
        Account, verbose_name="账号", on_delete=models.PROTECT, related_name="api_tokens"
    )
    digest = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    departments = models.ManyToManyField(
        Department, verbose_name="部门", related_name="+", help_text="只在这些部门有效，且不超出账号的权限。"
    )
    actions = ArrayField(models.CharField(max_length=32), verbose_name="许可的操作")
    created_by = models.ForeignKey(
        Account, verbose_name="签发人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)

    secret = ""  # the token itself, only on the object just made, to be shown once

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """A write that came over the API under a key, and what was answered: the same key again writes nothing.

    The row is inserted in the transaction of the write, so one cannot be there without the other.
    """

    token = models.ForeignKey(
        ApiToken, verbose_name="令牌", on_delete=models.PROTECT, related_name="idempotency_keys"
    )
    key = models.CharField("幂等键", max_length=128)
    request = models.CharField("请求的SHA-256", max_length=64, help_text="方法、路径与内容。")
    status = models.PositiveSmallIntegerField("状态码", default=0)
    answer: Any = models.JSONField("答复", null=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="people_idempotencykey_unique")]
        indexes = [models.Index(fields=["token", "at"], name="people_idempotencykey_age")]

    def __str__(self) -> str:
        return self.key
