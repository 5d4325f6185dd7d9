"""Forms of the pages of the ladder."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from promotions.ladder import Rung
from promotions.services.attestations import LONGEST_NOTE, attested_items

ANSWERS = (("yes", "符合"), ("no", "不符合"))
APART = "\n"  # between the code and the item of a choice


class AttestationForm(forms.Form):
    """A word about one of the criteria that the steps before somebody leave to people."""

    what = forms.ChoiceField(label="事项", error_messages={"required": "请选事项"})
    answer = forms.ChoiceField(
        label="认定",
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选符合或不符合"},
    )
    on = forms.DateField(
        label="日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期", "invalid": "不是日期，请写成 2026-12-01"},
    )
    note = forms.CharField(
        label="依据",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="看到了什么；本人看得到。",
        error_messages={"required": "请写依据"},
    )

    def __init__(self, *args: Any, rungs: Iterable[Rung], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["on"] = today
        self.fields["what"].choices = choices_of(rungs)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the service is given."""
        given = self.cleaned_data
        code, _, item = given["what"].partition(APART)
        is_so = given["answer"] == "yes"
        return {"code": code, "item": item, "answer": is_so, "on": given["on"], "note": given["note"]}


def choices_of(rungs: Iterable[Rung]) -> list[tuple[str, str]]:
    """Each item that people certify, as code and item, in words."""
    choices = {}
    for rung in rungs:
        for part in rung.parts:
            for item in attested_items(part.rule):
                said = item or part.rule.title
                choices[f"{part.rule.code}{APART}{item}"] = f"{rung.label}：{said}"
    return list(choices.items())
