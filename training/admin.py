"""Exams in the administration, to look at; what is right and what was answered is on the pages alone."""

from django.contrib import admin

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ReadOnlyAdmin
from training.models import ExamExtension, ExamPaper, ExamResult, Question, Sitting


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
