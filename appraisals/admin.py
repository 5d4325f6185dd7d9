"""Appraisal sheets and grades to look at; services write them."""

from typing import Any

from django.contrib import admin
from unfold.decorators import display

from appraisals.models import ItemScore, QuarterGrade, Sheet, SheetEvent, SheetPart
from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, ReadOnlyAdmin, ReadOnlyInline

STATE_COLORS = {"已定": "success", "有意见": "danger", "已签字": "info", "已公布": "warning"}


class PartInline(ReadOnlyInline):
    model = SheetPart
    fields = ["edition", "item", "origin", "value", "score", "scale", "weight"]
    show_change_link = False


class ItemScoreInline(ReadOnlyInline):
    model = ItemScore
    fields = ["item", "score", "scale", "reason", "by", "at"]
    show_change_link = False


class EventInline(ReadOnlyInline):
    model = SheetEvent
    fields = ["kind", "edition", "text", "by", "at"]
    show_change_link = False


@admin.register(Sheet)
class SheetAdmin(ReadOnlyAdmin):
    inlines = [PartInline, ItemScoreInline, EventInline]
    staff_path = "staff"
    list_display = ["staff", "month", "score", "standing", "edition"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff"]
    date_hierarchy = "month"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP

    @display(description="状态", ordering="state", label=STATE_COLORS)
    def standing(self, sheet: Any) -> str:
        return str(sheet.get_state_display())


@admin.register(QuarterGrade)
class QuarterGradeAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["staff", "quarter_name", "grade", "score", "reason", "by", "at"]
    list_filter = ["grade", OF_STAFF]
    list_select_related = ["staff", "by"]
    date_hierarchy = "quarter"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP

    @display(description="季度", ordering="quarter")
    def quarter_name(self, grade: QuarterGrade) -> str:
        return grade.quarter_words
