"""Attendance and leave to look at; imports and services write them."""

from django.contrib import admin

from people.admin_bases import BY_PERSON, OF_STAFF, PERSON_HELP, ReadOnlyAdmin
from shifts.models import Attendance, AttendanceMonth, Leave, LeaveRequest


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
