"""What the pages of documents and bank accounts ask for."""

from datetime import date
from typing import Any

from django import forms

from people.documents import DocumentKind
from people.models import BankAccount, IdentityDocument
from people.services.identity import REASON_LENGTH

_DAY = forms.DateInput(attrs={"type": "date"})
_NOT_A_DAY = {"invalid": "不是日期，请写成 2026-10-01。", "required": "请填日期。"}
_NUMBER = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
_NUMBER_LENGTH = 64  # with the blanks that people write between digits


def _length(model: type[Any], field: str) -> int:
    return int(model._meta.get_field(field).max_length)


class _FromDayForm(forms.Form):
    """What holds from a day on."""

    since = forms.DateField(
        label="从哪天起", widget=_DAY, error_messages=_NOT_A_DAY, help_text="原来的到前一天为止。"
    )

    def __init__(self, *args: Any, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = f"{since}"


class DocumentForm(_FromDayForm):
    """By which document somebody is declared."""

    kind = forms.ChoiceField(label="证件类型", choices=DocumentKind.choices)
    number = forms.CharField(label="证件号码", max_length=_NUMBER_LENGTH, widget=_NUMBER)
    nationality = forms.CharField(
        label="国籍",
        max_length=_length(IdentityDocument, "nationality"),
        required=False,
        help_text="护照和外国人永久居留身份证才填，如 韩国。",
    )
    field_order = ("kind", "number", "nationality", "since")


class AccountForm(_FromDayForm):
    """Into which account the pay goes."""

    bank = forms.CharField(
        label="开户行", max_length=_length(BankAccount, "bank"), help_text="如 中国工商银行。"
    )
    branch = forms.CharField(label="支行", max_length=_length(BankAccount, "branch"), required=False)
    number = forms.CharField(label="银行账号", max_length=_NUMBER_LENGTH, widget=_NUMBER)
    holder = forms.CharField(
        label="户名",
        max_length=_length(BankAccount, "holder"),
        required=False,
        help_text="不填则为本人姓名。",
    )
    field_order = ("bank", "branch", "number", "holder", "since")


class ReasonForm(forms.Form):
    """Why somebody has to see a number in full."""

    reason = forms.CharField(
        label="理由", max_length=REASON_LENGTH, help_text="谁、何时、看谁、为什么都留有记录。"
    )
