"""Forms of the pages of pay."""

from decimal import Decimal
from typing import Any

from django import forms

from core.periods import parse_month
from payroll.models import REASON_LENGTH, TITLE_LENGTH, DebtEntry, Objection
from penalties.models import Incident
from people.api_fields import BOUNDS
from people.models import Department, Proration, Staff
from sheets.errors import CellError
from sheets.profiles import profiles_of
from sheets.values import metric_value, percent

WORDS = forms.Textarea(attrs={"rows": 3})


class ProrationForm(forms.Form):
    """From which day months with missed days are paid in which way."""

    from_on = forms.DateField(
        label="从哪天起",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=BOUNDS,
        help_text="以员工当月最后在职的一天为准。已有的同一天改为这里的办法。",
    )
    divisor = forms.ChoiceField(label="除数", choices=Proration.Divisor.choices)
    method = forms.ChoiceField(label="算法", choices=Proration.Method.choices)


class ReasonForm(forms.Form):
    """Why a month is sent back."""

    reason = forms.CharField(label="理由", max_length=REASON_LENGTH, widget=WORDS)


class WaiverForm(forms.Form):
    """Why a month is approved in spite of what is open; the service asks for it where something is."""

    reason = forms.CharField(
        label="放行的理由",
        max_length=REASON_LENGTH,
        required=False,
        widget=WORDS,
        help_text="“依据的数据”里还有待处理的才须填写：以您的名字放行，理由留在经过里。",
    )


class MonthForm(forms.Form):
    """Opens a department's month."""

    department = forms.ModelChoiceField(
        label="部门", queryset=Department.objects.none(), to_field_name="code"
    )
    month = forms.CharField(
        label="月份", widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})
    )

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = departments, None

    def clean_month(self) -> Any:
        try:
            return parse_month(self.cleaned_data["month"].strip())
        except ValueError:
            raise forms.ValidationError("月份请写成 2026-10 的形式。") from None


class DebtForm(forms.Form):
    """What was paid back of a debt or is written off; `seen` is what was owed when the page was shown."""

    kind = forms.ChoiceField(choices=DebtEntry.Kind.choices)
    amount = forms.DecimalField(max_digits=12, decimal_places=2)
    on = forms.DateField()
    reason = forms.CharField(max_length=REASON_LENGTH)
    seen = forms.DecimalField(max_digits=12, decimal_places=2)


class ManualLineForm(forms.Form):
    """A line by hand. `seen` is the last one that the page showed, so that a second click adds nothing."""

    who = forms.CharField(label="工号", max_length=32, help_text="本部门员工的工号；姓名不重名时也可写姓名。")
    title = forms.CharField(label="项目", max_length=TITLE_LENGTH)
    amount = forms.DecimalField(
        label="金额（元）", max_digits=12, decimal_places=2, help_text="正数为发，负数为扣。"
    )
    reason = forms.CharField(label="理由", max_length=REASON_LENGTH, widget=WORDS)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.department = department
        self.staff: Staff | None = None

    def clean_who(self) -> str:
        who = self.cleaned_data["who"].strip()
        found = list(Staff.objects.filter(department=self.department, number=who)) or list(
            Staff.objects.filter(department=self.department, name=who)[:2]
        )
        if len(found) != 1:
            why = "有重名，请写工号" if found else "本部门没有这个工号或姓名"
            raise forms.ValidationError(f"{why}。")
        self.staff = found[0]
        return who


class MissingMetricForm(forms.Form):
    """The metric without which a payslip could not be settled: a ratio with %, any other as a number."""

    value = forms.CharField(label="数值", max_length=32)

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def clean_value(self) -> Decimal:
        """The number, read as the file of one metric a row is read."""
        (profile,) = profiles_of("metrics", "long")
        most, written = profile.percent_metrics.get(self.code), self.cleaned_data["value"]
        try:
            value = metric_value(written) if most is None else percent(written, most)
        except CellError as wrong:
            raise forms.ValidationError(f"“{written}”{wrong.message}；{wrong.remedy}。") from wrong
        if value is None or not value.is_finite():
            raise forms.ValidationError("请填写一个数。")
        return value


class ObjectionForm(forms.Form):
    """Why somebody objects to a line."""

    reason = forms.CharField(label="异议理由", max_length=REASON_LENGTH, widget=WORDS)


class AnswerForm(forms.Form):
    """What HR or the manager answers, and how an objection that is upheld is mended."""

    answer = forms.CharField(label="答复", max_length=REASON_LENGTH, widget=WORDS)
    incidents = forms.ModelMultipleChoiceField(
        label="成立时撤销哪些奖惩记录",
        queryset=Incident.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    amount = forms.DecimalField(
        label="成立时补正金额（元）",
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text="记入下一个未批准的月份；正数为补发，负数为扣回。答复为不成立时不填。",
    )

    def __init__(self, *args: Any, objection: Objection, standing: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["incidents"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        if objection.incidents:
            field.queryset = standing
            field.initial = [each.pk for each in standing]
            del self.fields["amount"]
        else:
            del self.fields["incidents"]


class ClaimForm(forms.Form):
    """Why an order is one's own."""

    reason = forms.CharField(label="认领理由", max_length=REASON_LENGTH, widget=WORDS)


class DecideForm(forms.Form):
    """What is said about a claim."""

    answer = forms.CharField(
        label="答复", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}), required=False,
        help_text="不认定须写原因。",
    )  # fmt: skip
