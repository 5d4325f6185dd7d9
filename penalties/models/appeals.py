"""What people say of what was decided about them: that they have seen it, and what is wrong with it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from penalties.models.discipline import DisciplinaryCase
from penalties.models.incidents import Incident
from people.models import Account, Staff
from people.models.approvals import Requested


class IncidentSignature(models.Model):
    """The person has seen the incident, once; it grants nothing and takes no appeal away."""

    incident = models.OneToOneField(
        Incident, verbose_name="奖惩记录", on_delete=models.PROTECT, related_name="signature"
    )
    by = models.ForeignKey(Account, verbose_name="签字人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("签字时间")

    class Meta:
        verbose_name = verbose_name_plural = "奖惩签字"
        ordering = ["-id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.incident} 签字"


@tracked()
class IncidentAppeal(Requested):
    """What somebody says against what an incident that counts costs them.

    Granted to the person, the incident is taken back; granted to a lead who answers for it, that share alone.
    """

    ACTION: ClassVar[str] = "decide_appeals"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="incident_appeals"
    )
    incident = models.ForeignKey(
        Incident, verbose_name="奖惩记录", on_delete=models.PROTECT, related_name="appeals"
    )

    class Meta:
        verbose_name = verbose_name_plural = "奖惩申诉"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "staff"],
                condition=~Q(state="withdrawn"),
                name="penalties_incidentappeal_once",
                violation_error_message="这条记录已经申诉过。",
            )
        ]
        triggers = [moves_only("state", Requested.MOVES)]

    def __str__(self) -> str:
        return f"{self.staff} 申诉"


@tracked()
class DisciplineAppeal(Requested):
    """What the person says against a disciplinary decision; granted, the decision is taken back."""

    ACTION: ClassVar[str] = "decide_appeals"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="discipline_appeals"
    )
    case = models.ForeignKey(
        DisciplinaryCase, verbose_name="处分", on_delete=models.PROTECT, related_name="appeals"
    )

    class Meta:
        verbose_name = verbose_name_plural = "处分申诉"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=~Q(state="withdrawn"),
                name="penalties_disciplineappeal_once",
                violation_error_message="这项处分已经申诉过。",
            )
        ]
        triggers = [moves_only("state", Requested.MOVES)]

    def __str__(self) -> str:
        return f"{self.staff} 申诉"
