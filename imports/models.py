"""Files on their way in, and what a department's own headers mean."""

from typing import Any

from django.db import models

from core.history import tracked
from people.models import Account, Department, ImportBatch


class Upload(models.Model):
    """A file that somebody brought in the browser, on its way to an ImportBatch.

    `job` is the run that may work on it now; what an earlier click queued does nothing any more.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        ASKING = "asking", "待选类别"
        MAPPING = "mapping", "待对应表头"
        QUESTIONS = "questions", "待回答"
        INVALID = "invalid", "有错误"
        READY = "ready", "待确认"
        IMPORTING = "importing", "导入中"
        DONE = "done", "已导入"
        DISCARDED = "discarded", "已放弃"

    WORKING = (State.CHECKING, State.IMPORTING)
    CLOSED = (State.DONE, State.DISCARDED)

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="uploads"
    )
    file_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField(max_length=40, unique=True)
    size = models.PositiveBigIntegerField("字节")
    by = models.ForeignKey(Account, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    kind = models.CharField("类别", max_length=16, blank=True)
    profile = models.CharField("格式", max_length=32, blank=True)
    options: Any = models.JSONField("设置", default=dict)
    answers: Any = models.JSONField("回答", default=dict)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.CHECKING)
    message = models.TextField("说明", blank=True)
    found: Any = models.JSONField("检查结果", default=dict)
    job = models.UUIDField()
    step = models.CharField("步骤", max_length=64, blank=True)
    rows_read = models.PositiveIntegerField("已读到的行", default=0)
    queued_at = models.DateTimeField("排队时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    file_removed_at = models.DateTimeField("文件删除时间", null=True, blank=True)
    batch = models.OneToOneField(
        ImportBatch,
        verbose_name="导入记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="upload",
    )
    successor = models.ForeignKey(
        "self",
        verbose_name="改好的上传",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="forerunners",
        help_text="有错误的文件改好以后由哪一次上传代替。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "上传"
        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "state"], name="imports_upload_state")]

    def __str__(self) -> str:
        return self.file_name


class Remembered(models.Model):
    """What a department says once of its files of a kind. What is forgotten stays, and counts no more."""

    kind = models.CharField("类别", max_length=16)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")
    forgotten_at = models.DateTimeField("忘记的时间", null=True, blank=True)

    class Meta:
        abstract = True


@tracked()
class HeaderMapping(Remembered):
    """What a department's header means under a profile; remembered from the first file that had it."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="header_mappings"
    )
    profile = models.CharField("格式", max_length=32)
    header = models.CharField("表头", max_length=255, help_text="比较用的写法：不分全半角、大小写与空格。")
    field = models.CharField("字段", max_length=64, blank=True, help_text="空则忽略这一列。")

    class Meta:
        verbose_name = verbose_name_plural = "表头对应"
        ordering = ["department", "kind", "profile", "header"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "kind", "profile", "header"], name="imports_headermapping_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.header} → {self.field or '忽略'}"


@tracked()
class FormatName(Remembered):
    """What a department calls a profile with its own headers: the shop or the tool that its files are of."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="format_names"
    )
    profile = models.CharField("格式", max_length=32)
    name = models.CharField("名称", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "格式名称"
        ordering = ["department", "kind", "profile"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "kind", "profile"], name="imports_formatname_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Answer(Remembered):
    """What a department answered to a question that its files of a kind leave open.

    `choices` are the answers that there were, (code, words); none where it is written freely.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="import_answers"
    )
    key = models.CharField("问题", max_length=255)
    text = models.TextField("问题的说法")
    value = models.CharField("回答", max_length=255)
    choices: Any = models.JSONField("可选的回答", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "导入问答"
        ordering = ["department", "kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["department", "kind", "key"], name="imports_answer_unique")
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.value}"

    @property
    def words(self) -> str:
        """The answer as it was offered."""
        return dict(self.choices).get(self.value, self.value)
