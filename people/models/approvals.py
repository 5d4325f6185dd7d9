"""What one person asks for and another decides: the fields that every such request has."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from people.models.organisation import Account, Staff


class Requested(models.Model):
    """What somebody asks for and somebody else decides; people/approvals.py walks it from state to state.

    A kind of request says who decides (`ACTION`); one with further states adds them and their way (`MOVES`).
    """

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    # What may become of a request in a state; where there is nothing it stays for good.
    MOVES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        State.ASKED: (State.APPROVED, State.REFUSED, State.WITHDRAWN),
    }
    ACTION: ClassVar[str]  # of permissions.py: whoever may do it about the person decides

    staff: models.ForeignKey[Staff, Staff]  # of each kind of its own, under its own name there
    reason = models.CharField("理由", max_length=200)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        Account, verbose_name="申请人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        Account, verbose_name="审批人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True)

    class Meta:
        abstract = True
