"""What goes to the tax bureau and to the bank, and what comes back. All of it is only ever inserted.

A file is not kept: it is written anew from frozen payslips, and its digest says that it is the same one.
Numbers of documents and accounts stand in no row here.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from files.models import Attachment
from payroll.models.payslips import Withholding
from payroll.models.periods import SettlementPeriod
from people.models import Account, Department, Employer, Staff


class OfTaxMonth(models.Model):
    """What belongs to an employer's tax month; without an employer the department alone is it."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    employer = models.ForeignKey(
        Employer, verbose_name="用人单位", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    month = models.DateField("税款所属期", help_text="发放所在月的1日")
    kind = models.CharField("所得项目", max_length=8, choices=Withholding.Kind.choices)
    people = models.PositiveIntegerField("人数")
    # Of what an export says; of a file that was read and how it compared.
    digest = models.CharField("SHA-256", max_length=64, editable=False)
    by = models.ForeignKey(Account, verbose_name="操作人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.employer or self.department} {self.month:%Y年%m月} {self.get_kind_display()}"


class TaxFiling(OfTaxMonth):
    """An import sheet of the tax bureau that was exported: in which layout, how many people, how much."""

    layout = models.CharField("版式", max_length=64)
    income = models.DecimalField("本期收入合计", max_digits=14, decimal_places=2)
    tax = models.DecimalField("税额合计", max_digits=14, decimal_places=2)
    nth = models.PositiveSmallIntegerField("第几次导出")

    class Meta(OfTaxMonth.Meta):
        verbose_name = verbose_name_plural = "报税表"
        constraints = [
            models.UniqueConstraint(
                fields=["department", "employer", "month", "kind", "nth"],
                name="payroll_taxfiling_nth",
                nulls_distinct=False,
            )
        ]
        triggers = [APPEND_ONLY]


class TaxFilingResult(OfTaxMonth):
    """What the bureau reckoned, as a file of its said it, beside what was withheld."""

    file_name = models.CharField("文件名", max_length=255)
    differing = models.PositiveIntegerField("不一致人数")

    class Meta(OfTaxMonth.Meta):
        verbose_name = verbose_name_plural = "税局结果"
        triggers = [APPEND_ONLY]


class TaxFilingRow(models.Model):
    """One person of a result: withheld, the bureau's, and what the difference probably comes from."""

    class Outcome(models.TextChoices):
        SAME = "same", "一致"
        DIFFERENT = "different", "不一致"
        UNKNOWN = "unknown", "本月没有此人"
        MISSING = "missing", "税局没有此人"

    result = models.ForeignKey(
        TaxFilingResult, verbose_name="税局结果", on_delete=models.PROTECT, related_name="rows"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField("姓名", max_length=64)
    document = models.CharField("证件号码", max_length=64, help_text="只留头尾")
    outcome = models.CharField("结果", max_length=16, choices=Outcome.choices)
    expected = models.DecimalField("应预扣税额", max_digits=12, decimal_places=2, null=True, blank=True)
    found = models.DecimalField("税局税额", max_digits=12, decimal_places=2, null=True, blank=True)
    difference = models.DecimalField("差额", max_digits=12, decimal_places=2)
    cause = models.CharField("可能的原因", max_length=500, blank=True)
    figures: Any = models.JSONField("不一致的数", default=list, help_text="项目、本系统、税局，元。")

    class Meta:
        verbose_name = verbose_name_plural = "税局结果明细"
        ordering = ["result", "id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.name} {self.get_outcome_display()}"


class BankPayment(models.Model):
    """A payment file of a month that was exported for the bank."""

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="bank_payments"
    )
    layout = models.CharField("版式", max_length=64)
    nth = models.PositiveSmallIntegerField("第几次导出")
    count = models.PositiveIntegerField("笔数")
    total = models.DecimalField("合计", max_digits=14, decimal_places=2)
    left_out: Any = models.JSONField(
        "不在文件里的人", default=list, blank=True, help_text="工号、姓名、实发、原因。"
    )
    digest = models.CharField("SHA-256", max_length=64, editable=False)
    by = models.ForeignKey(Account, verbose_name="导出人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "代发文件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "nth"], name="payroll_bankpayment_nth"),
            models.CheckConstraint(name="payroll_bankpayment_above_zero", condition=Q(total__gt=0)),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.period} 第{self.nth}次代发文件"


class BankReceipt(models.Model):
    """The bank's receipt of a payment file, by which a person says that the month is paid."""

    payment = models.OneToOneField(
        BankPayment, verbose_name="代发文件", on_delete=models.PROTECT, related_name="receipt"
    )
    number = models.CharField("回单号", max_length=64, blank=True)
    attachment = models.ForeignKey(
        Attachment, verbose_name="回单", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    amount = models.DecimalField("回单金额", max_digits=14, decimal_places=2)
    by = models.ForeignKey(Account, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "银行回单"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="payroll_bankreceipt_has_evidence",
                condition=~Q(number="") | Q(attachment__isnull=False),
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.payment} 回单 {self.number}".strip()
