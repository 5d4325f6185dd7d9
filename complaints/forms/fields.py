"""Fields of the pages of cases: moments, people of a department, and those that a case type names."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from people.models import Department, Staff
from people.selectors import not_left
from rules.kinds.cases import CaseField

VALUE_LENGTH = 2000


def moment_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    """A day with its time, to the minute."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(
        label=label, widget=widget, required=required, help_text=help_text, input_formats=["%Y-%m-%dT%H:%M"]
    )


def minute(moment: datetime) -> datetime:
    """What a field of a moment shows to begin with."""
    return timezone.localtime(moment).replace(second=0, microsecond=0)


def people_of(department: Department, on: date) -> QuerySet[Staff]:
    """Who works in a department on a day, or begins there later."""
    return Staff.objects.filter(not_left(on), department=department).order_by("number")


class NamedFields:
    """Adds the fields that a case type or step names to a form, and reads them back by their names.

    In the page they are called `<prefix>-0` and so on: their names are people's words.
    """

    def __init__(self, specs: Sequence[CaseField], prefix: str) -> None:
        self.names = {f"{prefix}-{place}": spec.name for place, spec in enumerate(specs)}
        self.fields = {key: _field(spec) for key, spec in zip(self.names, specs, strict=True)}

    def read(self, given: Mapping[str, Any]) -> dict[str, str]:
        """What was written, by the names of the rulebook; what was left empty is not there."""
        return {name: _text(given.get(key)) for key, name in self.names.items() if _text(given.get(key))}

    def key_of(self, name: str) -> str | None:
        """What the page calls a field of the rulebook."""
        return next((key for key, each in self.names.items() if each == name), None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _field(spec: CaseField) -> forms.Field:
    given: dict[str, Any] = {"label": spec.name, "required": spec.required}
    match spec.type:
        case "text":
            widget = forms.Textarea(attrs={"rows": 3})
            return forms.CharField(max_length=VALUE_LENGTH, widget=widget, **given)
        case "choice":
            return forms.ChoiceField(
                choices=[("", "请选择"), *((each, each) for each in spec.choices)], **given
            )
        case "date":
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
        case "number":
            return forms.DecimalField(min_value=0, max_digits=14, decimal_places=4, **given)
        case "flag":
            return forms.ChoiceField(choices=[("", "请选择"), ("是", "是"), ("否", "否")], **given)
    return forms.CharField(max_length=VALUE_LENGTH, **given)
