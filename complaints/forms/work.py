"""Forms with which a case is worked on: its present step, what happens on it, who holds it, its clocks."""

from datetime import datetime
from typing import Any

from django import forms

from complaints.forms.fields import NamedFields, minute, moment_field, people_of
from complaints.models import Case, CaseEvent
from complaints.services.cases import NOTED
from files.forms import FilesField
from people.fields import PersonField
from rules.kinds.cases import CLOSE, DECLINE, CaseStep

TEXT_LENGTH = 2000


def reason_field(label: str = "理由") -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class StepForm(forms.Form):
    """What the present step must bring, and when it was done; its decisions are the buttons."""

    note = forms.CharField(
        label="说明",
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    happened_at = moment_field("办理时间")
    upheld = forms.ChoiceField(
        label="结案时投诉是否成立",
        choices=[("yes", "成立"), ("no", "不成立")],
        widget=forms.RadioSelect,
        initial="yes",
    )
    step = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, data: Any = None, *, step: CaseStep, now: datetime) -> None:
        super().__init__(data, initial={"happened_at": minute(now), "step": step.code})
        self.brings = NamedFields(step.brings, "brings")
        self.fields = {**self.brings.fields, **self.fields}
        ends = {each.to for each in step.decisions}
        needed = {DECLINE: "不受理的写明理由", CLOSE: "已逾期才结案的写明延误的原因"}
        said = "；".join(words for end, words in needed.items() if end in ends)
        self.fields["note"].help_text = f"{said}。" if said else ""
        if CLOSE not in ends:
            del self.fields["upheld"]

    def given(self) -> dict[str, Any]:
        """What `case_step` takes of the form."""
        return {
            "note": self.cleaned_data["note"],
            "happened_at": self.cleaned_data["happened_at"],
            "seen": self.cleaned_data["step"],
            "brings": self.brings.read(self.cleaned_data),
            "upheld": self.cleaned_data.get("upheld", "yes") == "yes",
        }

    def field_of(self, refused_field: str) -> str | None:
        return self.brings.key_of(refused_field) or _own(self, refused_field)


class WorkForm(forms.Form):
    """A form of one thing that can be done with a case; `now` is when it is shown.

    Several stand on one page, so that its fields have ids of its own: `event_note`, `assign_holder`.
    """

    def __init__(self, data: Any = None, files: Any = None, *, case: Case, now: datetime) -> None:
        own = type(self).__name__.removesuffix("Form").lower()
        super().__init__(data, files, auto_id=f"{own}_%s")
        self.case = case
        if "happened_at" in self.fields:
            self.fields["happened_at"].initial = minute(now)

    def field_of(self, refused_field: str) -> str | None:
        """The field of the page that a refusal of the service is about."""
        return _own(self, {"files": "attached"}.get(refused_field, refused_field))


def _own(form: forms.Form, name: str) -> str | None:
    return name if name in form.fields and not form.fields[name].widget.is_hidden else None


class EventForm(WorkForm):
    """Something that was done or happened."""

    kind = forms.ChoiceField(label="做了什么", choices=[(each.value, each.label) for each in NOTED])
    happened_at = moment_field("什么时候")
    note = forms.CharField(
        label="内容",
        max_length=TEXT_LENGTH,
        required=False,
        help_text="答复客户的写明原话；备注写明内容。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attached = FilesField(label="附件", required=False)

    def __init__(self, data: Any = None, files: Any = None, *, case: Case, now: datetime) -> None:
        super().__init__(data, files, case=case, now=now)
        if not case.is_open:
            kinds: Any = self.fields["kind"]
            kinds.choices = [
                (each.value, each.label) for each in (CaseEvent.Kind.REVISITED, CaseEvent.Kind.NOTE)
            ]


class AssignForm(WorkForm):
    """Who works on the case from now on."""

    holder = PersonField(label="承办人", required=True, options="holder-options")

    def __init__(self, data: Any = None, files: Any = None, *, case: Case, now: datetime) -> None:
        super().__init__(data, files, case=case, now=now)
        field: Any = self.fields["holder"]
        field.staff = people_of(case.department, now.date())


class PauseForm(WorkForm):
    happened_at = moment_field("自何时暂停")
    reason = reason_field("原因")


class ResumeForm(WorkForm):
    happened_at = moment_field("自何时恢复")


class ReopenForm(WorkForm):
    happened_at = moment_field("何时重新打开")
    reason = reason_field()


class MergeForm(WorkForm):
    """The number of the case into which this one goes."""

    into = forms.CharField(label="并入哪一件", max_length=16, help_text="写对方的编号，例如 20261130-001。")
    reason = reason_field()

    def clean_into(self) -> Case:
        number = self.cleaned_data["into"].replace("\x00", "").strip()
        rows = Case.objects.filter(department=self.case.department_id)
        found = rows.filter(number=number).first()
        if found is None:
            raise forms.ValidationError(f"本部门没有投诉“{number}”。请核对编号。")
        return found


class CallbackForm(WorkForm):
    """How content the customer is, asked after the case was closed."""

    SCORES = [("", "没有联系上"), *((str(each), f"{each} 分") for each in range(5, 0, -1))]

    happened_at = moment_field("回访时间")
    satisfaction = forms.ChoiceField(label="满意度", choices=SCORES, required=False)
    note = forms.CharField(label="客户评价", max_length=500, required=False)

    def given(self) -> dict[str, Any]:
        """What `callback_record` takes of the form."""
        score = self.cleaned_data["satisfaction"]
        return {
            "happened_at": self.cleaned_data["happened_at"],
            "is_reached": bool(score),
            "satisfaction": int(score) if score else None,
            "note": self.cleaned_data["note"],
        }
