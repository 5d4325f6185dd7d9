"""Forms of the administration: the dialogs in which cases are steered, and hours of work."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from complaints.models import Case, OpeningHours
from people.models import Account, Department, Staff
from people.selectors import departments_where, not_left
from people.web import account_of

_INTERVAL = re.compile(r"([1-7]+)\s+(\d{2}:\d{2})\s*[-–—至]\s*(\d{2}:\d{2})")


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(label="理由", max_length=500, widget=UnfoldAdminTextareaWidget)


class YesForm(BaseDialogForm):
    """A question that needs only a yes."""


class HolderForm(BaseDialogForm):
    holder = forms.ModelChoiceField(
        label="承办人", queryset=Staff.objects.none(), widget=UnfoldAdminSelect2Widget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holder: Any = self.fields["holder"]
        holder.queryset = _people_of(account_of(self.request), self.object_id)


class MergeForm(ReasonForm):
    field_order = ["into", "reason"]

    into = forms.CharField(
        label="并入案件的编号", max_length=16, widget=UnfoldAdminTextInputWidget, help_text="同一部门的案件。"
    )


def _people_of(account: Account, case_id: Any) -> QuerySet[Staff]:
    """Who works in the department of a case that the account steers."""
    steered = Case.objects.filter(pk=case_id, department__in=departments_where(account, "steer_cases"))
    rows = Staff.objects.filter(not_left(timezone.localdate()), department__in=steered.values("department"))
    return rows.order_by("number")


class OpeningHoursForm(forms.ModelForm):
    """From which day on which hours are worked, an interval a line."""

    account: Account

    lines = forms.CharField(
        label="时段",
        widget=UnfoldAdminTextareaWidget,
        help_text="每行一个时段：星期（1至7）、开始、结束，如 12345 08:30-17:30；结束不晚于开始的算到次日。",
    )

    class Meta:
        model = OpeningHours
        fields = ["department", "from_on", "holidays"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department: Any = self.fields["department"]
        department.queryset = Department.objects.filter(
            pk__in=departments_where(self.account, "steer_cases").values("pk")
        )

    def clean_lines(self) -> list[dict[str, Any]]:
        """The intervals as complaints/services/working_hours.py takes them."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["lines"].splitlines())):
            read = _INTERVAL.fullmatch(line)
            if read is None:
                raise forms.ValidationError(f"看不懂“{line[:40]}”；写作 12345 08:30-17:30")
            weekdays, start, end = read.groups()
            found.append({"weekdays": [int(each) for each in weekdays], "start": start, "end": end})
        return found
