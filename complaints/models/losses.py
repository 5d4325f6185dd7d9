"""What a case cost, who is held responsible, what each bears, and what they say against it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from complaints.models.cases import Case
from core.append_only import APPEND_ONLY, moves_only, sums_to
from core.history import tracked
from files.models import Attachment
from people.models import Account, Staff, Team
from people.models.approvals import Requested
from rules.models import Provision

RULING_MOVES = {"proposed": ("decided", "refused"), "decided": ("reversed",)}
# The parties of a ruling bear 100 % together, looked at when the transaction ends.
SHARES_SUM_TO_WHOLE = sums_to(
    100, "percent", of="complaints_responsibleparty", per="ruling_id", refusal="各责任方的比例合计须为100%%"
)


class Loss(models.Model):
    """An amount that a case cost, in yuan, on a stated basis (s000-09-21b); only inserted.

    Where a case is merged its losses move to the other, each once.
    """

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="losses")
    amount = models.DecimalField("损失金额", max_digits=12, decimal_places=2)
    basis = models.CharField("核算依据", max_length=500)
    evidence = models.ManyToManyField(Attachment, verbose_name="凭据", blank=True, related_name="+")
    moved_from = models.OneToOneField(
        "self", verbose_name="转自", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to"
    )
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "投诉损失"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="complaints_loss_above_zero",
                condition=Q(amount__gt=0),
                violation_error_message="损失金额应大于0。",
            ),
            models.CheckConstraint(
                name="complaints_loss_has_basis",
                condition=~Q(basis=""),
                violation_error_message="请写明损失的核算依据。",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.amount}元"


@tracked()
class Ruling(models.Model):
    """Who is held responsible for a case, proposed by one and decided by another (s000-09-19b to 22).

    `amount` is the loss that is shared, in yuan; `provision` the loss_share it follows. What it comes to for
    each person are its charges.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "待裁定"
        DECIDED = "decided", "已裁定"
        REFUSED = "refused", "不采纳"
        REVERSED = "reversed", "已撤销"

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="rulings")
    provision = models.ForeignKey(
        Provision, verbose_name="分担条款", on_delete=models.PROTECT, related_name="+"
    )
    amount = models.DecimalField("分担的损失", max_digits=12, decimal_places=2)
    reason = models.CharField("归责理由", max_length=500)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PROPOSED)
    recorded_by = models.ForeignKey(
        Account, verbose_name="案件登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_by = models.ForeignKey(
        Account, verbose_name="提出人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        Account, verbose_name="裁定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("裁定时间", null=True, blank=True)
    answer = models.CharField("裁定意见", max_length=500, blank=True)
    charged_on = models.DateField("扣款归属日", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "责任裁定"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="complaints_ruling_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="complaints_ruling_by_another",
                condition=Q(decided_by__isnull=True)
                | (
                    (Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")))
                    & (Q(recorded_by__isnull=True) | ~Q(decided_by=F("recorded_by")))
                ),
                violation_error_message="登记或提出的人不能裁定；请由别人裁定。",
            ),
            models.CheckConstraint(
                name="complaints_ruling_decided_has_day",
                condition=Q(state__in=["decided", "reversed"]) ^ Q(charged_on__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["proposed", "decided"]),
                name="complaints_ruling_one_standing",
                violation_error_message="本案已有归责；先撤销或裁定它。",
            ),
        ]
        triggers = [moves_only("state", RULING_MOVES)]

    def __str__(self) -> str:
        return f"{self.case} 责任裁定"


class ResponsibleParty(models.Model):
    """A person, several persons together, a team or the whole department that bears a share of a loss.

    `percent` of the loss; among several members base points decide. A unit's members are those of the day of
    closing (s000-09-22).
    """

    ruling = models.ForeignKey(Ruling, verbose_name="裁定", on_delete=models.PROTECT, related_name="parties")
    percent = models.DecimalField("比例", max_digits=7, decimal_places=4)
    team = models.ForeignKey(
        Team, verbose_name="小组", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_department = models.BooleanField("整个部门", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "责任方"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="complaints_party_percent_in_range",
                condition=Q(percent__gt=0, percent__lte=100),
                violation_error_message="比例应大于0、不超过100。",
            ),
            models.CheckConstraint(
                name="complaints_party_one_unit", condition=Q(team__isnull=True) | Q(is_department=False)
            ),
        ]
        triggers = [APPEND_ONLY, SHARES_SUM_TO_WHOLE]

    def __str__(self) -> str:
        return f"{self.percent}%"


class PartyMember(models.Model):
    """One person of a responsible party."""

    party = models.ForeignKey(
        ResponsibleParty, verbose_name="责任方", on_delete=models.PROTECT, related_name="members"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "责任人"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["party", "staff"], name="complaints_partymember_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return str(self.staff)


class Charge(models.Model):
    """What one person bears of a ruling, in yuan, with the arithmetic; the money ledger follows from it.

    Taken back by an entry that reverses the ledger's, when an appeal or a reversal says so.
    """

    ruling = models.ForeignKey(Ruling, verbose_name="裁定", on_delete=models.PROTECT, related_name="charges")
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="case_charges"
    )
    amount = models.DecimalField("承担金额", max_digits=12, decimal_places=2)
    arithmetic: Any = models.JSONField("算式", default=list)
    appeal_until = models.DateField("申诉截止")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "损失承担"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ruling", "staff"], name="complaints_charge_once"),
            models.CheckConstraint(name="complaints_charge_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [models.Index(fields=["staff"], name="complaints_charge_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.amount}元"


@tracked()
class Appeal(Requested):
    """What the person says against a charge before it reaches pay; granted, the charge is taken back."""

    ACTION: ClassVar[str] = "decide_appeals"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="appeals")
    charge = models.ForeignKey(Charge, verbose_name="承担", on_delete=models.PROTECT, related_name="appeals")

    class Meta:
        verbose_name = verbose_name_plural = "责任申诉"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["charge"],
                condition=~Q(state="withdrawn"),
                name="complaints_appeal_once",
                violation_error_message="这一笔已经申诉过。",
            )
        ]
        triggers = [moves_only("state", Requested.MOVES)]

    def __str__(self) -> str:
        return f"{self.staff} 申诉"
