"""Notices about public holidays: HR enters them, everybody's days follow."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from people.admin.bases import ScopedAdmin, may_anywhere
from people.web import account_of
from shifts.models import HolidayNotice
from shifts.services.holidays import holiday_notice_enter

HELP = "逐日填写，用空格、逗号或换行分开，如 2027-02-05 2027-02-06。"


class DaysField(forms.CharField):
    """Days in a text, each as 2027-02-05."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return " ".join(f"{each:%Y-%m-%d}" for each in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[date]:  # type: ignore[override]
        words = (
            (super().to_python(value) or "").replace("，", " ").replace(",", " ").replace("、", " ").split()
        )
        try:
            return [date.fromisoformat(word) for word in words]
        except ValueError:
            raise ValidationError("有一处不是日期；写作 2027-02-05") from None


class HolidayNoticeForm(forms.ModelForm):
    off = DaysField(label="放假的日子", help_text=HELP)
    worked = DaysField(label="调休上班的日子", required=False, help_text=HELP)

    class Meta:
        model = HolidayNotice
        fields = ["year", "off", "worked", "source"]


@admin.register(HolidayNotice)
class HolidayNoticeAdmin(ScopedAdmin):
    form = HolidayNoticeForm
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
