"""What the page of aliases asks for."""

from datetime import date
from typing import Any

from django import forms

from people.models import LONGEST_ALIAS, Department
from people.selectors import numbered

_DAY = forms.DateInput(attrs={"type": "date"})
_NOT_A_DAY = {"invalid": "不是日期，请写成 2026-10-01。", "required": "请填日期。"}


class AliasForm(forms.Form):
    """Who is called so from which day on."""

    text = forms.CharField(
        label="别名", max_length=LONGEST_ALIAS, help_text="旺旺、昵称、账号，照文件里的写法。"
    )
    number = forms.CharField(
        label="工号", max_length=32, required=False, help_text="空：不是本部门的人，文件里的这些行不导入。"
    )
    shop = forms.CharField(
        label="店铺", max_length=64, required=False, help_text="只在这个店铺里这样叫的才填。"
    )
    from_on = forms.DateField(label="从哪天起", widget=_DAY, error_messages=_NOT_A_DAY)

    def __init__(self, *args: Any, department: Department, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._department = department
        self.fields["from_on"].initial = f"{today}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        number = cleaned.pop("number", "").strip()
        cleaned["staff"] = (
            numbered(self._department.staff.all(), self._department, number) if number else None
        )
        if number and cleaned["staff"] is None:
            self.add_error("number", f"本部门没有工号 {number}，请改正，或者先登记员工。")
        return cleaned


class AliasEndForm(forms.Form):
    """Until which day somebody is called so."""

    last_day = forms.DateField(label="最后一天", widget=_DAY, error_messages=_NOT_A_DAY)
