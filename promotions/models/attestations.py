"""What somebody certified about a criterion that no record decides."""

from django.db import models

from core.append_only import APPEND_ONLY
from people.models import Account, Staff


class Attestation(models.Model):
    """Somebody's word about a person and an `attested` criterion of a ladder. Only added: the newest holds.

    `item` is the criterion in the provision's words, as it stood then; empty: all of the provision.
    """

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="attestations"
    )
    code = models.CharField("条款编号", max_length=64, help_text="跨版本按编号。")
    item = models.CharField("事项", max_length=200, blank=True, help_text="空则是整条条款。")
    on = models.DateField("认定日期")
    answer = models.BooleanField("符合")
    note = models.CharField("依据", max_length=500)
    by = models.ForeignKey(
        Account, verbose_name="认定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "评审认定"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="promotions_attestation_has_note",
                condition=~models.Q(note=""),
                violation_error_message="认定须写依据。",
            )
        ]
        indexes = [models.Index(fields=["staff", "code", "on"], name="promotions_attestation_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.code} {'符合' if self.answer else '不符合'}"
