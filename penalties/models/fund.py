"""The department's fund: its book in double entry, what is spent of it, and how often it is counted."""

from decimal import Decimal
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from files.models import Attachment
from people.models import Account, Department, Staff
from people.models.approvals import Requested

# At the end of the transaction, when all of its postings are there.
BALANCES = pgtrigger.Trigger(
    name="balances",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    func="""
        IF (SELECT sum(amount) FROM penalties_fundposting WHERE transaction_id = NEW.transaction_id) <> 0 THEN
            RAISE EXCEPTION '基金的一笔账借贷不平' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)
HAS_POSTINGS = pgtrigger.Trigger(
    name="has_postings",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    func="""
        IF NOT EXISTS (SELECT FROM penalties_fundposting WHERE transaction_id = NEW.id) THEN
            RAISE EXCEPTION '基金的一笔账没有分录' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)
CASH_IS_THERE = pgtrigger.Trigger(
    name="cash_is_there",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Q(new__account="cash", new__amount__lt=0),
    func="""
        IF (
            SELECT sum(p.amount) FROM penalties_fundposting p
            JOIN penalties_fundtransaction t ON t.id = p.transaction_id
            WHERE p.account = 'cash' AND t.department_id =
                (SELECT department_id FROM penalties_fundtransaction WHERE id = NEW.transaction_id)
        ) < 0 THEN
            RAISE EXCEPTION '基金的现金不够' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)


@tracked()
class FundExpense(Requested):
    """Money that somebody wants of the fund, with the receipts; paid out when another person approves it."""

    ACTION: ClassVar[str] = "approve_fund"

    staff = models.ForeignKey(
        Staff, verbose_name="经办人", on_delete=models.PROTECT, related_name="fund_expenses"
    )
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    on = models.DateField("支出日期")
    receipts: Any = models.ManyToManyField(Attachment, verbose_name="凭据", related_name="+")
    key = models.CharField("来源键", max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "基金支出"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="penalties_fundexpense_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="penalties_fundexpense_decided_by_another",
                condition=~Q(state__in=["approved", "refused"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
        ]
        triggers = [
            moves_only("state", Requested.MOVES),
            pgtrigger.ReadOnly(name="facts_stay", fields=["staff", "amount", "on", "reason", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.amount}元"


@tracked()
class FundCount(models.Model):
    """The cash was counted, a witness says whether that is so, and a difference is explained."""

    class State(models.TextChoices):
        OPEN = "open", "待见证"
        AGREED = "agreed", "相符"
        DISPUTED = "disputed", "不认可"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="fund_counts"
    )
    counted_at = models.DateTimeField("盘点时间")
    counted = models.DecimalField("实有现金", max_digits=12, decimal_places=2)
    booked = models.DecimalField("账面现金", max_digits=12, decimal_places=2)
    explanation = models.CharField("差额说明", max_length=200, blank=True)
    counted_by = models.ForeignKey(Account, verbose_name="盘点人", on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(Account, verbose_name="见证人", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.OPEN)
    witnessed_at = models.DateTimeField("见证时间", null=True, blank=True)
    word = models.CharField("见证人的话", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "基金盘点"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department"], name="penalties_fundcount_one_open", condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="penalties_fundcount_witness_is_another", condition=~Q(witness=F("counted_by"))
            ),
            models.CheckConstraint(
                name="penalties_fundcount_difference_explained",
                condition=Q(counted=F("booked")) | ~Q(explanation=""),
            ),
            models.CheckConstraint(
                name="penalties_fundcount_not_negative", condition=Q(counted__gte=0, booked__gte=0)
            ),
            models.CheckConstraint(
                name="penalties_fundcount_witnessed",
                condition=Q(state="open", witnessed_at__isnull=True)
                | Q(state="agreed", witnessed_at__isnull=False)
                | (Q(state="disputed", witnessed_at__isnull=False) & ~Q(word="")),
            ),
        ]
        triggers = [
            moves_only("state", {"open": ("agreed", "disputed")}),
            pgtrigger.ReadOnly(
                name="facts_stay",
                fields=[
                    *("department", "counted_at", "counted", "booked"),
                    *("explanation", "counted_by", "witness"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.counted_at:%Y-%m-%d}盘点"

    @property
    def difference(self) -> Any:
        """Yuan that were there beyond the book; negative where some is missing."""
        return self.counted - self.booked


class FundTransaction(models.Model):
    """One thing that happened to the fund; what it moved are its postings. Only inserted."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "现金缴纳"
        REFUND = "refund", "退还"
        PAYROLL = "payroll", "工资代扣"
        TRANSFER = "transfer", "代扣转入现金"
        EXPENSE = "expense", "活动支出"
        COUNT = "count", "盘点差额"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="fund_transactions"
    )
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    on = models.DateField("日期")
    text = models.CharField("摘要", max_length=200)
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    incident = models.ForeignKey(
        "penalties.Incident",
        verbose_name="奖惩记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="fund_transactions",
    )
    expense = models.OneToOneField(
        FundExpense,
        verbose_name="支出",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="posted",
    )
    count = models.OneToOneField(
        FundCount, verbose_name="盘点", on_delete=models.PROTECT, null=True, blank=True, related_name="posted"
    )
    key = models.CharField("幂等键", max_length=128, unique=True, editable=False)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "基金账"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="penalties_fundtransaction_has_its_source",
                condition=Q(kind__in=["payment", "refund"], incident__isnull=False, staff__isnull=False)
                | Q(kind="payroll", staff__isnull=False)
                | Q(kind="transfer")
                | Q(kind="expense", expense__isnull=False)
                | Q(kind="count", count__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["department", "-on", "-id"], name="penalties_fund_book")]
        triggers = [APPEND_ONLY, HAS_POSTINGS]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.text}"

    @property
    def change(self) -> Decimal:
        """What the fund has more (or less) through it, in yuan; nothing where it only changed its place."""
        return self._sum_of(*FundPosting.OWNED)

    @property
    def moved(self) -> Decimal:
        """What went into (or out of) the cash."""
        return self._sum_of("cash")

    def _sum_of(self, *accounts: str) -> Decimal:
        legs = (each.amount for each in self.postings.all() if each.account in accounts)
        return sum(legs, Decimal("0.00"))


class FundPosting(models.Model):
    """One leg of a transaction in yuan: positive debit, negative credit; together they come to nothing."""

    class Account(models.TextChoices):
        CASH = "cash", "现金"
        PAYROLL = "payroll", "工资代扣待转入"
        FINES = "fines", "罚款收入"
        EXPENSES = "expenses", "活动支出"
        DIFFERENCES = "differences", "盘盈盘亏"

    # What the fund has, as against what it came from and went to.
    OWNED: ClassVar[tuple[str, ...]] = ("cash", "payroll")

    transaction = models.ForeignKey(
        FundTransaction, verbose_name="基金账", on_delete=models.PROTECT, related_name="postings"
    )
    account = models.CharField("科目", max_length=16, choices=Account.choices)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "基金分录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "account"], name="penalties_fundposting_once_an_account"
            ),
            models.CheckConstraint(name="penalties_fundposting_not_zero", condition=~Q(amount=0)),
        ]
        triggers = [APPEND_ONLY, BALANCES, CASH_IS_THERE]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.amount}"
