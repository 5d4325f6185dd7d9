"""Fields of forms in which somebody is named."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from people.models import Staff
from people.selectors import person_matches

CHOICES_OF_PEOPLE = 20


class PersonField(forms.CharField):
    """One of the people of `staff`, by number, name or pinyin; cleaned to the person, None for nobody.

    `options`: the id of the page's list of names, where it has one.
    """

    def __init__(self, *, label: str, required: bool = False, help_text: str = "", options: str = "") -> None:
        listed = {"list": options} if options else {}
        widget = forms.TextInput(attrs={**listed, "autocomplete": "off", "placeholder": "工号或姓名"})
        given: dict[str, Any] = {"label": label, "required": required, "help_text": help_text}
        super().__init__(max_length=160, widget=widget, **given)
        self.staff: QuerySet[Staff] = Staff.objects.none()

    def clean(self, value: Any) -> Staff | None:
        given = super().clean(value).strip()
        if not given:
            return None
        number = given.split()[0]
        found = list(self.staff.filter(Q(number=number) | Q(name=given))[:2])
        found = found or list(self.staff.filter(person_matches(given))[:CHOICES_OF_PEOPLE])
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(f"没有找到“{given}”。请核对工号；只能选本部门在职的人。")
        names = "、".join(f"{each.number} {each.name}" for each in found)
        raise forms.ValidationError(f"“{given}”不止一人：{names}。请写工号。")
