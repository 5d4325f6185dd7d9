"""The administration pages of the ladder: looking at what was certified."""

from django.contrib import admin

from people.admin.bases import BY_PERSON, OF_STAFF, ReadOnlyAdmin
from promotions.models import Attestation


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["on", "staff", "code", "item", "answer", "note", "by", "at"]
    list_filter = ["answer", OF_STAFF]
    list_filter_submit = True
    list_select_related = ["staff", "by"]
    date_hierarchy = "on"
    search_fields = [*BY_PERSON, "code", "item", "note"]
    search_help_text = "按工号、姓名、拼音、条款编号、事项或依据查找"
