"""Attendance and leave to look at; imports and services write them."""

from django.contrib import admin

from people.admin import ReadOnlyAdmin
from shifts.models import Attendance, AttendanceMonth, Leave

_BY_DEPARTMENT = ("staff__department", admin.RelatedOnlyFieldListFilter)
_BY_PERSON = ["staff__number__exact", "staff__name", "staff__pinyin__startswith"]


@admin.register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["work_date", "staff", "late_minutes", "early_minutes", "absent_days"]
    list_filter = [_BY_DEPARTMENT]
    list_select_related = ["staff"]
    date_hierarchy = "work_date"
    search_fields = _BY_PERSON


@admin.register(AttendanceMonth)
class AttendanceMonthAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["month", "staff", "coverage"]
    list_filter = ["coverage", _BY_DEPARTMENT]
    list_select_related = ["staff"]
    date_hierarchy = "month"
    search_fields = _BY_PERSON


@admin.register(Leave)
class LeaveAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["starts_on", "staff", "type", "days", "certificate", "approved", "note"]
    list_filter = ["type", "approved", _BY_DEPARTMENT]
    list_select_related = ["staff"]
    date_hierarchy = "starts_on"
    search_fields = _BY_PERSON
