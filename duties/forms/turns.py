"""The form that fills a rota of turns."""

from typing import Any

from django import forms

from duties.forms.handover import date_field
from rules.kinds.work import Duty
from rules.provisions import Rule


class TurnsForm(forms.Form):
    """Which rota to fill for which days."""

    code = forms.ChoiceField(label="轮值")
    first = date_field("自")
    last = date_field("至")

    def __init__(self, rules: list[Rule[Duty]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: Any = self.fields["code"]
        code.choices = [(rule.code, f"{rule.code} {rule.title}") for rule in rules]
