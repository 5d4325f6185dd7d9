"""Changes of grade, up or down: proposed, decided by another, taken back; appeals against demotions."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.append_only import moves_only
from core.history import tracked
from people.models import Account, Staff, Tier
from people.models.approvals import Requested
from promotions.models.rounds import Candidate

CHANGE_MOVES = {"proposed": ("decided", "declined"), "decided": ("reversed",)}
REASON_LENGTH = 500

# Who may skip a tier is a login group, which no check of a row can see.
SKIPPED_BY_GM = pgtrigger.Trigger(
    name="skipped_by_gm",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "steps", "decided_by_id"),
    condition=pgtrigger.Q(new__steps__gt=1, new__state="decided"),
    func="""
        IF NOT EXISTS (
            SELECT FROM people_account a WHERE a.id = NEW.decided_by_id AND (a.is_superuser OR EXISTS (
                SELECT FROM people_account_groups m JOIN auth_group g ON g.id = m.group_id
                WHERE m.account_id = a.id AND g.name = 'gm'
            ))
        ) THEN
            RAISE EXCEPTION '越级只能由总经理决定' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


@tracked()
class GradeChange(models.Model):
    """A person's tier is to be another from a day on: one act, whichever the direction.

    `candidate` is the review that it comes from, none for one that is proposed by itself. Decided, the tier
    stands in the person's terms from `effective_on`; taken back, it stands as it was before.
    """

    class Direction(models.TextChoices):
        PROMOTION = "promotion", "晋升"
        DEMOTION = "demotion", "降级"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待决定"
        DECIDED = "decided", "已决定"
        DECLINED = "declined", "未通过"
        REVERSED = "reversed", "已撤销"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="grade_changes"
    )
    direction = models.CharField("方向", max_length=16, choices=Direction.choices)
    from_tier = models.CharField("原职级", max_length=32, choices=Tier.choices)
    to_tier = models.CharField("新职级", max_length=32, choices=Tier.choices)
    steps = models.PositiveSmallIntegerField("级数", help_text="一级为逐级，更多为越级。")
    candidate = models.ForeignKey(
        Candidate,
        verbose_name="评审",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
    )
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    proposed_by = models.ForeignKey(
        Account, verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    key = models.CharField("来源键", max_length=64, null=True, blank=True, unique=True, editable=False)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PROPOSED)
    effective_on = models.DateField("生效日期", null=True, blank=True)
    written_until = models.DateField(
        "写到", null=True, blank=True, editable=False, help_text="自这一天起的职级不是这次写的；空则一直。"
    )
    decision = models.CharField("决定理由", max_length=REASON_LENGTH, blank=True)
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    number = models.CharField("文号", max_length=64, null=True, blank=True, unique=True, editable=False)
    reversal = models.CharField("撤销理由", max_length=REASON_LENGTH, blank=True)
    reversed_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reversed_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "职级变动"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="promotions_gradechange_two_tiers",
                condition=~Q(from_tier=F("to_tier")) & Q(steps__gte=1),
            ),
            models.CheckConstraint(
                name="promotions_gradechange_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                violation_error_message="提出的人不能决定；请由别人决定。",
            ),
            models.CheckConstraint(
                name="promotions_gradechange_decided_whole",
                condition=Q(
                    state="proposed", decided_by__isnull=True, decided_at__isnull=True, number__isnull=True
                )
                | Q(state="declined", decided_by__isnull=False, decided_at__isnull=False, number__isnull=True)
                | Q(
                    state__in=["decided", "reversed"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    number__isnull=False,
                    effective_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="promotions_gradechange_reversed_with_reason",
                condition=Q(state="reversed") ^ Q(reversal="", reversed_at__isnull=True),
            ),
            # One outcome of a review, one open matter of a person, one change from a day.
            models.UniqueConstraint(
                fields=["candidate"],
                condition=~Q(state="declined"),
                name="promotions_gradechange_one_of_candidate",
                violation_error_message="这一轮评审里此人已有结果。",
            ),
            models.UniqueConstraint(
                fields=["staff"],
                condition=Q(state="proposed"),
                name="promotions_gradechange_one_open",
                violation_error_message="此人已有待决定的职级变动。",
            ),
            models.UniqueConstraint(
                fields=["staff", "effective_on"],
                condition=Q(state="decided"),
                name="promotions_gradechange_one_a_day",
                violation_error_message="此人自这一天起已有职级变动。",
            ),
        ]
        triggers = [
            moves_only("state", CHANGE_MOVES),
            SKIPPED_BY_GM,
            pgtrigger.ReadOnly(
                name="proposal_stays",
                fields=[
                    "staff", "direction", "from_tier", "to_tier", "steps", "candidate", "reason",
                    "proposed_by", "proposed_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.staff} {self.get_direction_display()}"

    @property
    def tiers(self) -> str:
        """From which tier to which, in words."""
        return f"{self.get_from_tier_display()}→{self.get_to_tier_display()}"

    @property
    def action(self) -> str:
        """What one must be allowed to do (people/permissions.py) to decide it."""
        return "skip_tiers" if self.steps > 1 else "decide_grades"


@tracked()
class GradeAppeal(Requested):
    """What the person says against a demotion; granted, it is taken back."""

    ACTION: ClassVar[str] = "decide_appeals"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="grade_appeals"
    )
    change = models.ForeignKey(
        GradeChange, verbose_name="职级变动", on_delete=models.PROTECT, related_name="appeals"
    )

    class Meta:
        verbose_name = verbose_name_plural = "降级申诉"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["change"],
                condition=~Q(state="withdrawn"),
                name="promotions_gradeappeal_once",
                violation_error_message="这次降级已经申诉过。",
            )
        ]
        triggers = [moves_only("state", Requested.MOVES)]

    def __str__(self) -> str:
        return f"{self.staff} 申诉"
