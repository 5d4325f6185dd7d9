"""Forms of the pages on which incidents are recorded, found and decided."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property

from core.pinyin import initials_of
from files.forms import FilesField
from penalties.judgement import IncidentFact
from penalties.models import Incident
from penalties.outlook import Outlook, outlooks
from penalties.selectors import incidents_to_decide
from people.models import Account, Department, Role, Staff, Term
from people.selectors import not_left, on_day, person_matches, staff_where
from people.web import id_from
from rules.kinds.base import Kind
from rules.kinds.fines_and_awards import DayPayParams, Fine, Points, PointsRange, RangeFine
from rules.provisions import Rule
from rules.selectors import rulebooks_of, timeline_of

EVIDENCE_HELP = "可选几个，也可以是 PDF。本人看得到。"
CHOICES_OF_PEOPLE = 20
MOST_PEOPLE = 50  # in one list
OWN = "本部门自己的条款"  # stands in no rulebook
DIGITS = 32  # of what the form says, in the key
STATES = [("", "全部"), *Incident.State.choices, ("reversed", "已撤销"), ("appealed", "申诉待我决定")]


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

    def apply(self, incidents: QuerySet[Incident], account: Account) -> QuerySet[Incident]:
        """The incidents that fit, for who looks; what cannot be read filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        state = given.get("state", "")
        if state == "reversed":
            incidents = incidents.filter(reversal__isnull=False)
        elif state == "appealed":
            incidents = incidents.filter(pk__in=incidents_to_decide(account).order_by().values("pk"))
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


@dataclass(frozen=True, slots=True)
class Shelf:
    """A rulebook's provisions, to pick one of."""

    name: str
    is_open: bool
    rules: list[Rule[Kind]] = field(default_factory=list)


class FactForm(forms.Form):
    """What was done when, under which provision in force that day, how much of it, and what shows it.

    A subclass says of whom: `rules` are the provisions that can be chosen, `key_of` makes the keys.
    """

    FACTS = ("code", "work_date", "quantity", "magnitude", "amount", "note")
    FIGURES = ("work_date", "quantity", "magnitude", "amount")

    work_date = forms.DateField(label="日期", widget=DateInput, help_text="班次开始的那一天。")
    what = forms.CharField(
        label="找条款",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "编号、标题或拼音首字母", "autocomplete": "off"}),
    )
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
        label="经过与依据", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    attached = FilesField(label="照片或截图", required=False, help_text=EVIDENCE_HELP)
    # Made with the form; with what is said in it, the incident's key (`key_of`).
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, data: Any = None, files: Any = None, *, account: Account, initial: dict[str, Any] | None = None
    ) -> None:
        initial = {"work_date": timezone.localdate(), "key": uuid4().hex, "quantity": 1, **(initial or {})}
        super().__init__(data, files, initial=initial)
        self.account = account
        self.rules = self.find_rules()
        code: Any = self.fields["code"]
        code.choices = [(rule.code, str(rule.title)) for rule in self.rules]

    def find_rules(self) -> list[Rule[Kind]]:
        """What can be recorded of whom the form is about on its day, in the order of the rulebook."""
        raise NotImplementedError

    @property
    def chosen(self) -> Rule[Kind] | None:
        """The provision that is picked, to show its clause."""
        code = self["code"].value()
        return next((rule for rule in self.rules if rule.code == code), None)

    @property
    def asks_magnitude(self) -> bool:
        """Whether the provision that is picked may count something else than times."""
        kind = self.chosen.kind if self.chosen else None
        return isinstance(kind, DayPayParams) or (isinstance(kind, Fine) and kind.unit != "occurrence")

    @property
    def asks_amount(self) -> bool:
        """Whether the recorder is to name yuan or points within what the picked provision says."""
        kind = self.chosen.kind if self.chosen else None
        return isinstance(kind, RangeFine) or (
            isinstance(kind, Points) and isinstance(kind.deduct, PointsRange)
        )

    @cached_property
    def offered(self) -> list[Shelf]:
        """All provisions that fit what is sought but the picked one, by rulebook in their order; one query.

        What was sought lies open; of all of them the first rulebook does until one is picked.
        """
        sought = str(self["what"].value() or "").strip().lower()
        fitting = [rule for rule in self.rules if _is_sought(rule, sought) and rule is not self.chosen]
        names = rulebooks_of(fitting)
        shelves: dict[str, Shelf] = {}
        for rule in fitting:
            name = names.get(rule.id, OWN)
            is_open = bool(sought) or not (shelves or self.chosen)
            shelves.setdefault(name, Shelf(name, is_open)).rules.append(rule)
        return list(shelves.values())

    def fact_of(self, staff: Staff) -> IncidentFact | None:
        """What the form says of a person as far as it is filled in; None where something cannot be read."""
        if self.chosen is None:
            return None
        try:
            given = {name: self.fields[name].clean(self[name].value()) for name in self.FIGURES}
        except forms.ValidationError:
            return None
        return IncidentFact(staff=staff, code=self.chosen.code, **given)

    def facts_given(self, staff: Staff) -> IncidentFact:
        """What a valid form says of a person."""
        given = {name: self.cleaned_data[name] for name in self.FACTS}
        files = self.cleaned_data["attached"]
        return IncidentFact(staff=staff, **given, files=files, key=self.key_of(staff))

    def key_of(self, staff: Staff) -> str:
        """The same form sent twice gives the same key; sent back to and filled in otherwise, another."""
        files = [(each.name, each.size) for each in self.cleaned_data["attached"]]
        said = [staff.pk, *(self.cleaned_data[name] for name in self.FACTS), *([files] if files else [])]
        digest = sha256(json.dumps(said, cls=DjangoJSONEncoder).encode()).hexdigest()[:DIGITS]
        return f"page:{self.cleaned_data['key']}:{digest}"

    def clean_work_date(self) -> date:
        day: date = self.cleaned_data["work_date"]
        if day > timezone.localdate():
            raise forms.ValidationError("日期还没有到，请核对日期。")
        return day

    @property
    def day(self) -> date | None:
        given = self["work_date"].value()
        if isinstance(given, date):
            return given
        try:
            return forms.DateField().clean(given)
        except forms.ValidationError:
            return None


class RecordForm(FactForm):
    """One incident of one person."""

    who = forms.CharField(
        label="员工",
        max_length=160,
        help_text="输入工号、姓名或拼音首字母，从列表里选。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("who",)

    def clean_who(self) -> str:
        if self.staff is None:
            raise forms.ValidationError(self.trouble)
        return str(self.cleaned_data["who"])

    @property
    def staff(self) -> Staff | None:
        return self._staff[0]

    @property
    def trouble(self) -> str:
        return self._staff[1]

    @cached_property
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
        found = on_day(staff.filter(Q(number=number) | Q(name=rest))[:CHOICES_OF_PEOPLE], self.day)
        found = found or on_day(staff.filter(person_matches(rest))[:CHOICES_OF_PEOPLE], self.day)
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, f"没有找到“{given}”。请核对工号；只能记录归您管的人。"
        return (
            None,
            f"“{given}”不止一人：{'、'.join(full_number(each) for each in found)}。请从列表里选一个。",
        )

    @property
    def outlook(self) -> Outlook | None:
        """What it would cost as the form is filled in so far."""
        fact = self.fact_of(self.staff) if self.staff else None
        return outlooks(fact.staff.department, [fact])[0] if fact else None

    def find_rules(self) -> list[Rule[Kind]]:
        """What binds the person on the day; three queries."""
        if self.staff is None or self.day is None:
            return []
        term = Term.objects.filter(staff=self.staff, valid__contains=self.day).only("role").first()
        role = term.role if term else Role.AGENT
        return [rule for rule in recordable(self.staff.department, self.day) if rule.binds(role)]


class BatchForm(FactForm):
    """The same of several people of a department: a spot check, or what happened to a whole team."""

    department = forms.ChoiceField(label="部门")
    find = forms.CharField(
        label="找人",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "小组、工号、姓名或拼音首字母", "autocomplete": "off"}),
    )
    people = forms.MultipleChoiceField(label="谁", error_messages={"required": "请勾选要记录的人。"})
    field_order = ("department", "find", "people")

    def __init__(
        self,
        *args: Any,
        departments: Sequence[Department],
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.departments = {each.code: each for each in departments}
        super().__init__(*args, initial={"department": departments[0].code, **(initial or {})}, **kwargs)
        choices: Any = self.fields
        choices["department"].choices = [(each.code, each.name) for each in departments]
        choices["people"].choices = [(str(each.pk), str(each)) for each in self.offered_people]
        if len(departments) == 1:
            self.fields["department"].widget = forms.HiddenInput()

    @property
    def place(self) -> Department:
        first = next(iter(self.departments.values()))
        return self.departments.get(str(self["department"].value() or ""), first)

    @property
    def picked_ids(self) -> set[int]:
        given = self["people"].value() or []
        found = map(id_from, given if isinstance(given, list) else [given])
        return {each for each in found if each is not None}

    @cached_property
    def offered_people(self) -> list[Staff]:
        """Who is picked and whom the search finds: those employed on the day, by number; two queries."""
        day = self.day or timezone.localdate()
        staff = staff_where(self.account, "record_incidents").filter(
            not_left(day), department=self.place, joined_on__lte=day
        )
        picked = list(staff.filter(pk__in=self.picked_ids).order_by("number")[:MOST_PEOPLE])
        rest = staff.exclude(pk__in=[each.pk for each in picked])
        if sought := str(self["find"].value() or "").replace("\x00", "").strip():
            in_team = Term.objects.filter(team__name__icontains=sought, valid__contains=day)
            rest = rest.filter(person_matches(sought) | Q(pk__in=in_team.values("staff")))
        found = [*picked, *rest.order_by("number")[: max(MOST_PEOPLE - len(picked), 0)]]
        return sorted(found, key=lambda each: each.number)

    @property
    def picked(self) -> list[Staff]:
        return [each for each in self.offered_people if each.pk in self.picked_ids]

    @property
    def outlooks(self) -> list[Outlook]:
        """What it would cost each who is picked, as the form is filled in so far."""
        facts = [fact for each in self.picked if (fact := self.fact_of(each))]
        return outlooks(self.place, facts) if facts else []

    def find_rules(self) -> list[Rule[Kind]]:
        return recordable(self.place, self.day) if self.day else []


def recordable(department: Department, day: date) -> list[Rule[Kind]]:
    """What incidents can be recorded under on a day, in the order of the rulebooks."""
    rules = timeline_of(department).on(day)
    return [rule for rule in rules if rule.kind.takes_incidents and not rule.is_inert]


def _is_sought(rule: Rule[Kind], sought: str) -> bool:
    if not sought or sought in rule.code.lower() or sought in rule.title.lower() or sought in rule.clause:
        return True
    return sought.isascii() and sought in initials_of(rule.title)


def full_number(staff: Staff) -> str:
    """How a person is picked from the list: department, number and name."""
    return f"{staff.department.code}/{staff.number} {staff.name}"


class ReasonForm(forms.Form):
    """Why a record is rejected, or taken back."""

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ProposalForm(forms.Form):
    accepted = forms.ChoiceField(
        label="决定", choices=[("yes", "采纳"), ("no", "不采纳")], widget=forms.RadioSelect
    )
    decision = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class DisciplineAppealForm(forms.Form):
    """What somebody says against what was decided about them."""

    reason = forms.CharField(label="申诉理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class AppealForm(DisciplineAppealForm):
    """The same against an incident, with evidence."""

    attached = FilesField(label="证据", required=False, help_text="截图、照片或 PDF，可选几个。")


class AppealAnswerForm(forms.Form):
    answer = forms.CharField(
        label="答复",
        required=False,
        max_length=200,
        help_text="不批准时必填。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class EvidenceForm(forms.Form):
    attached = FilesField(label="照片或截图", help_text=EVIDENCE_HELP)
