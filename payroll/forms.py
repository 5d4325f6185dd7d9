"""Forms of the pages of pay."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from commissions.models import Order
from commissions.selectors import agent_numbered
from core.money import plain
from core.periods import last_of, parse_month
from files.forms import ACCEPT
from payroll.filings.layouts import Layout
from payroll.models import (
    REASON_LENGTH,
    TITLE_LENGTH,
    DebtEntry,
    Objection,
    SettlementPeriod,
    Withholding,
)
from penalties.models import Incident
from people.api_fields import BOUNDS
from people.models import Department, Proration, Staff
from people.selectors import not_left
from rules.kinds.labels import METRIC_LABELS
from sheets.errors import CellError
from sheets.profiles import profiles_of
from sheets.values import metric_value, percent

WORDS = forms.Textarea(attrs={"rows": 3})
MOST_PAPERS = 200  # payslips of one file, for which a browser waits
SHEETS = ".xlsx,.xls,.csv"


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


class PayDayForm(forms.Form):
    """The day on which a month is paid."""

    on = forms.DateField(
        label="发薪日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=BOUNDS,
        help_text="个税按发薪日所在的月份计算，结算以前定好；改了须重新结算。",
    )


class PaidForm(forms.Form):
    """On which day the money went out."""

    on = forms.DateField(
        label="发放日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=BOUNDS,
        help_text="钱实际发出的那天，不是登记的那天。",
    )


class PaperForm(forms.Form):
    """Which payslips of a month are printed, and with what behind them."""

    team = forms.ChoiceField(label="小组", required=False)
    number = forms.CharField(label="工号", max_length=32, required=False)
    part = forms.IntegerField(
        label="第几册", min_value=1, max_value=1000, initial=1, required=False,
        help_text=f"每册{MOST_PAPERS}张。",
    )  # fmt: skip
    with_lines = forms.BooleanField(label="附明细", required=False)
    with_trace = forms.BooleanField(label="附计算依据", required=False)

    def __init__(self, *args: Any, period: SettlementPeriod, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = period.payslips.exclude(team="").order_by("team").values_list("team", flat=True).distinct()
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *((each, each) for each in teams)]


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
        return _metric(self.code, self.cleaned_data["value"])


class OtherMetricForm(forms.Form):
    """Another value of somebody's metric, to try a month with; `period` is the month."""

    metric = forms.ChoiceField(label="指标", choices=list(METRIC_LABELS.items()))
    number = forms.CharField(label="工号", max_length=32)
    value = forms.CharField(label="数值", max_length=32)

    def __init__(self, *args: Any, period: SettlementPeriod, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._period = period

    def clean_number(self) -> Staff:
        """Who has the number in the department; of who came back the employment of the month."""
        number, month = self.cleaned_data["number"].strip(), self._period.month
        staff = Staff.objects.filter(
            not_left(month),
            department=self._period.department_id,
            number=number,
            joined_on__lte=last_of(month),
        )
        found = staff.order_by("joined_on").last()
        if found is None:
            raise forms.ValidationError(f"本部门当月没有工号{number}；请检查工号。")
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "metric" in values and "value" in values:
            try:
                values["value"] = _metric(values["metric"], values["value"])
            except forms.ValidationError as wrong:
                self.add_error("value", wrong)
        return values


def _metric(code: str, written: str) -> Decimal:
    """The number, read as the file of one metric a row is read."""
    (profile,) = profiles_of("metrics", "long")
    most = profile.percent_metrics.get(code)
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


class ShareField(forms.DecimalField):
    """A person's part of an order in percent; as a value the part itself, 0.25 of 25."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal("0.01"), max_value=100, max_digits=5, decimal_places=2, required=False, **kwargs
        )

    def clean(self, value: Any) -> Any:
        percentage = super().clean(value)
        return None if percentage is None else percentage / 100


class ClaimForm(forms.Form):
    """Why an order is one's own; with a partner what part of it is."""

    reason = forms.CharField(label="认领理由", max_length=REASON_LENGTH, widget=WORDS)
    partner = forms.CharField(
        label="共享的同事",
        max_length=32,
        required=False,
        help_text="与一位同事共同落实的，写对方的工号；一人落实的不填。",
    )
    share = ShareField(label="我的份额（%）", help_text="其余归对方；退款按同样的份额分。")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def clean_partner(self) -> Staff | None:
        who = self.cleaned_data["partner"].strip()
        return _agent_of(self.order, who) if who else None


class GiveForm(forms.Form):
    """Whose an order is: up to `ROWS` people with their shares in percent."""

    ROWS = 4

    def __init__(self, *args: Any, order: Order, shares: Mapping[Staff, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        stored = list(shares.items())
        for i in range(self.ROWS):
            staff, share = stored[i] if i < len(stored) else (None, None)
            self.fields[f"who_{i}"] = forms.CharField(
                label=f"客服{i + 1}的工号",
                max_length=32,
                required=not i,
                initial=staff.number if staff else "",
            )
            self.fields[f"share_{i}"] = ShareField(
                label="份额（%）", initial=plain(share * 100) if share is not None else None
            )

    def clean(self) -> dict[str, Any]:
        """What was written; `shares` lists the people with their parts, one person alone has all of it."""
        given = super().clean() or {}
        shares: list[tuple[Staff, Decimal]] = []
        rows = [(i, given.get(f"who_{i}", "").strip(), given.get(f"share_{i}")) for i in range(self.ROWS)]
        alone = sum(bool(who) for _, who, _ in rows) == 1
        for i, who, share in rows:
            if not who:
                if share is not None:
                    self.add_error(f"who_{i}", "写了份额，没有写工号；补上工号或删去份额。")
                continue
            if share is None and not alone:
                self.add_error(f"share_{i}", "没有写份额；几个人共享时每人都要写。")
                continue
            try:
                shares.append((_agent_of(self.order, who), Decimal(1) if share is None else share))
            except forms.ValidationError as unknown:
                self.add_error(f"who_{i}", unknown)
        return {**given, "shares": shares}


def _agent_of(order: Order, number: str) -> Staff:
    staff = agent_numbered(order, number)
    if staff is None:
        raise forms.ValidationError(f"本部门没有工号{number}。")
    return staff


class DecideForm(forms.Form):
    """What is said about a claim."""

    answer = forms.CharField(
        label="答复", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}), required=False,
        help_text="不认定须写原因。",
    )  # fmt: skip


class LayoutForm(forms.Form):
    """In which layout a file is exported."""

    layout = forms.ChoiceField(label="版式")

    def __init__(self, *args: Any, layouts: Iterable[Layout], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["layout"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.code, each.name) for each in layouts]


class BankForm(LayoutForm):
    """`seen`: how many exports the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ResultForm(forms.Form):
    """The bureau's result of a tax month."""

    kind = forms.ChoiceField(label="所得项目", choices=Withholding.Kind.choices)
    file = forms.FileField(
        label="税款计算文件",
        widget=forms.ClearableFileInput(attrs={"accept": SHEETS}),
        help_text="从自然人电子税务局（扣缴端）“税款计算”导出的文件，不用改动。",
    )


class ReceiptForm(PaidForm):
    """The bank's receipt of a payment file."""

    number = forms.CharField(label="回单号", max_length=64, required=False)
    amount = forms.DecimalField(label="回单金额", max_digits=14, decimal_places=2)
    file = forms.FileField(
        label="回单",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text="图片或PDF；回单号与回单至少一样。",
    )
    field_order = ("number", "amount", "on", "file")
