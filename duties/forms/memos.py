"""Forms of memos, and of suggestions that are made of them."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from duties.services.memos import ANSWER_LENGTH, TEXT_LENGTH
from rules.kinds.fines_and_awards import RangeAward
from rules.provisions import Rule


class MemoForm(forms.Form):
    """A quick note; made with a key, so that the same form is one memo."""

    text = forms.CharField(label="记什么", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    tags = forms.CharField(label="标签", required=False, max_length=160, help_text="用空格或逗号分开。")
    remind_at = forms.DateTimeField(
        label="提醒时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"key": uuid4().hex, **(initial or {})})

    def given(self) -> dict[str, Any]:
        """The fields as the services take them."""
        given = dict(self.cleaned_data)
        given["tags"] = given["tags"].replace("，", " ").replace(",", " ").replace("、", " ").split()
        return given


class AnswerForm(forms.Form):
    """What becomes of a suggestion: the award where it is adopted, and why."""

    code = forms.ChoiceField(label="奖励条款", required=False)
    amount = forms.DecimalField(
        label="奖励金额（元）", required=False, min_value=Decimal(0), max_digits=12, decimal_places=2
    )
    answer = forms.CharField(label="理由", max_length=ANSWER_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, rules: list[Rule[RangeAward]], data: Any = None) -> None:
        super().__init__(data)
        code: Any = self.fields["code"]
        code.choices = [(rule.code, f"{rule.title}：{rule.kind.in_words()}") for rule in rules]
        if not rules:
            del self.fields["code"], self.fields["amount"]
