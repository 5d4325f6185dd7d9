"""Forms of the handover book."""

from typing import Any
from uuid import uuid4

from django import forms

from duties.models import HandoverItem
from duties.models.handover import TEXT_LENGTH
from files.forms import FilesField


def date_field(label: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required)


class HandoverForm(forms.Form):
    """One item for the next shift; made with a key, so that the same form is one item."""

    text = forms.CharField(label="未办事项", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    urgency = forms.ChoiceField(label="缓急", choices=HandoverItem.Urgency.choices, widget=forms.RadioSelect)
    customer = forms.CharField(label="客户", max_length=64, required=False)
    order_no = forms.CharField(
        label="订单号", max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    attached = FilesField(label="附件", required=False, help_text="截图或 PDF，可选几个。")
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None, files: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        base = {"urgency": HandoverItem.Urgency.NORMAL, "key": uuid4().hex}
        super().__init__(data, files, initial={**base, **(initial or {})})


class SayForm(forms.Form):
    text = forms.CharField(label="内容", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class BookFilter(forms.Form):
    """What the pages of the book show."""

    STATES = (("", "全部"), ("unsigned", "未签收"), ("open", "未办完"), ("not_done", "登记未办"))

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "内容、客户、订单号或姓名"}),
    )
    first = date_field("自", required=False)
    last = date_field("至", required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)

    def given(self) -> dict[str, Any]:
        return self.cleaned_data if self.is_valid() else {}
