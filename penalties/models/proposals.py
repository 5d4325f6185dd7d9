"""What a count or a score suggests, for people to decide."""

from typing import Any

from django.db import models
from django.db.models import Q

from core.history import tracked
from penalties.models.incidents import Incident
from people.models import Account, Department, Staff
from rules.proposals import ProposalKind


@tracked(exclude=["evidence"])
class Proposal(models.Model):
    """Something that a count or a score suggests and people decide; it changes no pay by itself."""

    class State(models.TextChoices):
        OPEN = "open", "待决定"
        ACCEPTED = "accepted", "已采纳"
        DECLINED = "declined", "不采纳"
        WITHDRAWN = "withdrawn", "依据已撤销"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="proposals"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="proposals")
    code = models.CharField("条款编号", max_length=64)
    kind = models.CharField("建议", max_length=16, choices=ProposalKind.choices)
    month = models.DateField("月份", null=True, blank=True, help_text="月度得分或考勤引起的，当月1日。")
    incident = models.ForeignKey(
        Incident,
        verbose_name="引起的记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    evidence: Any = models.JSONField("依据", default=dict)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision = models.CharField("决定说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "处理建议"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "code", "kind", "incident"],
                name="penalties_proposal_once_per_incident",
                condition=Q(incident__isnull=False) & ~Q(state="withdrawn"),
            ),
            models.UniqueConstraint(
                fields=["staff", "code", "kind", "month"],
                name="penalties_proposal_once_per_month",
                condition=Q(month__isnull=False) & ~Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="penalties_proposal_has_cause",
                condition=Q(incident__isnull=False) ^ Q(month__isnull=False),
            ),
            models.CheckConstraint(
                name="penalties_proposal_decided_by_person",
                condition=Q(state__in=["open", "withdrawn"]) | Q(decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_kind_display()}"
