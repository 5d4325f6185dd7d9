"""The bank: what a question must have, what a changed provision retires, another wording, many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from people.models import Account, Department
from rules.services import version_change
from tests import factories
from tests.factories import WHEN
from tests.published import publish
from tests.training.banked import bank, paper
from training.errors import ExamRefused, QuestionRefused, QuestionsRefused
from training.models import Question
from training.pasting import questions_read
from training.selectors.questions import (
    bank_of,
    questions_drawable,
    questions_on,
    questions_to_review,
    topics_drawable,
)
from training.services.questions import question_add, question_change, question_retire, questions_add
from training.services.sittings import sitting_begin
from training.wording import QuestionFact, answer_written

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(WHEN)
LATE = QuestionFact("罚款", "fill", "交接未写罚多少元？", answer="20|20元|二十", code="x-late")


@pytest.fixture
def department() -> Department:
    made = factories.department("A")
    publish(made)
    return made


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def change(department: Department, *, on: Any = TODAY, **changes: Any) -> None:
    """Publish another version in which provisions have other figures."""
    codes = {code.replace("_", "-"): values for code, values in changes.items()}
    version_change(department=department, effective_on=on, changes=codes, by=None, at=WHEN)


def states(department: Department, day: Any = TODAY) -> dict[str, str]:
    rows = questions_on(day).filter(department=department)
    return dict(rows.values_list("text", "state"))


def test_a_changed_figure_retires_the_questions_of_its_provision_and_no_other(
    department: Department, manager: Account
) -> None:
    praise = QuestionFact("奖励", "true_false", "客户表扬奖30元", answer="对", code="x-praise")
    plain = QuestionFact("常识", "true_false", "先问候再介绍", answer="对")
    late, *_ = questions_add(department=department, facts=[LATE, praise, plain], by=manager, at=WHEN)
    exam = paper(department, manager, topics=[("罚款", 1)])
    change(department, x_late={"amount": "30.00"})
    assert states(department) == {LATE.text: "review", praise.text: "drawn", plain.text: "drawn"}
    assert topics_drawable(department, TODAY) == {"奖励": 1, "常识": 1}
    assert [each.pk for each in questions_to_review(Department.objects.all(), TODAY)] == [late.pk]
    with pytest.raises(ExamRefused, match="“罚款”只有0题可抽"):
        sitting_begin(paper=exam, staff=factories.staff(department), number=1, at=WHEN)


def test_a_version_to_come_retires_a_question_from_its_first_day(
    department: Department, manager: Account
) -> None:
    question_add(department=department, fact=LATE, by=manager, at=WHEN)
    change(department, on=TODAY + timedelta(days=5), x_late={"amount": "30.00"})
    assert states(department, TODAY + timedelta(days=4)) == {LATE.text: "drawn"}
    assert states(department, TODAY + timedelta(days=5)) == {LATE.text: "review"}


def test_a_version_that_leaves_the_provision_as_it_was_retires_nothing(
    department: Department, manager: Account
) -> None:
    question_add(department=department, fact=LATE, by=manager, at=WHEN)
    change(department, x_praise={"amount": "99.00"})
    assert states(department) == {LATE.text: "drawn"}


def test_a_reviewed_question_cites_the_provision_as_it_is_now(
    department: Department, manager: Account
) -> None:
    old = question_add(department=department, fact=LATE, by=manager, at=WHEN)
    assert question_change(question=old, fact=LATE, by=manager, at=WHEN) == old
    change(department, x_late={"amount": "30.00"})
    fact = QuestionFact("罚款", "fill", LATE.text, answer="30", code="x-late")
    new = question_change(question=old, fact=fact, by=manager, at=WHEN)
    assert question_change(question=old, fact=fact, by=manager, at=WHEN) == new
    old.refresh_from_db()
    assert (old.retired_why, new.series, new.provision.version.number) == ("改写", old.series, 2)  # type: ignore[union-attr]
    assert list(questions_drawable(department, TODAY)) == [new]
    with pytest.raises(QuestionRefused, match="已另有新的写法"):
        question_change(question=old, fact=LATE, by=manager, at=WHEN)
    with pytest.raises(DatabaseError), transaction.atomic():
        Question.objects.filter(pk=new.pk).update(correct=["40"])


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"topic": " "}, "topic", "主题须有"),
        ({"kind": "essay"}, "kind", "没有“essay”这种题型"),
        ({"text": ""}, "text", "题干须有"),
        ({"points": 0}, "points", "分值在"),
        ({"answer": ""}, "answer", "须写接受的答案"),
        ({"code": "x-none"}, "code", "制度里没有条款 x-none"),
        ({"options": ("甲", "乙")}, "options", "填空题没有选项"),
        ({"kind": "single", "options": ("甲",), "answer": "A"}, "options", "有1个选项"),
        ({"kind": "single", "options": ("甲", "甲"), "answer": "A"}, "options", "相同的选项"),
        ({"kind": "single", "options": ("甲", "乙"), "answer": "AB"}, "answer", "只有一个答案"),
        ({"kind": "multiple", "options": ("甲", "乙"), "answer": "AC"}, "answer", "A到B"),
        ({"kind": "true_false", "answer": "也许"}, "answer", "“对”或“错”"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    department: Department, manager: Account, given: dict[str, Any], field: str, said: str
) -> None:
    whole = {"topic": "罚款", "kind": "fill", "text": "几元？", "answer": "20", **given}
    with pytest.raises(QuestionRefused, match=said) as refused:
        question_add(department=department, fact=QuestionFact(**whole), by=manager, at=WHEN)
    assert refused.value.field == field
    assert not Question.objects.exists()


def test_many_are_read_from_a_pasted_table_and_stored_all_or_none(
    department: Department, manager: Account
) -> None:
    table = (
        "题型\t主题\t题干\t选项\t答案\t分值\t条款\n"
        "单选\t罚款\t交接未写罚？\t5元|20元|50元\tB\t2\tx-late\n"
        "多选\t礼貌\t哪些不说？\t不知道|您好|不归我管\tAC\n"
        '问答\t投诉\t"客户骂人\n怎么办？"\t\t先听完\t5\n'
        "判断\t罚款\t桌面不洁罚5元\t\t对\t1\tx-none\n"
    )
    facts = questions_read(table)
    with pytest.raises(QuestionsRefused) as refused:
        questions_add(department=department, facts=facts, by=manager, at=WHEN)
    assert list(refused.value.refusals) == [3]
    assert not Question.objects.exists()
    made = questions_add(department=department, facts=facts[:3], by=manager, at=WHEN)
    assert [(each.correct, answer_written(each, each.correct)) for each in made] == [
        (["1"], "B"), (["0", "2"], "AC"), (["先听完"], "先听完"),
    ]  # fmt: skip
    with pytest.raises(QuestionsRefused, match="题库里已有这道题"):
        questions_add(department=department, facts=facts[:3], by=manager, at=WHEN)
    with pytest.raises(QuestionsRefused, match="第1条：有2列"):
        questions_read("单选\t罚款")
    assert Question.objects.count() == 3


def test_a_retired_question_is_drawn_no_more_and_takes_a_reason(
    department: Department, manager: Account
) -> None:
    made = question_add(department=department, fact=LATE, by=manager, at=WHEN)
    with pytest.raises(QuestionRefused, match="写明原因"):
        question_retire(question=made, why=" ", by=manager, at=WHEN)
    assert question_retire(question=made, why="太难", by=manager, at=WHEN).retired_at == WHEN
    assert question_retire(question=made, why="又来", by=manager, at=WHEN).retired_why == "太难"
    assert states(department) == {LATE.text: "retired"}


def test_the_bank_is_read_with_one_query_for_any_number(
    department: Department, manager: Account, django_assert_num_queries: Any
) -> None:
    bank(department, manager, count=40, code="x-late")
    with django_assert_num_queries(1):
        rows = list(bank_of(department, TODAY, words="第1问", topic="退款", state="drawn"))
    assert [(each.text, each.provision.code) for each in rows] == [("退款第1问", "x-late")]
