"""Other libraries' models of signing in, as proxies: with a history, under a Chinese name."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.append_only import APPEND_ONLY
from core.history import tracked, tracked_links
from people.permissions import group_label


@tracked(inserts=True, model_name="LoginGroupPast")
class LoginGroup(Group):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "登录组"

    def __str__(self) -> str:
        return group_label(self.name)


@tracked_links(app_label="people", model_name="GroupPermissionPast")
class GroupPermission(Group.permissions.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


class TwoStep(TOTPDevice):
    """The second step of signing in that an account has set up, under a Chinese name."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "两步验证器"


class TwoStepRemoval(models.Model):
    """Somebody's second step was taken away by another, because the phone was lost; only inserted."""

    account: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="账号", on_delete=models.PROTECT, related_name="+"
    )
    staff: Any = models.ForeignKey(
        "people.Staff", verbose_name="员工", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("理由", max_length=500)
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="操作人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "两步验证解除记录"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="people_twostepremoval_has_reason", condition=~Q(reason=""))
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.at:%Y-%m-%d}"
