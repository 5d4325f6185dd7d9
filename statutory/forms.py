"""Forms of declarations: what is declared of whom, and a sheet of new bases."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from commissions.forms import MonthField
from core.periods import last_of
from penalties.discipline_forms import person_among
from people.api_fields import BOUNDS
from people.models import Account, Department, Staff
from people.selectors import on_day, staff_by_number, staff_where
from rules.kinds.labels import DEDUCTION_LABELS
from statutory.models.declarations import NOTE_LENGTH
from statutory.services import BaseFact
from statutory.services.bases import ITEMS

MOST_LINES = 2000
LONGEST_TEXT = 200_000
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII)


def amount_field(label: str, **more: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, widget=widget, **more)


def _year(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=2000, max_value=2099, **more)


class LastMonthField(MonthField):
    """A month, or nothing where something has no end."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if (value or "").strip() else None


class DeclareForm(forms.Form):
    """Something that is declared of one person; `values` are what the service is given."""

    who = forms.CharField(
        label="员工",
        max_length=160,
        help_text="工号、姓名或拼音首字母。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(label="说明", max_length=NOTE_LENGTH, required=False)

    field_order: Any = ["who"]

    def __init__(self, data: Any = None, *, account: Account, who: str, today: date) -> None:
        super().__init__(data, initial={"who": who, **self.begun(today)})
        self.account = account
        self.order_fields([*[name for name in self.fields if name != "note"], "note"])

    def begun(self, today: date) -> Mapping[str, Any]:
        """What a new page has in its fields already."""
        return {}

    def clean_who(self) -> Staff:
        staff = staff_where(self.account, "manage_declarations").select_related("department")
        return person_among(staff, self.cleaned_data["who"])

    def values(self) -> dict[str, Any]:
        return {"staff" if name == "who" else name: value for name, value in self.cleaned_data.items()}


class BaseForm(DeclareForm):
    item = forms.ChoiceField(label="险种", choices=list(ITEMS.items()))
    base = amount_field("缴费基数")
    since = MonthField(label="从哪月起")
    until = LastMonthField(label="到哪月止", required=False)
    beyond_limits = forms.BooleanField(label="超出上下限仍登记", required=False)

    def begun(self, today: date) -> Mapping[str, Any]:
        return {"since": f"{today:%Y-%m}"}


class DeductionForm(DeclareForm):
    kind = forms.ChoiceField(label="扣除项目", choices=list(DEDUCTION_LABELS.items()))
    amount = amount_field("每月金额", help_text="本人每月扣除的金额；几个子女的写合计。")
    is_shared = forms.BooleanField(label="与他人分摊", required=False)
    since = MonthField(label="从哪月起")
    until = LastMonthField(label="到哪月止", required=False)

    def begun(self, today: date) -> Mapping[str, Any]:
        return {"since": f"{today:%Y-%m}"}


class HistoryForm(DeclareForm):
    year = _year("年度")
    months = forms.IntegerField(label="任职月数", min_value=1, max_value=12)
    income = amount_field("全年收入", help_text="在本单位的工资薪金，税前，不减任何扣除。")

    def begun(self, today: date) -> Mapping[str, Any]:
        return {"year": today.year - 1, "months": 12}


class FirstJobForm(DeclareForm):
    year = _year("年度")

    def begun(self, today: date) -> Mapping[str, Any]:
        return {"year": today.year}


class OpeningForm(DeclareForm):
    through = MonthField(label="截至哪月", help_text="发放月份；以后的由系统计算。")
    income = amount_field("累计收入")
    contributions = amount_field("累计专项扣除", initial=0, help_text="个人社保与公积金。")
    deductions = amount_field("累计专项附加与其他扣除", initial=0)
    withheld = amount_field("累计已预扣税额")


class BonusForm(DeclareForm):
    """The bonus, and what the year is expected to be taxed on without it: left out, it is estimated."""

    paid_on = forms.DateField(
        label="发放日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=BOUNDS,
        error_messages={"required": "请填写日期", "invalid": "不是日期，请写成 2026-12-01"},
    )
    amount = amount_field("金额")
    expected = amount_field(
        "预计全年应纳税所得额",
        required=False,
        help_text="不含年终奖，已减除费用与各项扣除；不填则按已发的月份推算。",
    )

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "expected"}


class EndForm(forms.Form):
    until = MonthField(label="最后一个月")


class BaseChangesForm(forms.Form):
    """New bases as they are pasted from a spreadsheet: a number and an amount a line."""

    month = MonthField(label="从哪月起")
    item = forms.ChoiceField(label="险种", choices=list(ITEMS.items()))
    lines = forms.CharField(
        label="新基数",
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "1001 8500"}),
        help_text="从表格里复制：每行工号在前、新基数在后，中间可以有姓名。",
    )
    beyond_limits = forms.BooleanField(label="超出上下限仍登记", required=False)

    def __init__(self, data: Any = None, *, department: Department, month: date) -> None:
        super().__init__(data, initial={"month": f"{month:%Y-%m}"})
        self.department = department
        self.places: list[int] = []  # the lines of the facts

    def clean_lines(self) -> list[tuple[int, str, str, str]]:
        """Each line as its place, number, name and amount."""
        found = []
        for place, line in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            parts = re.sub("[,，]", " ", _THOUSANDS.sub("", line)).split()
            if len(parts) in (2, 3):
                found.append((place, parts[0], parts[1] if len(parts) == 3 else "", parts[-1]))
            elif parts:
                raise forms.ValidationError(
                    f"第{place}行看不懂：“{line[:40]}”。每行写工号、姓名（可不写）、新基数。"
                )
        if not found:
            raise forms.ValidationError("没有一行。请从表格里复制工号和新基数。")
        if len(found) > MOST_LINES:
            raise forms.ValidationError(f"有{len(found)}行，最多{MOST_LINES}行；更多的请用导入。")
        return found

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        people = staff_by_number(self.department)
        facts = []
        for place, number, name, amount in given["lines"]:
            person = next(iter(on_day(people.get(number, ()), last_of(given["month"]))), None)
            try:
                base = Decimal(amount)
            except InvalidOperation:
                self.add_error("lines", f"第{place}行的基数“{amount[:20]}”不是数。请改正。")
                continue
            if person is None:
                self.add_error("lines", f"第{place}行：本部门没有工号{number[:32]}。请核对工号。")
            elif name and name != person.name:
                self.add_error(
                    "lines", f"第{place}行：工号{number}是{person.name}，不是{name[:32]}。请核对。"
                )
            else:
                self.places.append(place)
                facts.append(
                    BaseFact(
                        person, base, given["month"], given["item"], beyond_limits=given["beyond_limits"]
                    )
                )
        return given | {"facts": facts}
