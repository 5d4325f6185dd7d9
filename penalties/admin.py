"""Incidents, ledgers and proposals for people: reading what they may see, deciding where they may."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from penalties import fund_admin, selectors, services
from penalties.admin_forms import DecisionForm, IncidentForm, PlainForm, RejectionForm, ReversalForm
from penalties.models import (
    DisciplinaryCase,
    DisciplineAppeal,
    Incident,
    IncidentAppeal,
    IncidentSignature,
    LossLimit,
    MoneyEntry,
    OpeningBalance,
    PointsEntry,
    Proposal,
    Reversal,
    SourceKind,
    WageRule,
)
from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    DepartmentFilter,
    ReadOnlyAdmin,
    may_anywhere,
)
from people.models import Tier
from people.selectors import departments_where, pay_visible_to
from people.web import account_of

# Registered by being read.
__all__ = ["fund_admin"]
STATE_COLORS = {"待确认": "warning", "已确认": "success", "不成立": "info", "已撤销": "danger"}


def dialog(title: str, form: type[Form], submit: str, description: str = "") -> ActionDialog:
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


class DecidedAdmin(ReadOnlyAdmin):
    """Rows about staff that only services write, with dialogs in which people decide."""

    staff_path = "staff"

    def may(self, request: HttpRequest, what: str, object_id: str | None) -> bool:
        """Whether the account may do an action anywhere, or to the given row."""
        if object_id is None or not may_anywhere(request, what):
            return may_anywhere(request, what)
        where = departments_where(account_of(request), what)
        return self.get_queryset(request).filter(pk=object_id, staff__department__in=where).exists()

    def incident_of(self, row: Any) -> Incident:
        """The incident that a row belongs to."""
        raise NotImplementedError

    def has_reverse_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, "reverse_incidents", object_id)


def reversing(title: str, description: str) -> Any:
    """The dialog that reverses the incident of a row; of an administration page with `incident_of`."""

    @action(
        description=title,
        url_path="reverse",
        permissions=["reverse"],
        dialog=dialog("撤销这条奖惩记录", ReversalForm, "撤销", description),
    )
    def take_back(
        self: DecidedAdmin, request: HttpRequest, form: ReversalForm, object_id: str
    ) -> HttpResponse:
        incident = self.incident_of(get_object_or_404(self.get_queryset(request), pk=object_id))
        given = {name: form.cleaned_data[name] for name in ("on", "reason")}
        try:
            services.incident_reverse(incident=incident, **given, by=account_of(request), at=timezone.now())
            messages.success(request, f"已撤销：{incident}。")
        except services.IncidentRefused as refused:
            messages.error(request, f"没有撤销：{refused}。")
        return self.back_to(request, object_id)

    return take_back


@admin.register(Incident)
class IncidentAdmin(DecidedAdmin):
    change_form_outer_after_template = "penalties/admin/entries.html"
    list_display = ["work_date", "staff", "code", "title", "quantity", "money", "standing", "recorded_by"]
    list_filter = [
        "state",
        ("work_date", RangeDateFilter),
        OF_STAFF,
    ]
    list_filter_submit = True
    list_select_related = ["staff", "provision", "reversal", "recorded_by"]
    date_hierarchy = "work_date"
    search_fields = [*BY_PERSON, "code", "note"]
    search_help_text = "按工号、姓名、拼音、条款编号或经过查找"
    actions = ["confirm_selected"]
    actions_detail = ["confirm", "reject", "take_back"]
    facts = ["staff", "code", "work_date", "quantity", "magnitude", "amount", "note"]
    fieldsets = [
        (None, {"fields": [*facts, "title", "team", "tier_name"]}),
        (
            "经过",
            {
                "fields": [
                    "standing",
                    "recorded_by",
                    "recorded_at",
                    "decided_by",
                    "decided_at",
                    "rejection",
                    "taken_back",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        return selectors.with_own_money(super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": self.facts})]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id.isdecimal():
            seen_by, pk = account_of(request), int(object_id)
            context["entries"] = selectors.entries_of([pk], seen_by=seen_by)[pk]
        return super().change_view(request, object_id, form_url, context)

    def get_form(self, request: HttpRequest, obj: Incident | None = None, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        return type("IncidentForm", (IncidentForm,), {"account": request.user})

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in self.facts}
        obj.pk = services.incident_record(**given, by=account_of(request), at=timezone.now()).pk

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("penalties.add_incident")

    def has_confirm_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, "confirm_incidents", object_id)

    @display(description="条款名称")
    def title(self, incident: Incident) -> str:
        return incident.provision.title

    @display(description="当时职级")
    def tier_name(self, incident: Incident) -> str:
        return dict(Tier.choices).get(incident.tier, incident.tier or "—")

    @display(description="金额", empty_value="—")
    def money(self, incident: Incident) -> Any:
        return incident.money  # type: ignore[attr-defined]

    @display(description="状态", label=STATE_COLORS)
    def standing(self, incident: Incident) -> str:
        return "已撤销" if hasattr(incident, "reversal") else incident.get_state_display()

    @display(description="撤销", empty_value="—")
    def taken_back(self, incident: Incident) -> str | None:
        if not hasattr(incident, "reversal"):
            return None
        reversal = incident.reversal
        return f"{reversal.on}，{reversal.by or '系统'}：{reversal.reason}"

    def get_readonly_fields(self, request: HttpRequest, obj: Incident | None = None) -> Any:
        return ["title", "tier_name", "standing", "taken_back"] if obj else []

    @action(description="确认所选记录", permissions=["confirm"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        self._decide(request, queryset, services.incidents_confirm, "确认")

    @action(
        description="确认",
        permissions=["confirm"],
        dialog=dialog("确认这条记录？", PlainForm, "确认", "确认后即按条款计入台账；有误只能撤销。"),
    )
    def confirm(self, request: HttpRequest, form: PlainForm, object_id: str) -> HttpResponse:
        chosen = self.get_queryset(request).filter(pk=object_id)
        self._decide(request, chosen, services.incidents_confirm, "确认")
        return self.back_to(request, object_id)

    @action(
        description="驳回",
        permissions=["confirm"],
        dialog=dialog("驳回这条记录？", RejectionForm, "驳回", "驳回后不计入台账，记录与理由保留。"),
    )
    def reject(self, request: HttpRequest, form: RejectionForm, object_id: str) -> HttpResponse:
        chosen = self.get_queryset(request).filter(pk=object_id)
        reject = partial(services.incidents_reject, reason=form.cleaned_data["reason"])
        self._decide(request, chosen, reject, "驳回")
        return self.back_to(request, object_id)

    take_back = reversing("撤销", "台账以冲销分录更正，以后各次的次序随之重算。")

    def incident_of(self, row: Incident) -> Incident:
        return row

    def _decide(self, request: HttpRequest, chosen: QuerySet[Incident], decide: Any, word: str) -> None:
        where = departments_where(account_of(request), "confirm_incidents")
        allowed = list(chosen.filter(staff__department__in=where))
        if len(allowed) < chosen.count():
            messages.error(request, f"没有{word}：其中有您无权处理的部门的记录。")
            return
        try:
            decide(incidents=allowed, by=account_of(request), at=timezone.now())
            messages.success(request, f"已{word}{len(allowed)}条记录。")
        except services.IncidentRefused as refused:
            messages.error(request, f"没有{word}任何记录：{refused}。")


class EntryAdmin(DecidedAdmin):
    """A ledger: entries are added by services and corrected by reversing what they follow from."""

    date_hierarchy = "work_date"
    actions_row = ["take_back"]
    actions_detail = ["take_back"]
    take_back = reversing("撤销所属记录", "撤销这条分录所属的奖惩记录：台账加一条冲销分录，原分录保留。")
    ordering = ["-id"]
    list_filter = [
        ("work_date", RangeDateFilter),
        OF_STAFF,
    ]
    list_filter_submit = True
    list_select_related = ["staff", "provision", "reverses__staff", "by"]
    search_fields = [*BY_PERSON, "provision__code"]
    search_help_text = "按工号、姓名、拼音或条款编号查找"
    value: str

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["source", "staff", "provision", "work_date", self.value, "reason", "reverses", "by", "at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["source"]

    @display(description="来源")
    def source(self, entry: Any) -> str:
        if entry.source_kind != SourceKind.INCIDENT:
            return f"{entry.get_source_kind_display()} {entry.source_id}"
        page = reverse("admin:penalties_incident_change", args=[entry.source_id])
        return format_html('<a class="text-primary-600" href="{}">{}</a>', page, self.incident_of(entry))

    def incident_of(self, row: Any) -> Incident:
        return get_object_or_404(Incident.objects.select_related("staff"), pk=row.source_id)

    def has_reverse_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Only what follows from an incident is taken back here, by taking back the incident."""
        if not super().has_reverse_permission(request, object_id):
            return False
        own = self.get_queryset(request).filter(pk=object_id)
        return object_id is None or own.filter(source_kind=SourceKind.INCIDENT).exists()


@admin.register(MoneyEntry)
class MoneyEntryAdmin(EntryAdmin):
    value = "amount"
    list_display = ["work_date", "staff", "provision", "amount", "reason", "reverses", "by", "at"]


@admin.register(PointsEntry)
class PointsEntryAdmin(EntryAdmin):
    value = "points"
    list_display = ["work_date", "staff", "provision", "points", "reason", "reverses", "by", "at"]


@admin.register(Proposal)
class ProposalAdmin(DecidedAdmin):
    list_display = ["opened_at", "staff", "kind", "code", "ground", "state", "decided_by", "decision"]
    list_filter = ["state", "kind", ("department", DepartmentFilter)]
    list_select_related = ["staff", "incident__staff", "decided_by"]
    date_hierarchy = "opened_at"
    search_fields = [*BY_PERSON, "code"]
    search_help_text = "按工号、姓名、拼音或条款编号查找"
    actions_detail = ["decide"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        return selectors.proposals_visible_to(account_of(request)).order_by("-id")

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, "confirm_incidents", object_id)

    @display(description="起因")
    def ground(self, proposal: Proposal) -> str:
        return str(proposal.incident) if proposal.incident else f"{proposal.month:%Y年%m月}"

    @action(
        description="决定",
        permissions=["decide"],
        dialog=dialog("对这项建议的决定", DecisionForm, "决定", "决定只作记录，不会自行改变工资。"),
    )
    def decide(self, request: HttpRequest, form: DecisionForm, object_id: str) -> HttpResponse:
        proposal = get_object_or_404(self.get_queryset(request), pk=object_id)
        try:
            services.proposal_decide(
                proposal=proposal,
                accepted=form.cleaned_data["accepted"] == "yes",
                decision=form.cleaned_data["decision"],
                by=account_of(request),
                at=timezone.now(),
            )
            messages.success(request, "决定已记录。")
        except services.ProposalRefused as refused:
            messages.error(request, str(refused))
        return self.back_to(request, object_id)


@admin.register(Reversal)
class ReversalAdmin(ReadOnlyAdmin):
    staff_path = "incident__staff"
    list_display = ["at", "incident", "on", "reason", "by"]
    list_filter = [("incident__staff__department", DepartmentFilter)]
    list_select_related = ["incident__staff", "by"]
    date_hierarchy = "on"
    search_fields = [*(f"incident__{name}" for name in BY_PERSON), "incident__code", "reason"]
    search_help_text = "按工号、姓名、拼音、条款编号或理由查找"


@admin.register(IncidentSignature)
class IncidentSignatureAdmin(ReadOnlyAdmin):
    staff_path = "incident__staff"
    list_display = ["at", "incident", "by"]
    list_filter = [("incident__staff__department", DepartmentFilter)]
    list_select_related = ["incident__staff", "by"]
    date_hierarchy = "at"
    search_fields = [*(f"incident__{name}" for name in BY_PERSON), "incident__code"]
    search_help_text = "按工号、姓名、拼音或条款编号查找"


@admin.register(IncidentAppeal)
class IncidentAppealAdmin(ReadOnlyAdmin):
    """To look at; appeals are decided on the page of the incident."""

    staff_path = "staff"
    list_display = ["asked_at", "staff", "code", "reason", "state", "decided_by", "answer", "page"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "incident", "decided_by"]
    date_hierarchy = "asked_at"
    search_fields = [*BY_PERSON, "incident__code", "reason"]
    search_help_text = "按工号、姓名、拼音、条款编号或理由查找"

    @display(description="条款", ordering="incident__code")
    def code(self, appeal: IncidentAppeal) -> str:
        return appeal.incident.code

    @display(description="记录")
    def page(self, appeal: IncidentAppeal) -> Any:
        page = reverse("incident", args=[appeal.incident_id])
        return format_html('<a class="text-primary-600" href="{}">打开</a>', page)


@admin.register(DisciplineAppeal)
class DisciplineAppealAdmin(ReadOnlyAdmin):
    """To look at; appeals are decided on the page of the case."""

    staff_path = "staff"
    list_display = ["asked_at", "staff", "number", "reason", "state", "decided_by", "answer", "page"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "case", "decided_by"]
    date_hierarchy = "asked_at"
    search_fields = [*BY_PERSON, "case__number", "reason"]
    search_help_text = "按工号、姓名、拼音、文号或理由查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[DisciplineAppeal]:
        cases = selectors.discipline_visible_to(account_of(request))
        return DisciplineAppeal.objects.filter(case__in=cases).order_by("-id")

    @display(description="文号", ordering="case__number")
    def number(self, appeal: DisciplineAppeal) -> str:
        return str(appeal.case.number)

    @display(description="页面")
    def page(self, appeal: DisciplineAppeal) -> Any:
        page = reverse("disciplinary_case", args=[appeal.case_id])
        return format_html('<a class="text-primary-600" href="{}">打开</a>', page)


@admin.register(DisciplinaryCase)
class DisciplinaryCaseAdmin(ReadOnlyAdmin):
    """Disciplinary cases to be looked up; they are walked on their pages."""

    list_display = ["proposed_at", "staff", "level", "state", "number", "decided_by", "effect", "page"]
    list_filter = ["state", "level", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "proposed_at"
    search_fields = [*BY_PERSON, "number", "source"]
    search_help_text = "按工号、姓名、拼音、文号或所据案件查找"
    fields = [
        "staff", "level", "grounds", "source", "proposal", "proposed_by", "proposed_at", "statement",
        "heard_at", "heard_by", "state", "decision", "decided_by", "decided_at", "number", "effect",
        "incident", "reversal", "reversed_by", "reversed_at", "page",
    ]  # fmt: skip
    readonly_fields = ["page"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DisciplinaryCase]:
        return selectors.discipline_visible_to(account_of(request)).order_by("-id")

    @display(description="页面")
    def page(self, case: DisciplinaryCase) -> str:
        page = reverse("disciplinary_case", args=[case.pk])
        return format_html('<a class="text-primary-600" href="{}">打开</a>', page)


@admin.register(OpeningBalance)
class OpeningBalanceAdmin(ReadOnlyAdmin):
    """What people brought along; sheets bring it, correct it and take it back."""

    list_display = ["on", "staff", "kind", "code", "value", "note", "by", "at"]
    list_filter = ["kind", ("on", RangeDateFilter), OF_STAFF]
    list_filter_submit = True
    list_select_related = ["staff", "by"]
    date_hierarchy = "on"
    search_fields = [*BY_PERSON, "code"]
    search_help_text = "按工号、姓名、拼音或条款编号查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningBalance]:
        """As confidential as pay: a loss that no pay has borne yet is among them."""
        return OpeningBalance.objects.filter(staff__in=pay_visible_to(account_of(request))).order_by(
            "-on", "-id"
        )


@admin.register(WageRule)
class WageRuleAdmin(ReadOnlyAdmin):
    """What was decided about deductions; people decide on the page of the department's rules."""

    list_display = ["month", "department", "code", "from_wages", "ground", "reason", "by", "at"]
    list_filter = ["from_wages", "ground", ("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    search_fields = ["code", "reason"]
    search_help_text = "按条款编号或理由查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WageRule]:
        """Of the departments whose pay the account sees."""
        places = departments_where(account_of(request), "view_pay")
        return WageRule.objects.filter(department__in=places).order_by("-month", "-id")


@admin.register(LossLimit)
class LossLimitAdmin(ReadOnlyAdmin):
    """How much of a month's wages losses may take; people decide on the page of deductions."""

    list_display = ["month", "department", "percent", "reason", "by", "at"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    search_fields = ["reason"]
    search_help_text = "按理由查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LossLimit]:
        """Of the departments whose pay the account sees."""
        places = departments_where(account_of(request), "view_pay")
        return LossLimit.objects.filter(department__in=places).order_by("-month", "-id")
