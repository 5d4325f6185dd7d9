"""Losses, rulings, charges and appeals in the administration, to look at; the pages of a case decide them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from complaints.admin.bases import CaseRowsAdmin
from complaints.models import Appeal, Charge, Loss, ResponsibleParty, Ruling
from complaints.selectors.parties import name_of
from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ReadOnlyInline


@admin.register(Loss)
class LossAdmin(CaseRowsAdmin):
    list_display = ["at", "case", "amount", "basis", "by"]
    list_filter = [("case__department", DepartmentFilter)]
    list_select_related = ["case", "by"]
    date_hierarchy = "at"
    ordering = ["-id"]
    search_fields = ["case__number", "basis"]
    search_help_text = "按案件编号或核算依据查找"
    fields = ["case", "amount", "basis", "moved_from", "by", "at"]


class PartyInline(ReadOnlyInline):
    model = ResponsibleParty
    show_change_link = False
    fields = ["name", "percent"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResponsibleParty]:
        return super().get_queryset(request).select_related("team").prefetch_related("members__staff")

    @display(description="责任方")
    def name(self, party: ResponsibleParty) -> str:
        return name_of(party, [each.staff for each in party.members.all()])


class ChargeInline(ReadOnlyInline):
    model = Charge
    fields = ["staff", "amount", "appeal_until"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Charge]:
        return super().get_queryset(request).select_related("staff")


@admin.register(Ruling)
class RulingAdmin(CaseRowsAdmin):
    list_display = ["proposed_at", "case", "amount", "state", "proposed_by", "decided_by", "charged_on"]
    list_filter = ["state", ("case__department", DepartmentFilter)]
    list_select_related = ["case", "proposed_by", "decided_by"]
    date_hierarchy = "proposed_at"
    search_fields = ["case__number", "reason"]
    search_help_text = "按案件编号或归责理由查找"
    inlines = [PartyInline, ChargeInline]
    fields = [
        "case", "provision", "amount", "reason", "state", "proposed_by", "proposed_at", "decided_by",
        "decided_at", "answer", "charged_on",
    ]  # fmt: skip


@admin.register(Charge)
class ChargeAdmin(CaseRowsAdmin):
    of_department = "ruling__case__department"
    list_display = ["at", "staff", "case", "amount", "appeal_until", "notice"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "ruling__case"]
    date_hierarchy = "at"
    ordering = ["-id"]
    search_fields = [*BY_PERSON, "ruling__case__number"]
    search_help_text = PERSON_HELP
    fields = ["staff", "ruling", "amount", "steps", "appeal_until", "at", "notice"]
    readonly_fields = ["steps", "notice"]

    @display(description="案件", ordering="ruling__case")
    def case(self, charge: Charge) -> str:
        return str(charge.ruling.case)

    @display(description="算式")
    def steps(self, charge: Charge) -> str:
        return "；".join(charge.arithmetic) or "—"

    @display(description="通知单")
    def notice(self, charge: Charge) -> Any:
        page = reverse("charge_notice", args=[charge.pk])
        return format_html('<a class="text-primary-600" href="{}">打开</a>', page)


@admin.register(Appeal)
class AppealAdmin(CaseRowsAdmin):
    of_department = "charge__ruling__case__department"
    list_display = ["asked_at", "staff", "case", "reason", "state", "decided_by", "answer"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "charge__ruling__case", "decided_by"]
    date_hierarchy = "asked_at"
    search_fields = [*BY_PERSON, "charge__ruling__case__number"]
    search_help_text = PERSON_HELP

    @display(description="案件", ordering="charge__ruling__case")
    def case(self, appeal: Appeal) -> str:
        return str(appeal.charge.ruling.case)
