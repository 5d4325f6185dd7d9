"""Handovers, duties and suggestions to look at; services write them.

Memos are not here: nobody but their author reads them.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from duties.models import DutyRecord, DutyTurn, HandoverItem, HandoverReview, Suggestion
from duties.selectors.memos import suggestions_visible_to
from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ReadOnlyAdmin
from people.web import account_of


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
