"""Forms of exam papers, of more time and of marks."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from people.models import Department, Role, Staff
from people.selectors import on_day
from training.models import ExamPaper, Question, SittingQuestion
from training.models.exams import MINUTES_MOST
from training.selectors.questions import questions_drawable
from training.services.papers import DAYS_MOST, QUESTIONS_MOST, RETAKES_MOST, PaperFact
from training.services.sittings import MINUTES_MOST as GIVEN_MOST

TOPIC = "topic_"
MINUTE = "%Y-%m-%dT%H:%M"


def moment_field(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[MINUTE, f"{MINUTE}:%S"])


class PaperForm(forms.Form):
    """A paper: its window, its marks, how many questions of each topic, fixed ones, for whom."""

    code = forms.CharField(
        label="考试编号", max_length=32, help_text="晋升条件等按它认成绩；每月各出一张的写同一个编号。"
    )
    title = forms.CharField(label="名称", max_length=100)
    opens_at = moment_field("开放")
    closes_at = moment_field("截止")
    limit_minutes = forms.IntegerField(label="时长（分钟）", min_value=1, max_value=MINUTES_MOST)
    pass_mark = forms.DecimalField(
        label="及格分",
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        help_text="满分100分。",
    )
    retakes = forms.IntegerField(label="可补考次数", min_value=0, max_value=RETAKES_MOST, initial=0)
    retake_days = forms.IntegerField(label="补考间隔天数", min_value=0, max_value=DAYS_MOST, initial=0)
    roles = forms.MultipleChoiceField(
        label="岗位",
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选为全体。",
    )
    people = forms.CharField(
        label="考生工号",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="只考其中几人时写工号，用空格或逗号分开；留空为岗位里的每个人。",
    )
    questions = forms.CharField(
        label="固定的题",
        required=False,
        max_length=1000,
        help_text="每个人都考的题，写题库里的题号，用空格或逗号分开。",
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(
        self,
        data: Any = None,
        *,
        department: Department,
        topics: Mapping[str, int],
        at: datetime,
        paper: ExamPaper | None = None,
    ) -> None:
        super().__init__(data, initial={"key": uuid4().hex, **(_said(paper) if paper else {})})
        self.department, self.at = department, at
        counts = {each.topic: each.count for each in paper.items.all() if each.topic} if paper else {}
        topics = {**dict.fromkeys(counts, 0), **topics}  # what may be drawn no more is refused, not dropped
        self.by_topic = {topic_field(topic): topic for topic in topics}
        for name, topic in self.by_topic.items():
            self.fields[name] = forms.IntegerField(
                label=f"{topic}：抽几题",
                required=False,
                min_value=0,
                max_value=QUESTIONS_MOST,
                help_text=f"可抽{topics[topic]}题。",
            )
        self.order_fields(["code", "title", *self.by_topic, "questions"])  # then as they stand
        self.initial.update({name: counts.get(topic) for name, topic in self.by_topic.items()})

    def clean(self) -> dict[str, Any]:
        """Refused where the page asked for a topic that the bank had when it was opened and has no more."""
        gone = [name for name in self.data if name.startswith(TOPIC) and name not in self.by_topic]
        if any(self.data[name].strip() not in ("", "0") for name in gone):
            raise ValidationError("题库的主题在填写时变了；请刷新页面，重新填各主题的题数。")
        return super().clean() or self.cleaned_data

    def clean_people(self) -> list[Staff]:
        """The people of the numbers, as they are employed that day."""
        numbers = _split(self.cleaned_data["people"])
        rows = Staff.objects.filter(department=self.department, number__in=numbers)
        found = {each.number: each for each in on_day(rows, timezone.localdate(self.at))}
        unknown = [each for each in numbers if each not in found]
        if unknown:
            raise ValidationError(f"本部门没有工号 {'、'.join(unknown)}；请核对。")
        return list(found.values())

    def clean_questions(self) -> list[Question]:
        """The questions of the numbers that the bank shows."""
        numbers = [int(each) for each in _split(self.cleaned_data["questions"]) if each.isdecimal()]
        rows = questions_drawable(self.department, timezone.localdate(self.at))
        found = {each.pk: each for each in rows.filter(pk__in=numbers)}
        written = _split(self.cleaned_data["questions"])
        unknown = [each for each in written if not each.isdecimal() or int(each) not in found]
        if unknown:
            raise ValidationError(f"没有可抽的题 {'、'.join(unknown)}；请查题库里的题号。")
        return [found[each] for each in numbers]

    def fact(self) -> PaperFact:
        given = dict(self.cleaned_data)
        given.pop("key")
        counts = [(topic, given.pop(name)) for name, topic in self.by_topic.items()]
        return PaperFact(**given, topics=[(topic, count) for topic, count in counts if count])


def topic_field(topic: str) -> str:
    """The field in which a topic's questions are counted: of its name, for topics come and go."""
    return f"{TOPIC}{sha256(topic.encode()).hexdigest()[:16]}"


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[^\s,，、;；]+", text)))


def _said(paper: ExamPaper) -> dict[str, Any]:
    same = ("code", "title", "opens_at", "closes_at", "limit_minutes", "pass_mark", "retakes", "retake_days")
    fixed = paper.items.filter(question__isnull=False)
    # The newest wording of each, of a retired one too: what may be drawn no more is refused, not dropped.
    newest = Question.objects.filter(series__in=fixed.values("question__series")).order_by("series", "-pk")
    current = sorted(newest.distinct("series").values_list("pk", flat=True))
    return {
        **{name: getattr(paper, name) for name in same},
        "roles": paper.roles,
        "people": " ".join(paper.people.order_by("number").values_list("number", flat=True)),
        "questions": " ".join(str(pk) for pk in current),
    }


class TimeForm(forms.Form):
    """More time for one person."""

    number = forms.CharField(label="工号", max_length=32)
    minutes = forms.IntegerField(label="加几分钟", min_value=1, max_value=GIVEN_MOST)
    reason = forms.CharField(label="原因", max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4().hex})


class MarksForm(forms.Form):
    """Points and a remark for each text of a sitting."""

    def __init__(self, texts: list[SittingQuestion], data: Any = None) -> None:
        super().__init__(data)
        self.texts = texts
        for each in texts:
            self.fields[f"points_{each.position}"] = forms.IntegerField(
                label=f"第{each.position}题得分（满分{each.question.points}）",
                min_value=0,
                max_value=each.question.points,
            )
            self.fields[f"remark_{each.position}"] = forms.CharField(
                label=f"第{each.position}题评语", required=False, max_length=500
            )

    def given(self) -> dict[str, Any]:
        """The marks and remarks as the service takes them."""
        chosen = self.cleaned_data
        return {
            "marks": {each.position: chosen[f"points_{each.position}"] for each in self.texts},
            "remarks": {each.position: chosen[f"remark_{each.position}"] for each in self.texts},
        }

    def parts(self) -> list[tuple[SittingQuestion, list[forms.BoundField]]]:
        """Each text with its fields."""
        return [
            (each, [self[f"points_{each.position}"], self[f"remark_{each.position}"]]) for each in self.texts
        ]
