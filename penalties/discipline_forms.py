"""Forms of the pages of disciplinary cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from files.forms import FilesField
from penalties.models import Proposal
from penalties.models.discipline import REASON_LENGTH, TEXT_LENGTH, DisciplinaryCase
from people.models import Account, Staff
from people.selectors import on_day, person_matches, staff_where
from rules.kinds.discipline import Discipline
from rules.proposals import ProposalKind
from rules.provisions import Rule

CHOICES_OF_PEOPLE = 20
# What a suggestion comes to where somebody acts on it.
LEVELS = {
    ProposalKind.WARNING: DisciplinaryCase.Level.WARNING,
    ProposalKind.MINOR_DEMERIT: DisciplinaryCase.Level.MINOR,
    ProposalKind.MAJOR_DEMERIT: DisciplinaryCase.Level.MAJOR,
    ProposalKind.TERMINATION: DisciplinaryCase.Level.DISMISSAL,
}


def _text(label: str, limit: int, rows: int = 4, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=limit, widget=widget, help_text=help_text)


def person_among(staff: QuerySet[Staff], given: str) -> Staff:
    """The one of `staff` whom a text means: a number, a name or a reading of it; else ValidationError."""
    given = given.replace("\x00", "").strip()
    found = on_day(staff.filter(number=given.split()[0] if given else "")[:CHOICES_OF_PEOPLE])
    found = found or on_day(staff.filter(person_matches(given))[:CHOICES_OF_PEOPLE])
    if len(found) == 1:
        return found[0]
    if not found:
        raise forms.ValidationError(f"没有找到“{given}”。请核对工号；只能对归您管的人提出。")
    names = "、".join(f"{each.number} {each.name}（{each.department.name}）" for each in found)
    raise forms.ValidationError(f"“{given}”不止一人：{names}。请写工号。")


class ProposeForm(forms.Form):
    """Whom, what action, on which facts; `proposal`: the suggestion that it takes up.

    `begun`: what a page that leads here knows already.
    """

    who = forms.CharField(
        label="员工",
        max_length=160,
        help_text="工号、姓名或拼音首字母。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    level = forms.ChoiceField(label="处分", choices=DisciplinaryCase.Level.choices, widget=forms.RadioSelect)
    grounds = _text("事实与依据", TEXT_LENGTH, help_text="何时、何地、何事，依据哪一条；只写查实的。")
    source = forms.CharField(
        label="所据案件", max_length=64, required=False, help_text="投诉案件或记录的编号，没有不填。"
    )
    attached = FilesField(label="证据", required=False, help_text="截图、照片或 PDF，可选几个。")

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        account: Account,
        proposal: Proposal | None = None,
        begun: Mapping[str, str] | None = None,
    ) -> None:
        initial: dict[str, Any] = {**(begun or {}), "key": uuid4().hex}
        if proposal is not None:
            initial |= {
                "who": f"{proposal.staff.number} {proposal.staff.name}",
                "level": LEVELS.get(ProposalKind(proposal.kind), ""),
                "grounds": str(proposal.evidence.get("reason", "")),
            }
        super().__init__(data, files, initial=initial)
        self.account, self.proposal = account, proposal

    def clean_who(self) -> Staff:
        staff = staff_where(self.account, "propose_discipline").select_related("department")
        if self.proposal is not None:
            staff = staff.filter(pk=self.proposal.staff_id)
        return person_among(staff, self.cleaned_data["who"])


class HearForm(forms.Form):
    """What the person said and when."""

    heard_at = forms.DateTimeField(
        label="陈述时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    statement = _text("本人怎么说", TEXT_LENGTH, help_text="照原话记；放弃陈述的写明放弃。")

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        begin = timezone.localtime(now).replace(second=0, microsecond=0)
        super().__init__(data, initial={"heard_at": begin})


class OwnHearForm(forms.Form):
    """What the person says in their own words, now."""

    statement = _text("我的陈述", TEXT_LENGTH, help_text="提交以后不能改；放弃陈述的写明放弃。")


class DecideForm(forms.Form):
    """The decision and why; which provision, where there are several."""

    decision = _text("决定的理由", REASON_LENGTH, 3)
    code = forms.ChoiceField(label="扣款条款", required=False)

    def __init__(self, data: Any = None, *, rules: list[Rule[Discipline]]) -> None:
        super().__init__(data)
        filled = [rule for rule in rules if not rule.is_inert]
        codes: Any = self.fields["code"]
        codes.choices = [
            (rule.code, f"{rule.code} {rule.title}（{rule.kind.in_words()}）") for rule in filled
        ]
        if len(filled) < 2:
            del self.fields["code"]
