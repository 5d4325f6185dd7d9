"""Forms of the pages about balances of leave."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from penalties.forms import DateInput
from people.models import Department, Staff
from people.selectors import person_matches
from rules.leave_types import LeaveType
from shifts.selectors.leave_balances import BalanceRow

SORTS = {"number": "工号", "less": "剩余从少到多", "more": "剩余从多到少", "soon": "先到期的在前"}


class BalanceFilterForm(forms.Form):
    """Which balances are listed, and in which order."""

    department = forms.ChoiceField(label="部门")
    who = forms.CharField(
        label="员工",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "工号、姓名或拼音首字母"}),
    )
    type = forms.ChoiceField(label="假别", choices=[("", "全部"), *LeaveType.choices], required=False)
    sort = forms.ChoiceField(label="排序", choices=SORTS.items(), required=False)
    expiring = forms.BooleanField(label="只看30天内到期的", required=False)

    def __init__(self, data: Any, departments: QuerySet[Department]) -> None:
        codes = list(departments.order_by("code").values_list("code", "name"))
        given = {**data.dict(), "department": data.get("department") or (codes[0][0] if codes else "")}
        super().__init__(given)
        cast(forms.ChoiceField, self.fields["department"]).choices = codes
        self.is_valid()

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data

    def people(self, staff: QuerySet[Staff]) -> QuerySet[Staff]:
        """Of these people those who fit; nobody for a department that is not shown."""
        staff = staff.filter(department__code=self.given.get("department", ""))
        if who := self.given.get("who", "").strip():
            staff = staff.filter(person_matches(who))
        return staff.order_by("number", "pk")

    def rows(self, rows: list[BalanceRow]) -> list[BalanceRow]:
        """Of these balances those that fit, in the order asked for."""
        if type_ := self.given.get("type"):
            rows = [row for row in rows if row.balance.type == type_]
        if self.given.get("expiring"):
            rows = [row for row in rows if row.balance.expiring]
        match self.given.get("sort"):
            case "less":
                return sorted(rows, key=_left)
            case "more":
                return sorted(rows, key=_left, reverse=True)
            case "soon":
                return sorted(rows, key=_end)
        return rows


class CorrectionOfBalanceForm(forms.Form):
    """Days that are added to a balance or taken off it."""

    type = forms.ChoiceField(label="假别")
    days = forms.DecimalField(
        label="天数",
        max_digits=6,
        decimal_places=2,
        help_text="增加写正数，减少写负数，如 -0.5。",
        widget=forms.NumberInput(attrs={"step": "0.5"}),
    )
    on = forms.DateField(label="自哪天起", widget=DateInput())
    until = forms.DateField(
        label="用到哪天", required=False, widget=DateInput(), help_text="只写给增加的天数；空则按制度。"
    )
    reason = forms.CharField(label="理由", max_length=200)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, types: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "correct-%s", **kwargs})
        cast(forms.ChoiceField, self.fields["type"]).choices = types


def _left(row: BalanceRow) -> Decimal:
    return row.balance.left


def _end(row: BalanceRow) -> date:
    return row.balance.expires_on or date.max
