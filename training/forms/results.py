"""Forms in which a result of an exam is entered or corrected."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms

from training.forms.programmes import day_field
from training.services.results import NOTE_LENGTH, SCORE_MOST

_ANSWERS = {"yes": "合格", "no": "不合格"}


class ResultForm(forms.Form):
    """What somebody reached on a day, and why it is entered by hand."""

    on = day_field("考试日期")
    score = forms.DecimalField(
        label="成绩",
        required=False,
        min_value=Decimal(0),
        max_value=SCORE_MOST,
        decimal_places=2,
        help_text="没有分数的留空。",
    )
    passed = forms.TypedChoiceField(
        label="结果", choices=[("", "请选择"), *_ANSWERS.items()], coerce=lambda value: value == "yes"
    )
    note = forms.CharField(label="说明", max_length=NOTE_LENGTH, help_text="怎样考的，或为什么改。")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="result_%s")


class PlanResultForm(ResultForm):
    """A result of one of the exams of somebody's programme; `exams`: their names by code."""

    code = forms.ChoiceField(label="考试")
    field_order = ["code"]

    def __init__(self, data: Any = None, *, exams: Mapping[str, str]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["code"]).choices = list(exams.items())


class PaperResultForm(ResultForm):
    """A result of somebody in the exam of a paper."""

    number = forms.CharField(label="工号", max_length=32)
    field_order = ["number"]
