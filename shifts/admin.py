"""Attendance, leave, handovers, duties and suggestions to look at; imports and services write them.

Memos are not here: nobody but their author reads them.
"""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from people.admin_bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ManagedAdmin, ReadOnlyAdmin
from people.requests import account_of
from shifts import admin_rosters as admin_rosters
from shifts.models import (
    Attendance,
    AttendanceMonth,
    Correction,
    DutyRecord,
    DutyTurn,
    HandoverItem,
    HandoverReview,
    Leave,
    LeaveRequest,
    OfficeNetwork,
    Outing,
    Overtime,
    Punch,
    Suggestion,
)
from shifts.selectors.memos import suggestions_visible_to


@admin.register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["work_date", "staff", "late_minutes", "early_minutes", "absent_days"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff"]
    date_hierarchy = "work_date"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(AttendanceMonth)
class AttendanceMonthAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["month", "staff", "coverage"]
    list_filter = ["coverage", OF_STAFF]
    list_select_related = ["staff"]
    date_hierarchy = "month"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(Leave)
class LeaveAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["starts_on", "staff", "type", "days", "certificate", "approved", "note"]
    list_filter = ["type", "approved", OF_STAFF]
    list_select_related = ["staff"]
    date_hierarchy = "starts_on"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(LeaveRequest)
class LeaveRequestAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["asked_at", "staff", "type", "starts_on", "days", "state", "decided_by"]
    list_filter = ["state", "type", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "starts_on"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(Punch)
class PunchAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["at", "staff", "source", "work_date", "is_in", "ip", "in_office"]
    list_filter = ["source", "in_office", OF_STAFF]
    list_select_related = ["staff"]
    date_hierarchy = "at"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(Correction, Outing, Overtime)
class AskedAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["work_date", "staff", "details", "reason", "state", "decided_by"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "work_date"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(OfficeNetwork)
class OfficeNetworkAdmin(ManagedAdmin):
    department_path = "department"
    list_display = ["network", "name", "department"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department"]
    search_fields = ["network", "name"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(HandoverItem)
class HandoverItemAdmin(ReadOnlyAdmin):
    staff_path = "author"
    list_display = ["work_date", "author", "shift_name", "text", "urgency", "at"]
    list_filter = ["urgency", ("author__department", DepartmentFilter)]
    list_select_related = ["author"]
    date_hierarchy = "work_date"
    search_fields = ["text", "customer", "order_no", "author__number", "author__name"]
    search_help_text = "按内容、客户、订单号、工号或姓名查找"


@admin.register(HandoverReview)
class HandoverReviewAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["work_date", "department", "by", "at", "remark"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    date_hierarchy = "work_date"


@admin.register(DutyRecord)
class DutyRecordAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["due_on", "staff", "code", "done_at", "by"]
    exclude = ["text", "attachment"]  # read by whoever countersigns
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "by"]
    date_hierarchy = "due_on"
    search_fields = [*BY_PERSON, "code"]
    search_help_text = PERSON_HELP


@admin.register(DutyTurn)
class DutyTurnAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["on", "staff", "code", "by", "at"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "by"]
    date_hierarchy = "on"
    search_fields = [*BY_PERSON, "code"]
    search_help_text = PERSON_HELP


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What was sent up; whoever decides about suggestions reads them, as on the pages."""

    list_display = ["sent_at", "staff", "text", "state", "decided_by"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "sent_at"
    search_fields = [*BY_PERSON, "text"]
    search_help_text = PERSON_HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suggestion]:
        rows = super().get_queryset(request)
        return rows.filter(pk__in=suggestions_visible_to(account_of(request)).values("pk"))
