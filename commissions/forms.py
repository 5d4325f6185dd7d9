"""Forms about orders and figures."""

from datetime import date
from typing import Any

from django import forms

from commissions.models import OrderReading
from core.periods import parse_month
from rules.kinds.labels import FIGURE_LABELS

NAMES = f"常用的：{'、'.join(FIGURE_LABELS.values())}；也可以自己起名，公式里写同样的名称。"


class OrderReadingForm(forms.ModelForm):
    """How orders out of the ordinary are read from a day on."""

    class Meta:
        model = OrderReading
        fields = ["from_on", "sham", "sham_words", "cash_on_delivery", "gifts", "deposits", "hidden"]
        widgets = {"from_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, data: Any = None, *, now: OrderReading, today: date) -> None:
        initial = {name: getattr(now, name) for name in self.Meta.fields} | {"from_on": today}
        super().__init__(data, initial=initial)


class MonthField(forms.CharField):
    """A month as its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})

    def clean(self, value: Any) -> date:
        try:
            return parse_month(super().clean(value).strip())
        except ValueError:
            raise forms.ValidationError("请写成 2026-10 这样") from None


class FigureForm(forms.Form):
    """A department's figure of a month."""

    month = MonthField(label="月份")
    code = forms.CharField(label="数字", max_length=32, help_text=NAMES)
    value = forms.DecimalField(label="数值", max_digits=18, decimal_places=6)

    def __init__(self, data: Any = None, *, month: date) -> None:
        super().__init__(data, initial={"month": f"{month:%Y-%m}"})


class DefinitionForm(forms.Form):
    """What a metric counts from a month on."""

    code = forms.CharField(label="指标", max_length=32, help_text="写名称，例如 退款率。")
    from_month = MonthField(label="从哪个月起")
    text = forms.CharField(
        label="口径",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="怎样统计：售后算到几天、两次会话隔多久、多慢算慢响应。",
    )

    def __init__(self, data: Any = None, *, month: date) -> None:
        super().__init__(data, initial={"from_month": f"{month:%Y-%m}"})
