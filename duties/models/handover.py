"""The handover book (交接本): what a shift leaves open, who took it over, what became of it."""

from django.db import models
from django.db.models import Q

from core.append_only import APPEND_ONLY
from files.models import Attachment
from people.models import Account, Department, Staff

TEXT_LENGTH = 2000


class HandoverItem(models.Model):
    """One thing that a shift leaves open, or that it leaves nothing (s000-01-01e, s000-03-01d, s000-06-01e).

    Only inserted; what is to be said of it later stands beside it. Until somebody signs it, it stays with
    its author. The hours are those of the author's shift when it was written, empty without a roster.
    """

    class Urgency(models.TextChoices):
        NORMAL = "normal", "一般"
        TODAY = "today", "当班要办"
        URGENT = "urgent", "紧急"

    author = models.ForeignKey(
        Staff, verbose_name="交出人", on_delete=models.PROTECT, related_name="handover_items"
    )
    work_date = models.DateField("日期")
    shift_name = models.CharField("班次", max_length=32, blank=True)
    shift_starts_at = models.DateTimeField("上班", null=True, blank=True)
    shift_ends_at = models.DateTimeField("下班", null=True, blank=True)
    is_nothing = models.BooleanField("无交接事项", default=False)
    customer = models.CharField("客户", max_length=64, blank=True)
    order_no = models.CharField("订单号", max_length=64, blank=True)
    text = models.TextField("未办事项", blank=True, max_length=TEXT_LENGTH)
    urgency = models.CharField("缓急", max_length=8, choices=Urgency.choices, default=Urgency.NORMAL)
    follows = models.OneToOneField(
        "self",
        verbose_name="转自",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        help_text="签收的人没有办完，下班时写给下一班的。",
    )
    attachments = models.ManyToManyField(Attachment, verbose_name="附件", blank=True, related_name="+")
    key = models.CharField("表单键", max_length=64, unique=True, editable=False)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "交接事项"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="duties_handoveritem_text_or_nothing",
                condition=Q(is_nothing=True, text="") | (Q(is_nothing=False) & ~Q(text="")),
                violation_error_message="写明未办事项，或勾选无交接事项。",
            ),
            models.UniqueConstraint(
                fields=["author", "work_date"],
                condition=Q(is_nothing=True),
                name="duties_handoveritem_nothing_once",
                violation_error_message="本班已登记无交接事项。",
            ),
        ]
        indexes = [models.Index(fields=["work_date", "author"], name="duties_handoveritem_day")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return (
            f"{self.author} {self.work_date:%Y-%m-%d} {'无交接事项' if self.is_nothing else self.text[:20]}"
        )


class HandoverSignature(models.Model):
    """Who took an item over, once; from then on it is theirs. The shift is the one that they were on."""

    item = models.OneToOneField(
        HandoverItem, verbose_name="交接事项", on_delete=models.PROTECT, related_name="signature"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="签收人", on_delete=models.PROTECT, related_name="handover_signatures"
    )
    work_date = models.DateField("日期")
    shift_name = models.CharField("班次", max_length=32, blank=True)
    shift_starts_at = models.DateTimeField("上班", null=True, blank=True)
    shift_ends_at = models.DateTimeField("下班", null=True, blank=True)
    at = models.DateTimeField("签收时间")

    class Meta:
        verbose_name = verbose_name_plural = "交接签收"
        ordering = ["-id"]
        indexes = [models.Index(fields=["staff", "at"], name="duties_handoversign_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.at:%Y-%m-%d %H:%M}"


class HandoverEntry(models.Model):
    """What is said of an item after it was written: a correction, a remark, done, not done, waived."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "更正"
        REMARK = "remark", "备注"
        DONE = "done", "已办"
        NOT_DONE = "not_done", "未办"
        WAIVED = "waived", "免究"

    # What may be said of an item only once.
    ONCE = (Kind.DONE, Kind.NOT_DONE, Kind.WAIVED)

    item = models.ForeignKey(
        HandoverItem, verbose_name="交接事项", on_delete=models.PROTECT, related_name="entries"
    )
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    text = models.CharField("内容", max_length=500, blank=True)
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "交接附记"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind"],
                condition=Q(kind__in=["done", "not_done", "waived"]),
                name="duties_handoverentry_once",
                violation_error_message="此事项已这样登记过。",
            ),
            models.CheckConstraint(
                name="duties_handoverentry_says_something",
                condition=Q(kind="done") | ~Q(text=""),
                violation_error_message="请写明内容。",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}"


class HandoverReview(models.Model):
    """The supervisor has countersigned a day's handovers (复核); what is written later is shown as later."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="handover_reviews"
    )
    work_date = models.DateField("日期")
    remark = models.CharField("意见", max_length=500, blank=True)
    by = models.ForeignKey(Account, verbose_name="复核人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("复核时间")

    class Meta:
        verbose_name = verbose_name_plural = "交接复核"
        ordering = ["-work_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "work_date"],
                name="duties_handoverreview_once",
                violation_error_message="当天的交接已复核。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.department} {self.work_date:%Y-%m-%d}"
