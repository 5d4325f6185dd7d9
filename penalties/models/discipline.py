"""Disciplinary action against a person: proposed on evidence, heard, decided by another, taken back."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.append_only import moves_only
from core.history import tracked
from files.models import Attachment
from penalties.models.incidents import Incident
from penalties.models.proposals import Proposal
from people.models import Account, Staff

# What waits may be dropped; what was decided is only taken back, and what ended stays so.
MOVES = {"proposed": ("heard", "dropped"), "heard": ("decided", "dropped"), "decided": ("reversed",)}
TEXT_LENGTH, REASON_LENGTH = 2000, 500

# Who may dismiss is a login group, which no check of a row can see.
DISMISSED_BY_GM = pgtrigger.Trigger(
    name="dismissed_by_gm",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "level", "decided_by_id"),
    condition=pgtrigger.Q(new__level="dismissal", new__state="decided"),
    func="""
        IF NOT EXISTS (
            SELECT FROM people_account a WHERE a.id = NEW.decided_by_id AND (a.is_superuser OR EXISTS (
                SELECT FROM people_account_groups m JOIN auth_group g ON g.id = m.group_id
                WHERE m.account_id = a.id AND g.name = 'gm'
            ))
        ) THEN
            RAISE EXCEPTION '解除劳动合同只能由总经理决定' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def _has(*fields: str) -> Q:
    return Q(**{f"{each}__isnull": False for each in fields})


@tracked()
class DisciplinaryCase(models.Model):
    """One matter in which a person may be warned, given a demerit or dismissed (s000-09-24).

    Nothing follows from it before somebody else than the proposer has decided, and nobody decides before
    the person could speak. `incident` is what the decision takes from pay, none where the department's rules
    name no figure; a dismissal takes nothing and ends no employment: the last day is entered by people.
    """

    class Level(models.TextChoices):
        WARNING = "warning", "警告"
        MINOR = "minor", "记小过"
        MAJOR = "major", "记大过"
        DISMISSAL = "dismissal", "解除劳动合同"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待陈述"
        HEARD = "heard", "待决定"
        DECIDED = "decided", "已决定"
        DROPPED = "dropped", "不予处分"
        REVERSED = "reversed", "已撤销"

    OPEN = (State.PROPOSED, State.HEARD)

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="disciplinary_cases"
    )
    level = models.CharField("处分", max_length=16, choices=Level.choices)
    grounds = models.TextField("事实与依据", max_length=TEXT_LENGTH)
    source = models.CharField("所据案件", max_length=64, blank=True, help_text="投诉案件等的编号。")
    proposal = models.ForeignKey(
        Proposal,
        verbose_name="所据建议",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="disciplinary_cases",
    )
    evidence = models.ManyToManyField(Attachment, verbose_name="证据", blank=True, related_name="+")
    key = models.CharField("来源键", max_length=64, null=True, blank=True, unique=True, editable=False)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        Account, verbose_name="提出人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    statement = models.TextField("本人陈述", max_length=TEXT_LENGTH, blank=True)
    heard_at = models.DateTimeField("陈述时间", null=True, blank=True)
    heard_by = models.ForeignKey(
        Account, verbose_name="听取人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.CharField("决定理由", max_length=REASON_LENGTH, blank=True)
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    number = models.CharField("文号", max_length=64, null=True, blank=True, unique=True, editable=False)
    effect = models.CharField("对工资的影响", max_length=200, blank=True)
    incident = models.OneToOneField(
        Incident,
        verbose_name="扣款记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="disciplinary_case",
    )
    reversal = models.CharField("撤销理由", max_length=REASON_LENGTH, blank=True)
    reversed_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reversed_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "处分"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="penalties_disciplinarycase_has_grounds",
                condition=~Q(grounds=""),
                violation_error_message="请写明事实与依据。",
            ),
            models.CheckConstraint(
                name="penalties_disciplinarycase_decided_by_another",
                condition=Q(decided_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                violation_error_message="提出的人不能决定；请由别人决定。",
            ),
            models.CheckConstraint(
                name="penalties_disciplinarycase_heard_before_decided",
                condition=~Q(state__in=["heard", "decided", "reversed"])
                | (_has("heard_at") & ~Q(statement="")),
                violation_error_message="先听取本人陈述，再决定。",
            ),
            models.CheckConstraint(
                name="penalties_disciplinarycase_decided_by_person",
                condition=(
                    Q(state__in=["proposed", "heard"], decided_by__isnull=True, decided_at__isnull=True)
                    | (Q(state__in=["decided", "reversed"]) & _has("decided_by", "decided_at", "number"))
                    | Q(state="dropped", number__isnull=True, incident__isnull=True, decided_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="penalties_disciplinarycase_reversed_with_reason",
                condition=Q(state="reversed") ^ Q(reversal="", reversed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="penalties_disciplinarycase_dismissal_takes_nothing",
                condition=~Q(level="dismissal") | Q(incident__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=~Q(state__in=["dropped", "reversed"]),
                name="penalties_disciplinarycase_once_per_proposal",
                violation_error_message="这项建议已经发起过处分。",
            ),
        ]
        triggers = [
            moves_only("state", MOVES),
            DISMISSED_BY_GM,
            pgtrigger.ReadOnly(
                name="grounds_stay",
                fields=["staff", "level", "grounds", "source", "proposal", "proposed_by", "proposed_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_level_display()}"

    @property
    def action(self) -> str:
        """What one must be allowed to do (people/permissions.py) to decide it."""
        return "dismiss" if self.level == self.Level.DISMISSAL else "decide_discipline"
