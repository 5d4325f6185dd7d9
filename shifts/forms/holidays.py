"""The form of a published notice about a year's public holidays, for the page and the administration."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from shifts.models import HolidayNotice

HELP = "逐日填写，用空格、逗号或换行分开，如 2027-02-05 2027-02-06。"


class DaysField(forms.Field):
    """Days in a text, each as 2027-02-05."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return " ".join(f"{each:%Y-%m-%d}" for each in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[date]:
        words = str(value or "").replace("，", " ").replace(",", " ").replace("、", " ").split()
        try:
            return [date.fromisoformat(word) for word in words]
        except ValueError:
            raise ValidationError("有一处不是日期；写作 2027-02-05") from None


class HolidayNoticeForm(forms.ModelForm):
    off = DaysField(label="放假的日子", help_text=HELP)
    worked = DaysField(label="调休上班的日子", required=False, help_text=HELP)

    class Meta:
        model = HolidayNotice
        fields = ["year", "off", "worked", "source"]

    def validate_unique(self) -> None:
        """A year that is there already is corrected."""
