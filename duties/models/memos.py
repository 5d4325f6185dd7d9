"""Memos (备忘录), and what of them was sent up as a suggestion."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.history import tracked
from penalties.models import Incident
from people.models import Account, Staff


@tracked()
class Memo(models.Model):
    """A quick note of one's own (s000-01-02, s000-03-02, s000-06-02); nobody else reads it."""

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="memos")
    text = models.TextField("内容", max_length=2000)
    tags = ArrayField(models.CharField(max_length=16), verbose_name="标签", default=list, blank=True)
    remind_at = models.DateTimeField("提醒时间", null=True, blank=True)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)
    key = models.CharField("表单键", max_length=64, unique=True, editable=False)
    at = models.DateTimeField("记下时间")

    class Meta:
        verbose_name = verbose_name_plural = "备忘"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="duties_memo_has_text", condition=~Q(text=""))]
        indexes = [
            models.Index(fields=["staff", "at"], name="duties_memo_staff"),
            models.Index(
                fields=["remind_at"],
                condition=Q(remind_at__isnull=False, settled_at__isnull=True),
                name="duties_memo_reminder",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:20]


@tracked()
class Suggestion(models.Model):
    """A memo sent up: adopted with an award (s000-03-02b), or declined with an answer, once.

    The text is the memo's when it was sent.
    """

    class State(models.TextChoices):
        SENT = "sent", "待答复"
        ADOPTED = "adopted", "已采纳"
        DECLINED = "declined", "未采纳"

    memo = models.OneToOneField(
        Memo, verbose_name="备忘", on_delete=models.PROTECT, related_name="suggestion"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="suggestions"
    )
    text = models.TextField("内容")
    sent_at = models.DateTimeField("提交时间")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.SENT)
    answer = models.CharField("答复", max_length=500, blank=True)
    incident = models.OneToOneField(
        Incident,
        verbose_name="奖励记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestion",
    )
    decided_by = models.ForeignKey(
        Account, verbose_name="答复人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "建议"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="duties_suggestion_decided_with_answer",
                condition=Q(state="sent", decided_at__isnull=True)
                | (~Q(state="sent") & ~Q(answer="") & Q(decided_at__isnull=False)),
                violation_error_message="答复须写明理由。",
            )
        ]
        indexes = [models.Index(fields=["state"], name="duties_suggestion_state")]

    def __str__(self) -> str:
        return self.text[:20]
