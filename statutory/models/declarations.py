"""What is declared for a person: contribution bases, deductions of tax, the year before kefu kept the pay.

Months are stored as their first day. A declaration is ended and another one made from a month on; what was
wrong from the start is withdrawn and stays as it was written.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from core.exclusions import days_from, point, text_within
from core.history import tracked
from people.models import Account, Staff
from people.row_changes import recorded
from rules.kinds.labels import CONTRIBUTION_LABELS, DEDUCTION_LABELS

EVERY_ITEM = "*"
NOTE_LENGTH = 200


class Declaration(models.Model):
    """What all declarations have: whose, who entered it and when, and whether it was withdrawn."""

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    note = models.CharField("说明", max_length=NOTE_LENGTH, blank=True)
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


@tracked()
class ContributionBase(Declaration):
    """The base that a person's contributions are reckoned on from a month on, for one item or for all."""

    item = models.CharField(
        "险种",
        max_length=32,
        choices=[(EVERY_ITEM, "全部"), *CONTRIBUTION_LABELS.items()],
        default=EVERY_ITEM,
    )
    base = models.DecimalField("缴费基数", max_digits=12, decimal_places=2)
    since = models.DateField("从哪月起")
    until = models.DateField("到哪月止", null=True, blank=True)
    # Where a later base took over: that one, and how long this one had held without it.
    ended_by = models.ForeignKey(
        "self", verbose_name="接替它的基数", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    until_before = models.DateField("接替以前到哪月止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "缴费基数"
        ordering = ["staff", "item", "-since"]
        constraints = [
            ExclusionConstraint(
                name="statutory_contributionbase_no_overlap",
                expressions=[
                    (point(text_within("item", "staff")), RangeOperators.OVERLAPS),
                    (days_from("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="此人同一险种在这些月份已有缴费基数。",
            ),
            models.CheckConstraint(
                name="statutory_contributionbase_above_zero",
                condition=Q(base__gt=0),
                violation_error_message="缴费基数须大于0。",
            ),
            models.CheckConstraint(
                name="statutory_contributionbase_months",
                condition=Q(since__day=1) & (Q(until__isnull=True) | Q(until__day=1, until__gte=F("since"))),
                violation_error_message="止月不能早于起月。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.get_item_display()} {self.base}"


@tracked()
class TaxDeduction(Declaration):
    """A special additional or other deduction of income tax, yuan a month, from and to a month inclusive."""

    kind = models.CharField("扣除项目", max_length=16, choices=list(DEDUCTION_LABELS.items()))
    amount = models.DecimalField("每月金额", max_digits=12, decimal_places=2)
    is_shared = models.BooleanField("与他人分摊", default=False)
    since = models.DateField("从哪月起")
    until = models.DateField("到哪月止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "专项附加扣除"
        ordering = ["staff", "kind", "-since"]
        constraints = [
            ExclusionConstraint(
                name="statutory_taxdeduction_no_overlap",
                expressions=[
                    (point(text_within("kind", "staff")), RangeOperators.OVERLAPS),
                    (days_from("since", "until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="此人同一项目在这些月份已有扣除。",
            ),
            models.CheckConstraint(
                name="statutory_taxdeduction_above_zero",
                condition=Q(amount__gt=0),
                violation_error_message="扣除金额须大于0。",
            ),
            models.CheckConstraint(
                name="statutory_taxdeduction_months",
                condition=Q(since__day=1) & (Q(until__isnull=True) | Q(until__day=1, until__gte=F("since"))),
                violation_error_message="止月不能早于起月。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.get_kind_display()} {self.amount}"


@tracked()
class TaxHistory(Declaration):
    """The wages of an earlier year here, which kefu did not keep: for the rule of 60,000 a year."""

    year = models.PositiveSmallIntegerField("年度")
    months = models.PositiveSmallIntegerField("任职月数")
    income = models.DecimalField("全年工资薪金收入", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "上年工资"
        ordering = ["staff", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "year"],
                condition=Q(withdrawn_at__isnull=True),
                name="statutory_taxhistory_once",
                violation_error_message="此人这一年度已有上年工资。",
            ),
            models.CheckConstraint(
                name="statutory_taxhistory_months",
                condition=Q(months__range=(1, 12)),
                violation_error_message="任职月数为1至12。",
            ),
            models.CheckConstraint(
                name="statutory_taxhistory_not_negative",
                condition=Q(income__gte=0),
                violation_error_message="收入不能为负。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.year}年"


@tracked()
class TaxOpening(Declaration):
    """What was earned, deducted and withheld here in a year up to a month, before kefu kept the pay."""

    year = models.PositiveSmallIntegerField("年度")
    through = models.DateField("截至哪月")
    income = models.DecimalField("累计收入", max_digits=14, decimal_places=2)
    contributions = models.DecimalField("累计专项扣除", max_digits=14, decimal_places=2, default=0)
    deductions = models.DecimalField("累计专项附加与其他扣除", max_digits=14, decimal_places=2, default=0)
    withheld = models.DecimalField("累计已预扣税额", max_digits=14, decimal_places=2, default=0)

    class Meta:
        verbose_name = verbose_name_plural = "个税期初"
        ordering = ["staff", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "year"],
                condition=Q(withdrawn_at__isnull=True),
                name="statutory_taxopening_once",
                violation_error_message="此人这一年度已有个税期初。",
            ),
            models.CheckConstraint(
                name="statutory_taxopening_through_in_year",
                condition=Q(through__day=1, through__year=F("year")),
                violation_error_message="截至月份须在这一年度内。",
            ),
            models.CheckConstraint(
                name="statutory_taxopening_not_negative",
                condition=Q(income__gte=0, contributions__gte=0, deductions__gte=0, withheld__gte=0),
                violation_error_message="期初金额不能为负。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.year}年截至{self.through:%m月}"


@tracked()
class FirstJob(Declaration):
    """That a person's job here is the first of a year: 5,000 a month then count from January."""

    year = models.PositiveSmallIntegerField("年度")

    class Meta:
        verbose_name = verbose_name_plural = "当年首次入职"
        ordering = ["staff", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "year"],
                condition=Q(withdrawn_at__isnull=True),
                name="statutory_firstjob_once",
                violation_error_message="此人这一年度已登记首次入职。",
            )
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.year}年首次入职"
