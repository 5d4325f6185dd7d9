"""Payslips with their lines, what the employer pays beside them, and what was withheld of tax."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY
from payroll.models.periods import SettlementPeriod
from people.models import Account, Staff
from rules.kinds.labels import CONTRIBUTION_LABELS
from rules.models import Provision

TITLE_LENGTH = 200


# Payslips, lines and settled orders of an approved or paid month do not move. Statement triggers with
# transition tables look the period up once per statement, not once per row.
def frozen_triggers(table: str, period: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse every change of rows whose period is frozen.

    `period` is an SQL expression for the period's id on a row `r` of `table`.
    """

    def check(rows: str) -> str:
        return f"""
            IF EXISTS (
                SELECT 1 FROM {rows} r JOIN payroll_settlementperiod p ON p.id = {period}
                WHERE p.state IN ('approved', 'paid')
            ) THEN
                RAISE EXCEPTION '已批准的工资不可更改（{table}）' USING ERRCODE = 'restrict_violation';
            END IF;
        """

    triggers = []
    for operation, name, referencing, rows in (
        (pgtrigger.Insert, "insert", pgtrigger.Referencing(new="new_rows"), ["new_rows"]),
        (
            pgtrigger.Update,
            "update",
            pgtrigger.Referencing(old="old_rows", new="new_rows"),
            ["old_rows", "new_rows"],
        ),
        (pgtrigger.Delete, "delete", pgtrigger.Referencing(old="old_rows"), ["old_rows"]),
    ):
        triggers.append(
            pgtrigger.Trigger(
                name=f"frozen_{name}",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=operation,
                referencing=referencing,
                func="".join(check(each) for each in rows) + " RETURN NULL;",
            )
        )
    return triggers


class Payslip(models.Model):
    """What one person is paid for one month, as the draft computed it."""

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="payslips"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="payslips")
    number = models.CharField("工号", max_length=32)
    name = models.CharField("姓名", max_length=64)
    team = models.CharField("小组", max_length=64, blank=True)
    role = models.CharField("岗位", max_length=32, blank=True)
    tier = models.CharField("职级", max_length=32, blank=True)
    days_due = models.DecimalField("应出勤", max_digits=5, decimal_places=2, default=0)
    days_worked = models.DecimalField("实出勤", max_digits=5, decimal_places=2, default=0)
    gross = models.DecimalField("应发", max_digits=12, decimal_places=2, default=0)
    deductions = models.DecimalField("应扣", max_digits=12, decimal_places=2, default=0)
    net = models.DecimalField("实发", max_digits=12, decimal_places=2, default=0)
    points = models.DecimalField("当月得分", max_digits=5, decimal_places=1, null=True, blank=True)
    points_trace: Any = models.JSONField("得分依据", default=dict)
    failure = models.CharField("未能结算的原因", max_length=500, blank=True)
    remedy = models.CharField("补救办法", max_length=500, blank=True)
    failure_cause: Any = models.JSONField(
        "缺什么", default=dict, blank=True, help_text="缺的指标或任职条件，页面据此给出填写的地方。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "工资条"
        ordering = ["period", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "staff"], name="payroll_payslip_unique"),
            models.CheckConstraint(
                name="payroll_payslip_net_is_gross_less_deductions",
                condition=Q(net=F("gross") - F("deductions")),
            ),
        ]
        triggers = frozen_triggers("payroll_payslip", "r.period_id")

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class PayLine(models.Model):
    """One line of a payslip with its reason and its trace.

    `amount` is what this month takes or pays; `full_amount` what the line would be without caps; the
    difference is carried to the next month. `for_month` differs from the period's month in adjustments.
    A line of nature `debt` is what deductions exceed the pay by: it brings the net pay to zero and is owed.
    """

    class Nature(models.TextChoices):
        REGULAR = "regular", "当月"
        MANUAL = "manual", "手工"
        ADJUSTMENT = "adjustment", "以前月份调整"
        CARRY = "carry", "上月转入"
        DEBT = "debt", "转为欠款"

    class Column(models.TextChoices):
        BASE = "base", "基本工资"
        PERFORMANCE = "performance", "绩效"
        COMMISSION = "commission", "提成"
        BONUS = "bonus", "奖金"
        ALLOWANCE = "allowance", "补贴"
        FINE = "fine", "罚款"
        LEAVE = "leave", "请假扣款"
        OTHER = "other", "其他"
        SOCIAL = "social", "社保个人"
        FUND = "fund", "公积金个人"
        TAX = "tax", "个税"

    STATUTORY = (Column.SOCIAL, Column.FUND, Column.TAX)  # what the law takes, after every limit

    payslip = models.ForeignKey(
        Payslip, verbose_name="工资条", on_delete=models.PROTECT, related_name="lines"
    )
    position = models.PositiveSmallIntegerField("次序")
    nature = models.CharField("来历", max_length=16, choices=Nature.choices, default=Nature.REGULAR)
    column = models.CharField("工资表栏目", max_length=16, choices=Column.choices)
    code = models.CharField("条款编号", max_length=64)
    title = models.CharField("项目", max_length=TITLE_LENGTH)
    provision = models.ForeignKey(
        Provision, verbose_name="条款", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    basis = models.CharField("性质", max_length=16, blank=True)
    for_month = models.DateField("归属月份")
    on = models.DateField("日期")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    full_amount = models.DecimalField("封顶前金额", max_digits=12, decimal_places=2)
    state_carried = models.DecimalField(
        "带入下月的基数", max_digits=14, decimal_places=2, null=True, blank=True
    )
    reason = models.CharField("说明", max_length=1000)
    trace: Any = models.JSONField("计算依据", default=dict)
    origin = models.ForeignKey(
        "self",
        verbose_name="转自",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_lines",
    )

    class Meta:
        verbose_name = verbose_name_plural = "工资明细"
        ordering = ["payslip", "position"]
        constraints = [
            models.UniqueConstraint(fields=["payslip", "position"], name="payroll_payline_unique_position"),
            models.CheckConstraint(name="payroll_payline_has_reason", condition=~Q(reason="")),
        ]
        triggers = frozen_triggers(
            "payroll_payline", "(SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)"
        )

    def __str__(self) -> str:
        return f"{self.title} {self.amount}"


class EmployerCost(models.Model):
    """What the employer pays beside one payslip for an item of insurance or fund; no part of the payslip.

    `for_month` differs from the period's month in a back payment. The trace has base, rate and arithmetic.
    """

    payslip = models.ForeignKey(
        Payslip, verbose_name="工资条", on_delete=models.PROTECT, related_name="employer_costs"
    )
    item = models.CharField("险种", max_length=32, choices=list(CONTRIBUTION_LABELS.items()))
    code = models.CharField("条款编号", max_length=64)
    title = models.CharField("项目", max_length=TITLE_LENGTH)
    for_month = models.DateField("归属月份")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    trace: Any = models.JSONField("计算依据", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "单位承担"
        ordering = ["payslip", "id"]
        triggers = frozen_triggers(
            "payroll_employercost", "(SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)"
        )

    def __str__(self) -> str:
        return f"{self.title} {self.amount}"


class Withholding(models.Model):
    """The income tax of one payment: what it adds to the year, and the year as it stands after it.

    One row a payslip for its wages, and one for an annual bonus that is taxed apart. `paid_on` decides the
    tax month; cumulative figures are of the employer's payments of that year up to this one. `income` is
    never negative: what a month is below zero waits in `shortfall` (not positive) for later months.
    """

    class Kind(models.TextChoices):
        WAGES = "wages", "工资薪金"
        BONUS = "bonus", "全年一次性奖金"

    payslip = models.ForeignKey(
        Payslip, verbose_name="工资条", on_delete=models.PROTECT, related_name="withholdings"
    )
    kind = models.CharField("所得项目", max_length=8, choices=Kind.choices, default=Kind.WAGES)
    paid_on = models.DateField("发放日期")
    months = models.PositiveSmallIntegerField("减除月数", default=0)
    income = models.DecimalField("本期收入", max_digits=12, decimal_places=2)
    shortfall = models.DecimalField("待冲减", max_digits=12, decimal_places=2, default=0)
    social = models.DecimalField("本期社保个人", max_digits=12, decimal_places=2, default=0)
    fund = models.DecimalField("本期公积金个人", max_digits=12, decimal_places=2, default=0)
    tax = models.DecimalField("本期应预扣税额", max_digits=12, decimal_places=2)
    year_income = models.DecimalField("累计收入", max_digits=14, decimal_places=2, default=0)
    year_allowance = models.DecimalField("累计减除费用", max_digits=14, decimal_places=2, default=0)
    year_contributions = models.DecimalField("累计专项扣除", max_digits=14, decimal_places=2, default=0)
    year_deductions: Any = models.JSONField("累计附加与其他扣除", default=dict, help_text="按扣除项目，元。")
    year_withheld = models.DecimalField("累计已预扣税额", max_digits=14, decimal_places=2, default=0)
    trace: Any = models.JSONField("计算依据", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "个税预扣"
        ordering = ["payslip", "id"]
        triggers = frozen_triggers(
            "payroll_withholding", "(SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)"
        )

    def __str__(self) -> str:
        return f"{self.payslip} {self.paid_on:%Y-%m} {self.tax}"


class SettledOrders(models.Model):
    """The orders that a person's month was settled on: what each brought, refunds negative.

    Two arrays of the same length (an order that was paid and refunded stands there twice); one row a
    person keeps a million orders small.
    """

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="settled_orders"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    order_ids = ArrayField(models.BigIntegerField(), verbose_name="订单")
    amounts = ArrayField(models.DecimalField(max_digits=12, decimal_places=2), verbose_name="金额")

    class Meta:
        verbose_name = verbose_name_plural = "结算订单"
        constraints = [
            models.UniqueConstraint(fields=["period", "staff"], name="payroll_settledorders_unique")
        ]
        triggers = frozen_triggers("payroll_settledorders", "r.period_id")

    def __str__(self) -> str:
        return f"{self.period} {self.staff}"


class PayslipConfirmation(models.Model):
    """Somebody has seen the own approved payslip and says so. Only inserted.

    It holds for the net pay that was seen and for that approval: a month sent back and computed anew is
    confirmed anew.
    """

    period = models.ForeignKey(
        SettlementPeriod, verbose_name="工资月份", on_delete=models.PROTECT, related_name="confirmations"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    net = models.DecimalField("确认的实发", max_digits=12, decimal_places=2)
    by = models.ForeignKey(Account, verbose_name="确认人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "工资条确认"
        ordering = ["-id"]
        indexes = [models.Index(fields=["period", "staff"], name="payroll_confirmation_of_slip")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.period} {self.net}"
