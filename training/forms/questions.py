"""Forms of the bank."""

from typing import Any

from django import forms

from training.models import Question
from training.models.questions import POINTS_MOST
from training.pasting import COLUMNS
from training.selectors.questions import STATES
from training.wording import TEXT_LENGTH, TOPIC_LENGTH, QuestionFact, answer_written


class QuestionForm(forms.Form):
    """One question, as people write it."""

    topic = forms.CharField(
        label="主题",
        max_length=TOPIC_LENGTH,
        widget=forms.TextInput(attrs={"list": "topics"}),
        help_text="试卷按主题抽题。",
    )
    kind = forms.ChoiceField(label="题型", choices=Question.Kind.choices)
    text = forms.CharField(label="题干", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    options = forms.CharField(
        label="选项",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="单选、多选：一行一个，依次是 A、B、C……",
    )
    answer = forms.CharField(
        label="答案",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选择题写字母，如 A 或 ABD；判断题写对或错；填空题写接受的答案，几种写法用“|”分开；"
        "问答题写参考答案，由人阅卷。",
    )
    points = forms.IntegerField(label="分值", min_value=1, max_value=POINTS_MOST, initial=1)
    code = forms.CharField(
        label="条款编号",
        max_length=64,
        required=False,
        help_text="出自哪一条制度；条款一改，这道题就不再抽，等人复核。不考制度的留空。",
    )

    @classmethod
    def of(cls, question: Question, data: Any = None) -> "QuestionForm":
        """The form with what a question says now."""
        said = {
            "topic": question.topic,
            "kind": question.kind,
            "text": question.text,
            "options": "\n".join(question.options),
            "answer": answer_written(question, question.correct),
            "points": question.points,
            "code": question.provision.code if question.provision else "",
        }
        return cls(data, initial=said)

    def fact(self) -> QuestionFact:
        given = dict(self.cleaned_data)
        return QuestionFact(**{**given, "options": tuple(given["options"].splitlines())})


class QuestionsForm(forms.Form):
    """Many questions, copied out of a spreadsheet."""

    rows = forms.CharField(
        label="题目",
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=f"从表格里复制，列依次是{'、'.join(COLUMNS)}；选项、填空题的几种答案用“|”分开。",
    )


class RetireForm(forms.Form):
    why = forms.CharField(label="原因", max_length=200)


class BankFilter(forms.Form):
    """What the page of the bank shows."""

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "题干或条款编号"}),
    )
    topic = forms.ChoiceField(label="主题", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "在用"), *STATES.items()])

    def __init__(self, data: Any, *, topics: list[str]) -> None:
        super().__init__(data)
        field: Any = self.fields["topic"]
        field.choices = [("", "全部"), *((each, each) for each in topics)]

    def given(self) -> dict[str, str]:
        """What was chosen, by the names of `bank_of`."""
        if not self.is_valid():
            return {}
        chosen = self.cleaned_data
        return {"words": chosen["q"], "topic": chosen["topic"], "state": chosen["state"]}
