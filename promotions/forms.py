"""Forms of the ladder, of review rounds and of changes of grade."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from penalties.discipline_forms import person_among
from people.api_fields import BOUNDS
from people.models import Account, Department, Staff, Tier
from people.selectors import departments_where, on_day, staff_where
from promotions.ladder import Rung
from promotions.models import ReviewRound
from promotions.models.changes import REASON_LENGTH
from promotions.models.rounds import HIGHEST_SCORE
from promotions.services.attestations import LONGEST_NOTE, attested_items

ANSWERS = (("yes", "符合"), ("no", "不符合"))


APART = "\t"  # between the code and the item of a choice; a line break a browser would send otherwise


class AttestationForm(forms.Form):
    """A word about one of the criteria that the steps before somebody leave to people."""

    what = forms.ChoiceField(label="事项", error_messages={"required": "请选事项"})
    answer = forms.ChoiceField(
        label="认定",
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选符合或不符合"},
    )
    on = forms.DateField(
        label="日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期", "invalid": "不是日期，请写成 2026-12-01"},
    )
    note = forms.CharField(
        label="依据",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="看到了什么；本人看得到。",
        error_messages={"required": "请写依据"},
    )

    def __init__(self, *args: Any, rungs: Iterable[Rung], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["on"] = today
        self.fields["what"].choices = choices_of(rungs)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the service is given."""
        given = self.cleaned_data
        code, _, item = given["what"].partition(APART)
        is_so = given["answer"] == "yes"
        return {"code": code, "item": item, "answer": is_so, "on": given["on"], "note": given["note"]}


def choices_of(rungs: Iterable[Rung]) -> list[tuple[str, str]]:
    """Each item that people certify, as code and item, in words."""
    choices = {}
    for rung in rungs:
        for part in rung.parts:
            for item in attested_items(part.rule):
                said = item or part.rule.title
                choices[f"{part.rule.code}{APART}{item}"] = f"{rung.label}：{said}"
    return list(choices.items())


def _text(label: str, limit: int = REASON_LENGTH, *, required: bool = True, help_text: str = "") -> Any:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, max_length=limit, required=required, widget=widget, help_text=help_text
    )


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, widget=widget, validators=BOUNDS, required=required, help_text=help_text
    )


def _who() -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label="员工", max_length=160, help_text="工号、姓名或拼音首字母。", widget=widget)


def _into_frozen() -> forms.BooleanField:
    return forms.BooleanField(
        label="已批准的月份作为调整补差",
        required=False,
        help_text="生效日期在已批准的月份里时勾选：那时的工资条不动，差额计入下一个未批准的月份。",
    )


class RoundForm(forms.Form):
    """A new round: where, of what kind, on which day, about which tiers, with a ballot or a panel."""

    department = forms.ModelChoiceField(label="部门", queryset=Department.objects.none())
    kind = forms.ChoiceField(label="类别", choices=ReviewRound.Kind.choices)
    on = _day("评审日期", help_text="候选人在这一天的职级须为原职级。")
    from_tier = forms.ChoiceField(label="原职级", choices=Tier.choices)
    to_tier = forms.ChoiceField(label="评审职级", choices=Tier.choices, help_text="低于原职级即为降级评审。")
    has_ballot = forms.BooleanField(
        label="匿名投票", required=False, help_text="由候选人同组的人投；满三票、投票结束后才显示结果。"
    )
    panel = forms.CharField(
        label="评委",
        required=False,
        max_length=500,
        help_text="有答辩时填写评分的人：登录名或本部门工号，用空格分开。",
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None, *, account: Account, today: date) -> None:
        super().__init__(data, initial={"key": uuid4().hex, "on": today, "to_tier": Tier.JUNIOR})
        self.today = today
        places = departments_where(account, "hold_rounds").order_by("code")
        field: Any = self.fields["department"]
        field.queryset, field.empty_label = places, None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        names = given.get("panel", "").replace("，", " ").replace(",", " ").replace("、", " ").split()
        department = given.get("department")
        if department is not None:
            given["panel"] = self._accounts(names, department)
        return given

    def _accounts(self, names: list[str], department: Department) -> list[Account]:
        """Whom the names mean, two queries; a number is that of somebody of the department."""
        rows = Account.objects.filter(username__in=names, is_active=True)
        by_login = {each.username: each for each in rows}
        staff = Staff.objects.filter(department=department, number__in=names, account__isnull=False)
        of_day = on_day(staff.select_related("account"), self.today)
        by_number = {each.number: each.account for each in of_day if each.account is not None}
        for name in by_login.keys() & by_number.keys():
            if by_login[name] != by_number[name]:
                self.add_error("panel", f"“{name}”是一个人的登录名，又是本部门另一人的工号；请写其登录名。")
        found = {**by_number, **by_login}
        missing = [name for name in names if name not in found]
        if missing:
            self.add_error("panel", f"没有找到{'、'.join(missing)}。请写登录名，或本部门有账号的人的工号。")
        return [found[name] for name in dict.fromkeys(names) if name in found]


class CandidateForm(forms.Form):
    """Whom to put into a round."""

    who = _who()

    def __init__(self, data: Any = None, *, round: ReviewRound, account: Account) -> None:
        super().__init__(data)
        self.round, self.account = round, account

    def clean_who(self) -> Staff:
        runs = departments_where(self.account, "hold_rounds").filter(pk=self.round.department_id).exists()
        staff = Staff.objects.all() if runs else staff_where(self.account, "propose_grades")
        mine = staff.filter(department=self.round.department_id).select_related("department")
        return person_among(mine, self.cleaned_data["who"])


class NominateForm(forms.Form):
    """Why the head is for it."""

    reason = _text("理由")


class ScoreForm(forms.Form):
    """What a member of the panel gives a defence."""

    score = forms.DecimalField(
        label="评分", min_value=0, max_value=HIGHEST_SCORE, max_digits=5, decimal_places=2,
        help_text="百分制。",
    )  # fmt: skip
    note = _text("评语", required=False)


class ProposeForm(forms.Form):
    """Whose tier is to be which, and why, outside of a review."""

    who = _who()
    to_tier = forms.ChoiceField(label="新职级", choices=Tier.choices)
    reason = _text("理由", help_text="依据哪些事实、哪一条。")
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None, *, account: Account, who: str = "") -> None:
        super().__init__(data, initial={"key": uuid4().hex, "who": who})
        self.account = account

    def clean_who(self) -> Staff:
        mine = staff_where(self.account, "propose_grades").select_related("department")
        return person_among(mine, self.cleaned_data["who"])


class DecideForm(forms.Form):
    """From which day, and why; whether a day in an approved month is meant so."""

    effective_on = _day("生效日期", required=False, help_text="不通过的不用填。")
    into_frozen = _into_frozen()
    decision = _text("决定的理由", help_text="越级的写明突出贡献或特殊技能。")


class ReverseForm(forms.Form):
    """Why a change is taken back; whether a day in an approved month is meant so."""

    reason = _text("理由")
    into_frozen = _into_frozen()


class AppealForm(forms.Form):
    """What somebody says against the own demotion."""

    reason = _text("申诉理由", 200)


class AnswerForm(forms.Form):
    """What is answered to an appeal; whether granting it is meant to reach into an approved month."""

    answer = _text("答复", 200, required=False, help_text="不批准时必填。")
    into_frozen = _into_frozen()
