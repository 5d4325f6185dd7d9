"""Forms of the fund: what comes in, what is asked for, what was counted."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from files.forms import FilesField
from penalties.errors import FundRefused
from people.models import Account


class KeyedForm(forms.Form):
    """A form with a key, so that the same form that is sent twice is one thing."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None, files: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, files, initial={"key": uuid4().hex, **(initial or {})})


def money_field(label: str, **given: Any) -> forms.DecimalField:
    wrong = {"required": f"请填写{label}", "invalid": "不是金额，请写成 20.00"}
    return forms.DecimalField(
        label=label,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=wrong,
        **given,
    )


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"请填写{label}", "invalid": "不是日期，请写成 2026-12-01"},
    )


class MovementForm(KeyedForm):
    """Cash on a day: a payment, or what pay withheld."""

    amount = money_field("金额", help_text="元")
    on = day_field("收款日期")

    def __init__(self, data: Any = None, *, today: date, amount: Any = None) -> None:
        super().__init__(data, initial={"on": today, "amount": amount})


class ExpenseForm(KeyedForm):
    """Money that was spent for the department."""

    amount = money_field("金额", help_text="元")
    on = day_field("支出日期")
    reason = forms.CharField(
        label="用途",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写用途"},
    )
    receipts = FilesField(
        label="凭据",
        help_text="发票或收据的照片、PDF，可选几个。",
        error_messages={"required": "没有凭据；附上发票或收据的照片"},
    )


class ExpenseDecisionForm(forms.Form):
    """Whether an expense is paid."""

    state = forms.ChoiceField(
        label="决定",
        choices=[("approved", "批准，付现金"), ("refused", "不批准")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选批准或不批准"},
    )
    answer = forms.CharField(label="答复", required=False, max_length=200, help_text="不批准的须写明原因。")


class CountForm(forms.Form):
    """What was in the box, and who was there."""

    counted = money_field("实有现金", min_value=0, help_text="点出来的数，元")
    explanation = forms.CharField(
        label="差额说明", required=False, max_length=200, help_text="与账面不同的，写明原因。"
    )
    witness = forms.ModelChoiceField(
        Account.objects.none(), label="见证人", error_messages={"required": "请选在场的另一人"}
    )

    def __init__(self, data: Any = None, *, witnesses: Iterable[Account] | Any) -> None:
        super().__init__(data)
        self.fields["witness"].queryset = witnesses  # type: ignore[attr-defined]


class WitnessForm(forms.Form):
    """Whether the count is so."""

    agrees = forms.ChoiceField(
        label="见证",
        choices=[("yes", "我在场，数目属实"), ("no", "不认可")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项"},
    )
    word = forms.CharField(label="说明", required=False, max_length=200, help_text="不认可的须写明哪里不符。")


def cleaned(form: forms.Form) -> dict[str, Any]:
    """What a form says; FundRefused with its first error."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise FundRefused(f"{form.fields[name].label or name}：{errors[0]}".rstrip("。"), "请改正")
    given: dict[str, Any] = form.cleaned_data
    return given
