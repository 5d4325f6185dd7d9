"""Who sat an exam when, what was asked and answered, and what moved its end."""

from datetime import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY
from people.models import Account, Staff
from training.models.exams import ExamPaper, ExamResult
from training.models.questions import Question

# What was answered when a sitting ended is what counts.
ANSWERS_STAND = """
    IF (NEW.answer IS DISTINCT FROM OLD.answer OR NEW.sequence <> OLD.sequence) AND EXISTS (
        SELECT 1 FROM training_sitting s WHERE s.id = NEW.sitting_id AND s.closed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION '已经结束的考试不可再答' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


class Sitting(models.Model):
    """A person's attempt at a paper. Its questions, their order and its end are stored when it begins.

    `expires_at` is moved by extensions alone. It ends once: submitted, or closed when its time was over;
    `score` (out of 100) and `passed` follow when everything is marked.
    """

    class Ending(models.TextChoices):
        SUBMITTED = "submitted", "已交卷"
        EXPIRED = "expired", "到时收卷"

    paper = models.ForeignKey(
        ExamPaper, verbose_name="试卷", on_delete=models.PROTECT, related_name="sittings"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="exam_sittings"
    )
    number = models.PositiveSmallIntegerField("第几次")
    began_at = models.DateTimeField("开始时间")
    expires_at = models.DateTimeField("到时")
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    ending = models.CharField("怎样结束", max_length=16, choices=Ending.choices, blank=True)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField("及格", null=True, blank=True)
    marked_at = models.DateTimeField("评完时间", null=True, blank=True)
    marked_by = models.ForeignKey(
        Account, verbose_name="阅卷人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    result = models.OneToOneField(
        ExamResult,
        verbose_name="成绩",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sitting",
    )

    class Meta:
        verbose_name = verbose_name_plural = "应考"
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "staff", "number"], name="training_sitting_number"),
            models.UniqueConstraint(
                fields=["paper", "staff"],
                name="training_sitting_one_open",
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="training_sitting_expires_after_it_began", condition=Q(expires_at__gt=F("began_at"))
            ),
            models.CheckConstraint(
                name="training_sitting_marked_after_it_closed",
                condition=Q(marked_at__isnull=True, score__isnull=True, result__isnull=True)
                | Q(
                    closed_at__isnull=False,
                    marked_at__isnull=False,
                    score__isnull=False,
                    passed__isnull=False,
                    result__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], name="training_sitting_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["staff", "paper"], name="training_sitting_staff"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="read_only", fields=["paper", "staff", "number", "began_at"]),
            pgtrigger.Protect(
                name="closes_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False)
                & (
                    pgtrigger.Q(old__closed_at__df=pgtrigger.F("new__closed_at"))
                    | pgtrigger.Q(old__expires_at__df=pgtrigger.F("new__expires_at"))
                    | pgtrigger.Q(old__ending__df=pgtrigger.F("new__ending"))
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.paper} 第{self.number}次"

    def is_over(self, at: datetime) -> bool:
        """Whether it has ended by a moment, be that written down already or not."""
        return self.closed_at is not None or self.expires_at <= at


class SittingQuestion(models.Model):
    """A question as it was put to somebody, and what was answered.

    `order`: the positions of the question's options as they were shown. `answer` holds positions of
    options, "true" or "false", or what was written; `sequence` counts how often it was saved, so that a page
    that is older than the answer is recognised. `points` are empty until it is marked.
    """

    sitting = models.ForeignKey(
        Sitting, verbose_name="应考", on_delete=models.PROTECT, related_name="questions"
    )
    position = models.PositiveSmallIntegerField("次序")
    question = models.ForeignKey(Question, verbose_name="题目", on_delete=models.PROTECT, related_name="+")
    order = ArrayField(models.PositiveSmallIntegerField(), verbose_name="选项次序", default=list, blank=True)
    answer = ArrayField(models.CharField(max_length=4000), verbose_name="回答", default=list, blank=True)
    sequence = models.PositiveIntegerField("保存次数", default=0)
    answered_at = models.DateTimeField("保存时间", null=True, blank=True)
    points = models.PositiveSmallIntegerField("得分", null=True, blank=True)
    remark = models.CharField("评语", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "答题"
        ordering = ["sitting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "position"], name="training_sittingquestion_position"),
            models.UniqueConstraint(fields=["sitting", "question"], name="training_sittingquestion_once"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="read_only", fields=["sitting", "position", "question", "order"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="answers_stand", when=pgtrigger.Before, operation=pgtrigger.Update, func=ANSWERS_STAND
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting} 第{self.position}题"


class ExamExtension(models.Model):
    """More minutes for a person, by whom and why; only inserted.

    Without `sitting` an allowance for every sitting of the paper that the person begins afterwards; with it
    what moved that sitting's end, from when to when.
    """

    paper = models.ForeignKey(
        ExamPaper, verbose_name="试卷", on_delete=models.PROTECT, related_name="extensions"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="+")
    sitting = models.ForeignKey(
        Sitting,
        verbose_name="应考",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="extensions",
    )
    minutes = models.PositiveSmallIntegerField("加时（分钟）")
    moved_from = models.DateTimeField("原定到时", null=True, blank=True)
    moved_to = models.DateTimeField("改为", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    key = models.CharField("表单键", max_length=64, unique=True, editable=False)
    by = models.ForeignKey(Account, verbose_name="批准人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "考试加时"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="training_examextension_minutes", condition=Q(minutes__gte=1)),
            models.CheckConstraint(name="training_examextension_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="training_examextension_moves_a_sitting",
                condition=Q(sitting__isnull=True, moved_from__isnull=True, moved_to__isnull=True)
                | Q(sitting__isnull=False, moved_from__isnull=False, moved_to__gt=F("moved_from")),
            ),
        ]
        indexes = [models.Index(fields=["paper", "staff"], name="training_examextension_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.paper} 加{self.minutes}分钟"
