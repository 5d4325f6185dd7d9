"""Forms about orders."""

from datetime import date
from typing import Any

from django import forms

from commissions.models import OrderReading


class OrderReadingForm(forms.ModelForm):
    """How orders out of the ordinary are read from a day on."""

    class Meta:
        model = OrderReading
        fields = ["from_on", "sham", "sham_words", "cash_on_delivery", "gifts", "deposits", "hidden"]
        widgets = {"from_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, data: Any = None, *, now: OrderReading, today: date) -> None:
        initial = {name: getattr(now, name) for name in self.Meta.fields} | {"from_on": today}
        super().__init__(data, initial=initial)
