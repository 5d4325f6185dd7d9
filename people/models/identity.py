"""By which document somebody is known to the tax bureau, and into which bank account the pay goes.

A number is kept sealed (people/sealing.py) and never changes: another one is another row, from its day on.
What was wrong from the start is withdrawn and stays as it was written.
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from core.exclusions import days_from, point
from core.history import tracked
from people.documents import DocumentKind, masked
from people.errors import SealRefused
from people.models.access import AccessLog
from people.models.organisation import Account, Staff
from people.row_changes import recorded
from people.sealing import unseal

NOT_OPENED = "（打不开）"
# Written again when the keys change, by nobody who changes a fact.
SEALED_FIELDS = ("sealed", "digest")


class SealedNumber(models.Model):
    """A number of a person over a range of days; `digest` finds it again, nothing else can be read of it."""

    LOOKED_AT: ClassVar[AccessLog.What]

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    sealed = models.TextField("密文", editable=False)
    digest = models.CharField("摘要", max_length=64, editable=False, db_index=True)
    since = models.DateField("从哪天起")
    until = models.DateField("到哪天止", null=True, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Account, verbose_name="撤回人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def masked(self) -> str:
        """The number as everybody may see it who sees the row."""
        try:
            return masked(unseal(self.sealed))
        except SealRefused:
            return NOT_OPENED


@tracked(exclude=SEALED_FIELDS)
class IdentityDocument(SealedNumber):
    """The document by which somebody is declared; one at a time."""

    LOOKED_AT = AccessLog.What.IDENTITY

    kind = models.CharField("证件类型", max_length=16, choices=DocumentKind.choices)
    nationality = models.CharField("国籍", max_length=32, blank=True, help_text="外国人才填，如 韩国。")

    class Meta:
        verbose_name = verbose_name_plural = "证件"
        ordering = ["staff", "-since"]
        constraints = [
            ExclusionConstraint(
                name="people_identitydocument_one_at_a_time",
                expressions=[
                    (point(F("staff")), RangeOperators.OVERLAPS),
                    (days_from("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="此人这些日子里已登记证件。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.masked}"


@tracked(exclude=SEALED_FIELDS)
class BankAccount(SealedNumber):
    """The account into which somebody's pay goes; one at a time."""

    LOOKED_AT = AccessLog.What.ACCOUNT

    bank = models.CharField("开户行", max_length=64, help_text="如 中国工商银行。")
    branch = models.CharField("支行", max_length=128, blank=True)
    holder = models.CharField("户名", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "银行账号"
        ordering = ["staff", "-since"]
        constraints = [
            ExclusionConstraint(
                name="people_bankaccount_one_at_a_time",
                expressions=[
                    (point(F("staff")), RangeOperators.OVERLAPS),
                    (days_from("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="此人这些日子里已登记银行账号。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.bank} {self.masked}"
