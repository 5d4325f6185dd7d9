"""Notices about public holidays: HR enters them, everybody's days follow."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from people.admin.bases import ScopedAdmin, may_anywhere
from people.web import account_of
from shifts.forms.holidays import HolidayNoticeForm
from shifts.models import HolidayNotice
from shifts.services.holidays import holiday_notice_enter


class HolidayNoticeAdminForm(HolidayNoticeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"off", "worked"} & self.fields.keys():
            self.fields[name].widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})


@admin.register(HolidayNotice)
class HolidayNoticeAdmin(ScopedAdmin):
    form = HolidayNoticeAdminForm
    list_display = ["year", "source", "entered_by", "entered_at"]
    list_select_related = ["entered_by"]
    search_fields = ["source"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_anywhere(request, "manage_staff")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_anywhere(request, "manage_staff")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["year"] if obj else []

    def save_model(self, request: HttpRequest, obj: HolidayNotice, form: Any, change: bool) -> None:
        row = holiday_notice_enter(
            year=obj.year,
            off=obj.off,
            worked=obj.worked,
            source=obj.source,
            by=account_of(request),
            at=timezone.now(),
        )
        obj.pk, obj._state.adding = row.pk, False
