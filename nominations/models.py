"""Nominations of a month, what colleagues say of them, what people certify, and the decision."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from files.models import Attachment
from penalties.models import Incident
from people.models import Account, Department, Staff
from rules.models import Provision

REASON_LENGTH, TEXT_LENGTH, NOTE_LENGTH = 500, 2000, 200
# What waits is won, not chosen or taken back; what was won is only revoked.
MOVES = {"nominated": ("won", "declined", "withdrawn"), "won": ("revoked",)}


@tracked()
class AwardRound(models.Model):
    """The awards of a department's month, once nominations were closed and the hard criteria checked."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="award_rounds"
    )
    month = models.DateField("月份")
    closed_by = models.ForeignKey(
        Account, verbose_name="核对人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField("核对时间")

    class Meta:
        verbose_name = verbose_name_plural = "评奖月"
        ordering = ["-month", "department"]
        constraints = [
            models.UniqueConstraint(fields=["department", "month"], name="nominations_awardround_once"),
            models.CheckConstraint(name="nominations_awardround_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.month:%Y年%m月}评奖"


@tracked()
class Nomination(models.Model):
    """Somebody put forward for an award of a month (s004-02-4-01), or placed by settlement's ranking.

    `provision` is the award as it was on the day. What a nominated award pays is `incident`; a placing
    (`origin` ranking) is paid by settlement itself, so it has an `amount` to show and never an incident.
    `checks` are the hard criteria with verdict and evidence as they were when the round was closed.
    """

    class Origin(models.TextChoices):
        SELF = "self", "本人"
        PEER = "peer", "同事"
        LEAD = "lead", "组长或主管"
        RANKING = "ranking", "名次（系统）"

    class State(models.TextChoices):
        NOMINATED = "nominated", "待决定"
        WON = "won", "得奖"
        DECLINED = "declined", "未得奖"
        WITHDRAWN = "withdrawn", "已撤回"
        REVOKED = "revoked", "已撤销"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="nominations"
    )
    month = models.DateField("月份")
    staff = models.ForeignKey(
        Staff, verbose_name="被提名人", on_delete=models.PROTECT, related_name="nominations"
    )
    provision = models.ForeignKey(
        Provision, verbose_name="奖项", on_delete=models.PROTECT, related_name="nominations"
    )
    code = models.CharField("奖项编号", max_length=64)
    origin = models.CharField("谁提名", max_length=8, choices=Origin.choices)
    reason = models.TextField("事迹与理由", max_length=TEXT_LENGTH)
    attachments = models.ManyToManyField(Attachment, verbose_name="证明材料", blank=True, related_name="+")
    by = models.ForeignKey(
        Account, verbose_name="提名人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("提名时间")
    place = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    amount = models.DecimalField("结算发放", max_digits=12, decimal_places=2, null=True, blank=True)
    checks: Any = models.JSONField("硬性条件", default=list, blank=True)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.NOMINATED)
    decision = models.CharField("决定理由", max_length=REASON_LENGTH, blank=True)
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    as_gift = models.BooleanField("折合礼品", default=False)
    number = models.CharField("证书编号", max_length=64, null=True, blank=True, unique=True, editable=False)
    incident = models.OneToOneField(
        Incident,
        verbose_name="奖励记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nomination",
    )
    revocation = models.CharField("撤销理由", max_length=REASON_LENGTH, blank=True)
    revoked_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提名"
        ordering = ["-month", "code", "place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "code", "month"],
                condition=~Q(state="withdrawn"),
                name="nominations_nomination_once",
                violation_error_message="此人本月已经被提名此奖。",
            ),
            models.CheckConstraint(name="nominations_nomination_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="nominations_nomination_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="nominations_nomination_decided_by_another",
                condition=Q(decided_by__isnull=True) | Q(by__isnull=True) | ~Q(decided_by=F("by")),
                violation_error_message="提名的人不能决定；请由别人决定。",
            ),
            models.CheckConstraint(
                name="nominations_nomination_ranking_pays_nothing",
                condition=~Q(origin="ranking") | Q(incident__isnull=True),
            ),
            models.CheckConstraint(
                name="nominations_nomination_decided_with_reason",
                condition=Q(state__in=["nominated", "withdrawn"], number__isnull=True, incident__isnull=True)
                | (Q(state="declined", number__isnull=True, incident__isnull=True) & ~Q(decision=""))
                | (Q(state__in=["won", "revoked"], number__isnull=False) & ~Q(decision="")),
            ),
            models.CheckConstraint(
                name="nominations_nomination_revoked_with_reason",
                condition=Q(state="revoked") ^ Q(revocation="", revoked_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["department", "month", "code"], name="nominations_of_month"),
            models.Index(fields=["department", "state"], name="nominations_state"),
        ]
        triggers = [
            moves_only("state", MOVES),
            pgtrigger.ReadOnly(
                name="nomination_stays",
                fields=["department", "month", "staff", "provision", "code", "origin", "by", "at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.provision.title}"

    @property
    def is_placing(self) -> bool:
        """Whether settlement's ranking put it here, and pays it."""
        return self.origin == self.Origin.RANKING

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.NOMINATED

    @property
    def is_taken_back(self) -> bool:
        """Whether it was revoked, or its incident was reversed among the penalties."""
        reversal = self.incident is not None and hasattr(self.incident, "reversal")
        return self.state == self.State.REVOKED or reversal

    @property
    def unmet(self) -> list[dict[str, str]]:
        """The criteria that are not met, and those of which something is missing."""
        return [each for each in self.checks if each["verdict"] != "met"]

    @property
    def is_shortlisted(self) -> bool:
        """Whether it was checked and fails no criterion (s004-02-6-03)."""
        return self.checked_at is not None and not any(each["verdict"] == "not_met" for each in self.checks)


class Voice(models.Model):
    """What a colleague says of a nomination, once; the pages never show whose it is (s004-02-6-02)."""

    nomination = models.ForeignKey(
        Nomination, verbose_name="提名", on_delete=models.PROTECT, related_name="voices"
    )
    staff = models.ForeignKey(Staff, verbose_name="表态人", on_delete=models.PROTECT, related_name="+")
    supports = models.BooleanField("支持")
    comment = models.CharField("意见", max_length=NOTE_LENGTH, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "评奖意见"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "staff"],
                name="nominations_voice_once",
                violation_error_message="每人只能表态一次。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return "支持" if self.supports else "不支持"


class Attestation(models.Model):
    """Somebody certifies of a candidate what no figure tells; of several the newest counts."""

    nomination = models.ForeignKey(
        Nomination, verbose_name="提名", on_delete=models.PROTECT, related_name="attestations"
    )
    criterion = models.CharField("条件", max_length=NOTE_LENGTH)
    holds = models.BooleanField("满足")
    note = models.CharField("依据", max_length=NOTE_LENGTH)
    by = models.ForeignKey(
        Account, verbose_name="认定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "条件认定"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="nominations_attestation_has_note", condition=~Q(note=""))]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.criterion}：{'满足' if self.holds else '不满足'}"
