"""The form in which somebody decides whether a provision may take money from wages."""

from datetime import date
from typing import Any

from django import forms

from core.periods import parse_month
from penalties.lawful import Deduction, Ground

YES, NO = "yes", "no"


class WageRuleForm(forms.Form):
    """Yes or no, from which month, on what ground, with the reason and its source."""

    from_wages = forms.ChoiceField(
        label="从工资扣",
        choices=[(YES, "可以从工资扣"), (NO, "不从工资扣")],
        widget=forms.RadioSelect,
    )
    month = forms.CharField(label="自哪个月起", widget=forms.TextInput(attrs={"type": "month"}))
    ground = forms.ChoiceField(label="依据", choices=Ground.choices)
    reason = forms.CharField(
        label="理由与出处",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明出自哪部法规、合同或规章的哪一条；会显示在工资条的说明里。",
    )

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

    def clean_month(self) -> date:
        try:
            return parse_month(self.cleaned_data["month"].strip())
        except ValueError:
            raise forms.ValidationError("不是月份，请写成 2026-10。") from None
