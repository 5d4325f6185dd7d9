"""Forms of the pages about leave."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.errors import Refused
from penalties.forms import DateInput
from people.models import Account, Staff
from people.selectors import person_matches
from rules.leave_types import LeaveType
from shifts.models import Leave, LeaveRequest
from shifts.services.leave_requests import leave_ask

# Rest is the roster's to give.
TYPES = [choice for choice in LeaveType.choices if choice[0] != LeaveType.REST]
FILES = {"accept": "image/jpeg,image/png,image/webp,application/pdf"}


class LeaveForm(forms.Form):
    """Asks for leave; the types of which the rulebook speaks come first."""

    type = forms.ChoiceField(label="请什么假")
    starts_on = forms.DateField(label="从哪天起", widget=DateInput())
    days = forms.DecimalField(
        label="几天",
        initial=1,
        min_value=0,
        max_digits=5,
        decimal_places=2,
        required=False,
        help_text="要上班的天数，半天写 0.5；不用上班的日子不算。",
        widget=forms.NumberInput(attrs={"step": "0.5", "min": "0.5", "inputmode": "decimal"}),
    )
    hours = forms.DecimalField(
        label="或几小时",
        min_value=0,
        max_digits=4,
        decimal_places=2,
        required=False,
        help_text="只请当天几个小时的填这里，上面的天数就不看。",
        widget=forms.NumberInput(attrs={"step": "0.5", "min": "0.5", "inputmode": "decimal"}),
    )
    half = forms.ChoiceField(
        label="半天是哪一半",
        choices=[("", "不是半天，或都可以"), *Leave.Half.choices],
        required=False,
    )
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    certificate = forms.FileField(
        label="证明",
        required=False,
        help_text="图片或 PDF；可以以后补交。",
        widget=forms.FileInput(attrs=FILES),
        error_messages={"empty": "文件是空的，请重新选择。"},
    )

    def __init__(self, *args: Any, written: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = [(code, label) for code, label in TYPES if code in written]
        others = [(code, label) for code, label in TYPES if code not in written]
        groups = [("制度写明的", ours), ("其他", others)]
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = groups if ours and others else TYPES

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("hours"):
            cleaned["days"] = None
        return cleaned

    def ask(self, *, staff: Staff, by: Account, at: datetime) -> LeaveRequest | None:
        """The request that was made; None where it was refused."""
        try:
            return leave_ask(staff=staff, **self.cleaned_data, by=by, at=at)
        except Refused as refused:
            self.add_error(None, f"{refused}。")
            return None


class CertificateForm(forms.Form):
    """A certificate that is handed in later."""

    certificate = forms.FileField(label="证明", widget=forms.FileInput(attrs=FILES))


class LeaveFilterForm(forms.Form):
    """Which leave of a month is listed."""

    month = forms.CharField(
        label="月份",
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"}),
    )
    who = forms.CharField(
        label="员工",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "工号、姓名或拼音首字母"}),
    )
    type = forms.ChoiceField(label="类型", choices=[("", "全部"), *LeaveType.choices], required=False)
    department = forms.CharField(label="部门", required=False, max_length=32, widget=forms.HiddenInput)

    def apply(self, leaves: "QuerySet[Leave]") -> "QuerySet[Leave]":
        """The leave that fits; what cannot be read filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        if type_ := given.get("type"):
            leaves = leaves.filter(type=type_)
        if code := given.get("department"):
            leaves = leaves.filter(staff__department__code=code)
        if who := given.get("who", "").strip():
            leaves = leaves.filter(person_matches(who, of="staff"))
        return leaves
