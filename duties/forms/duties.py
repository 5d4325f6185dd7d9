"""The form with which a duty is done."""

from typing import Any

from django import forms

from duties.obligations import Owed
from duties.services.duties import TEXT_LENGTH
from files.forms import ACCEPT


class DutyForm(forms.Form):
    """What shows that a duty was done."""

    text = forms.CharField(
        label="内容", max_length=TEXT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    file = forms.FileField(
        label="附件",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text="图片或 PDF。",
    )

    def __init__(self, owed: Owed, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if owed.duty.min_length:
            self.fields["text"].required = True
            self.fields["text"].help_text = f"至少{owed.duty.min_length}字，空格与换行不算。"
