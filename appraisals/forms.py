"""Forms of appraisals: marks in an item, a word said, a decision's reason."""

from typing import Any

from django import forms

from appraisals.board import Part


def words_field(label: str, *, required: bool = True, longest: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MarksForm(forms.Form):
    """A supervisor's marks in one item, with the reason."""

    score = forms.DecimalField(label="得分", max_digits=8, decimal_places=2, min_value=0)
    reason = words_field("理由", longest=500)
    item = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, data: Any = None, *, part: Part | None = None) -> None:
        initial = {} if part is None else {"item": part.item}
        super().__init__(data, initial=initial, auto_id=f"id_%s-{part.item}" if part else "id_%s")
        if part is not None:
            self.fields["score"].label = f"得分（满分{part.scale.normalize():f}）"


class WordsForm(forms.Form):
    """Something said: a comment, an answer, why a sheet is taken back."""

    text = words_field("内容")


class SignForm(forms.Form):
    """A signature under the edition that was read, with a word where one likes."""

    text = words_field("附言", required=False)
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
