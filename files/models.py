"""Files that people attach: to a handover, a report, a request for leave, an incident."""

from django.db import models

from core.append_only import UNCHANGED
from people.models import Account, Staff


class Attachment(models.Model):
    """A picture or PDF that lies on the disk under a random name; what it is was read from its content.

    `staff` is whom it belongs to, `purpose` decides who else may open it (files/selectors.py). What it is
    attached to points at it. A row stays as it is; taking it away takes the file away.
    """

    class Purpose(models.TextChoices):
        HANDOVER = "handover", "交接"
        DUTY = "duty", "职责"
        CERTIFICATE = "certificate", "证明"
        CASE = "case", "投诉"
        INCIDENT = "incident", "奖惩"
        DISCIPLINE = "discipline", "处分"
        FUND = "fund", "基金"
        TRAINING = "training", "培训"
        AWARD = "award", "评奖"
        RECEIPT = "receipt", "银行回单"

    class Type(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        WEBP = "image/webp", "WebP"
        PDF = "application/pdf", "PDF"

    staff = models.ForeignKey(
        Staff,
        verbose_name="员工",
        on_delete=models.PROTECT,
        null=True,
        related_name="attachments",
        help_text="空则是投诉案件、培训资料或银行回单的：谁能看案件、参加培训、看工资，谁能打开。",
    )
    purpose = models.CharField("用途", max_length=16, choices=Purpose.choices)
    file_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField(max_length=32, unique=True, editable=False)
    type = models.CharField("格式", max_length=32, choices=Type.choices)
    size = models.PositiveIntegerField("字节")
    by = models.ForeignKey(
        Account, verbose_name="上传人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["-id"]
        triggers = [UNCHANGED]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_picture(self) -> bool:
        return self.type != self.Type.PDF
