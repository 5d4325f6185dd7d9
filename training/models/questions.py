"""The bank of questions."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from people.models import Account, Department
from rules.models import Provision

POINTS_MOST = 100


class Question(models.Model):
    """One wording of a question. Another wording, or another provision, is a new row of the same `series`.

    `provision` is the row of the published version that the question was written for: it is frozen, so
    code, text and figures of that time stand there. What is right (`correct`) depends on the kind: the
    positions of the right options from "0" on, "true" or "false", every answer that is accepted, or what
    a person who marks goes by.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", "单选"
        MULTIPLE = "multiple", "多选"
        TRUE_FALSE = "true_false", "判断"
        FILL = "fill", "填空"
        FREE = "free", "问答"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="questions"
    )
    series = models.UUIDField("题目", default=uuid.uuid4, editable=False)
    topic = models.CharField("主题", max_length=32)
    kind = models.CharField("题型", max_length=16, choices=Kind.choices)
    text = models.TextField("题干", max_length=1000)
    options = ArrayField(models.CharField(max_length=200), verbose_name="选项", default=list, blank=True)
    correct = ArrayField(models.CharField(max_length=1000), verbose_name="答案", default=list, blank=True)
    points = models.PositiveSmallIntegerField(
        "分值", default=1, validators=[MinValueValidator(1), MaxValueValidator(POINTS_MOST)]
    )
    provision = models.ForeignKey(
        Provision,
        verbose_name="条款",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="所据版本里的那一条。",
    )
    by = models.ForeignKey(
        Account, verbose_name="出题人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("出题时间")
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    retired_by = models.ForeignKey(
        Account, verbose_name="停用人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_why = models.CharField("停用原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "题目"
        ordering = ["department", "topic", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="training_question_one_wording",
                fields=["series"],
                condition=Q(retired_at__isnull=True),
            ),
            models.CheckConstraint(
                name="training_question_points", condition=Q(points__range=(1, POINTS_MOST))
            ),
            models.CheckConstraint(
                name="training_question_retired_with_reason",
                condition=Q(retired_at__isnull=True) | ~Q(retired_why=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "topic"],
                name="training_question_drawn",
                condition=Q(retired_at__isnull=True),
            )
        ]
        triggers = [
            pgtrigger.ReadOnly(name="read_only", exclude=["retired_at", "retired_by", "retired_why"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.text[:20]

    @property
    def is_marked_by_person(self) -> bool:
        return self.kind == self.Kind.FREE
