"""Review rounds: who is considered for which tier on which day, and what the panel thinks of them."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from people.models import Account, Department, Staff, Tier

# A ballot is opened and closed once; what has ended stays so.
ROUND_MOVES = {"open": ("voting", "closed"), "voting": ("voted",), "voted": ("closed",)}
HIGHEST_SCORE = 100


@tracked()
class ReviewRound(models.Model):
    """One review of a department: people of one tier are considered for another on a day.

    Above the first tier it is about promotions, below it about demotions. `panel` are the accounts that
    score the defence; without any there is none.
    """

    class Kind(models.TextChoices):
        PROBATION = "probation", "转正评审"
        MONTHLY = "monthly", "月度评审"
        QUARTERLY = "quarterly", "季度评审"

    class State(models.TextChoices):
        OPEN = "open", "准备中"
        VOTING = "voting", "投票中"
        VOTED = "voted", "投票结束"
        CLOSED = "closed", "已结束"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="review_rounds"
    )
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    on = models.DateField("评审日期")
    from_tier = models.CharField("原职级", max_length=32, choices=Tier.choices)
    to_tier = models.CharField("评审职级", max_length=32, choices=Tier.choices)
    has_ballot = models.BooleanField("匿名投票", default=False)
    panel = models.ManyToManyField(Account, verbose_name="评委", blank=True, related_name="+")
    key = models.CharField("来源键", max_length=64, null=True, blank=True, unique=True, editable=False)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.OPEN)
    created_by = models.ForeignKey(Account, verbose_name="发起人", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("发起时间")

    class Meta:
        verbose_name = verbose_name_plural = "评审"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="promotions_reviewround_two_tiers",
                condition=~Q(from_tier=F("to_tier")),
                violation_error_message="原职级和评审职级相同。",
            ),
            models.CheckConstraint(
                name="promotions_reviewround_ballot_was_asked_for",
                condition=Q(has_ballot=True) | ~Q(state__in=["voting", "voted"]),
            ),
        ]
        triggers = [moves_only("state", ROUND_MOVES)]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_kind_display()}（{self.tiers}）"

    @property
    def tiers(self) -> str:
        """From which tier to which, in words."""
        return f"{self.get_from_tier_display()}→{self.get_to_tier_display()}"

    @property
    def is_ripe(self) -> bool:
        """Whether its changes may be decided: a ballot that was asked for is over, the round is not."""
        return self.state == (self.State.VOTED if self.has_ballot else self.State.OPEN)


class Candidate(models.Model):
    """Somebody who is considered in a round, with what spoke for it when they were put in."""

    round = models.ForeignKey(
        ReviewRound, verbose_name="评审", on_delete=models.PROTECT, related_name="candidates"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="candidacies"
    )
    evidence: Any = models.JSONField("条件与依据", default=list, blank=True)
    added_by = models.ForeignKey(Account, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "候选人"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "staff"],
                name="promotions_candidate_once",
                violation_error_message="此人已在这一轮。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return str(self.staff)


@tracked()
class PanelScore(models.Model):
    """What a member of the panel gives a candidate's defence, of 100 points; until the decision."""

    candidate = models.ForeignKey(
        Candidate, verbose_name="候选人", on_delete=models.PROTECT, related_name="scores"
    )
    by = models.ForeignKey(Account, verbose_name="评委", on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(
        "评分",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(HIGHEST_SCORE))],
    )
    note = models.CharField("评语", max_length=500, blank=True)
    at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = verbose_name_plural = "答辩评分"
        ordering = ["candidate", "id"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "by"], name="promotions_panelscore_one_a_member"),
            models.CheckConstraint(
                name="promotions_panelscore_of_hundred", condition=Q(score__range=(0, HIGHEST_SCORE))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.score}"
