"""What was done wrong or well, and the money and points ledgers that follow from it."""

from collections.abc import Iterable
from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from people.models import Account, Department, Staff, Team
from people.row_changes import recorded
from rules.models import Provision
from rules.proposals import ProposalKind

LEDGERS = ("penalties_moneyentry", "penalties_pointsentry")


class SourceKind(models.TextChoices):
    """What an entry of the ledgers follows from; most of it stands in apps above, so no key points there."""

    INCIDENT = "incident", "奖惩记录"
    CASE_SHARE = "case_share", "损失分担"
    DECISION = "decision", "处分决定"
    REVIEW = "review", "考评"


# In place of foreign keys from the ledgers to the incidents: both ways, once a statement.
INCIDENT_IS_THERE = pgtrigger.Trigger(
    name="incident_is_there",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="new_rows"),
    func="""
        IF EXISTS (
            SELECT FROM new_rows r LEFT JOIN penalties_incident i ON i.id = r.source_id
            WHERE r.source_kind = 'incident' AND i.id IS NULL
        ) THEN
            RAISE EXCEPTION '台账分录的奖惩记录不存在' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    """,
)
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


class LedgerQuerySet(models.QuerySet):
    """Entries by what they follow from."""

    def of_incident(self, incident: int | models.OuterRef) -> Self:
        return self.filter(source_kind=SourceKind.INCIDENT, source_id=incident)

    def of_incidents(self, incidents: Iterable[int]) -> Self:
        return self.filter(source_kind=SourceKind.INCIDENT, source_id__in=incidents)


class LedgerEntry(models.Model):
    """What both ledgers share. Entries are only inserted; a correction points at what it reverses.

    `source_kind` and `source_id` say what an entry follows from; `key` is made of them and the version of
    the rule, so that nothing is entered twice.
    """

    source_kind = models.CharField("来源", max_length=16, choices=SourceKind.choices)
    source_id = models.BigIntegerField("来源编号")
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="%(class)s_set"
    )
    provision = models.ForeignKey(Provision, verbose_name="条款", on_delete=models.PROTECT, related_name="+")
    work_date = models.DateField("归属日期")
    reverses = models.OneToOneField(
        "self",
        verbose_name="冲销",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
    )
    key = models.CharField("幂等键", max_length=128, unique=True, editable=False)
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    objects = LedgerQuerySet.as_manager()

    class Meta:
        abstract = True


class MoneyEntry(LedgerEntry):
    """Money that something costs (negative) or pays (positive) a person, in yuan."""

    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "金额台账"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="penalties_moneyentry_not_zero", condition=~Q(amount=0))]
        indexes = [
            models.Index(fields=["staff", "work_date"], name="penalties_money_staff"),
            models.Index(fields=["source_kind", "source_id"], name="penalties_money_source"),
        ]
        triggers = [APPEND_ONLY, INCIDENT_IS_THERE]

    def __str__(self) -> str:
        return f"{self.staff} {self.amount}"


class PointsEntry(LedgerEntry):
    """Points that something deducts (positive) from a person's, with one decimal place."""

    points = models.DecimalField("扣分", max_digits=6, decimal_places=1)

    class Meta:
        verbose_name = verbose_name_plural = "扣分台账"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="penalties_pointsentry_not_zero", condition=~Q(points=0))]
        indexes = [
            models.Index(fields=["staff", "work_date"], name="penalties_points_staff"),
            models.Index(fields=["source_kind", "source_id"], name="penalties_points_source"),
        ]
        triggers = [APPEND_ONLY, INCIDENT_IS_THERE]

    def __str__(self) -> str:
        return f"{self.staff} {self.points}"


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


from penalties.fund_models import FundCount, FundExpense, FundPosting, FundTransaction  # noqa: E402, F401
