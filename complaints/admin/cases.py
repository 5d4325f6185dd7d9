"""Cases in the administration: reading them with all that belongs to them, and steering them by services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from complaints.admin.bases import CaseRowsAdmin, in_lines
from complaints.admin.forms import HolderForm, MergeForm, ReasonForm, YesForm
from complaints.models import Callback, Case, CaseEvent, CasePart, Clock, Loss, Ruling
from complaints.selectors.cases import path_of
from complaints.selectors.types import PLAIN_TITLE
from complaints.services.lifecycle import case_assign, case_merge, case_pause, case_reopen, case_resume
from core.errors import Refused
from people.admin.bases import DepartmentFilter, ReadOnlyInline, may_anywhere
from people.selectors import departments_where, person_lookups
from people.web import account_of

STATE_COLORS = {"处理中": "warning", "已结案": "success", "不受理": "info", "已并案": "info"}
SOUGHT = ("number", "title", "cause", "product", "order__order_no")


def dialog(title: str, form: type[Form], submit: str, description: str = "") -> ActionDialog:
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


class CaseEventInline(ReadOnlyInline):
    model = CaseEvent
    fields = ["at", "kind", "step", "decision", "note", "by"]
    readonly_fields = fields
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CaseEvent]:
        return super().get_queryset(request).select_related("by")


class CasePartInline(ReadOnlyInline):
    model = CasePart
    show_change_link = False
    fields = ["part", "account", "at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CasePart]:
        return super().get_queryset(request).select_related("account")


class ClockInline(ReadOnlyInline):
    model = Clock
    fields = ["title", "round"]
    readonly_fields = fields


class LossInline(ReadOnlyInline):
    model = Loss
    fields = ["amount", "basis", "by", "at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Loss]:
        return super().get_queryset(request).select_related("by")


class RulingInline(ReadOnlyInline):
    model = Ruling
    fields = ["amount", "reason", "state", "proposed_by", "decided_by", "decided_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ruling]:
        return super().get_queryset(request).select_related("proposed_by", "decided_by")


@admin.register(Case)
class CaseAdmin(CaseRowsAdmin):
    """Who complained stands on the page of the case alone, where each look at it is noted."""

    of_department = "department"
    list_display = [
        "number", "title", "department", "type", "received_at", "channel", "holder", "state_now", "step_now",
        "closed_at",
    ]  # fmt: skip
    list_filter = [
        "state",
        "channel",
        "is_upheld",
        ("received_at", RangeDateTimeFilter),
        ("department", DepartmentFilter),
    ]
    list_filter_submit = True
    list_select_related = ["department", "provision", "holder"]
    date_hierarchy = "received_at"
    search_fields = [*SOUGHT, *person_lookups("holder").values()]
    search_help_text = "按编号、事项、事由、产品、订单号或承办人查找"
    inlines = [CaseEventInline, CasePartInline, ClockInline, LossInline, RulingInline]
    actions_detail = ["assign", "pause", "resume", "reopen", "merge"]
    fields = [
        "number", "department", "type", "title", "received_at", "channel", "cause", "product", "order",
        "handover_item", "about", "holder", "card_words", "state", "step_now", "is_upheld", "closed_at",
        "merged_into", "recorded_by", "recorded_at",
    ]  # fmt: skip
    readonly_fields = ["number", "type", "card_words", "step_now"]

    @display(description="类型", ordering="type_code")
    def type(self, case: Case) -> str:
        return case.provision.title if case.provision else PLAIN_TITLE

    @display(description="状态", ordering="state", label=STATE_COLORS)
    def state_now(self, case: Case) -> str:
        return case.get_state_display()

    @display(description="步骤")
    def step_now(self, case: Case) -> str:
        step = path_of(case).step(case.step) if case.is_open else None
        return step.label if step else "—"

    @display(description="记录卡")
    def card_words(self, case: Case) -> str:
        return in_lines(case.card) or "—"

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether the account steers cases anywhere, or the given one."""
        if object_id is None or not may_anywhere(request, "steer_cases"):
            return may_anywhere(request, "steer_cases")
        where = departments_where(account_of(request), "steer_cases")
        return self.get_queryset(request).filter(pk=object_id, department__in=where).exists()

    @action(
        description="指定承办人",
        permissions=["steer"],
        dialog=dialog("交给谁承办？", HolderForm, "指定"),
    )
    def assign(self, request: HttpRequest, form: HolderForm, object_id: str) -> HttpResponse:
        holder = form.cleaned_data["holder"]
        return self._steer(request, object_id, f"已交给{holder}", case_assign, holder=holder)

    @action(
        description="暂停计时",
        permissions=["steer"],
        dialog=dialog("从现在起暂停计时？", ReasonForm, "暂停", "平台时限照走；恢复后到期顺延。"),
    )
    def pause(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, now = form.cleaned_data["reason"], timezone.now()
        return self._steer(request, object_id, "已暂停计时", case_pause, reason=reason, happened_at=now)

    @action(
        description="恢复计时",
        permissions=["steer"],
        dialog=dialog("从现在起恢复计时？", YesForm, "恢复"),
    )
    def resume(self, request: HttpRequest, form: YesForm, object_id: str) -> HttpResponse:
        return self._steer(request, object_id, "已恢复计时", case_resume, happened_at=timezone.now())

    @action(
        description="重新打开",
        permissions=["steer"],
        dialog=dialog("重新打开这件投诉？", ReasonForm, "重新打开", "首次结案和原来的时限仍计在统计里。"),
    )
    def reopen(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        return self._steer(request, object_id, "已重新打开", case_reopen, reason=reason)

    @action(
        description="并案",
        permissions=["steer"],
        dialog=dialog("并入哪一件？", MergeForm, "并案", "本案的时限不再计，损失转到那一件，不能撤回。"),
    )
    def merge(self, request: HttpRequest, form: MergeForm, object_id: str) -> HttpResponse:
        case = get_object_or_404(self.get_queryset(request), pk=object_id)
        number, reason = form.cleaned_data["into"].strip(), form.cleaned_data["reason"]
        into = Case.objects.filter(department=case.department_id, number=number).first()
        if into is None:
            messages.error(request, f"没有办：本部门没有编号{number}的投诉；请核对编号。")
            return self.back_to(request, object_id)
        return self._steer(request, object_id, f"已并入{into.number}", case_merge, into=into, reason=reason)

    def _steer(
        self, request: HttpRequest, object_id: str, said: str, act: Callable[..., Any], **given: Any
    ) -> HttpResponse:
        """Let the service do it, and say so or why it is refused."""
        case = get_object_or_404(self.get_queryset(request), pk=object_id)
        try:
            act(case=case, by=account_of(request), at=timezone.now(), **given)
            messages.success(request, f"{said}：{case}。")
        except Refused as refused:
            messages.error(request, f"没有办：{refused}。")
        return self.back_to(request, object_id)


@admin.register(CaseEvent)
class CaseEventAdmin(CaseRowsAdmin):
    list_display = ["at", "case", "kind", "step", "decision", "note", "by", "recorded_at"]
    list_filter = ["kind", ("case__department", DepartmentFilter)]
    list_select_related = ["case", "by"]
    date_hierarchy = "at"
    ordering = ["-id"]
    search_fields = ["case__number", "note"]
    search_help_text = "按案件编号或说明查找"
    fields = [
        "case",
        "kind",
        "at",
        "step",
        "decision",
        "note",
        "brought",
        "by",
        "recorded_at",
    ]
    readonly_fields = ["brought"]

    @display(description="填写的内容")
    def brought(self, event: CaseEvent) -> str:
        return in_lines(event.data) if event.kind == CaseEvent.Kind.DECIDED and event.data else "—"


@admin.register(Callback)
class CallbackAdmin(CaseRowsAdmin):
    list_display = ["at", "case", "is_reached", "satisfaction", "note", "by"]
    list_filter = ["is_reached", "satisfaction", ("case__department", DepartmentFilter)]
    list_select_related = ["case", "by"]
    date_hierarchy = "at"
    search_fields = ["case__number", "note"]
    search_help_text = "按案件编号或客户评价查找"
