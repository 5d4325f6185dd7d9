"""Forms of the pages of awards."""

from typing import Any

from django import forms

from files.forms import FilesField
from nominations.models import NOTE_LENGTH, REASON_LENGTH, TEXT_LENGTH
from people.models import Department, Staff
from people.selectors import on_day, person_matches
from rules.kinds.nominated import NominatedAward
from rules.provisions import Rule
from rules.selectors import employed_in

FOUND_AT_MOST = 20


def _words(label: str, limit: int, rows: int = 3, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, widget=widget, help_text=help_text)


class NominateForm(forms.Form):
    """Whom for which award on which facts."""

    code = forms.ChoiceField(label="奖项", widget=forms.RadioSelect)
    who = forms.CharField(
        label="提名谁",
        max_length=160,
        help_text="工号、姓名或拼音首字母；提名自己写自己的。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = _words("事迹与理由", TEXT_LENGTH, 5, "何时做了什么、有什么结果、谁可以证明。")
    attached = FilesField(label="证明材料", required=False, help_text="截图、照片或 PDF，可选几个。")

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        department: Department,
        rules: list[Rule[NominatedAward]],
        on: Any,
        begun: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, files, initial=begun or {})
        self.department, self.on = department, on
        codes: Any = self.fields["code"]
        codes.choices = [(rule.code, f"{rule.title}：{rule.kind.in_words()}") for rule in rules]

    def clean_who(self) -> Staff:
        given = self.cleaned_data["who"].replace("\x00", "").strip()
        people = employed_in(self.department, self.on).select_related("department")
        found = on_day(people.filter(number=given.split()[0] if given else ""), self.on)
        found = found or on_day(people.filter(person_matches(given))[:FOUND_AT_MOST], self.on)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(f"{self.department}没有找到“{given}”，请核对工号")
        names = "、".join(f"{each.number} {each.name}" for each in found)
        raise forms.ValidationError(f"“{given}”不止一人：{names}，请写工号")


class VoiceForm(forms.Form):
    """For or against, in words where one wants to."""

    comment = forms.CharField(label="意见（可不写）", required=False, max_length=NOTE_LENGTH)


class AttestForm(forms.Form):
    """What is certified, and on which grounds."""

    criterion = forms.ChoiceField(label="条件")
    note = forms.CharField(label="依据", max_length=NOTE_LENGTH)

    def __init__(self, data: Any = None, *, criteria: list[str]) -> None:
        super().__init__(data)
        named: Any = self.fields["criterion"]
        named.choices = [(each, each) for each in criteria]


class DecideForm(forms.Form):
    """The decision's reason; whether a gift is handed out, where the award knows one."""

    decision = _words("决定的理由", REASON_LENGTH)
    as_gift = forms.BooleanField(label="折合礼品发放，不发现金", required=False)

    def __init__(self, data: Any = None, *, has_gift: bool) -> None:
        super().__init__(data)
        if not has_gift:
            del self.fields["as_gift"]


class RevokeForm(forms.Form):
    """Why an award is taken back."""

    reason = _words("撤销的理由", REASON_LENGTH)
