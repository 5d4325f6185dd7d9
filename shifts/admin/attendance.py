"""Attendance, leave, handovers, duties and suggestions to look at; imports and services write them.

Memos are not here: nobody but their author reads them.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ManagedAdmin, ReadOnlyAdmin
from shifts.models import (
    Attendance,
    AttendanceMonth,
    Correction,
    Leave,
    LeaveCorrection,
    LeaveRequest,
    OfficeNetwork,
    Outing,
    Overtime,
    Punch,
)


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


@admin.register(LeaveCorrection)
class LeaveCorrectionAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["at", "staff", "type", "on", "days", "until", "reason", "by"]
    list_filter = ["type", OF_STAFF]
    list_select_related = ["staff", "by"]
    date_hierarchy = "on"
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
