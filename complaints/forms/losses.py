"""Forms with which a loss is recorded, shared among those responsible, decided and taken back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q

from complaints.forms.fields import people_of
from complaints.forms.work import WorkForm, reason_field
from complaints.models import Case
from complaints.services.rulings import Party
from files.forms import FilesField
from people.models import Staff, Team
from rules.kinds.cases import LossShare
from rules.provisions import Rule

ROWS, ROWS_SHOWN = 6, 2  # parties that one form takes; what is folded away until it is wanted
PERSONS, DEPARTMENT = "", "department"
ZERO = Decimal(0)


class LossForm(WorkForm):
    """An amount that the case cost, and how that was reckoned."""

    amount = forms.DecimalField(label="损失金额", max_digits=12, decimal_places=2, help_text="元。")
    basis = forms.CharField(
        label="核算依据",
        max_length=500,
        help_text="写明怎样算出来：退款、补发的成本、运费……",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    attached = FilesField(label="凭据", required=False, help_text="付款、运单的截图或 PDF。")


class PartyForm(forms.Form):
    """One responsible party: persons, a team, or the whole department, with its percent."""

    unit = forms.ChoiceField(label="谁", required=False)
    people = forms.CharField(
        label="人员",
        max_length=300,
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": "工号，几人共同承担的用空格分开", "autocomplete": "off"}
        ),
    )
    percent = forms.DecimalField(
        label="比例（%）", required=False, max_digits=7, decimal_places=4,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip

    def __init__(self, data: Any, *, case: Case, teams: list[Team], now: datetime, place: int) -> None:
        super().__init__(data, prefix=f"party-{place}")
        self.number = place + 1
        self.staff = people_of(case.department, now.date())
        self.teams = {str(team.pk): team for team in teams}
        units: Any = self.fields["unit"]
        units.choices = [
            (PERSONS, "写明的人"),
            *((key, f"{team.name}组") for key, team in self.teams.items()),
            (DEPARTMENT, "整个部门"),
        ]

    @property
    def is_blank(self) -> bool:
        given = self.cleaned_data
        return not given.get("unit") and not given.get("people") and given.get("percent") is None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.is_blank:
            return given
        if given.get("percent") is None and "percent" not in self.errors:
            self.add_error("percent", "请写比例。")
        if not given.get("unit"):
            given["staff"] = self._named(given.get("people", ""))
        elif given.get("people"):
            self.add_error("people", "选了小组或部门就不写人员；各写一行。")
        return given

    def _named(self, text: str) -> tuple[Staff, ...]:
        words = text.replace("\x00", "").replace("、", " ").replace("，", " ").replace(",", " ").split()
        if not words:
            self.add_error("people", "请写工号，或选小组、部门。")
        found = []
        for word in words:
            rows = list(self.staff.filter(Q(number=word) | Q(name=word))[:2])
            if len(rows) != 1:
                said = "不止一人，请写工号" if rows else "没有找到，请核对工号"
                self.add_error("people", f"“{word}”{said}。")
                continue
            found.append(rows[0])
        return tuple(found)

    def party(self) -> Party:
        given = self.cleaned_data
        unit = given["unit"]
        return Party(
            percent=given["percent"],
            staff=given.get("staff", ()),
            team=self.teams.get(unit),
            department=unit == DEPARTMENT,
        )


class RulingForm(WorkForm):
    """Who is to bear the losses: up to six parties whose percents are 100 together."""

    reason = reason_field("归责理由")
    provision_code = forms.ChoiceField(label="分担条款", required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, case: Case, rules: list[Rule[LossShare]], now: datetime
    ) -> None:
        super().__init__(data, files, case=case, now=now)
        teams = list(Team.objects.filter(department=case.department_id).order_by("name"))
        self.rows = [PartyForm(data, case=case, teams=teams, now=now, place=place) for place in range(ROWS)]
        codes: Any = self.fields["provision_code"]
        codes.choices = [(rule.code, f"{rule.code} {rule.title}") for rule in rules]
        if len(rules) < 2:
            del self.fields["provision_code"]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def first_rows(self) -> list[PartyForm]:
        return self.rows[:ROWS_SHOWN]

    @property
    def more_rows(self) -> list[PartyForm]:
        return self.rows[ROWS_SHOWN:]

    @property
    def has_more(self) -> bool:
        return self.is_bound and any(row.errors or not row.is_blank for row in self.more_rows)

    @property
    def total(self) -> Decimal | None:
        """What the percents sum to, where the form was sent."""
        if not self.is_bound:
            return None
        given = [getattr(row, "cleaned_data", {}).get("percent") for row in self.rows]
        return sum((each for each in given if each is not None), ZERO)

    def parties(self) -> list[Party]:
        return [row.party() for row in self.rows if not row.is_blank]


class ReverseForm(WorkForm):
    reason = reason_field("撤销的理由")
