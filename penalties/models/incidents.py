"""What was done wrong or well, and what takes it back."""

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from files.models import Attachment
from people.models import Account, Staff, Team
from people.row_changes import recorded
from rules.models import Provision

LEDGERS = ("penalties_moneyentry", "penalties_pointsentry")

# In place of foreign keys from the ledgers; its other half stands with them.
ENTRIES_KEEP_INCIDENT = pgtrigger.Trigger(
    name="entries_keep_incident",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Delete,
    referencing=pgtrigger.Referencing(old="old_rows"),
    func="".join(
        f"""
        IF EXISTS (
            SELECT FROM old_rows r JOIN {ledger} e ON e.source_kind = 'incident' AND e.source_id = r.id
        ) THEN
            RAISE EXCEPTION '台账里有这条奖惩记录的分录' USING ERRCODE = 'foreign_key_violation',
                TABLE = '{ledger}';
        END IF;
        """
        for ledger in LEDGERS
    )
    + " RETURN NULL;",
)


@tracked()
class Incident(models.Model):
    """Who fell under which provision, when and how much of it; costs nothing until it is confirmed."""

    class State(models.TextChoices):
        RECORDED = "recorded", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "不成立"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="incidents")
    provision = models.ForeignKey(
        Provision, verbose_name="条款", on_delete=models.PROTECT, related_name="incidents"
    )
    code = models.CharField("条款编号", max_length=64, help_text="计次跨版本进行，按编号。")
    team = models.ForeignKey(
        Team, verbose_name="当时小组", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.CharField("当时职级", max_length=32, blank=True)
    work_date = models.DateField("日期")
    quantity = models.PositiveIntegerField("次数", default=1)
    magnitude = models.DecimalField(
        "数量", max_digits=12, decimal_places=2, null=True, blank=True, help_text="秒、分钟、件、天，按条款。"
    )
    amount = models.DecimalField(
        "定额",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="记录人在条款范围内定的金额或分数。",
    )
    note = models.TextField("经过与依据", blank=True)
    attachments = models.ManyToManyField(Attachment, verbose_name="证据", blank=True, related_name="+")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.RECORDED)
    key = models.CharField("来源键", max_length=128, null=True, blank=True, unique=True, editable=False)
    recorded_by = models.ForeignKey(
        Account, verbose_name="记录人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("记录时间")
    decided_by = models.ForeignKey(
        Account, verbose_name="确认人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    rejection = models.CharField("驳回理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "奖惩记录"
        ordering = ["-work_date", "-id"]
        constraints = [
            models.CheckConstraint(name="penalties_incident_quantity_positive", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="penalties_incident_rejected_with_reason",
                condition=Q(state="rejected") ^ Q(rejection=""),
                violation_error_message="驳回须写理由。",
            ),
            models.CheckConstraint(
                name="penalties_incident_amounts_not_negative",
                condition=(Q(magnitude__isnull=True) | Q(magnitude__gte=0))
                & (Q(amount__isnull=True) | Q(amount__gte=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "code", "work_date", "id"], name="penalties_incident_rank"),
            models.Index(fields=["work_date"], name="penalties_incident_date"),
        ]
        # The ledgers follow from these facts: a wrong record is rejected or reversed, never rewritten.
        triggers = [
            *recorded(),
            ENTRIES_KEEP_INCIDENT,
            moves_only("state", {"recorded": ("confirmed", "rejected")}),
            pgtrigger.ReadOnly(
                name="facts_stay",
                fields=[
                    "staff",
                    "provision",
                    "code",
                    "work_date",
                    "quantity",
                    "magnitude",
                    "amount",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d} {self.code}"


class Reversal(models.Model):
    """Takes an incident back, once, with a reason. The incident itself stays."""

    incident = models.OneToOneField(
        Incident, verbose_name="奖惩记录", on_delete=models.PROTECT, related_name="reversal"
    )
    on = models.DateField("撤销日期")
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "撤销"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="penalties_reversal_has_reason", condition=~Q(reason=""))]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"撤销 {self.incident}"
