"""Who goes through which programme, what came of its steps, materials, whose newcomer came first."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.append_only import APPEND_ONLY
from core.history import tracked
from files.models import Attachment
from people.models import Account, Department, Staff
from rules.models import Provision


@tracked()
class Enrolment(models.Model):
    """A newcomer in a programme from a day on; the provision is the version's that held then, and stays.

    `batch` are the newcomers who are compared with one another (s000-01-15b), as a rule those of a month.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="enrolments"
    )
    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="enrolments")
    provision = models.ForeignKey(
        Provision, verbose_name="培训计划", on_delete=models.PROTECT, related_name="enrolments"
    )
    code = models.CharField("条款编号", max_length=64)
    starts_on = models.DateField("第1天")
    batch = models.CharField("批次", max_length=32)
    mentor = models.ForeignKey(
        Staff, verbose_name="师傅", on_delete=models.PROTECT, null=True, blank=True, related_name="newcomers"
    )
    ended_on = models.DateField("结束日期", null=True, blank=True)
    ended_why = models.CharField("结束说明", max_length=200, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "培训登记"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "code"],
                condition=Q(ended_on__isnull=True),
                name="training_enrolment_open_once",
                violation_error_message="此人正在参加这项培训。",
            ),
            models.CheckConstraint(
                name="training_enrolment_mentor_other",
                condition=Q(mentor__isnull=True) | ~Q(mentor=F("staff")),
                violation_error_message="师傅不能是本人。",
            ),
            models.CheckConstraint(
                name="training_enrolment_ended_with_reason",
                condition=Q(ended_on__isnull=True) ^ ~Q(ended_why=""),
                violation_error_message="结束培训须写说明。",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "batch"], name="training_enrolment_batch"),
            models.Index(fields=["mentor", "starts_on"], name="training_enrolment_mentor"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="facts_stay", fields=["department", "staff", "provision", "code", "starts_on"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_on:%Y-%m-%d} 起的培训"

    @property
    def is_open(self) -> bool:
        return self.ended_on is None


class StepRecord(models.Model):
    """Whether somebody took part in a step. Only added: of several of a step the newest holds."""

    class Kind(models.TextChoices):
        PRESENT = "present", "到课"
        ABSENT = "absent", "缺课"
        MADE_UP = "made_up", "已补课"

    enrolment = models.ForeignKey(
        Enrolment, verbose_name="培训登记", on_delete=models.PROTECT, related_name="records"
    )
    step = models.CharField("步骤", max_length=32)
    kind = models.CharField("到课", max_length=8, choices=Kind.choices)
    on = models.DateField("日期")
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(Account, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "培训到课"
        ordering = ["-id"]
        indexes = [models.Index(fields=["enrolment", "step", "id"], name="training_steprecord_step")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.enrolment} {self.step} {self.get_kind_display()}"


@tracked()
class StepTeacher(models.Model):
    """Who teaches a step of a programme in a department; without a row the mentor, or whoever leads."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="step_teachers"
    )
    code = models.CharField("条款编号", max_length=64)
    step = models.CharField("步骤", max_length=32)
    staff = models.ForeignKey(
        Staff, verbose_name="由谁带", on_delete=models.PROTECT, null=True, related_name="steps_taught"
    )
    by = models.ForeignKey(Account, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "培训讲师"
        ordering = ["department", "code", "step"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "code", "step"],
                name="training_stepteacher_one_a_step",
                violation_error_message="这一步已指定由谁带。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.step} {self.staff or ''}".strip()


class Material(models.Model):
    """What is taught with: a file or a link, of a step or (`step` empty) of the whole programme.

    What was taken out of use stays, with the day.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="training_materials"
    )
    code = models.CharField("条款编号", max_length=64)
    step = models.CharField("步骤", max_length=32, blank=True)
    title = models.CharField("名称", max_length=100)
    url = models.URLField("链接", max_length=300, blank=True)
    attachment = models.OneToOneField(
        Attachment, verbose_name="文件", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_on = models.DateField("停用日期", null=True, blank=True)
    by = models.ForeignKey(Account, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "培训资料"
        ordering = ["code", "step", "id"]
        constraints = [
            models.CheckConstraint(
                name="training_material_file_or_link",
                condition=Q(url="") ^ Q(attachment__isnull=True),
                violation_error_message="上传一个文件，或者填一个链接。",
            ),
            models.UniqueConstraint(
                fields=["department", "code", "step", "title"],
                condition=Q(retired_on__isnull=True),
                name="training_material_named_once",
                violation_error_message="这一步已有同名的资料；换一个名称，或先停用旧的。",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="only_retires", exclude=["retired_on"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title


class IntakePlace(models.Model):
    """The place of a newcomer among those of the same batch, for the mentor's award (s000-01-15b).

    Only added: of several of an enrolment the newest holds; without a place it takes the earlier one back.
    The award is paid in the month of `on`.
    """

    enrolment = models.ForeignKey(
        Enrolment, verbose_name="培训登记", on_delete=models.PROTECT, related_name="places"
    )
    place = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    mentor = models.ForeignKey(
        Staff,
        verbose_name="当时的师傅",
        on_delete=models.PROTECT,
        null=True,
        related_name="intake_places",
    )
    on = models.DateField("评定日期")
    by = models.ForeignKey(Account, verbose_name="评定人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "上手名次"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="training_intakeplace_from_one", condition=Q(place__isnull=True) | Q(place__gte=1)
            )
        ]
        indexes = [models.Index(fields=["enrolment", "id"], name="training_intakeplace_enrolment")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.enrolment} 第{self.place or '—'}名"
