"""Orders and refunds as shops export them, whose they are, and the metrics of people and teams."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY, UNCHANGED, sums_to
from core.history import tracked
from core.money import percent
from people.models import Account, Department, Staff, Team
from people.row_changes import recorded
from rules.kinds.labels import METRIC_LABELS

# Those who share an order have all of it together, looked at when the transaction ends.
SHARES_SUM_TO_WHOLE = sums_to(
    1, "share", of="commissions_ordershare", per="split_id", refusal="一笔订单的份额合计须为100%%"
)


@tracked(exclude=["as_of"])
class Order(models.Model):
    """One order of a shop: what was paid and when, and which agent it belongs to.

    `amount` is what the buyer paid, before refunds; whether the export's column means that is known to
    the profile that read it. Buyers' personal data is never stored. Of an order that several share
    (`split`), `agent` is who has the most of it.
    """

    class Attribution(models.TextChoices):
        NONE = "none", "无人"
        REMARK = "remark", "备注"
        FILE = "file", "归属表"
        CLAIM = "claim", "认领"
        ASSIGNED = "assigned", "指定"
        CONFLICT = "conflict", "冲突"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="orders"
    )
    shop = models.CharField("店铺", max_length=64, blank=True)
    order_no = models.CharField("订单号", max_length=64)
    ordered_at = models.DateTimeField("下单时间", null=True, blank=True)
    paid_at = models.DateTimeField("付款时间", null=True, blank=True)
    amount = models.DecimalField("实付金额", max_digits=12, decimal_places=2)
    remark = models.CharField("订单备注", max_length=1000, blank=True)
    agent = models.ForeignKey(
        Staff, verbose_name="落实客服", on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    attribution = models.CharField(
        "归属依据", max_length=8, choices=Attribution.choices, default=Attribution.NONE
    )
    split = models.ForeignKey(
        "OrderSplit",
        verbose_name="分单",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    as_of = models.DateField("截至日期", help_text="所据导出文件的日期。")
    # Of its refunds; nothing where it is not closed, or was never paid.
    closed_refund = models.DecimalField(
        "因关闭计作退款",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="较晚的导出里又算成交时，会冲回这部分。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "订单"
        ordering = ["-paid_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                # Looked for by number where a file names no shop, too.
                fields=["department", "order_no", "shop"],
                name="commissions_order_unique_number",
            ),
            models.CheckConstraint(name="commissions_order_amount_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="commissions_order_agent_has_source",
                condition=Q(agent__isnull=True, attribution__in=["none", "conflict"])
                | Q(agent__isnull=False, attribution__in=["remark", "file", "claim", "assigned"]),
            ),
            models.CheckConstraint(
                name="commissions_order_split_has_source",
                condition=Q(split__isnull=True) | Q(attribution__in=["file", "claim", "assigned"]),
            ),
        ]
        indexes = [
            models.Index(fields=["department", "paid_at"], name="commissions_order_paid"),
            models.Index(fields=["split"], name="commissions_order_shared", condition=Q(split__isnull=False)),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return self.order_no

    @property
    def in_shares(self) -> str:
        """Who has which part of a shared order; nothing where it is one person's."""
        shares = list(self.split.shares.all()) if self.split is not None else []
        return "、".join(map(str, shares)) if len(shares) > 1 else ""


class OrderSplit(models.Model):
    """Whose an order is and in what shares, as somebody said it; the order points at the one that holds."""

    order = models.ForeignKey(Order, verbose_name="订单", on_delete=models.PROTECT, related_name="splits")
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "分单"
        ordering = ["-id"]
        triggers = [UNCHANGED, *recorded()]

    def __str__(self) -> str:
        return str(self.order)


class OrderShare(models.Model):
    """What part of an order and its refunds is somebody's: 0.25 is a quarter. Those of a split sum to 1."""

    split = models.ForeignKey(
        OrderSplit, verbose_name="分单", on_delete=models.PROTECT, related_name="shares"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="客服", on_delete=models.PROTECT, related_name="order_shares"
    )
    share = models.DecimalField("份额", max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = verbose_name_plural = "订单份额"
        ordering = ["split", "staff__number"]
        constraints = [
            models.UniqueConstraint(fields=["split", "staff"], name="commissions_ordershare_once"),
            models.CheckConstraint(
                name="commissions_ordershare_is_part", condition=Q(share__gt=0, share__lte=1)
            ),
        ]
        triggers = [UNCHANGED, SHARES_SUM_TO_WHOLE, *recorded()]

    def __str__(self) -> str:
        return f"{self.staff} {percent(self.share)}"


@tracked()
class OrderClaim(models.Model):
    """An agent says that an order that nobody was given is theirs; a lead, supervisor or manager decides.

    An accepted claim makes the order the agent's, and no later import takes it away. With a partner it is
    theirs together: `share` of it is the claimant's, the rest the partner's.
    """

    class State(models.TextChoices):
        OPEN = "open", "待决定"
        ACCEPTED = "accepted", "已认定"
        DECLINED = "declined", "未认定"

    order = models.ForeignKey(Order, verbose_name="订单", on_delete=models.PROTECT, related_name="claims")
    staff = models.ForeignKey(
        Staff, verbose_name="认领人", on_delete=models.PROTECT, related_name="order_claims"
    )
    partner = models.ForeignKey(
        Staff,
        verbose_name="共享的同事",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shared_claims",
    )
    share = models.DecimalField("认领人的份额", max_digits=5, decimal_places=4, null=True, blank=True)
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField("认领时间")
    answer = models.CharField("答复", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        Account, verbose_name="决定人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "订单认领"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "staff"],
                name="commissions_orderclaim_one_open",
                condition=Q(state="open"),
            ),
            models.CheckConstraint(name="commissions_orderclaim_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="commissions_orderclaim_shared_in_parts",
                condition=Q(partner__isnull=True, share__isnull=True)
                | Q(partner__isnull=False, share__gt=0, share__lt=1) & ~Q(partner=F("staff")),
            ),
            models.CheckConstraint(
                name="commissions_orderclaim_decided_by_person",
                condition=Q(state="open", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.order}"

    @property
    def in_shares(self) -> str:
        """Who is to have which part of a shared order; nothing where it is one person's."""
        if self.partner is None or self.share is None:
            return ""
        return f"{self.staff} {percent(self.share)}、{self.partner} {percent(1 - self.share)}"


class Refund(models.Model):
    """Money given back on an order, at its own moment; only inserted.

    Exports give the refund total of an order; each row is the rise (or, corrected, the fall) of that total.
    """

    order = models.ForeignKey(Order, verbose_name="订单", on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField("退款金额", max_digits=12, decimal_places=2)
    refunded_at = models.DateTimeField("计入时间")
    as_of = models.DateField("截至日期")

    class Meta:
        verbose_name = verbose_name_plural = "退款"
        ordering = ["-refunded_at", "-id"]
        constraints = [models.CheckConstraint(name="commissions_refund_not_zero", condition=~Q(amount=0))]
        indexes = [models.Index(fields=["refunded_at"], name="commissions_refund_moment")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.order} {self.amount}"


class OrderReading(models.Model):
    """From a day on, how imports read orders out of the ordinary; only inserted.

    Of several the latest day holds, of one day what was said last; where nothing was said, the defaults.
    The day of an order is that of its payment, else of the order, else of the export.
    """

    class Way(models.TextChoices):
        COUNT = "count", "计入"
        LEAVE = "leave", "不计"

    class Moment(models.TextChoices):
        LAST = "last", "付尾款的时间"
        FIRST = "first", "付定金的时间"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="order_readings"
    )
    from_on = models.DateField("从哪天起", help_text="以订单的付款日为准。")
    sham = models.CharField(
        "补单、刷单",
        max_length=8,
        choices=Way.choices,
        default=Way.LEAVE,
        help_text="备注或标记里有下面词语的订单。",
    )
    sham_words = models.CharField(
        "认补单的词",
        max_length=200,
        default="补单、刷单",
        help_text="用顿号隔开；也可以写旗帜的颜色，例如 红旗。",
    )
    cash_on_delivery = models.CharField(
        "货到付款",
        max_length=8,
        choices=Way.choices,
        default=Way.COUNT,
        help_text="计入时按付款时间，没有付款时间的按完成时间。",
    )
    gifts = models.CharField(
        "0 元订单",
        max_length=8,
        choices=Way.choices,
        default=Way.LEAVE,
        help_text="赠品等实付 0 元的订单算不算单数。",
    )
    hidden = models.CharField(
        "隐藏的行",
        max_length=8,
        choices=Way.choices,
        default=Way.COUNT,
        help_text="Excel 里隐藏或筛选掉的行；不计的不读。",
    )
    deposits = models.CharField(
        "定金与尾款",
        max_length=8,
        choices=Moment.choices,
        default=Moment.LAST,
        help_text="两次付款的订单合为一单，全部金额算在这个时间的月份。",
    )
    by = models.ForeignKey(
        Account, verbose_name="设定人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "订单读法"
        ordering = ["-from_on", "-id"]
        indexes = [models.Index(fields=["department", "from_on"], name="commissions_reading_place")]
        triggers: list[pgtrigger.Trigger] = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.from_on:%Y-%m-%d}起"


class Metric(models.Model):
    """A figure of a person or a team for a month, with the date up to which it holds and its source.

    Only inserted: of several values the one with the latest as-of date (then the latest row) holds. A figure
    of a part of the month (`part`) is kept beside the month's and never holds for it.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="metrics"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="metrics"
    )
    team = models.ForeignKey(
        Team, verbose_name="小组", on_delete=models.PROTECT, null=True, blank=True, related_name="metrics"
    )
    month = models.DateField("月份")
    # The stubs' range fields cannot be blank.
    part: Any = DateRangeField(  # type: ignore[misc]
        "时段", null=True, blank=True, help_text="只是当月的一段；空则是整月的数值。"
    )
    code = models.CharField("指标", max_length=32)
    value = models.DecimalField("数值", max_digits=18, decimal_places=6)
    as_of = models.DateField("截至日期")
    source = models.CharField("来源", max_length=64)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "指标"
        ordering = ["-month", "staff", "code", "-as_of", "-id"]
        constraints = [
            models.CheckConstraint(
                name="commissions_metric_of_person_or_team",
                condition=Q(staff__isnull=False, team__isnull=True)
                | Q(staff__isnull=True, team__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["department", "month", "code"], name="commissions_metric_month")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff or self.team} {self.month:%Y-%m} {METRIC_LABELS.get(self.code, self.code)}"
