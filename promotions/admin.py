"""The administration pages of the ladder: looking at what was certified."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter

from people.admin.bases import BY_PERSON, OF_STAFF, DepartmentFilter, ReadOnlyAdmin
from people.web import account_of
from promotions.models import Attestation, Candidate, GradeAppeal, GradeChange, PanelScore, ReviewRound
from promotions.selectors.changes import changes_visible_to
from promotions.selectors.rounds import candidates_visible_to, rounds_visible_to


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


@admin.register(ReviewRound)
class ReviewRoundAdmin(ReadOnlyAdmin):
    list_display = ["on", "department", "kind", "from_tier", "to_tier", "has_ballot", "state", "created_by"]
    list_filter = ["state", "kind", ("on", RangeDateFilter), ("department", DepartmentFilter)]
    list_filter_submit = True
    list_select_related = ["department", "created_by"]
    date_hierarchy = "on"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewRound]:
        return rounds_visible_to(account_of(request)).order_by("-on", "-id")


class OfStaffAdmin(ReadOnlyAdmin):
    """Rows about people, found by person."""

    search_fields: Any = BY_PERSON
    search_help_text = "按工号、姓名或拼音查找"


@admin.register(Candidate)
class CandidateAdmin(OfStaffAdmin):
    list_display = ["round", "staff", "added_by", "added_at"]
    exclude = ["evidence"]  # the candidate's page puts it into words
    list_filter = [OF_STAFF]
    list_select_related = ["round", "staff", "added_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Candidate]:
        return candidates_visible_to(account_of(request)).order_by("-id")


@admin.register(PanelScore)
class PanelScoreAdmin(ReadOnlyAdmin):
    list_display = ["candidate", "by", "score", "note", "at"]
    list_filter = [("candidate__staff__department", DepartmentFilter)]
    list_select_related = ["candidate__staff", "by"]
    search_fields = ["candidate__staff__number", "candidate__staff__name"]
    search_help_text = "按候选人的工号或姓名查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PanelScore]:
        seen = candidates_visible_to(account_of(request)).order_by().values("pk")
        return PanelScore.objects.filter(candidate__in=seen).order_by("-id")


@admin.register(GradeChange)
class GradeChangeAdmin(OfStaffAdmin):
    list_display = [
        "proposed_at", "staff", "direction", "from_tier", "to_tier", "effective_on", "state", "number",
        "decided_by",
    ]  # fmt: skip
    list_filter = ["state", "direction", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "proposed_at"
    search_fields = [*BY_PERSON, "number"]
    search_help_text = "按工号、姓名、拼音或文号查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GradeChange]:
        return changes_visible_to(account_of(request)).order_by("-id")


@admin.register(GradeAppeal)
class GradeAppealAdmin(OfStaffAdmin):
    list_display = ["asked_at", "staff", "change", "reason", "state", "decided_by"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "change__staff", "decided_by"]
    date_hierarchy = "asked_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GradeAppeal]:
        seen = changes_visible_to(account_of(request)).order_by().values("pk")
        return GradeAppeal.objects.filter(change__in=seen).order_by("-id")
