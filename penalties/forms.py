"""Forms of the pages on which incidents are recorded, found and decided."""

import json
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils import timezone

from penalties.models import Incident
from people.models import Account, Role, Staff, Term
from people.selectors import person_matches, staff_where
from rules.kinds.base import Kind
from rules.provisions import Rule
from rules.selectors import timeline_of

CHOICES_OF_PEOPLE = 20
DIGITS = 32  # of what the form says, in the key
STATES = [("", "全部"), *Incident.State.choices, ("reversed", "已撤销")]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FilterForm(forms.Form):
    """What the list of incidents shows; nothing given: what waits to be confirmed."""

    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    who = forms.CharField(
        label="员工",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "工号、姓名或拼音首字母"}),
    )
    what = forms.CharField(
        label="条款",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "编号或标题"}),
    )
    department = forms.CharField(label="部门", required=False, max_length=32, widget=forms.HiddenInput)
    source = forms.SlugField(label="来源", required=False, max_length=16, widget=forms.HiddenInput)

    def apply(self, incidents: QuerySet[Incident]) -> QuerySet[Incident]:
        """The incidents that fit; what cannot be read filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        state = given.get("state", "")
        if state == "reversed":
            incidents = incidents.filter(reversal__isnull=False)
        elif state == Incident.State.CONFIRMED:
            incidents = incidents.filter(state=state, reversal__isnull=True)
        elif state:
            incidents = incidents.filter(state=state)
        if code := given.get("department", ""):
            incidents = incidents.filter(staff__department__code=code)
        if source := given.get("source", ""):
            incidents = incidents.filter(key__startswith=f"{source}:")
        if who := given.get("who", "").strip():
            incidents = incidents.filter(person_matches(who, of="staff"))
        if what := given.get("what", "").strip():
            incidents = incidents.filter(Q(code__icontains=what) | Q(provision__title__icontains=what))
        return incidents


def staff_recordable(account: Account) -> QuerySet[Staff]:
    """Of whom the account may record incidents."""
    return staff_where(account, "record_incidents").select_related("department")


class RecordForm(forms.Form):
    """One incident: who, when, under which provision in force that day, how much of it."""

    FACTS = ("code", "work_date", "quantity", "magnitude", "amount", "note")

    who = forms.CharField(
        label="员工",
        max_length=160,
        help_text="输入工号、姓名或拼音首字母，从列表里选。",
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    work_date = forms.DateField(label="日期", widget=DateInput, help_text="班次开始的那一天。")
    code = forms.ChoiceField(label="条款", error_messages={"required": "请选择条款。"})
    quantity = forms.IntegerField(label="次数", min_value=1, max_value=10_000, initial=1)
    magnitude = forms.DecimalField(
        label="数量",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text="条款按秒、分钟、件或天计的才填。",
    )
    amount = forms.DecimalField(
        label="定额",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text="条款只给出范围、由记录人定的才填，元或分。",
    )
    note = forms.CharField(
        label="经过与依据", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    # Made with the form; with what is said in it, the incident's key (`key_of_incident`).
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, account: Account, initial: dict[str, Any] | None = None) -> None:
        initial = {"work_date": timezone.localdate(), "key": uuid4().hex, **(initial or {})}
        super().__init__(data, initial=initial)
        self.account = account
        self.staff, self.trouble = self._staff()
        self.rules = self._rules()
        code: Any = self.fields["code"]
        code.choices = [("", "请选择条款" if self.rules else "先填员工与日期"), *map(_choice, self.rules)]

    @property
    def key_of_incident(self) -> str:
        """The same form sent twice gives the same key; sent back to and filled in otherwise, another."""
        assert self.staff is not None
        said = [self.staff.pk, *(self.cleaned_data[name] for name in self.FACTS)]
        digest = sha256(json.dumps(said, cls=DjangoJSONEncoder).encode()).hexdigest()[:DIGITS]
        return f"page:{self.cleaned_data['key']}:{digest}"

    @property
    def chosen(self) -> Rule[Kind] | None:
        """The provision that is picked, to show its clause."""
        code = self["code"].value()
        return next((rule for rule in self.rules if rule.code == code), None)

    def clean_who(self) -> str:
        if self.staff is None:
            raise forms.ValidationError(self.trouble)
        return str(self.cleaned_data["who"])

    def clean_work_date(self) -> date:
        day: date = self.cleaned_data["work_date"]
        if day > timezone.localdate():
            raise forms.ValidationError("日期还没有到，请核对日期。")
        return day

    def _staff(self) -> tuple[Staff | None, str]:
        """The one person meant by `8103`, `8103 张三`, `张三` or `code/8103`, or why there is none."""
        given = str(self["who"].value() or "").replace("\x00", "").strip()
        if not given:
            return None, "请填写员工。"
        staff = staff_recordable(self.account)
        code, _, rest = given.rpartition("/")
        if code:
            staff = staff.filter(department__code=code)
        number = rest.split()[0] if rest.split() else rest
        found = list(staff.filter(Q(number=number) | Q(name=rest))[:CHOICES_OF_PEOPLE])
        found = found or list(staff.filter(person_matches(rest))[:CHOICES_OF_PEOPLE])
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, f"没有找到“{given}”。请核对工号；只能记录归您管的人。"
        return (
            None,
            f"“{given}”不止一人：{'、'.join(full_number(each) for each in found)}。请从列表里选一个。",
        )

    def _rules(self) -> list[Rule[Kind]]:
        """What can be recorded of the person on the day, by code; three queries."""
        day = self._day()
        if self.staff is None or day is None:
            return []
        term = Term.objects.filter(staff=self.staff, valid__contains=day).only("role").first()
        role = term.role if term else Role.AGENT
        rules = timeline_of(self.staff.department).on(day)
        fitting = [rule for rule in rules if rule.kind.takes_incidents and not rule.is_inert]
        return sorted((rule for rule in fitting if rule.binds(role)), key=lambda rule: rule.code)

    def _day(self) -> date | None:
        given = self["work_date"].value()
        if isinstance(given, date):
            return given
        try:
            return forms.DateField().clean(given)
        except forms.ValidationError:
            return None


def full_number(staff: Staff) -> str:
    """How a person is picked from the list: department, number and name."""
    return f"{staff.department.code}/{staff.number} {staff.name}"


def _choice(rule: Rule[Kind]) -> tuple[str, str]:
    return rule.code, f"{rule.code} {rule.title}（{rule.kind.in_words()}）"


class ReasonForm(forms.Form):
    """Why a record is rejected, or taken back."""

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ProposalForm(forms.Form):
    accepted = forms.ChoiceField(
        label="决定", choices=[("yes", "采纳"), ("no", "不采纳")], widget=forms.RadioSelect
    )
    decision = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
