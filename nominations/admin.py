"""Nominations to look at; services write them. Who gave which voice is shown nowhere."""

from django.contrib import admin

from nominations.models import Attestation, AwardRound, Nomination
from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    PERSON_HELP,
    DepartmentFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
)


class AttestationInline(ReadOnlyInline):
    model = Attestation
    show_change_link = False
    fields = ["criterion", "holds", "note", "by", "at"]
    readonly_fields = fields


@admin.register(Nomination)
class NominationAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["month", "staff", "code", "origin", "place", "state", "number", "decided_by"]
    list_filter = ["state", "origin", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "month"
    search_fields = [*BY_PERSON, "code", "number"]
    search_help_text = PERSON_HELP
    exclude = ["attachments"]
    inlines = [AttestationInline]


@admin.register(AwardRound)
class AwardRoundAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["month", "department", "closed_by", "closed_at"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "closed_by"]
    date_hierarchy = "month"
