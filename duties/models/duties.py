"""What was done of recurring duties, and what was waived. Who owes what follows from the rulebook and the
roster (duties/obligations.py)."""

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from files.models import Attachment
from people.models import Account, Staff


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
