"""Clocks of cases and hours of work in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from complaints.admin.bases import CaseRowsAdmin
from complaints.admin.forms import OpeningHoursForm
from complaints.models import Clock, ClockEvent, OpeningHours
from complaints.models.clocks import PLATFORM
from complaints.services.clocks import calendar_changed, deadline_of
from complaints.services.working_hours import opening_hours_set
from people.admin.bases import DepartmentFilter, ReadOnlyInline
from people.web import account_of
from rules.kinds.labels import WEEKDAYS

LEVELS = {"": "", "due": "到期", "restart": "重新起算"}
STEPS = {"before": "提前{}小时", "after": "逾期第{}次"}


@display(description="级别", ordering="level")
def level_words(event: ClockEvent) -> str:
    step, _, number = event.level.partition("-")
    return STEPS[step].format(number) if step in STEPS else LEVELS.get(event.level, event.level)


class ClockEventInline(ReadOnlyInline):
    model = ClockEvent
    fields = ["at", "kind", level_words, "due_at", "reason", "by"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClockEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Clock)
class ClockAdmin(CaseRowsAdmin):
    """A clock with its frozen policy and all that it was told."""

    list_display = ["title", "case", "policy_words", "round"]
    list_filter = ["round", ("case__department", DepartmentFilter)]
    list_select_related = ["case"]
    ordering = ["-id"]
    search_fields = ["case__number", "title", "code"]
    search_help_text = "按案件编号、时限或条款编号查找"
    fields = ["case", "title", "provision", "policy_words", "round"]
    readonly_fields = ["policy_words"]
    inlines = [ClockEventInline]

    @display(description="时限规则")
    def policy_words(self, clock: Clock) -> str:
        return "平台给的时间" if clock.code == PLATFORM else deadline_of(clock).in_words()


@admin.register(ClockEvent)
class ClockEventAdmin(CaseRowsAdmin):
    of_department = "clock__case__department"
    list_display = ["at", "case", "clock", "kind", level_words, "due_at", "reason", "by"]
    list_filter = ["kind", ("clock__case__department", DepartmentFilter)]
    list_select_related = ["clock__case", "by"]
    date_hierarchy = "at"
    ordering = ["-id"]
    search_fields = ["clock__case__number", "clock__title", "reason"]
    search_help_text = "按案件编号、时限或原因查找"
    fields = ["clock", "kind", "at", "due_at", level_words, "reason", "by", "recorded_at"]
    readonly_fields = [level_words]

    @display(description="案件", ordering="clock__case")
    def case(self, event: ClockEvent) -> str:
        return str(event.clock.case)


@admin.register(OpeningHours)
class OpeningHoursAdmin(CaseRowsAdmin):
    """Hours are added from a day on, never changed; deadlines that move by it are told so on their cases."""

    of_department = "department"
    list_display = ["department", "from_on", "hours_words", "holidays", "by", "at"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    fields = ["department", "from_on", "hours_words", "holidays", "by", "at"]
    readonly_fields = ["hours_words"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("complaints.add_openinghours")

    def get_form(self, request: HttpRequest, obj: OpeningHours | None = None, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        kwargs["form"] = type("OpeningHoursForm", (OpeningHoursForm,), {"account": account_of(request)})
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: OpeningHours | None = None) -> Any:
        return self.fields if obj else ["department", "from_on", "lines", "holidays"]

    def get_readonly_fields(self, request: HttpRequest, obj: OpeningHours | None = None) -> Any:
        return self.readonly_fields if obj else []

    def save_model(self, request: HttpRequest, obj: OpeningHours, form: Any, change: bool) -> None:
        given = form.cleaned_data
        by, at = account_of(request), timezone.now()
        obj.pk = opening_hours_set(
            department=given["department"],
            from_on=given["from_on"],
            hours=given["lines"],
            holidays=given["holidays"],
            by=by,
            at=at,
        ).pk
        moved = calendar_changed(department=given["department"], by=by, at=at)
        if moved:
            self.message_user(request, f"有 {moved} 项时限因此改了到期时间，已记在各案件上。")

    @display(description="时段")
    def hours_words(self, row: OpeningHours) -> str:
        return "；".join(
            f"{'、'.join(WEEKDAYS[day] for day in each['weekdays'])} {each['start']}–{each['end']}"
            for each in row.hours
        )
