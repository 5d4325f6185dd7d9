"""Attendance as derived figures per person and day, and leave."""

from django.db import models
from django.db.models import F, Q

from core.history import tracked
from people.models import Staff
from people.row_changes import recorded
from rules.leave_types import LeaveType


@tracked()
class Attendance(models.Model):
    """What a rostered day came to: minutes late, minutes early, days absent (旷工).

    A row without any of them is an ordinary day worked. The day is the work_date: what a night shift
    brings after midnight belongs to the date on which it began. A row is derived from roster and punches,
    or somebody entered its figures; what was entered stands when the clock says otherwise.
    """

    class Source(models.TextChoices):
        ENTERED = "entered", "录入"
        DERIVED = "derived", "按打卡"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="attendance")
    work_date = models.DateField("日期")
    late_minutes = models.PositiveIntegerField("迟到分钟", default=0)
    early_minutes = models.PositiveIntegerField("早退分钟", default=0)
    absent_days = models.DecimalField("旷工天数", max_digits=3, decimal_places=2, default=0)
    missing_punches = models.PositiveSmallIntegerField("缺卡次数", default=0)
    overtime_minutes = models.PositiveIntegerField("加班分钟", default=0)
    outing_minutes = models.PositiveIntegerField("外出分钟", default=0)
    second_late_minutes = models.PositiveIntegerField("其中第二段迟到分钟", default=0)
    second_early_minutes = models.PositiveIntegerField("其中第二段早退分钟", default=0)
    clock_in = models.DateTimeField("上班打卡", null=True, blank=True)
    clock_out = models.DateTimeField("下班打卡", null=True, blank=True)
    shift_name = models.CharField("班次", max_length=32, blank=True)
    source = models.CharField("来源", max_length=8, choices=Source.choices, default=Source.ENTERED)

    class Meta:
        verbose_name = verbose_name_plural = "考勤"
        ordering = ["-work_date", "staff"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "work_date"],
                name="shifts_attendance_one_per_day",
                violation_error_message="此人当天已有考勤。",
            ),
            models.CheckConstraint(
                name="shifts_attendance_absent_at_most_a_day",
                condition=Q(absent_days__gte=0) & Q(absent_days__lte=1),
                violation_error_message="旷工天数应在0与1之间。",
            ),
            models.CheckConstraint(
                name="shifts_attendance_minutes_within_a_day",
                condition=Q(late_minutes__lte=1440) & Q(early_minutes__lte=1440),
                violation_error_message="分钟数应在0与1440之间。",
            ),
            models.CheckConstraint(
                name="shifts_attendance_second_is_part",
                condition=Q(second_late_minutes__lte=F("late_minutes"))
                & Q(second_early_minutes__lte=F("early_minutes")),
                violation_error_message="第二段的分钟数不能多于全天的。",
            ),
        ]
        indexes = [models.Index(fields=["work_date"], name="shifts_attendance_date")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.work_date:%Y-%m-%d}"


@tracked()
class AttendanceMonth(models.Model):
    """Says how a person's attendance rows of a month are to be read.

    `full`: rostered and present on every day that has no other row. `listed`: worked on the listed days
    only. Without a row: `listed` for who has ordinary days among the rows, else `full`.
    """

    class Coverage(models.TextChoices):
        FULL = "full", "整月出勤，只列例外"
        LISTED = "listed", "只算所列各日"

    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="attendance_months"
    )
    month = models.DateField("月份")
    coverage = models.CharField("读法", max_length=8, choices=Coverage.choices)

    class Meta:
        verbose_name = verbose_name_plural = "月考勤读法"
        constraints = [
            models.UniqueConstraint(fields=["staff", "month"], name="shifts_attendancemonth_unique")
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.month:%Y-%m} {self.get_coverage_display()}"


@tracked()
class Leave(models.Model):
    """Days of leave from a date on; `days` are days owed and may be parts.

    `natural`: every day of the calendar counts, as the rules said when it was recorded. Leave by the hour
    says from when until when; it takes the place of `half`.
    """

    class Half(models.TextChoices):
        """Of a shift, for leave of half a day; left open, whichever half has no punch."""

        FIRST = "first", "前半班"
        SECOND = "second", "后半班"

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="leaves")
    starts_on = models.DateField("开始日期")
    days = models.DecimalField("天数", max_digits=5, decimal_places=2)
    type = models.CharField("类型", max_length=32, choices=LeaveType.choices)
    certificate = models.BooleanField("有证明", default=False)
    approved = models.BooleanField("已批准", default=True)
    note = models.CharField("说明", max_length=500, blank=True)
    half = models.CharField("哪半天", max_length=6, choices=Half.choices, blank=True)
    natural = models.BooleanField("按自然日", default=False)
    starts_at = models.DateTimeField("自几点", null=True, blank=True, help_text="按小时请的才有。")
    ends_at = models.DateTimeField("至几点", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "请假"
        ordering = ["-starts_on", "staff"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "starts_on", "type", "half", "starts_at"],
                name="shifts_leave_unique",
                nulls_distinct=False,
                violation_error_message="此人当天已有同类请假。",
            ),
            models.CheckConstraint(
                name="shifts_leave_hours_in_order",
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__lt=F("ends_at"), half=""),
                violation_error_message="按小时请的假须有起止时间，起早于止，不写哪半天。",
            ),
            models.CheckConstraint(
                name="shifts_leave_days_positive",
                condition=Q(days__gt=0) & Q(days__lte=366),
                violation_error_message="天数应大于0，不超过366。",
            ),
        ]
        indexes = [models.Index(fields=["starts_on"], name="shifts_leave_start")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {self.get_type_display()} {self.days}天"
