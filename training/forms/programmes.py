"""Forms of the pages of training."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from files.forms import ACCEPT
from people.fields import PersonField
from people.models import Department, Staff
from people.selectors import person_matches
from rules.kinds.programme import Programme
from rules.provisions import Rule
from training.models import Enrolment, IntakePlace, StepRecord
from training.plan import Plan

SORTS = {"late": "过期多的在前", "start": "新开始的在前", "number": "按工号", "next": "下一步早的在前"}
SHOWN = {"open": "进行中", "late": "有过期的", "failed": "考试不合格", "confirmable": "可以转正"}
ENDED = "ended"


def day_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        widget=widget,
        error_messages={"required": "请填日期。", "invalid": "不是日期，请写成 2026-10-01。"},
    )


class EnrolmentFilter(forms.Form):
    """Which enrolments are listed, and in which order."""

    department = forms.ChoiceField(label="部门")
    who = forms.CharField(
        label="员工",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "工号、姓名或拼音首字母"}),
    )
    shown = forms.ChoiceField(label="状态", choices=[*SHOWN.items(), (ENDED, "已结束")], required=False)
    sort = forms.ChoiceField(label="排序", choices=SORTS.items(), required=False)

    def __init__(self, data: Any, departments: Sequence[Department]) -> None:
        codes = [(each.code, each.name) for each in departments]
        given = {**data.dict(), "department": data.get("department") or codes[0][0]}
        super().__init__(given)
        cast(forms.ChoiceField, self.fields["department"]).choices = codes
        self.is_valid()

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data

    @property
    def is_ended(self) -> bool:
        return self.given.get("shown") == ENDED

    @property
    def is_filtered(self) -> bool:
        return bool(self.given.get("who") or self.given.get("shown", "open") not in ("", "open"))

    def apply(self, rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        """Of these enrolments those of the department, the state and the person."""
        rows = rows.filter(department__code=self.given.get("department", ""))
        rows = rows.filter(ended_on__isnull=not self.is_ended)
        if who := self.given.get("who", "").strip():
            rows = rows.filter(person_matches(who, "staff"))
        return rows.select_related("staff", "mentor", "provision", "department")

    def plans(self, plans: list[Plan], today: date) -> list[Plan]:
        """Of these plans those that fit, in the order asked for; what is late first where none is."""
        match self.given.get("shown"):
            case "late":
                plans = [each for each in plans if each.late]
            case "failed":
                plans = [each for each in plans if each.failed]
            case "confirmable":
                plans = [each for each in plans if each.confirmable_from and each.confirmable_from <= today]
        match self.given.get("sort"):
            case "start":
                return sorted(plans, key=lambda each: each.enrolment.starts_on, reverse=True)
            case "number":
                return sorted(plans, key=lambda each: each.enrolment.staff.number)
            case "next":
                return sorted(plans, key=lambda each: each.next_step.next_on if each.next_step else date.max)
        return sorted(plans, key=lambda each: (-len(each.late), each.enrolment.staff.number))


class EnrolmentForm(forms.Form):
    """Who begins which programme when, with whom as mentor."""

    staff = PersonField(label="新人", required=True)
    code = forms.ChoiceField(label="培训计划")
    starts_on = day_field("第1天")
    mentor = PersonField(label="师傅")
    batch = forms.CharField(
        label="批次",
        required=False,
        max_length=32,
        help_text="同一批的新人一起评名次；不填就是开始的月份，如 2026-11。",
    )

    def __init__(
        self,
        *args: Any,
        programmes: Iterable[Rule[Programme]],
        newcomers: QuerySet[Staff],
        mentors: QuerySet[Staff],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        names = [(each.code, f"{each.code} {each.title}") for each in programmes]
        cast(forms.ChoiceField, self.fields["code"]).choices = names
        cast(PersonField, self.fields["staff"]).staff = newcomers
        cast(PersonField, self.fields["mentor"]).staff = mentors


class MentorForm(forms.Form):
    """Another mentor, or none."""

    mentor = PersonField(label="师傅", help_text="留空就是没有师傅。")

    def __init__(self, *args: Any, mentors: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["mentor"]).staff = mentors


class EndForm(forms.Form):
    """When a programme ended, and why."""

    on = day_field("结束日期")
    why = forms.CharField(label="说明", max_length=200, help_text="已完成、离职或其他原因。")


class StepForm(forms.Form):
    """Whether somebody took part in a step, and when."""

    kind = forms.ChoiceField(label="到课", choices=StepRecord.Kind.choices)
    on = day_field("日期")
    note = forms.CharField(label="说明", max_length=200, required=False)


class TeacherForm(forms.Form):
    """Who teaches a step."""

    teacher = PersonField(label="由谁带", help_text="留空就按计划：师傅带的归师傅，其余由组长或主管登记。")

    def __init__(self, *args: Any, teachers: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["teacher"]).staff = teachers


class MaterialForm(forms.Form):
    """A file or a link for a step."""

    title = forms.CharField(label="名称", max_length=100)
    content = forms.FileField(
        label="文件",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text="图片或 PDF；文件和链接只给一样。",
    )
    url = forms.URLField(label="链接", max_length=300, required=False, assume_scheme="https")


class PlacesForm(forms.Form):
    """The place of each newcomer of a batch, empty for who has none; whose it is, where that is changed."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[Enrolment],
        held: Mapping[int, IntakePlace],
        mentors: QuerySet[Staff],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members = {f"place-{each.pk}": each for each in members}
        for name, each in self.members.items():
            mentor = held[each.pk].mentor if each.pk in held else each.mentor
            label = f"{each.staff}（师傅{mentor.name}）" if mentor else f"{each.staff}（没有师傅）"
            self.fields[name] = forms.IntegerField(
                label=label, required=False, min_value=1, max_value=len(members)
            )
            field = PersonField(label=f"{each.staff}的名次改算给", help_text="师傅没有错的留空。")
            field.staff = mentors
            self.fields[f"mentor-{each.pk}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        places = sorted(each for name in self.members if (each := cleaned.get(name)) is not None)
        if not self.errors and places != list(range(1, len(places) + 1)):
            raise forms.ValidationError("名次应从1起连续、不重复；并列的请定出先后。")
        return cleaned

    def mentors(self) -> dict[int, Staff]:
        """Whose a place is to be, by the enrolment's id, where somebody was named."""
        named = {each.pk: self.cleaned_data[f"mentor-{each.pk}"] for each in self.members.values()}
        return {pk: mentor for pk, mentor in named.items() if mentor is not None}

    def order(self) -> list[Enrolment]:
        """Those who have a place, the first of them first."""
        placed = {name: place for name in self.members if (place := self.cleaned_data[name]) is not None}
        return [self.members[name] for name in sorted(placed, key=lambda name: placed[name])]
