"""The administration pages of training and exams."""

from django.contrib import admin

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ReadOnlyAdmin
from people.selectors import person_lookups
from training.models import (
    Enrolment,
    ExamExtension,
    ExamPaper,
    ExamResult,
    IntakePlace,
    Material,
    Question,
    Sitting,
    StepRecord,
    StepTeacher,
)


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["text", "kind", "topic", "points", "provision", "at", "retired_at"]
    exclude = ["correct"]
    list_filter = ["kind", ("department", DepartmentFilter)]
    list_select_related = ["provision"]
    date_hierarchy = "at"
    search_fields = ["text", "topic", "provision__code"]
    search_help_text = "按题干、主题或条款编号查找"


@admin.register(ExamPaper)
class ExamPaperAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["code", "title", "department", "opens_at", "closes_at", "limit_minutes", "pass_mark"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department"]
    date_hierarchy = "opens_at"
    search_fields = ["code", "title"]
    search_help_text = "按考试编号或名称查找"


@admin.register(Sitting)
class SittingAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = [
        "staff",
        "paper",
        "number",
        "began_at",
        "expires_at",
        "closed_at",
        "ending",
        "score",
        "passed",
    ]
    list_filter = ["ending", "passed", OF_STAFF]
    list_select_related = ["staff", "paper"]
    date_hierarchy = "began_at"
    search_fields = [*BY_PERSON, "paper__code", "paper__title"]
    search_help_text = PERSON_HELP


@admin.register(ExamExtension)
class ExamExtensionAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["staff", "paper", "minutes", "moved_from", "moved_to", "reason", "by", "at"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "paper", "by"]
    date_hierarchy = "at"
    search_fields = [*BY_PERSON, "paper__code"]
    search_help_text = PERSON_HELP


@admin.register(ExamResult)
class ExamResultAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["on", "staff", "code", "score", "passed", "by", "at"]
    list_filter = ["passed", OF_STAFF]
    list_select_related = ["staff", "by"]
    date_hierarchy = "on"
    search_fields = [*BY_PERSON, "code"]
    search_help_text = PERSON_HELP


BY_NEWCOMER = [*person_lookups("enrolment__staff").values()]


OF_NEWCOMER = ("enrolment__department", DepartmentFilter)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["starts_on", "staff", "code", "batch", "mentor", "ended_on", "ended_why"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "mentor"]
    date_hierarchy = "starts_on"
    search_fields = [*BY_PERSON, "code", "batch"]
    search_help_text = PERSON_HELP


@admin.register(StepRecord)
class StepRecordAdmin(ReadOnlyAdmin):
    staff_path = "enrolment__staff"
    list_display = ["on", "enrolment", "step", "kind", "note", "by", "at"]
    list_filter = ["kind", OF_NEWCOMER]
    list_select_related = ["enrolment__staff", "by"]
    date_hierarchy = "on"
    search_fields = BY_NEWCOMER
    search_help_text = PERSON_HELP


@admin.register(IntakePlace)
class IntakePlaceAdmin(ReadOnlyAdmin):
    staff_path = "enrolment__staff"
    list_display = ["on", "enrolment", "place", "mentor", "by", "at"]
    list_filter = [OF_NEWCOMER]
    list_select_related = ["enrolment__staff", "mentor", "by"]
    date_hierarchy = "on"
    search_fields = BY_NEWCOMER
    search_help_text = PERSON_HELP


@admin.register(StepTeacher)
class StepTeacherAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["department", "code", "step", "staff", "by", "at"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "staff", "by"]
    search_fields = [*BY_PERSON, "code"]
    search_help_text = PERSON_HELP


@admin.register(Material)
class MaterialAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["title", "department", "code", "step", "retired_on", "by", "at"]
    exclude = ["attachment", "url"]  # opened on the page by whoever learns or teaches by it
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    search_fields = ["title", "code"]
    search_help_text = "按名称或条款编号查找"
