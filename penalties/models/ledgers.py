"""The money and points ledgers that follow from incidents and from what apps above decide."""

from collections.abc import Iterable
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from people.models import Account, Staff
from rules.models import Provision


class SourceKind(models.TextChoices):
    """What an entry of the ledgers follows from; most of it stands in apps above, so no key points there."""

    INCIDENT = "incident", "奖惩记录"
    CASE_SHARE = "case_share", "损失分担"
    DECISION = "decision", "处分决定"
    REVIEW = "review", "考评"


# In place of foreign keys from the ledgers to the incidents, once a statement; its other half is theirs.
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
