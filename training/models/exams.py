"""Exam papers, and results of exams."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY
from core.history import tracked
from people.models import Account, Department, Staff
from training.models.questions import Question

MINUTES_MOST = 480


@tracked(exclude=["announced_at"])
class ExamPaper(models.Model):
    """An exam that may be sat between two moments; it does not change once somebody has begun it.

    `code` names the exam in rules and results, so several papers (of several months) may have the same.
    Scores and the pass mark are out of 100, whatever the questions' points come to.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="exam_papers"
    )
    code = models.CharField("考试", max_length=32)
    title = models.CharField("名称", max_length=100)
    limit_minutes = models.PositiveSmallIntegerField(
        "时长（分钟）", validators=[MinValueValidator(1), MaxValueValidator(MINUTES_MOST)]
    )
    opens_at = models.DateTimeField("开放时间")
    closes_at = models.DateTimeField("截止时间")
    pass_mark = models.DecimalField("及格分", max_digits=5, decimal_places=2, help_text="满分100分。")
    retakes = models.PositiveSmallIntegerField("可补考次数", default=0)
    retake_days = models.PositiveSmallIntegerField("补考间隔天数", default=0)
    roles = ArrayField(
        models.CharField(max_length=32), verbose_name="岗位", default=list, blank=True, help_text="空为全体。"
    )
    people: Any = models.ManyToManyField(
        Staff, verbose_name="考生", blank=True, related_name="+", help_text="空为岗位里的每个人。"
    )
    key = models.CharField("表单键", max_length=64, unique=True, editable=False)
    by = models.ForeignKey(
        Account, verbose_name="出卷人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("出卷时间")
    announced_at = models.DateTimeField("通知考生时间", null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("停考时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "试卷"
        ordering = ["-opens_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="training_exampaper_window",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message="截止须晚于开放。",
            ),
            models.CheckConstraint(
                name="training_exampaper_pass_mark",
                condition=Q(pass_mark__range=(0, 100)),
                violation_error_message="及格分在0到100之间。",
            ),
            models.CheckConstraint(
                name="training_exampaper_limit",
                condition=Q(limit_minutes__range=(1, MINUTES_MOST)),
                violation_error_message=f"时长在1到{MINUTES_MOST}分钟之间。",
            ),
        ]
        indexes = [models.Index(fields=["department", "-opens_at"], name="training_exampaper_place")]

    def __str__(self) -> str:
        return self.title


class ExamItem(models.Model):
    """What a paper is made of: some questions of a topic, drawn anew for each sitting, or one fixed question.

    A fixed question means its series: whoever begins later gets its wording of then.
    """

    paper = models.ForeignKey(ExamPaper, verbose_name="试卷", on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("次序")
    topic = models.CharField("主题", max_length=32, blank=True)
    count = models.PositiveSmallIntegerField("题数", default=1)
    question = models.ForeignKey(
        Question, verbose_name="固定题", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "试卷组成"
        ordering = ["paper", "position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="training_examitem_position"),
            models.CheckConstraint(
                name="training_examitem_topic_or_question",
                condition=(Q(question__isnull=True) & ~Q(topic="") & Q(count__gte=1))
                | Q(question__isnull=False, topic="", count=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.count}题" if self.topic else str(self.question)


class ExamResult(models.Model):
    """What somebody reached in an exam on a day. Only added.

    That of a sitting is a try of its own; one without holds instead of the last of its day.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="exam_results"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="exam_results"
    )
    code = models.CharField("考试", max_length=32)
    on = models.DateField("考试日期")
    score = models.DecimalField("成绩", max_digits=6, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField("合格")
    note = models.CharField("说明", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "考试成绩"
        ordering = ["-on", "staff", "-id"]
        indexes = [models.Index(fields=["staff", "code", "on"], name="training_examresult_staff")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.staff} {self.code} {'合格' if self.passed else '不合格'}"
