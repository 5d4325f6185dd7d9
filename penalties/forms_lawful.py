"""Forms in which somebody decides what may be taken from wages."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from core.periods import parse_month
from penalties.lawful import Deduction, Ground

YES, NO = "yes", "no"


class FromMonthForm(forms.Form):
    """A decision that holds from a month on."""

    month = forms.CharField(label="自哪个月起", widget=forms.TextInput(attrs={"type": "month"}))

    def clean_month(self) -> date:
        try:
            return parse_month(self.cleaned_data["month"].strip())
        except ValueError:
            raise forms.ValidationError("不是月份，请写成 2026-10。") from None


class LossLimitForm(FromMonthForm):
    """How much of a month's wages compensation of loss takes at most, from which month, and why."""

    percent = forms.DecimalField(
        label="每月至多扣（%）", min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    reason = forms.CharField(
        label="理由与出处",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="高于20%的要写明允许它的地方规定，例如《某省工资支付条例》第几条。",
    )
    field_order = ("percent", "month", "reason")

    def __init__(self, data: Any = None, *, percent: Decimal, month: date) -> None:
        super().__init__(data, initial={"percent": percent, "month": f"{month:%Y-%m}"})


class WageRuleForm(FromMonthForm):
    """Yes or no, from which month, on what ground, with the reason and its source."""

    from_wages = forms.ChoiceField(
        label="从工资扣",
        choices=[(YES, "可以从工资扣"), (NO, "不从工资扣")],
        widget=forms.RadioSelect,
    )
    ground = forms.ChoiceField(label="依据", choices=Ground.choices)
    reason = forms.CharField(
        label="理由与出处",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明出自哪部法规、合同或规章的哪一条；会显示在工资条的说明里。",
    )
    field_order = ("from_wages", "month", "ground", "reason")

    def __init__(self, data: Any = None, *, deduction: Deduction, month: date) -> None:
        decided = deduction.decided
        initial = {
            "from_wages": YES if deduction.from_wages and not deduction.is_doubtful else NO,
            "month": f"{month:%Y-%m}",
            "ground": decided.ground if decided else deduction.proposed.ground,
            "reason": decided.reason if decided else "",
        }
        super().__init__(data, initial=initial)

    def clean_from_wages(self) -> bool:
        return bool(self.cleaned_data["from_wages"] == YES)
