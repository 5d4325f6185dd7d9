"""A month's appraisal of a person: the sheet, what each item came to, what was scored, said and signed."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY, moves_only
from core.money import plain
from people.models import Account, Department, Staff
from rules.models import Provision

# Where a sheet may go. A correction takes it back to a draft; the next publication is another edition.
_MOVES = {
    "draft": ("published",),
    "published": ("commented", "signed", "closed", "draft"),
    "commented": ("signed", "closed", "draft"),
    "signed": ("closed", "draft"),
    "closed": ("draft",),
}
_MARKS: dict[str, Any] = {"max_digits": 8, "decimal_places": 2}


class Sheet(models.Model):
    """One person's month of appraisal. A draft is reckoned anew at each look; what was published is kept.

    `edition` counts how often it was published; the parts of the latest edition are what it says.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "未公布"
        PUBLISHED = "published", "已公布"
        COMMENTED = "commented", "有意见"
        SIGNED = "signed", "已签字"
        CLOSED = "closed", "已定"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="appraisal_sheets"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="appraisal_sheets"
    )
    month = models.DateField("月份", help_text="月份的第一天。")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFT)
    edition = models.PositiveSmallIntegerField("第几次公布", default=0)
    provision = models.ForeignKey(
        Provision, verbose_name="考评方案", on_delete=models.PROTECT, null=True, related_name="+"
    )
    score = models.DecimalField("总分", null=True, **_MARKS)

    class Meta:
        verbose_name = verbose_name_plural = "考评单"
        ordering = ["-month", "staff__number"]
        constraints = [
            models.UniqueConstraint(fields=["staff", "month"], name="appraisals_sheet_one_a_month"),
            models.CheckConstraint(name="appraisals_sheet_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="appraisals_sheet_published_whole",
                condition=Q(state="draft") | Q(edition__gte=1, provision__isnull=False, score__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["department", "month"], name="appraisals_sheet_month")]
        triggers = [moves_only("state", _MOVES)]

    def __str__(self) -> str:
        return f"{self.staff} {self.month:%Y-%m}"


class SheetPart(models.Model):
    """What one item of a published sheet came to; `score` None: missing, and weighed out of the total."""

    sheet = models.ForeignKey(Sheet, verbose_name="考评单", on_delete=models.PROTECT, related_name="parts")
    edition = models.PositiveSmallIntegerField("第几次公布")
    position = models.PositiveSmallIntegerField("次序")
    item = models.CharField("项目", max_length=100)
    origin = models.CharField("来源", max_length=100)
    value = models.CharField("数值", max_length=200, blank=True)
    score = models.DecimalField("得分", null=True, **_MARKS)
    scale = models.DecimalField("满分", **_MARKS)
    weight = models.DecimalField("权重（%）", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "考评单分项"
        ordering = ["sheet", "-edition", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "edition", "position"], name="appraisals_sheetpart_one_a_place"
            ),
            models.CheckConstraint(
                name="appraisals_sheetpart_within_scale",
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("scale")),
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.sheet} {self.item}"


class ItemScore(models.Model):
    """What a supervisor gave somebody in one item, out of `scale`. Only added: the newest holds."""

    sheet = models.ForeignKey(
        Sheet, verbose_name="考评单", on_delete=models.PROTECT, related_name="item_scores"
    )
    item = models.CharField("项目", max_length=100)
    score = models.DecimalField("得分", **_MARKS)
    scale = models.DecimalField("满分", **_MARKS)
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(Account, verbose_name="评分人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = verbose_name_plural = "主管评分"
        ordering = ["sheet", "item", "-id"]
        constraints = [
            models.CheckConstraint(
                name="appraisals_itemscore_within_scale", condition=Q(score__gte=0, score__lte=F("scale"))
            ),
            models.CheckConstraint(name="appraisals_itemscore_has_reason", condition=~Q(reason="")),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.sheet} {self.item} {plain(self.score)}"


class SheetEvent(models.Model):
    """What happened to a sheet: published, said, signed, closed, taken back."""

    class Kind(models.TextChoices):
        SELF = "self", "自评"
        PUBLISHED = "published", "公布"
        COMMENTED = "commented", "本人意见"
        ANSWERED = "answered", "答复"
        SIGNED = "signed", "签字"
        CLOSED = "closed", "定下"
        TAKEN_BACK = "taken_back", "退回重算"

    sheet = models.ForeignKey(Sheet, verbose_name="考评单", on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事情", max_length=10, choices=Kind.choices)
    edition = models.PositiveSmallIntegerField("第几次公布")
    text = models.CharField("内容", max_length=1000, blank=True)
    by = models.ForeignKey(Account, verbose_name="操作人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "考评单经过"
        ordering = ["sheet", "id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.sheet} {self.get_kind_display()}"
