"""What was done of recurring duties, whose turn it is, and what was waived. Who owes what follows from the
rulebook and the roster (duties/obligations.py)."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.history import tracked
from duties.models.handover import APPEND_ONLY
from files.models import Attachment
from people.models import Account, Department, Staff


class DutyRecord(models.Model):
    """A duty was done: a report sent, a meeting attended, its minutes written, a turn taken. Only inserted.

    `code` is the duty provision's, `due_on` the work_date or day on which it fell due; `done_at` decides
    whether it was in time. `by` differs from the person where somebody else noted it (a meeting's list).
    """

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="duty_records"
    )
    code = models.CharField("条款编号", max_length=64)
    due_on = models.DateField("应完成日期")
    done_at = models.DateTimeField("完成时间")
    text = models.TextField("内容", blank=True)
    attachment = models.OneToOneField(
        Attachment, verbose_name="附件", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "职责完成记录"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "code", "due_on"],
                name="duties_dutyrecord_once",
                violation_error_message="此项已登记完成。",
            )
        ]
        indexes = [models.Index(fields=["code", "due_on"], name="duties_dutyrecord_due")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.code} {self.due_on:%Y-%m-%d}"


class DutyWaiver(models.Model):
    """One person is let off a duty once, with a reason, before it is recorded as missed. Only inserted."""

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="duty_waivers"
    )
    code = models.CharField("条款编号", max_length=64)
    due_on = models.DateField("应完成日期")
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(Account, verbose_name="免除人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "职责免除"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "code", "due_on"],
                name="duties_dutywaiver_once",
                violation_error_message="此项已免除。",
            ),
            models.CheckConstraint(
                name="duties_dutywaiver_has_reason",
                condition=~Q(reason=""),
                violation_error_message="免除须写理由。",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.code} {self.due_on:%Y-%m-%d}"


@tracked()
class DutyTurn(models.Model):
    """Whose turn a rota's duty is on a day (s000-06-13): one person for each duty and day."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="duty_turns"
    )
    code = models.CharField("条款编号", max_length=64)
    on = models.DateField("日期")
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="duty_turns")
    by = models.ForeignKey(
        Account, verbose_name="排定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("排定时间")

    class Meta:
        verbose_name = verbose_name_plural = "值日"
        ordering = ["on", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "code", "on"],
                name="duties_dutyturn_one_a_day",
                violation_error_message="当天此项值日已排。",
            )
        ]
        indexes = [models.Index(fields=["staff", "on"], name="duties_dutyturn_staff")]

    def __str__(self) -> str:
        return f"{self.staff} {self.on:%Y-%m-%d} {self.code}"


class DutySwap(models.Model):
    """Two people exchange their turns before either has come: one asks, the other agrees (s000-06-13b)."""

    class State(models.TextChoices):
        ASKED = "asked", "待对方同意"
        AGREED = "agreed", "已换"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"

    asked_turn = models.ForeignKey(
        DutyTurn, verbose_name="让出的值日", on_delete=models.PROTECT, related_name="swaps_asked"
    )
    offered_turn = models.ForeignKey(
        DutyTurn, verbose_name="换来的值日", on_delete=models.PROTECT, related_name="swaps_offered"
    )
    asker = models.ForeignKey(Staff, verbose_name="申请人", on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Staff, verbose_name="对方", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "值日换班"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="duties_dutyswap_of_two",
                condition=~Q(asker=F("partner")),
                violation_error_message="不能和自己换。",
            ),
            models.UniqueConstraint(
                fields=["asked_turn", "offered_turn"],
                condition=Q(state="asked"),
                name="duties_dutyswap_asked_once",
                violation_error_message="已有同样的申请。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.asked_turn} ⇄ {self.offered_turn}"
